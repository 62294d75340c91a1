"""What a hook said becomes facts about a job; what it did not say stays unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from heal.errors import BadEvent
from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Event, TaskRef
from heal.steps.heard import Word, enough, is_of, key_of, word

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SUBMITTED = NOW - timedelta(minutes=1)


def said(job: str = "81723", name: str = "plink", workdir: str | None = "/data", **facts: object) -> Event:
    task = TaskRef(name, job, 1, job, workdir)
    return Event("1", "job_ended", NOW, "slurm-hook", None, task, facts)


def attempt(job: str, submitted: datetime | None = SUBMITTED) -> Attempt:
    return Attempt(5, "r1", "r0", "sbatch", job, "plink", "plink", native_id=job, submitted=submitted)


def test_all_that_a_hook_knows():
    event = said(
        state="FAILED",
        exit=3,
        submitted=int(SUBMITTED.timestamp()),
        user="ada",
        partition="short",
        comment="mine",
        by="jobcomp",
    )
    assert word(event) == Word(
        NOW,
        JobFacts(
            "81723",
            JobState.FAILED,
            "FAILED",
            exit_code=3,
            name="plink",
            user="ada",
            partition="short",
            workdir="/data",
            comment="mine",
            submitted=SUBMITTED.astimezone().replace(tzinfo=None).isoformat(timespec="seconds"),
            log_paths=("/data/slurm-81723.out",),
            source="SLURM's jobcomp",
        ),
        SUBMITTED,
    )


@pytest.mark.parametrize(
    ("facts", "state", "exit_code", "signal"),
    [
        ({"state": "COMPLETED", "exit": 0}, JobState.COMPLETED, 0, None),
        ({"state": "TIMEOUT", "exit": 0, "signal": 15}, JobState.TIMEOUT, None, 15),
        ({"state": "CANCELLED", "exit": 0}, JobState.CANCELLED, None, None),
        ({"state": "OUT_OF_MEMORY", "exit": 0, "signal": 125}, JobState.OUT_OF_MEMORY, None, 125),
        ({"state": "BOOT_FAIL", "exit": 0}, JobState.NODE_FAIL, None, None),
        ({"state": "DEADLINE", "exit": 0}, JobState.CANCELLED, None, None),
        ({"state": "CANCELLED+", "exit": 0}, JobState.CANCELLED, None, None),
        ({"state": "RUNNING"}, JobState.UNKNOWN, None, None),
        ({"state": "SOMETHING_NEW", "exit": 1}, JobState.UNKNOWN, 1, None),
        ({"exit": 137}, JobState.UNKNOWN, 137, None),
        ({"state": 7, "exit": "x", "submitted": "x", "signal": True}, JobState.UNKNOWN, None, None),
        ({"submitted": 10**30}, JobState.UNKNOWN, None, None),
    ],
)
def test_states_and_codes(facts: dict[str, object], state: JobState, exit_code: int | None, signal: int | None):
    found = word(said(**facts)).facts
    assert (found.state, found.exit_code, found.signal) == (state, exit_code, signal)


@pytest.mark.parametrize("job", ["", "x", "7; rm", "7_", "7_[1-3]", "-7", "7" * 40])
def test_what_names_no_job_is_refused(job: str):
    with pytest.raises(BadEvent, match="names no job"):
        word(said(job))


def test_another_kind_of_event_is_refused():
    with pytest.raises(BadEvent):
        word(Event("1", "approval", NOW, "person"))


@pytest.mark.parametrize(
    ("job", "facts", "logs"),
    [
        ("7", {}, ("/data/slurm-7.out",)),
        ("7_2", {}, ("/data/slurm-7_2.out",)),
        ("7_2", {"stdout": "/logs/%x-%A_%3a.log"}, ("/logs/plink-7_002.log",)),
        ("7", {"stdout": "o/%u.%J", "stderr": "e.%j", "user": "ada"}, ("/data/e.7", "/data/o/ada.7")),
        ("7", {"stdout": "100%%"}, ("/data/100%",)),
        ("7", {"stdout": "/dev/null"}, ()),
        # what only the node or SLURM itself knows cannot be filled in
        ("7", {"stdout": "%N"}, ()),
        ("7_2", {"stdout": "%j"}, ()),
    ],
)
def test_where_its_output_went(job: str, facts: dict[str, object], logs: tuple[str, ...]):
    assert word(said(job, **facts)).facts.log_paths == logs


def test_without_a_work_folder_nothing_is_known_of_its_output():
    assert word(said(workdir=None, stdout="a")).facts.log_paths == ()


def test_a_word_is_about_a_job_and_its_elements():
    element, whole = word(said("81723_2")), word(said("81723"))
    assert (is_of(element, attempt("81723")), key_of(element, attempt("81723"))) == (True, "81723_2")
    assert (is_of(whole, attempt("81723")), key_of(whole, attempt("81723"))) == (True, "81723")
    assert not is_of(whole, attempt("81723_2"))
    assert not is_of(word(said("8172")), attempt("81723"))


def test_a_word_about_an_older_job_of_the_same_number_is_not_about_this_one():
    old = int((SUBMITTED - timedelta(days=30)).timestamp())
    assert not is_of(word(said(submitted=old)), attempt("81723"))
    # and what was said before the attempt was submitted cannot be about it
    assert not is_of(word(said()), attempt("81723", NOW + timedelta(hours=1)))
    assert is_of(word(said(submitted=old)), attempt("81723", None))


@pytest.mark.parametrize(
    ("facts", "after_s", "is_enough"),
    [
        ({"state": "FAILED"}, 10, False),
        ({"state": "FAILED"}, 90, True),
        ({"exit": 1}, 3600, False),
        ({"state": "COMPLETED"}, 90, False),
        ({"state": "COMPLETED"}, 600, True),
    ],
)
def test_when_a_word_stands_for_the_schedulers(facts: dict[str, object], after_s: int, is_enough: bool):
    assert enough(word(said(**facts)), NOW + timedelta(seconds=after_s)) is is_enough
