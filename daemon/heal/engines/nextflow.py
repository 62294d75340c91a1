"""Nextflow as an engine: a run that has ended is started again where it stood, with other resources."""

from __future__ import annotations

import json
import math
import os
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from heal.engines import nextflow_overlay as overlay
from heal.engines.launcher import Launches
from heal.engines.nextflow_argv import OVERLAYS, CommandLine, again, read
from heal.engines.nextflow_config import Config, resolve
from heal.engines.nextflow_exitcode import undo
from heal.engines.nextflow_files import (
    history,
    holder,
    in_the_way,
    kept_nothing,
    log_base,
    log_of,
    own_folder,
    put_aside,
    rules_text,
    session_of,
    unfinished_jobs,
)
from heal.engines.nextflow_overlay import AMOUNTS, Given, Own, is_closure
from heal.engines.prepare import prepare, wanted
from heal.engines.processes import process_alive
from heal.engines.snakemake_lock import LiveJobs, live_slurm_jobs
from heal.errors import CannotApply, NotNow
from heal.home import places
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order

_OF_TASK = (".command.err", ".command.out", ".command.log")
# lines of .command.run that Nextflow's SLURM executor writes whatever a process says (SlurmExecutor.getDirectives)
_STANDARD = re.compile(r"#SBATCH (?:-[JocptA]|--no-requeue|--signal|--mem|--mem-per-cpu|--array|--export)\b")

_NOTHING_KEPT = (
    "nothing of what it has computed was kept, so -resume would compute all of it again: a Java without --add-opens "
    "keeps nothing, and the nextflow program gives it those; start the run that way"
)

Resolving = Callable[[CommandLine, str, Mapping[str, str]], Config]


@dataclass(frozen=True, slots=True)
class _Second:
    """A launch that is about to be made again: what is known of the first."""

    run: Run
    line: CommandLine
    session: str | None
    config: Config
    log: str


