"""A replay as a SLURM job of its own, with what the failed task had: written down first, followed politely, cancelled.

The job tells by a file in its folder that it began and how it ended; SLURM is asked about it once a minute at most.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heal.errors import AskedEnough, CannotApply, NotReplayable, SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.proving.asking import never
from heal.proving.here import result, script, size_of, span, told
from heal.proving.replay import SCRIPT, STARTED, Act, Failed, Ran, Stop
from heal.schedulers.command import MANY_JOBS_MB, Answer, Commands, NoAnswer
from heal.schedulers.sbatch_options import Option
from heal.schedulers.slurm_complaints import cut_off, refused, uncertain
from heal.schedulers.slurm_parsers import parse_submitted, parse_tags
from heal.schedulers.slurm_words import joined

_SUBMIT_TIMEOUT_S = 180.0
_POLL_S, _ASK_S = 3.0, 60.0
# a job that had no reply may come for so long (slurm_submitting tells why)
_MAY_COME_S = 300.0
# how long a shared file system may keep the last words of a job that is over
_LAST_WORDS_S = 40.0
_PATIENCE_S = 150.0
_MEGABYTE = 1 << 20
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SUSPENDED")
_GOING = (*_WAITING, "RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "RESIZING", "STOPPED")
# of the original's own command line: what its node must have, not what it is called or waits for
_NEEDS = (
    *("gres", "gpus", "gpus-per-node", "gpus-per-task", "gpus-per-socket", "cpus-per-gpu", "mem-per-gpu", "constraint"),
    *("licenses", "tmp", "reservation", "nodelist", "exclude", "gpu-bind", "exclusive"),
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between looks at the job's files and between questions to SLURM; how long it may wait in the queue."""

    look_s: float = _POLL_S
    ask_s: float = _ASK_S
    queue_s: float = 3600.0


