"""One fix, split where jobs need very different amounts."""

from __future__ import annotations

import pytest

from heal.jobs import JobFacts, JobState
from heal.journal import Share
from heal.records import Attempt, Change, Fix, FixKind
from heal.steps.shares import shares


def memory(new: float) -> Fix:
    return Fix(FixKind.RESOURCES, "plink", (Change("memory_mb", 100, new),))


def failed(*peaks: float | None) -> tuple[list[Attempt], dict[str, JobFacts]]:
    """Elements of an array that were given 100 MB, with these peaks."""
    attempts = [
        Attempt(n, "r", "r", "sbatch", f"k{n}", f"t{n}", "plink", native_id=f"5_{n}") for n, _peak in enumerate(peaks)
    ]
    jobs = {f"5_{n}": JobFacts(f"5_{n}", JobState.FAILED, asked_mb=100, peak_mb=peak) for n, peak in enumerate(peaks)}
    return attempts, jobs


def test_a_few_that_need_much_more_do_not_set_the_size_for_all():
    # Given three that peaked a little above their limit, and one far above it
    attempts, jobs = failed(110, 120, 5000, 105)
    # Then the one gets what it needs, and the others what the largest of them may need
    assert shares(memory(7500), attempts, jobs, 1.5) == (
        Share(memory(180), ("k0", "k1", "k3")),
        Share(memory(7500), ("k2",)),
    )


def test_a_job_whose_peak_was_not_seen_gets_what_helped():
    attempts, jobs = failed(110, None, 40, 105)
    assert shares(memory(7500), attempts, jobs, 1.5) == (
        Share(memory(170), ("k0", "k3")),
        Share(memory(7500), ("k1", "k2")),
    )


def test_all_get_less_where_the_one_that_needed_most_is_home():
    attempts, jobs = failed(110, 120)
    assert shares(memory(7500), attempts, jobs, 1.5) == (Share(memory(180), ("k0", "k1")),)


@pytest.mark.parametrize("peaks", [(110, 120, 130, 200), (40, 50, 5000, 45), (None, None)])
def test_one_size_is_for_all_where_nobody_was_seen_to_need_much_less(peaks: tuple[float | None, ...]):
    attempts, jobs = failed(*peaks)
    assert shares(memory(640), attempts, jobs, 1.5) == ()


def test_only_memory_is_split():
    attempts, jobs = failed(110, 120, 5000, 105)
    assert shares(Fix(FixKind.RESOURCES, "plink", (Change("time_min", 5, 10),)), attempts, jobs, 1.5) == ()