class Nextflow:
    """The engine seam over Nextflow runs.

    ``launcher`` starts them again; ``resolving`` asks Nextflow what the configuration of a run says; ``live_jobs``
    tells which jobs of SLURM still run.
    Nothing in the pipeline is touched, and nothing of what it has computed is computed again but what failed and what
    hangs on it. Tasks that nothing was changed for are tried again too: Nextflow cannot be told to leave them out.
    """

    name = "nextflow"
    waits_for_end = True

    def __init__(
        self, launcher: Launches, *, resolving: Resolving = resolve, live_jobs: LiveJobs = live_slurm_jobs
    ) -> None:
        self._launcher = launcher
        self._resolving = resolving
        self._live_jobs = live_jobs

    def logs(self, run: Run, attempt: Attempt) -> tuple[str, ...]:
        """Tell what the task itself said, then Nextflow's log of this very launch."""
        env, _doubt = _environment(run.env_file, lenient=True)
        base, log = log_base(run, env), log_of(run, env)
        of_task = [str(Path(attempt.workdir) / name) for name in _OF_TASK] if attempt.workdir else []
        # the log of the run is another file by name once a later launch has begun its own
        own = [path for path in attempt.log_paths if not log or Path(path).name.rpartition(".")[0] != base.name]
        kept = [path for path in own if not log or Path(path) != base]
        return tuple(dict.fromkeys([*kept, *of_task, *([str(log)] if log else [])]))

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        """Tell whether the fix can be carried out; resources only where the task would see the change.

        A process that names no amount on this machine does not run otherwise when it is given one.
        """
        match fix.kind:
            case FixKind.RESOURCES:
                return any(change.name in AMOUNTS for change in fix.changes) and all(
                    isinstance(change.new, str) and attempt.native_id is not None
                    if change.name == "partition"
                    else _changes(change.name, change.old, change.new, attempt)
                    for change in fix.changes
                )
            case FixKind.EXCLUDE_NODE:
                nodes = [change.new for change in fix.changes if change.name == "node"]
                on_slurm = str(attempt.facts.get("executor") or "slurm") == "slurm"
                return bool(nodes) and all(nodes) and attempt.native_id is not None and on_slurm
            case FixKind.PREPARE:
                return bool(fix.changes) and all(_stays(change, attempt) for change in fix.changes)
            case FixKind.RETRY | FixKind.UNLOCK | FixKind.PATCH:
                return True
            case _:
                return False

    def apply(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """Start the run again in its session, changed by the orders; at most once for a token.

        What earlier remedies of the run changed still holds. A launch that ended before it had a session is made again
        as it was. Raises ``CannotApply``, and ``NotNow`` while the run or another one of its session goes on.
        """
        del leave  # Nextflow has no way to leave a task out that a pipeline has
        before = self._launcher.find(token)
        if before is not None:
            return before
        if run.pid and process_alive(run.pid, run.host, run.started):
            raise NotNow(f"the run still goes on, as process {run.pid}")
        env, doubt = _environment(run.env_file)
        ours = _given(orders)
        second = self._second(run, env, ours)
        gifts = overlay.merged(_earlier(second), ours)
        owns = {process: second.config.own(process, second.log) for process in gifts}
        _check(ours, owns, second.config, orders)
        path = f"{OVERLAYS}{token}.config" if ours else None
        # a launch that came to no session has run nothing yet: it begins anew
        argv = again(second.line, second.session, path) if second.session else run.argv
        roots = (run.cwd,)
        folders = [order.fix for order in orders if order.fix.kind is FixKind.PREPARE]
        for fix in folders:
            wanted(fix, roots)
        if path:
            _write(Path(run.cwd), path, overlay.text(gifts, owns))
        done = [*_undone(orders), *(prepare(fix, roots) for fix in folders)]
        done += put_aside(in_the_way(second.line, second.config.scopes, run.cwd))
        applied = self._launcher.start(token, argv, cwd=run.cwd, env=env, parent=run.parent or run.id)
        return replace(applied, detail="; ".join(text for text in [*done, _told(ours), doubt, applied.detail] if text))

    def _second(self, run: Run, env: Mapping[str, str], ours: Mapping[str, Given]) -> _Second:
        """What must be known before anything is done. Raises ``CannotApply``, ``NotNow``."""
        line = read(run.argv)
        session, log = session_of(run), log_of(run, env)
        if session is None and (log is None or ours or line.script in (None, "-")):
            raise CannotApply(f"the session of the run is not known ({run.id}), so it cannot be resumed")
        if session is None:
            return _Second(run, line, None, Config(known=False), "")
        folder = own_folder(run.cwd, env)
        pid = holder(folder, session)
        if pid is not None:
            raise NotNow(f"another Nextflow uses its session, as process {pid or 'unknown'}")
        known = [launch for launch in history(folder) if launch.session == session]
        if not known and env.get("NXF_IGNORE_RESUME_HISTORY") != "true":
            raise CannotApply(f"{folder / 'history'} does not name the session {session} (any more): nothing to resume")
        if kept_nothing(folder, session, log):
            raise CannotApply(f"{_NOTHING_KEPT} ({folder / 'cache' / session})")
        if any(launch.killed and run.id == f"{session}.{launch.name}" for launch in known):
            self._wait_for_jobs(log, Path(run.cwd))
        config = self._resolving(line, run.cwd, env)
        return _Second(run, line, session, config, rules_text(log))

    def _wait_for_jobs(self, log: Path | None, cwd: Path) -> None:
        """What a killed Nextflow submitted runs on, and would run twice at a time. Raises ``NotNow``."""
        submitted = unfinished_jobs(log)
        alive = self._live_jobs(submitted, cwd) if submitted else frozenset()
        if alive:
            raise NotNow(f"jobs of the killed Nextflow still run: {', '.join(sorted(alive))}")


def _undone(orders: Sequence[Order]) -> list[str]:
    """Let what a check refused be made again: Nextflow would take it for done."""
    refused = [attempt for order in orders for attempt in order.attempts if attempt.facts.get("check")]
    for attempt in refused:
        undo(attempt.workdir or "")
    return [f"{', '.join(attempt.name for attempt in refused)} is made again"] if refused else []


def _changes(name: str, old: float | str | None, new: float | str | None, attempt: Attempt) -> bool:
    """True where the request of this attempt would really change."""
    known = name in AMOUNTS and isinstance(new, int | float)
    return known and new != attempt.asked.get(name, old) and (attempt.native_id is not None or name in attempt.asked)


def _stays(change: Change, attempt: Attempt) -> bool:
    """True for a folder that the next try will find: each try has a working folder of its own."""
    folder = Path(str(change.new or ""))
    gone = attempt.workdir is not None and folder.is_relative_to(attempt.workdir)
    return change.name == "folder" and folder.is_absolute() and not gone


def _given(orders: Sequence[Order]) -> dict[str, Given]:
    """Per process what it is to get; the most where orders differ. Raises ``CannotApply``."""
    ours: dict[str, Given] = {}
    for order in orders:
        if order.fix.kind not in (FixKind.RESOURCES, FixKind.EXCLUDE_NODE):
            continue
        given = _gift(order.fix)
        for process in dict.fromkeys(attempt.process for attempt in order.attempts) or [order.fix.process]:
            grew = any(attempt.number > 1 for attempt in order.attempts if attempt.process == process)
            ours[process] = replace(given, grows=grew and bool(given.amounts)).over(ours.get(process, Given()))
    return ours


def _gift(fix: Fix) -> Given:
    amounts = {change.name: math.ceil(change.new) for change in fix.changes if isinstance(change.new, int | float)}
    named = {change.name: str(change.new) for change in fix.changes if isinstance(change.new, str)}
    nodes = tuple(str(change.new) for change in fix.changes if change.name == "node" and change.new)
    if unknown := (amounts.keys() - AMOUNTS.keys()) | (named.keys() - {"partition", "node"}):
        raise CannotApply(f"Nextflow cannot be asked for {', '.join(sorted(unknown))}")
    return Given(amounts, named.get("partition"), nodes)


def _check(ours: Mapping[str, Given], owns: Mapping[str, Own], config: Config, orders: Sequence[Order]) -> None:
    """Raise ``CannotApply`` for what the pipeline's own configuration would take back, or would lose."""
    for process, given in ours.items():
        own = owns[process]
        if refused := own.refused(given.amounts):
            raise CannotApply(f"{process}: {'; '.join(refused)}; raise it there first")
        if not given.without:
            continue
        if not config.known:
            raise CannotApply(f"{process}: its clusterOptions are not known ({config.trouble}), and would be replaced")
        options = own.settings.get("clusterOptions")
        if is_closure(options):
            raise CannotApply(f"{process}: its clusterOptions are computed for each task, and would be replaced")
        workdirs = [one.workdir for order in orders for one in order.attempts if one.process == process and one.workdir]
        if options is None and any(_says_more(Path(workdir)) for workdir in workdirs):
            raise CannotApply(f"{process}: its clusterOptions stand in the process itself, and would be replaced")


def _says_more(workdir: Path) -> bool:
    """True where a task was submitted with options that Nextflow does not give by itself."""
    try:
        lines = (workdir / ".command.run").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("#SBATCH") and not _STANDARD.match(line) for line in lines)


