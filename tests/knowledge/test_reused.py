"""Whether a job is the one that an attempt was, or a later one of the same id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from heal.jobs import JobFacts, JobState
from heal.knowledge.reused import is_his
from heal.records import Attempt

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def attempt(ended: datetime | None = None) -> Attempt:
    return Attempt(1, "r", "r", "sbatch", "k", "n", "p", 1, "100", "/data", submitted=START, ended=ended)


def job(after: timedelta, restarts: int | None = None, workdir: str | None = "/data") -> JobFacts:
    at = (START + after).astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    return JobFacts("100", JobState.FAILED, submitted=at, restarts=restarts, workdir=workdir)


@pytest.mark.parametrize(
    ("one", "found", "his"),
    [
        (attempt(), job(timedelta(0)), True),
        # a requeue is a restart, whenever it was
        (attempt(), job(2 * DAY, restarts=1), True),
        (attempt(), job(2 * DAY, restarts=0), False),
        # accounting alone does not count them: it may have been requeued where it lies
        (attempt(), job(2 * DAY), True),
        (attempt(), job(2 * DAY, workdir="/else"), False),
        (attempt(), job(2 * DAY, workdir=None), None),
        # but not a day after its end, when no controller knows it any more
        (attempt(ended=START), job(timedelta(hours=5)), True),
        (attempt(ended=START), job(2 * DAY), False),
        (attempt(ended=START), job(2 * DAY, workdir=None), False),
    ],
)
def test_whose_job_it_is(one: Attempt, found: JobFacts, his: bool | None) -> None:
    assert is_his(one, found) is his