class SlurmReplays:
    """The running seam over SLURM. ``commands`` keeps the book of calls.

    ``most_mb``: what a replay may write, in one file and in all. ``stop`` is asked as well while one is waited for.
    """

    def __init__(
        self,
        commands: Commands,
        *,
        most_mb: int = 20_000,
        pace: Pace | None = None,
        stop: Stop = never,
        wait: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._commands = commands
        self._most_mb = most_mb
        self._pace = pace or Pace()
        self._stop = stop
        self._wait = wait or threading.Event().wait
        self._clock = clock

    def settle(self, root: Path, token: str) -> None:
        """Cancel the job that an earlier call submitted, if any; see the seam.

        Raises ``SchedulerUnreachable`` where SLURM does not say, ``NotReplayable`` while that job may still come.
        """
        note = _note(root, token)
        try:
            said = json.loads(note.read_bytes())
        except FileNotFoundError:
            return
        except ValueError:
            said = {}
        # by its comment, not by the id alone: ids are used again
        named = ["squeue", "--me", "--noheader", "--format=%i|%k"]
        answer = self._commands.ask(named, most_mb=MANY_JOBS_MB)
        if not answer.ok:
            raise SchedulerUnreachable(f"whether a replay still runs cannot be told: {answer.complaint}")
        jobs = set(parse_tags(answer.stdout, token).values())
        if not jobs and not said.get("job") and self._clock() - note.stat().st_mtime < _MAY_COME_S:
            raise NotReplayable(f"the job of an earlier replay had no reply, and may still come: heal:{token}")
        for job in sorted(jobs):
            self._cancel(job)
        note.unlink(missing_ok=True)

    def run(self, act: Act, failed: Failed, token: str, seconds: float, *, stop: Stop = never) -> Ran:
        """Submit it, wait for it to begin, then for its end."""
        seconds = min(seconds, float(failed.job.limit_s)) if failed.job and failed.job.limit_s else seconds
        path = act.folder / SCRIPT
        path.write_text(script(act, seconds=seconds, most_mb=self._most_mb), "utf-8", "surrogateescape")
        note = _note(act.folder.parent, token)
        _write(note, {})
        job = self._submitted(sbatch(act, failed, token, seconds, str(path)), act, note)
        _write(note, {"job": job})
        began = self._clock()
        try:
            why = self._followed(act, job, seconds, stop)
        finally:
            if result(act) is None:
                with suppress(SchedulerUnreachable):
                    self._cancel(job)
                    note.unlink(missing_ok=True)
            else:
                note.unlink(missing_ok=True)
        return told(result(act), why, seconds, self._clock() - began)

    def _submitted(self, argv: Sequence[str], act: Act, note: Path) -> str:
        try:
            answer = self._run(argv, cwd=act.folder, env=act.env)
        except NoAnswer:
            # its note stays: whoever comes next looks for the job
            raise
        except (SchedulerUnreachable, OSError):
            note.unlink(missing_ok=True)
            raise
        if job := parse_submitted(answer.stdout):
            return job
        if refused(answer.stderr) and not (cut_off(answer.exit_code) or uncertain(answer.stderr)):
            note.unlink(missing_ok=True)
        raise NotReplayable(f"SLURM takes no job for a replay: {answer.complaint}")

    def _followed(self, act: Act, job: str, seconds: float, stop: Stop) -> str:
        """Wait until it has written how it ended; why it is not waited for any longer (empty where it has)."""
        asked = queued = self._clock()
        started: float | None = None
        over = ""
        while result(act) is None:
            self._wait(self._pace.look_s)
            now = self._clock()
            if started is None and (act.folder / STARTED).exists():
                started = now
            if stop() or self._stop():
                return "heal was told to end"
            if over and now - asked > _LAST_WORDS_S:
                return f"its job {job} is over ({over}) and left no word"
            if started is None and now - queued > self._pace.queue_s:
                return f"its job {job} did not start within {span(self._pace.queue_s)}"
            if started is not None and now - started > seconds + self._pace.ask_s:
                return f"it did not end within {span(seconds)}"
            if not over and now - asked >= self._pace.ask_s:
                asked, over = now, self._over(job)
                if size_of(act.folder) > self._most_mb * _MEGABYTE:
                    return f"it wrote more than {self._most_mb} MB"
        return ""

    def _over(self, job: str) -> str:
        """The state of a job that is over; empty where it is not, or nobody says."""
        try:
            answer = self._commands.ask(["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={job}"])
        except SchedulerUnreachable:
            return ""
        if "Invalid job id" in answer.stderr:
            return "SLURM knows it no longer"
        state = answer.stdout.strip().partition("\n")[0]
        return "" if not answer.ok or state in _GOING else state or "SLURM knows it no longer"

    def _cancel(self, job: str) -> None:
        self._run(["scancel", job])

    def _run(self, argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Answer:
        """Run it as soon as the ceiling of calls lets it be run; that is within a minute or two."""
        until = self._clock() + _PATIENCE_S
        while True:
            try:
                return self._commands.run(argv, cwd=cwd, env=env, timeout_s=_SUBMIT_TIMEOUT_S)
            except AskedEnough:
                if self._clock() > until:
                    raise
                self._wait(self._pace.look_s)


def sbatch(act: Act, failed: Failed, token: str, seconds: float, path: str) -> tuple[str, ...]:
    """The command line of the job: what the failed task asked for, under a name and a mark of heal's own."""
    job = failed.job or JobFacts(failed.attempt.job, JobState.UNKNOWN)
    memory = failed.attempt.asked.get("memory_mb") or job.asked_mb
    options = [
        Option("parsable"),
        Option("job-name", "heal-replay"),
        Option("comment", f"heal:{token}"),
        Option("chdir", str(act.folder)),
        Option("output", str(act.folder / "slurm.log")),
        Option("export", "ALL"),
        Option("no-requeue"),
        Option("ntasks", "1"),
        Option("cpus-per-task", str(max(1, job.cpus or act.cpus))),
        Option("time", str(max(1, math.ceil(seconds / 60)))),
        *([Option("mem", f"{math.ceil(memory)}M")] if memory else []),
        *[Option(name, value) for name, value in _place(job).items() if value],
        *_needs(job),
    ]
    return ("sbatch", *(option.text for option in options), path)


def _place(job: JobFacts) -> Mapping[str, str | None]:
    return {"partition": job.partition, "account": job.account, "qos": job.qos}


def _needs(job: JobFacts) -> list[Option]:
    try:
        found = joined(job)
    except CannotApply:
        return []
    # the last one may have come apart at a blank
    options = found.line.options if found.sure else found.line.options[:-1]
    return [option for option in options if option.name in _NEEDS]


def _note(root: Path, token: str) -> Path:
    """Where it is written that a job was asked for; it outlives the folder of the replay."""
    return root / f"{token}.asked"


def _write(path: Path, said: Mapping[str, str]) -> None:
    made = path.with_suffix(".part")
    with made.open("w", encoding="ascii") as file:
        json.dump(said, file)
        file.flush()
        # it must outlive even the machine: whoever finds no note looks for no job
        os.fsync(file.fileno())
    made.replace(path)
