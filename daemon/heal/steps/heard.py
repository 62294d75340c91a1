"""What a hook said of a job's end, as facts about the job; and how much its word is worth without the scheduler's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from heal.errors import BadEvent
from heal.jobs import JobFacts, JobState, base_of
from heal.knowledge.output_files import output_files
from heal.records import Attempt, Event

ENDED, STARTED = "job_ended", "job_started"

_JOB = re.compile(r"\d{1,18}(?:_\d{1,18})?")
# man sacct, JOB STATE CODES: the words for an end that the records do not have themselves
_OTHER_WORDS = {"BOOT_FAIL": JobState.NODE_FAIL, "DEADLINE": JobState.CANCELLED}
# an id is used again after tens of millions of jobs: what was submitted a day before the attempt is another job's
_RECYCLED = timedelta(days=1)
# clocks of the controller and of this host
_SKEW = timedelta(minutes=5)
# While the scheduler does not answer nothing could be submitted either, so a word can wait until the silence is sure. A
# job said to have ended well may have lost a child on its way, which only accounting knows: it waits longer.
_ENOUGH_AFTER, _WELL_AFTER = timedelta(minutes=1), timedelta(minutes=5)
# whoever wrapped the job, or the command that submitted it, may only just be telling of it
STRANGE_AFTER = timedelta(minutes=1)
# a word about a job that SLURM says has not ended was about an earlier try of it
STALE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Word:
    """One hook's word that a job has ended, when it was said, and what it knew of the job.

    ``facts.state`` is UNKNOWN where the hook did not know how it ended: then the word says only that it is time to ask.
    """

    at: datetime
    facts: JobFacts
    submitted: datetime | None = None

    @property
    def job(self) -> str:
        """The id as people write it: ``81500_3`` for an element of an array."""
        return self.facts.job

    @property
    def base(self) -> str:
        """The id without the element."""
        return base_of(self.job)


def own_cluster(event: Event, cluster: str) -> None:
    """Raise BadEvent for what is said of a job of another cluster: its number is another job's here.

    Nothing is known where the event, or heal, does not know of which cluster it is.
    """
    said = _text(event.facts, "cluster")
    if said and cluster and said.lower() != cluster:
        raise BadEvent(
            f"it is about a job of cluster {said}, and this heal looks after {cluster}: each cluster needs a "
            "HEAL_HOME and a hooks' spool of its own"
        )


def word(event: Event) -> Word:
    """The word that an event of kind ``job_ended`` holds. Raises BadEvent."""
    task = event.task
    if event.kind != ENDED or task is None or not _JOB.fullmatch(task.native_id or ""):
        raise BadEvent("no end of a job: its kind is not job_ended, or it names no job")
    said = event.facts
    state_text = _text(said, "state")
    state = _state(state_text)
    submitted = _moment(said.get("submitted"))
    name = "" if task.name == task.native_id else task.name
    facts = JobFacts(
        job=task.native_id or "",
        state=state,
        state_text=state_text,
        exit_code=_exit(state, said),
        signal=_whole(said, "signal"),
        name=name,
        user=_text(said, "user"),
        partition=_text(said, "partition") or None,
        workdir=task.workdir,
        comment=_text(said, "comment"),
        submitted=submitted.astimezone().replace(tzinfo=None).isoformat(timespec="seconds") if submitted else "",
        log_paths=output_files(
            task.native_id or "",
            task.workdir,
            _text(said, "stdout"),
            _text(said, "stderr"),
            {"x": name, "u": _text(said, "user")},
        ),
        source=f"SLURM's {_text(said, 'by') or 'hook'}",
    )
    return Word(event.time, facts, submitted)


def is_of(said: Word, attempt: Attempt) -> bool:
    """True when the word is about this attempt's job or an element of it, not about an older job of the same id."""
    if attempt.native_id not in (said.job, said.base):
        return False
    if attempt.submitted is None:
        return True
    too_old = said.submitted is not None and said.submitted < attempt.submitted - _RECYCLED
    return not too_old and said.at >= attempt.submitted - _SKEW


def key_of(said: Word, attempt: Attempt) -> str:
    """The key of the task that the word is about: the attempt's own, or that of an element."""
    return attempt.key + said.job.removeprefix(attempt.job)


def enough(said: Word, now: datetime) -> bool:
    """True when a word may stand for the scheduler's, which does not answer: it says how the job ended."""
    wait = _WELL_AFTER if said.facts.state is JobState.COMPLETED else _ENOUGH_AFTER
    return said.facts.state.over and now - said.at > wait


def _state(text: str) -> JobState:
    name = text.partition(" ")[0].rstrip("+")
    found = _OTHER_WORDS.get(name) or JobState.__members__.get(name, JobState.UNKNOWN)
    return found if found.over else JobState.UNKNOWN


def _exit(state: JobState, said: Mapping[str, Any]) -> int | None:
    # 0 of a job that did not complete, or that a signal ended, is no exit code
    code = _whole(said, "exit")
    return code if code or (state is JobState.COMPLETED and not _whole(said, "signal")) else None


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and value > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _whole(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
