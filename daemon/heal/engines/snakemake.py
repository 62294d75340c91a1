"""Snakemake as an engine: a run that has ended is started again, for what is unfinished, with other resources."""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from heal.engines.launcher import Launches
from heal.engines.prepare import prepare
from heal.engines.processes import process_alive
from heal.engines.snakemake_argv import CommandLine, again, merged, read, unlocking, value_of, values_of
from heal.engines.snakemake_lock import LiveJobs, live_slurm_jobs, locked_folder, nothing_left, prove_stale
from heal.engines.snakemake_profile import Profiles, finds_snakefile, profiles
from heal.errors import CannotApply, NotNow
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order

# Snakemake's names of what heal can ask for
_RESOURCES = {"memory_mb": "mem_mb", "time_min": "runtime"}
# a run opens its log first, then reads its workflow, then speaks
_LOG_BEFORE_START = timedelta(minutes=15)
_SLACK = timedelta(seconds=2)
_UNLOCK_TIMEOUT_S = 300
# a job that asks for so much more than its rule asks for others too; a little more is the executor's own need
_TOGETHER = 1.2


class Snakemake:
    """The engine seam over Snakemake runs.

    ``launcher`` starts them again. ``live_jobs`` tells which jobs of the scheduler still run (for ``unlock``).
    A node cannot be excluded: Snakemake's SLURM executor has no option for it, and ``slurm_extra`` would replace
    what the rules say there.
    """

    name = "snakemake"
    waits_for_end = True

    def __init__(self, launcher: Launches, *, live_jobs: LiveJobs = live_slurm_jobs) -> None:
        self._launcher = launcher
        self._live_jobs = live_jobs

    def logs(self, run: Run, attempt: Attempt) -> tuple[str, ...]:
        """Tell the task's own logs, then Snakemake's log of the run."""
        folder = Path(attempt.workdir or _folder(run))
        own = _log_of(run, folder)
        return tuple(dict.fromkeys([*attempt.log_paths, *_of_element(attempt, folder), *([str(own)] if own else [])]))

    def takes_own(self, run: Run) -> bool:
        """Tell whether neither the command line nor a profile names another Snakefile."""
        try:
            env, _doubt = _environment(run.env_file)
            return finds_snakefile(read(run.argv).options, Path(run.cwd), env)
        except CannotApply:
            return False

    def supports(self, fix: Fix, attempt: Attempt) -> bool:
        """Tell whether the fix can be carried out; resources only where the task would see the change.

        On this machine a rule that asks for no memory does not run otherwise when it is given some.
        """
        match fix.kind:
            case FixKind.RESOURCES:
                return bool(fix.changes) and all(
                    change.name in _RESOURCES
                    and isinstance(change.new, int | float)
                    and change.new != attempt.asked.get(change.name, change.old)
                    and (attempt.native_id is not None or change.name in attempt.asked)
                    for change in fix.changes
                )
            case FixKind.PREPARE:
                return bool(fix.changes) and all(change.name == "folder" and change.new for change in fix.changes)
            case FixKind.RETRY | FixKind.UNLOCK | FixKind.PATCH:
                return True
            case _:
                return False

    def apply(self, run: Run, orders: Sequence[Order], token: str, leave: Sequence[Attempt] = ()) -> Applied:
        """Start the run again as it was started, changed by the orders; at most once for a token.

        Of the original command line ``--forceall``, ``--force`` and ``--forcerun`` are left out, ``--rerun-incomplete``
        and one merged ``--set-resources`` are added, what the tasks in ``leave`` make goes to ``--omit-from``, all else
        stays. Of a run that was killed no job may be at work any more: with ``--nolock`` the same task would run twice
        at once. Raises ``CannotApply`` or ``NotNow``.
        """
        before = self._launcher.find(token)
        if before is not None:
            return before
        if run.pid and process_alive(run.pid, run.host, run.started):
            raise NotNow(f"the run still goes on, as process {run.pid}")
        if run.exit_code is None:
            nothing_left(Path(_folder(run)), self._live_jobs)
        line = read(run.argv)
        env, doubt = _environment(run.env_file)
        ours = _asked(orders)
        known = _profiles(line, run, env, needed=bool(ours))
        if known.forcing:
            raise CannotApply(f"{known.forcing} would run everything again: take it out, then heal can start the run")
        named = values_of(line.options, "--set-resources")
        entries = merged(named[-1] if named else known.set_resources, ours) if ours else ()
        done = self._before(run, orders, line, env)
        ordered = [attempt for order in orders for attempt in order.attempts]
        # what a check refuses is there, and Snakemake would take it for done
        refused = _outputs([attempt for attempt in ordered if attempt.facts.get("check")])
        argv = again(line, entries, _outputs(leave), _outputs(ordered), refused)
        applied = self._launcher.start(token, argv, cwd=run.cwd, env=env, parent=run.parent or run.id)
        said = [*done, _told(ours), doubt, applied.detail]
        return replace(applied, detail="; ".join(text for text in said if text))

    def _before(self, run: Run, orders: Sequence[Order], line: CommandLine, env: Mapping[str, str]) -> list[str]:
        """Do what must be done before the run can start; tell it in words."""
        roots = (_folder(run), run.cwd)
        done = [prepare(order.fix, roots) for order in orders if order.fix.kind is FixKind.PREPARE]
        locked = [one for order in orders if order.fix.kind is FixKind.UNLOCK for one in order.attempts]
        if locked:
            _in_this_folder(line, run, env)
            named = [locked_folder(str(one.facts.get("message") or "")) for one in locked]
            folders = sorted({Path(_folder(run)), *filter(None, named)})
            for folder in folders:
                prove_stale(folder, self._live_jobs)
            _unlock(unlocking(line), run.cwd, env)
            done.append(f"unlocked {', '.join(map(str, folders))}")
        return done


