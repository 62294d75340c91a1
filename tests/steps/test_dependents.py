"""What a job waits for, read from SLURM's own words and written anew."""

from __future__ import annotations

import pytest

from heal.steps.dependents import Standing, repointed, waited_for

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
