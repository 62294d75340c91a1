"""Crowds of failures: of many that failed the same way a few are read, and none is taken for another's kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.jobs import JobFacts, JobState
from heal.loop.crowds import Crowds
from heal.records import Attempt, Citation, Diagnosis, Label

BROKEN = "start of sample 7\nTraceback (most recent call last):\n  File \"a.py\", line 3\nKeyError: 'depth'\n"
MISSING_KEY = Diagnosis(Label.SCRIPT_ERROR, "no such key", 0.8, Citation("log", 4, "KeyError: 'depth'"), by="pattern")
KILLED = Diagnosis(Label.OUT_OF_MEMORY, "memory", 0.99, by="facts")


class Array:
    """Elements of an array that ended one way, each with a log of its own."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.crowds = Crowds()
        self.failed = [(self.attempt(index), self.job(index)) for index in range(count)]

    @staticmethod
    def attempt(index: int) -> Attempt:
        return Attempt(index, "r", "r", "sbatch", f"5_{index}", f"t {index}", "t", native_id=f"5_{index}", ok=False)

    @staticmethod
    def job(index: int, code: int = 1) -> JobFacts:
        return JobFacts(f"5_{index}", JobState.FAILED, "FAILED", code)

    def log(self, index: int, text: str) -> tuple[str, ...]:
        path = self.folder / f"{index}.log"
        path.write_text(text)
        return (str(path),)

    def explained(self, index: int, text: str, found: Diagnosis = MISSING_KEY) -> None:
        self.crowds.explained(*self.failed[index], self.log(index, text), found, "abcd")

    def filed(self, index: int, text: str, job: JobFacts | None = None) -> str | None:
        return self.crowds.incident_of(self.failed[index][0], job or self.failed[index][1], self.log(index, text))


@pytest.fixture
def array(tmp_path: Path) -> Array:
    many = Array(tmp_path, 20)
    many.crowds.gather(many.failed)
    return many


def test_who_says_the_same_failed_the_same_way(array: Array):
    # Given one that was explained
    array.explained(0, BROKEN)
    # Then another is filed with it, whatever its numbers
    assert array.filed(1, BROKEN.replace("sample 7", "sample 12")) == "abcd"


@pytest.mark.parametrize(
    "text",
    [
        BROKEN.replace("'depth'", "'length'"),
        BROKEN + "No space left on device\n",
        BROKEN.replace("KeyError: 'depth'\n", ""),
        "",
    ],
)
def test_who_says_anything_else_is_read(array: Array, text: str):
    array.explained(0, BROKEN)
    assert array.filed(1, text) is None


def test_who_ended_otherwise_is_read(array: Array):
    array.explained(0, BROKEN)
    assert array.filed(1, BROKEN, array.job(1, code=2)) is None


def test_where_the_scheduler_s_word_decides_no_log_is_read(array: Array):
    array.explained(0, "", KILLED)
    assert array.filed(1, "anything") == "abcd"


def test_few_are_read_one_by_one(tmp_path: Path):
    few = Array(tmp_path, 19)
    few.crowds.gather(few.failed)
    few.explained(0, BROKEN)
    assert few.filed(1, BROKEN) is None


def test_the_middle_of_a_long_log_is_not_taken_as_read(array: Array):
    # Given a cause that stands where only a careful reader looks
    long = "reading\n" * 5000 + BROKEN + "closing\n" * 5000
    array.explained(0, long)
    # Then nobody is filed without being read
    assert array.filed(1, long) is None


def test_a_crowd_that_has_gone_is_forgotten(array: Array):
    array.explained(0, BROKEN)
    array.crowds.gather(array.failed[:3])
    assert array.filed(1, BROKEN) == "abcd"
    array.crowds.gather([])
    assert array.filed(1, BROKEN) is None