def _in_this_folder(line: CommandLine, run: Run, env: Mapping[str, str]) -> None:
    """Raises ``CannotApply`` where the locks are kept in a database of the user's choice, which others may share."""
    named = (
        value_of(line.options, "--persistence-backend-db-url") or profiles(line.options, Path(run.cwd), env).database
    )
    if named:
        raise CannotApply(
            "the locks of this run are kept in a database, and heal cannot see who else works with it: "
            "if nobody does, run snakemake --unlock"
        )


def _profiles(line: CommandLine, run: Run, env: Mapping[str, str], *, needed: bool) -> Profiles:
    try:
        return profiles(line.options, Path(run.cwd), env)
    except CannotApply:
        # resources on the command line replace those of a profile: without knowing them none can be given
        if needed:
            raise
        return Profiles()


def _outputs(attempts: Sequence[Attempt]) -> list[str]:
    """What these tasks make, as Snakemake names it."""
    return [str(path) for attempt in attempts for path in attempt.facts.get("output") or ()]


def _folder(run: Run) -> str:
    """The folder Snakemake works in, as far as the command line tells."""
    try:
        directory = value_of(read(run.argv).options, "-d", "--directory")
    except CannotApply:
        directory = None
    return str(Path(run.cwd) / directory) if directory else run.cwd


def _log_of(run: Run, folder: Path) -> Path | None:
    """The newest of Snakemake's logs that was opened before the run spoke for the first time."""
    last = run.started.astimezone() + _SLACK
    logs = ((_opened(path), path) for path in (folder / ".snakemake" / "log").glob("*.snakemake.log"))
    ours = [(opened, path) for opened, path in logs if opened and last - _LOG_BEFORE_START <= opened <= last]
    return max(ours)[1] if ours else None


def _of_element(attempt: Attempt, folder: Path) -> list[str]:
    """Where the SLURM executor writes the log of an array's element; it names none when it submits an array."""
    if attempt.log_paths or "_" not in (attempt.native_id or ""):
        return []
    return [str(folder / ".snakemake" / "slurm_logs" / f"rule_{attempt.process}" / f"{attempt.native_id}.log")]


def _opened(path: Path) -> datetime | None:
    """When a log was opened, by its name: local time without colons."""
    try:
        return datetime.strptime(path.name.removesuffix(".snakemake.log"), "%Y-%m-%dT%H%M%S.%f").astimezone()
    except ValueError:
        return None


def _environment(path: str | None) -> tuple[Mapping[str, str], str]:
    """The environment of the run, and a doubt to be told where it is not surely the one it had."""
    if path is None or not Path(path).exists():
        return dict(os.environ), "its environment was not kept: heal's own was used"
    try:
        content = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise CannotApply(f"the environment of the run cannot be read from {path}: {error}") from error
    if not isinstance(content, dict):
        raise CannotApply(f"the environment of the run in {path} is no JSON object")
    return {str(name): str(value) for name, value in content.items()}, ""


def _asked(orders: Sequence[Order]) -> dict[str, dict[str, int]]:
    """Per rule what it is to ask for; the most where orders differ."""
    wanted: dict[str, dict[str, int]] = {}
    for order in orders:
        if order.fix.kind is not FixKind.RESOURCES:
            continue
        for rule in {attempt.process for attempt in order.attempts} or {order.fix.process}:
            for change in order.fix.changes:
                if change.name not in _RESOURCES or not isinstance(change.new, int | float):
                    raise CannotApply(f"Snakemake cannot be asked for {change.name}={change.new}")
                of_rule = wanted.setdefault(rule, {})
                name = _RESOURCES[change.name]
                of_rule[name] = max(of_rule.get(name, 0), _share(change, change.new, rule, order.attempts))
    return wanted


def _share(change: Change, new: float, rule: str, attempts: Sequence[Attempt]) -> int:
    """What a rule is to ask for so that its job gets ``new``: in a group the job asks for several tasks together."""
    own = max(
        (one.asked[change.name] for one in attempts if one.process == rule and change.name in one.asked), default=0
    )
    of_job = change.old if isinstance(change.old, int | float) else 0.0
    return math.ceil(new * own / of_job) if own and of_job > _TOGETHER * own else math.ceil(new)


def _told(ours: Mapping[str, Mapping[str, int]]) -> str:
    entries = merged((), ours)
    return f"started again with {' '.join(entries)}" if entries else "started again"


def _unlock(words: Sequence[str], cwd: str, env: Mapping[str, str]) -> None:
    try:
        answer = subprocess.run(
            words,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_UNLOCK_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotApply(f"snakemake --unlock failed: {error}") from error
    if answer.returncode != 0:
        raise CannotApply(f"snakemake --unlock failed: {(answer.stderr or answer.stdout).strip()[-500:]}")
