"""Nextflow as an engine: a run that has ended is started again where it stood, with other resources."""

from __future__ import annotations

import json
import os
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
from heal.engines.nextflow_gifts import can_give, check, given_by
from heal.engines.nextflow_overlay import Given
from heal.engines.prepare import prepare, wanted
from heal.engines.processes import process_alive
from heal.engines.snakemake_lock import LiveJobs, live_slurm_jobs
from heal.errors import CannotApply, NotNow
from heal.home import places
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order

_OF_TASK = (".command.err", ".command.out", ".command.log")

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

    def takes_own(self, run: Run) -> bool:
        """See the seam; it is not known here."""
        del run
        return False

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        """Tell whether the fix can be carried out; resources only where the task would see the change.

        A process that names no amount on this machine does not run otherwise when it is given one.
        """
        match fix.kind:
            case FixKind.RESOURCES | FixKind.EXCLUDE_NODE | FixKind.ENVIRONMENT:
                return can_give(fix, attempt)
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
        ours = given_by(orders)
        second = self._second(run, env, ours)
        gifts = overlay.merged(_earlier(second), ours)
        owns = {process: second.config.own(process, second.log) for process in gifts}
        check(ours, owns, second.config, orders)
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


def _stays(change: Change, attempt: Attempt) -> bool:
    """True for a folder that the next try will find: each try has a working folder of its own."""
    folder = Path(str(change.new or ""))
    gone = attempt.workdir is not None and folder.is_relative_to(attempt.workdir)
    return change.name == "folder" and folder.is_absolute() and not gone


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