def _earlier(second: _Second) -> dict[str, Given]:
    """What earlier remedies gave. Raises ``CannotApply`` where that cannot be read: it would be lost."""
    found: dict[str, Given] = {}
    for path in second.line.overlays:
        file = Path(second.run.cwd) / path
        try:
            found = overlay.merged(found, overlay.read_back(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise CannotApply(f"{file} held what heal changed before, and cannot be read: {error}") from error
    return found


def _write(cwd: Path, path: str, content: str) -> None:
    try:
        folder = places.of_project(cwd) / "overlay"
        folder.mkdir(exist_ok=True)
        made = folder / f".{uuid.uuid4().hex}"
        made.write_text(content, encoding="utf-8")
        made.replace(cwd / path)
    except OSError as error:
        raise CannotApply(f"{cwd / path} cannot be written: {error}") from error


def _told(ours: Mapping[str, Given]) -> str:
    said = [f"{process} {given}" for process, given in sorted(ours.items())]
    return f"started again with {'; '.join(said)}" if said else "started again"


def _environment(path: str | None, *, lenient: bool = False) -> tuple[Mapping[str, str], str]:
    """The environment of the run, and a doubt to be told where it is not surely the one it had."""
    if path is None or not Path(path).exists():
        return dict(os.environ), "its environment was not kept: heal's own was used"
    try:
        content = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        if lenient:
            return dict(os.environ), str(error)
        raise CannotApply(f"the environment of the run cannot be read from {path}: {error}") from error
    if not isinstance(content, dict):
        raise CannotApply(f"the environment of the run in {path} is no JSON object")
    return {str(name): str(value) for name, value in content.items()}, ""
