"""Makes events of the log that a Snakemake keeps which takes no logger plugin. Reads and writes nothing.

The log is ``.snakemake/log/<time>.snakemake.log``. How its blocks look was read in logs of 7.32.4 and 8.30.0 and in
their sources: ``logging.py`` (jobs, errors), ``executors`` of 7.32 and the SLURM and cluster-generic executor plugins
of 8 (the scheduler's ids). An exit code is told only where Snakemake says it (from 8 on, for commands of the shell).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from heal.engines.log_following import Draft
from heal.knowledge import whose_words

# how long a failure waits for Snakemake to say that it tries again by itself
GRACE_S = 2.0
# lines that are kept to explain a failure, and the most of a message
_LINES, _MAX_TEXT = 60, 16_000

_STAMP = re.compile(r"\[(?P<stamp>\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]")
_JOB = re.compile(r"(?P<local>local)?(?:rule|checkpoint) (?P<rule>\S+):")
_ERROR = re.compile(r"Error in rule (?P<rule>\S+):")
_FIELD = re.compile(r"    (?P<name>[a-z_]+): (?P<value>.*)")
_SHELL = re.compile(r"    shell:")
_FINISHED = re.compile(r"Finished job(?:id: (?P<new>\d+) \(Rule: \S+\)| (?P<old>\d+)\.)")
_RESTART = re.compile(r"Trying to restart job (?P<job>\d+)\.")
_SUBMITTED = re.compile(
    r"(?:Job (?P<slurm>\d+) has been submitted with SLURM jobid (?P<id>\d+) \(log: (?P<log>.*)\)\."
    r"|Submitted (?:job|DRMAA job) (?P<job>\d+) with external jobid '?(?:.*\D)?(?P<external>\d+)'?\.)"
)
_WITHOUT_OUTPUT = re.compile(r"Job (?P<job>\d+)\s+completed successfully, but")
_SENT = re.compile(r"Provided (?:cluster|remote) nodes:|SLURM run ID:")
_INTERRUPTED = re.compile(r"Terminating processes on user request|Will exit after finishing currently running jobs")
_WELL = re.compile(r"\d+ of \d+ steps \(100%\) done|Nothing to be done.*")
_BADLY = re.compile(r"Exiting because a job execution failed")
_BROKE = re.compile(r"(?P<name>\w+(?:Error|Exception))(?: in |:|$)")
_STATUS = re.compile(r"returned non-zero exit status (\d+)\.")
_WILDCARD = re.compile(r", (?=[A-Za-z_]\w*=)")


@dataclass(slots=True)
class _Block:
    """A job or an error as it is being read: its head, its fields, the lines of its command."""

    rule: str
    error: bool
    local: bool
    offset: int
    stamp: str
    fields: dict[str, str] = field(default_factory=dict)
    shell: list[str] | None = None

    @property
    def job(self) -> str:
        return self.fields.get("jobid", "")


@dataclass(slots=True)
class _Job:
    block: _Block
    attempt: int
    native_id: str | None = None
    logs: tuple[str, ...] = ()


@dataclass(slots=True)
class _Failure:
    job: _Job
    message: str
    offset: int
    stamp: str
    deadline: float


class Recorder:
    """Lines of one log in, drafts of events out, in order.

    ``clock`` is monotonic seconds, ``folder`` the one that Snakemake works in. Call ``due`` now and then while
    ``holding``, ``flush`` when no more is there for the moment, ``gone`` when the process has ended and all is read.
    """

    def __init__(self, *, clock: Callable[[], float], folder: str) -> None:
        self._clock = clock
        self._folder = folder
        self._block: _Block | None = None
        self._jobs: dict[str, _Job] = {}
        self._attempts: dict[str, int] = {}
        self._held: list[_Failure] = []
        self._said: list[str] = []
        # errors whose block is still to come
        self._left: list[str] = []
        self._stamp = ""
        self._sent = self._interrupted = self._failed = False
        self._well: bool | None = None
        self._broke: list[str] = []

    @property
    def holding(self) -> bool:
        """True while a failure is held back: ``due`` must be called."""
        return bool(self._held)

    def feed(self, offset: int, line: str) -> list[Draft]:
        """Give the events that follow from a line."""
        if self._block is not None and self._goes_on(self._block, line):
            return []
        drafts = self.flush()
        if stamp := _STAMP.fullmatch(line):
            self._stamp = stamp["stamp"]
        elif head := _JOB.fullmatch(line):
            self._block = _Block(head["rule"], False, bool(head["local"]), offset, self._stamp)
        elif head := _ERROR.fullmatch(line):
            self._block = _Block(head["rule"], True, False, offset, self._stamp)
        else:
            drafts += self._words(offset, line)
        return drafts

    def flush(self) -> list[Draft]:
        """Give what a block says that nothing was added to."""
        block, self._block = self._block, None
        if block is None or not block.job:
            return []
        return self._error(block) if block.error else self._begun(block)

    def due(self) -> list[Draft]:
        """Give the failures that have waited long enough: whether they are tried again is not known."""
        now = self._clock()
        return self._release(lambda failure: failure.deadline <= now, None)

    def gone(self, offset: int) -> list[Draft]:
        """Give what is left to say of a run whose process has ended."""
        drafts = [*self.flush(), *self._release(lambda _failure: True, False)]
        if self._jobs and self._well is None and not self._broke:
            self._broke = ["heal: snakemake is gone without a word: its log ends in the middle of its work"]
        if self._broke and not self._failed and not self._interrupted:
            task = {"name": "snakemake", "key": "", "attempt": 1}
            facts = {"process": "snakemake", "message": _clipped("\n".join(self._broke)), "will_retry": False}
            drafts.append(Draft("task_failed", task, facts, self._stamp, offset))
        ok = False if self._broke or self._failed or self._interrupted else self._well
        facts = {"ok": ok, "exit": None if ok is None else int(not ok)}
        return [*drafts, Draft("run_finished", None, facts | self._by_whom(), self._stamp, offset, 1)]

    def _by_whom(self) -> dict[str, Any]:
        return {"interrupted": True} if self._interrupted else {}

    # --- lines -----------------------------------------------------------------------------------

    def _goes_on(self, block: _Block, line: str) -> bool:
        """Take a line of a block in; False where it is none of it."""
        if block.shell is not None and line.startswith("        "):
            block.shell.append(line.strip())
        elif _SHELL.fullmatch(line):
            block.shell = []
        elif said := _FIELD.fullmatch(line):
            block.fields[said["name"]] = said["value"].strip()
        else:
            return False
        return True

    def _words(self, offset: int, line: str) -> list[Draft]:
        drafts: list[Draft] = []
        if done := _FINISHED.fullmatch(line):
            drafts = self._finished(done["new"] or done["old"], offset)
        elif again := _RESTART.fullmatch(line):
            self._attempts[again["job"]] = self._attempts.get(again["job"], 1) + 1
            drafts = self._release(lambda failure: failure.job.block.job == again["job"], True)
        elif sent := _SUBMITTED.fullmatch(line):
            drafts = self._submitted(sent, offset)
        elif without := _WITHOUT_OUTPUT.match(line):
            drafts = self._without_output(without["job"], line, offset)
        elif line.strip():
            self._noted(line)
        return drafts

    def _noted(self, line: str) -> None:
        self._said = [*self._said[-_LINES:], line]
        self._sent = self._sent or bool(_SENT.match(line))
        self._interrupted = self._interrupted or bool(_INTERRUPTED.match(line))
        if _WELL.fullmatch(line) or _BADLY.match(line):
            self._well, self._broke = bool(_WELL.fullmatch(line)), []
        elif _BROKE.match(line) or self._broke:
            self._broke = [*self._broke[:_LINES], line]

    # --- jobs ------------------------------------------------------------------------------------

    def _begun(self, block: _Block) -> list[Draft]:
        drafts = self._release(lambda failure: failure.job.block.job == block.job, True)
        job = self._jobs[block.job] = _Job(block, self._attempts.get(block.job, 1))
        self._said, self._broke = [], []
        # a job that goes to a scheduler is told of when its id is known
        if self._sent and not block.local:
            return drafts
        return [*drafts, self._draft("task_submitted", job, {}, block.offset)]

    def _submitted(self, sent: re.Match[str], offset: int) -> list[Draft]:
        job = self._jobs.get(sent["slurm"] or sent["job"])
        if job is None:
            return []
        job.native_id = sent["id"] or sent["external"]
        job.logs = (sent["log"],) if sent["log"] else ()
        return [self._draft("task_submitted", job, {}, offset)]

    def _finished(self, number: str, offset: int) -> list[Draft]:
        job = self._jobs.pop(number, None)
        self._said, self._broke = [], []
        return [self._draft("task_finished", job, _files(job.block), offset)] if job else []

    def _error(self, block: _Block) -> list[Draft]:
        job = self._jobs.pop(block.job, None) or _Job(block, self._attempts.get(block.job, 1))
        job.native_id = block.fields.get("external_jobid") or block.fields.get("cluster_jobid") or job.native_id
        named = block.fields.get("log", "").partition(" (check log file")[0]
        job.logs = tuple(dict.fromkeys([*job.logs, *(path for path in named.split(", ") if path)]))
        job.block.shell = block.shell or job.block.shell
        said = [*self._own_words(job), block.fields.get("message", "")]
        return self._hold(job, "\n".join(text for text in said if text and text != "None"), block.offset)

    def _own_words(self, job: _Job) -> list[str]:
        beside = [_known(other.block) for other in self._jobs.values()]
        if not beside and not self._left and not any(whose_words.SPAWNED in line for line in self._said):
            return self._said
        said, left = whose_words.shared([*self._left, *self._said], _known(job.block), beside)
        self._left = left[-_LINES:] if beside else []
        return said

    def _without_output(self, number: str, line: str, offset: int) -> list[Draft]:
        job = self._jobs.pop(number, None)
        if job is None:
            self._noted(line)
            return []
        start = next((at for at, text in enumerate(self._said) if text.startswith("MissingOutputException")), 0)
        return self._hold(job, "\n".join([*self._said[start:], line]), offset)

    def _hold(self, job: _Job, message: str, offset: int) -> list[Draft]:
        self._said, self._broke, self._failed = [], [], True
        self._held.append(_Failure(job, message, offset, self._stamp, self._clock() + GRACE_S))
        return self._release(lambda _failure: True, False) if self._interrupted else []

    def _release(self, chosen: Callable[[_Failure], bool], will_retry: bool | None) -> list[Draft]:
        released = [failure for failure in self._held if chosen(failure)]
        self._held = [failure for failure in self._held if not chosen(failure)]
        return [self._failure(failure, will_retry) for failure in released]

    def _failure(self, failure: _Failure, will_retry: bool | None) -> Draft:
        statuses = _STATUS.findall(failure.message)
        facts = _files(failure.job.block) | {
            "message": _clipped(failure.message),
            "shell": _clipped("\n".join(failure.job.block.shell or [])),
            "exit": int(statuses[-1]) if statuses else None,
        }
        facts |= {} if will_retry is None else {"will_retry": will_retry}
        return self._draft("task_failed", failure.job, facts | self._by_whom(), failure.offset, failure.stamp)

    def _draft(self, kind: str, job: _Job, facts: dict[str, Any], offset: int, stamp: str | None = None) -> Draft:
        said = job.block.fields
        wildcards = sorted(_WILDCARD.split(said["wildcards"])) if said.get("wildcards") else []
        rule, own = job.block.rule, [path for path in said.get("log", "").split(" (check")[0].split(", ") if path]
        task = {
            "name": f"{rule} ({', '.join(wildcards)})" if wildcards else rule,
            "key": f"{rule}:{','.join(wildcards)}" if wildcards else rule,
            "attempt": job.attempt,
            "native_id": job.native_id,
            "workdir": self._folder,
            "log_paths": [
                f"{self._folder}/{path}" if path[0] != "/" else path for path in dict.fromkeys([*own, *job.logs])
            ],
        }
        common = {"process": rule, "asked": _asked(said)}
        return Draft(kind, task, common | facts, self._stamp if stamp is None else stamp, offset)


def _known(block: _Block) -> whose_words.Job:
    return whose_words.Job(block.rule, frozenset(_files(block)["output"]), command=tuple(block.shell or ()))


def _files(block: _Block) -> dict[str, Any]:
    return {name: [path for path in block.fields.get(name, "").split(", ") if path] for name in ("input", "output")}


def _asked(said: dict[str, str]) -> dict[str, float]:
    entries = [f"cpus={said.get('threads', '1')}", *said.get("resources", "").split(", ")]
    values = dict(entry.split("=", 1) for entry in entries if "=" in entry)
    names = (("memory_mb", "mem_mb"), ("time_min", "runtime"), ("cpus", "cpus"))
    return {
        ours: float(values[theirs]) for ours, theirs in names if re.fullmatch(r"\d+(\.\d+)?", values.get(theirs, ""))
    }


def _clipped(text: str) -> str:
    if len(text) <= _MAX_TEXT:
        return text
    half = _MAX_TEXT // 2
    return f"{text[:half]}\n… {len(text) - _MAX_TEXT} characters left out …\n{text[-half:]}"
