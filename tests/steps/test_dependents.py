"""What a job waits for, read from SLURM's own words and written anew."""

from __future__ import annotations

import pytest

from heal.steps.dependents import Standing, repointed, taken_for_failed, waited_for

NOW = {"100": Standing(("900",)), "200": Standing(("901", "902")), "300": Standing()}


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("", ()),
        ("afterok:100(failed)", ("100",)),
        ("afterok:100_*(unfulfilled),aftercorr:200_*(failed)", ("100", "200")),
        ("afterany:100(unfulfilled),after:7+5(unfulfilled),singleton(unfulfilled)", ()),
        ("afterok:100_3(failed)", ("100",)),
    ],
)
def test_only_a_failure_that_spoils_it_is_waited_for(text: str, jobs: tuple[str, ...]) -> None:
    assert waited_for(text) == jobs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("afterok:100(failed)", "afterok:900"),
        ("afterok:100(failed),afterany:7(unfulfilled)", "afterok:900,afterany:7"),
        ("aftercorr:100_*(failed)", "aftercorr:900"),
        ("afterok:200_*(failed)", "afterok:901,afterok:902"),
        # what has come home need not be waited for
        ("afterok:300(failed),afterok:100(failed)", "afterok:900"),
        ("afterok:300(failed)", ""),
        # not healed (yet), or none of heal's business
        ("afterok:400(failed)", None),
        ("afterany:100(unfulfilled)", None),
        ("afternotok:100(unfulfilled)", None),
        ("", None),
        # one of them may still be met
        ("afterok:100(failed)?afterok:400(unfulfilled)", None),
        # what is not understood is not touched
        ("afterok:100(failed),singleton(unfulfilled)", None),
        ("burst_buffer:100", None),
    ],
)
def test_a_failed_job_is_replaced_by_what_runs_instead(text: str, expected: str | None) -> None:
    assert repointed(text, NOW.get) == expected


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("afterok:1(failed),aftercorr:2(failed),afterok:3(unfulfilled),afterok:4+5(failed)", {"1", "2", "4"}),
        # an array's elements are told one by one
        ("afterok:1_*(failed),afterok:2_3(failed),afterany:4(failed),afterok:5", set()),
        ("afterok:1(failed)?afterok:2(failed)", set()),
        ("", set()),
    ],
)
def test_whose_failure_slurm_has_written_down(text: str, jobs: set[str]) -> None:
    assert taken_for_failed(text) == jobs
