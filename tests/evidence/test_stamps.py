# ruff: noqa: DTZ001  times as the clock on the wall said them
"""When a line was written."""

from __future__ import annotations

from datetime import datetime

import pytest

from heal.evidence.stamps import first_whole, stamp

NEAR = datetime(2026, 11, 20, 9, 0, 0)
AT = datetime(2026, 11, 20, 11, 58, 25)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("2026-11-20T11:58:25Z starting", AT),
        ("2026-11-20 11:58:25,250 ERROR x", AT.replace(microsecond=250_000)),
        ("[2026-11-20T11:58:25.250+01:00] x", AT.replace(microsecond=250_000)),
        ("2026/11/20 11:58:25 go says", AT),
        ("[Fri Nov 20 11:58:25 2026]", AT),
        ("Nov-20 11:58:25.922 [main] DEBUG nextflow", AT.replace(microsecond=922_000)),
        ("Nov 20 11:58:25 node1 kernel: x", AT),
        ("slurmstepd: error: *** JOB 3 ON n1 CANCELLED AT 2026-11-20T11:58:25 DUE TO TIME LIMIT ***", AT),
        ("127.0.0.1 - - [20/Nov/2026:11:58:25 +0000] GET", AT),
        ("11:58:25.922 INFO  Caller - start", AT.replace(microsecond=922_000)),
        ("[11:58:25] building", AT),
        ("elapsed 00:01:16 in all", None),
        ("2026-02-31 11:58:25 no such day", None),
        ("no time", None),
        ("chr1:11:58:25", None),
    ],
)
def test_a_line_says_when_it_was_written(line: str, when: datetime | None) -> None:
    assert stamp(line, NEAR) == when


def test_without_a_day_to_lean_on_half_a_time_is_none() -> None:
    assert (stamp("11:58:25 x"), stamp("Nov-20 11:58:25.922 x")) == (None, None)


def test_the_first_whole_time_is_what_others_lean_on() -> None:
    assert first_whole(["11:00:00 x", "y", "2026-11-20 11:58:25 z", "2026-11-21 00:00:00 z"]) == AT
