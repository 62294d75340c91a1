"""Makes events of the records of ``.nextflow.log``, as Nextflow's plugin would tell them. Reads and writes nothing.

Real runs of 23.10.1, 24.10.0 and 25.04.4 wrote the logs it is tested with; their sources say where each message is
printed: ``Session`` (submissions, the end), ``TaskPollingMonitor`` (``Task completed``),
``TaskProcessor.resumeOrDie`` (what becomes of a failure), ``GridTaskHandler`` (the scheduler's id), ``Launcher`` (what
ends Nextflow before a run). That a task went well is not told by a word of its own: it did when no complaint follows
its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from heal.engines.log_following import Draft
from heal.engines.nextflow_begun import Begun, short_of
from heal.engines.nextflow_records import Record
from heal.engines.nextflow_run import About
from heal.engines.nextflow_tasks import Failure, Task, clipped, placed, plain_error, section
from heal.engines.nextflow_workdir import WorkDir

# how long a task that ended waits for a complaint about it, and a complaint for what is made of it
GRACE_S = 10.0
_KEPT_IN_MIND = 1000
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_SESSION_ENDS = re.compile(r"Session aborted -- Cause: (?P<cause>.*)", re.DOTALL)
# what is wrong with the command line, a profile or a file is no error to Nextflow's log (Launcher.run)
_REFUSED = re.compile(r"Operation aborted\n(?:nextflow\.exception\.\w+: )?(?P<why>.*)", re.DOTALL)
_GRID = re.compile(
    r"\[(?P<executor>[A-Z_-]+)\] submitted process (?P<name>.*) > jobId: (?P<job>[^;]+); workDir: (?P<dir>.*)",
    re.DOTALL,
)
_COMPLETED = re.compile(
    r"Task (?:completed|timed-out) > TaskHandler\[(?:jobId: (?P<job>[^;]*); )?id: \d+; name: (?P<name>.*); "
    r"status: \w+; exit: (?P<exit>-|-?\d+); error: (?P<error>.*); workDir: (?P<dir>.*?)(?: started: .*)?\]\s*",
    re.DOTALL,
)
_COMPLAINT = re.compile(
    r"Handling unexpected condition for\n  task: name=(?P<name>.*); work-dir=(?P<dir>.*)\n"
    r"  error \[(?P<kind>.*?)\]: (?P<why>.*)",
    re.DOTALL,
)


@dataclass(slots=True)
class _Ended:
    """A task whose end Nextflow saw; what it makes of it may still follow."""

    task: Task
    record: Record
    exit: int | None
    deadline: float
    why: str = ""
    report: str = ""
    complained: bool = False

    @property
    def well(self) -> bool:
        return self.exit == 0 and not self.complained


@dataclass(slots=True)
class _Course:
    """How the run stands. ``explained``: what ended it is told. ``errors``: what each thread complained of last.

    ``cause``: what ended it, of which the launcher will say more. ``scripts``: the pipeline's files by their classes.
    """

    failed: bool = False
    explained: bool = False
    interrupted: bool = False
    over: bool = False
    errors: dict[str, Record] = field(default_factory=dict)
    cause: tuple[str, Record] | None = None
    scripts: dict[str, str] = field(default_factory=dict)


class Recorder:
    """Records of one log in, drafts of events out, in order.

    ``clock`` is monotonic seconds. ``look`` gives the folder of a task by its short hash (``ab/cdef12``) or its path.
    Call ``due`` now and then while ``holding``; ``gone`` when the process has ended and its log is read to the end.
    """

    def __init__(self, *, clock: Callable[[], float], look: Callable[[str], WorkDir]) -> None:
        self._clock = clock
        self.about = About()
        self._course = _Course()
        self._begun = Begun(look)
        self._ended: dict[str, _Ended] = {}
        self._blamed: dict[str, str] = {}
        self._well: dict[str, None] = {}
        self._steps: tuple[tuple[re.Pattern[str], Callable[[Record, re.Match[str]], Iterable[Draft] | None]], ...] = (
            (re.compile(r"\[(?P<hash>\w\w/\w+)\] (?P<again>Re-s|S)ubmitted process > (?P<name>.*)"), self._submitted),
            (re.compile(r"\[(?P<hash>\w\w/\w+)\] Cached process > (?P<name>.*)"), self._begun.cached),
            (_GRID, self._begun.handed_on),
            (_COMPLETED, self._completed),
            (_COMPLAINT, self._complaint),
            (re.compile(r"\[\w\w/\w+\] NOTE: .* -- Execution is retried.*", re.DOTALL), self._retried),
            (re.compile(r"\[\w\w/\w+\] NOTE: .* -- Error is ignored.*", re.DOTALL), self._ignored),
            (re.compile(r"Execution cancelled -- Finishing pending tasks.*"), self._finishing),
            (_SESSION_ENDS, self._aborted),
            (_REFUSED, self._refused),
            (re.compile(r"Setting fail-on-ignore flag .*"), self._fails_on_ignore),
            (re.compile(r"Parsed script files:\n(?P<files>.*)", re.DOTALL), self._parsed),
            (re.compile(r"> Execution complete -- Goodbye"), self._end),
        )

    @property
    def holding(self) -> bool:
        """True while an end is held back: ``due`` must be called."""
        return bool(self._ended)

    @property
    def over(self) -> bool:
        """True when the log has said that the run is over."""
        return self._course.over

    def feed(self, record: Record) -> list[Draft]:
        """Give the events that follow from a record."""
        self.about = self.about.after(record)
        if record.level == "ERROR":
            self._course.errors[record.thread] = record
            return list(self._error(record))
        for pattern, step in self._steps:
            if found := pattern.fullmatch(record.text):
                return list(step(record, found) or ())
        return []

    def due(self) -> list[Draft]:
        """Give the ends that have waited long enough."""
        ready = [ended for ended in self._ended.values() if ended.deadline <= self._clock()]
        return [draft for ended in ready for draft in self._release(ended)]

    def gone(self) -> list[Draft]:
        """Give what is left to say of a run whose process ended without a word.

        A task that ended well may lack its outputs, which nobody looked for any more: nothing is said of it.
        """
        drafts = [draft for ended in [*self._ended.values()] if not ended.well for draft in self._release(ended)]
        self._ended.clear()
        if self._course.over:
            return drafts
        self._course.over = True
        cause = self._blame(*self._course.cause) if self._course.cause else ()
        return [*drafts, *cause, Draft("run_finished", None, {"ok": None, "exit": None}, "", self.about.offset, 1)]

    # --- tasks -----------------------------------------------------------------------------------

    def _submitted(self, record: Record, found: re.Match[str]) -> Iterator[Draft]:
        task = self._begun.submitted(record, found, self.about.executor)
        yield Draft("task_submitted", task.task(), task.facts(), record.stamp, record.offset)

    def _completed(self, record: Record, found: re.Match[str]) -> Iterator[Draft]:
        yield from self._settle(record.thread)
        task = self._begun.ended(record, found["dir"], found["name"], self.about.executor, found["job"])
        code = None if found["exit"] == "-" else int(found["exit"])
        why = "" if found["error"] == "-" else found["error"]
        self._ended[task.hash] = _Ended(task, record, code, self._clock() + GRACE_S, why)

    def _complaint(self, record: Record, found: re.Match[str]) -> Iterator[Draft]:
        yield from self._settle(record.thread)
        short = short_of(found["dir"])
        if found["dir"] == "null" or short in self._well:
            # its script could not even be made, or it is told of as ended well: what ends the run for it is Nextflow's
            return
        if short not in self._ended:
            task = self._begun.ended(record, found["dir"], found["name"], self.about.executor)
            self._ended[short] = _Ended(task, record, None, 0.0)
        ended = self._ended[short]
        ended.complained, ended.why, ended.deadline = True, found["why"], self._clock() + GRACE_S
        self._blamed[record.thread] = short

    def _retried(self, record: Record, _found: re.Match[str]) -> Iterator[Draft]:
        return self._made_of_it(record, "RETRY")

    def _ignored(self, record: Record, _found: re.Match[str]) -> Iterator[Draft]:
        return self._made_of_it(record, "IGNORE")

    def _made_of_it(self, record: Record, action: str) -> Iterator[Draft]:
        """What Nextflow does about the failure that this thread complained of last."""
        ended = self._ended.get(self._blamed.pop(record.thread, ""))
        if ended is not None:
            if action == "RETRY":
                self._begun.tried_again(ended.task)
            yield from self._release(ended, action)

    def _settle(self, thread: str) -> Iterator[Draft]:
        """A thread that goes on to another task has said of the one before all that it will."""
        ended = self._ended.get(self._blamed.pop(thread, ""))
        if ended is not None:
            yield from self._release(ended)

    def _release(self, ended: _Ended, action: str = "") -> Iterator[Draft]:
        self._ended.pop(ended.task.hash, None)
        task, record = ended.task, ended.record
        if ended.well:
            self._well[task.hash] = None
            if len(self._well) > _KEPT_IN_MIND:
                del self._well[next(iter(self._well))]
            yield Draft("task_finished", task.task(), task.success(), record.stamp, record.offset)
            return
        if action in ("TERMINATE", "FINISH"):
            self._course.explained = True
        code = ended.exit if ended.exit is not None else section(ended.report, "Command exit status")
        failure = Failure(ended.report or ended.why, code, action, section(ended.report, "Command executed"))
        yield Draft("task_failed", task.task(), failure.facts(task), record.stamp, record.offset)

    # --- the run ---------------------------------------------------------------------------------

    def _error(self, record: Record) -> Iterator[Draft]:
        ended = self._ended.get(self._blamed.get(record.thread, ""))
        if ended is not None and record.text.startswith("Error executing process"):
            ended.report = record.text
        elif record.logger == "Launcher":
            self._course.failed = True
            cause, first = self._course.cause or (plain_error(record.text), record)
            message = placed(cause, record.text, self._course.scripts, self.about.script)
            yield from self._blame(message, first)
            yield from self._end(record)

    def _parsed(self, _record: Record, found: re.Match[str]) -> None:
        self._course.scripts = dict(line.strip().split(": ", 1) for line in found["files"].splitlines() if ": " in line)

    def _finishing(self, record: Record, _found: re.Match[str]) -> Iterator[Draft]:
        self._course.failed = True
        yield from self._gives_up(record, "FINISH", "")

    def _fails_on_ignore(self, _record: Record, _found: re.Match[str]) -> None:
        self._course.failed = True

    def _aborted(self, record: Record, found: re.Match[str]) -> Iterator[Draft]:
        self._course.failed = True
        if found["cause"] in _SIGNALS:
            self._course.interrupted = True
        else:
            yield from self._gives_up(record, "TERMINATE", found["cause"])

    def _gives_up(self, record: Record, action: str, cause: str) -> Iterator[Draft]:
        """The run ends for what this thread complained of last: a task, or anything else."""
        if record.thread in self._blamed:
            yield from self._made_of_it(record, action)
        elif error := self._course.errors.get(record.thread):
            yield from self._blame(plain_error(error.text) or cause, error)
        elif record.thread == "main":
            self._course.cause = (cause, record)
        else:
            yield from self._blame(cause, record)

    def _refused(self, record: Record, found: re.Match[str]) -> Iterator[Draft]:
        if record.logger == "Launcher":
            self._course.failed = True
            yield from self._blame(plain_error(found["why"]), record)
            yield from self._end(record)

    def _blame(self, message: str, record: Record) -> Iterator[Draft]:
        """A failure of Nextflow itself, unless what ended the run is told already."""
        if not self._course.explained and not self._course.interrupted:
            self._course.explained = True
            yield self._engine_failure(message, record)

    def _engine_failure(self, message: str, record: Record) -> Draft:
        facts = {"process": "nextflow", "message": clipped(message), "will_retry": False}
        return Draft("task_failed", {"name": "nextflow", "key": "", "attempt": 1}, facts, record.stamp, record.offset)

    def _end(self, record: Record, _found: object = None) -> Iterator[Draft]:
        if self._course.over:
            return
        self._course.over = True
        if self._course.cause is not None:
            yield from self._blame(*self._course.cause)
        for ended in [*self._ended.values()]:
            yield from self._release(ended)
        for task in self._begun:
            # nobody waits for these any more: they were killed with the run
            yield Draft("task_failed", task.task(), Failure.aborted(task), record.stamp, task.submitted.offset, 1)
        facts: dict[str, Any] = {"ok": not self._course.failed, "exit": int(self._course.failed)}
        if self._course.interrupted:
            facts["interrupted"] = True
        yield Draft("run_finished", None, facts, record.stamp, record.offset, 1)
