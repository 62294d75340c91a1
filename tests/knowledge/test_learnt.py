"""How long a pattern that was learnt from a failure here may act by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heal.cases import Citation
from heal.journal import Applied, Applying, Body, Diagnosed, GaveUp, Observed
from heal.knowledge.learnt import Came, came, only_asks
from heal.knowledge.patterns import Match, Pattern
from heal.records import Diagnosis, Fix, FixKind, Label, Outcome

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PATTERN = Pattern(
    id="site/depot",
    title="The depot is busy",
    status="trusted",
    label=Label.NETWORK,
    cause="It is busy.",
    match=(Match("depot is busy"),),
    confidence=0.9,
    rank=30,
    fix=None,
    references=("seen here",),
    hits=("x",),
    misses=("y",),
    learnt="2026-11-01",
)
RIGHT = Came("aa11", NOW - timedelta(days=2), Outcome.HEALED)
WRONG = Came("bb22", NOW - timedelta(days=1), Outcome.SAME_FAILURE)
UNTIL = "and may only ask until it does"


def test_it_acts_from_the_day_it_was_trusted_and_while_it_heals() -> None:
    assert (only_asks(PATTERN, (), NOW), only_asks(PATTERN, (RIGHT,), NOW)) == ("", "")


def test_once_it_was_wrong_it_only_asks() -> None:
    assert only_asks(PATTERN, (WRONG, RIGHT), NOW) == f"the pattern site/depot did not help with incident bb22, {UNTIL}"


def test_a_yes_that_healed_makes_it_act_again() -> None:
    assert only_asks(PATTERN, (replace(RIGHT, opened=NOW), WRONG), NOW) == ""


def test_a_new_day_is_a_new_beginning() -> None:
    assert only_asks(replace(PATTERN, learnt="2026-11-30"), (WRONG,), NOW) == ""


@pytest.mark.parametrize(
    ("days", "record", "since"), [(181, (), "2026-11-01"), (179 + 27, (RIGHT,), ""), (180, (), "")]
)
def test_what_has_healed_nothing_for_half_a_year_only_asks(days: int, record: tuple[Came, ...], since: str) -> None:
    later = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=days)
    said = f"the pattern site/depot has healed nothing since {since}, {UNTIL}"
    assert only_asks(PATTERN, record, later) == (said if since else "")


def test_what_a_manual_says_is_not_judged_by_one_failure() -> None:
    assert only_asks(replace(PATTERN, learnt=""), (WRONG,), NOW) == ""


def test_one_on_trial_only_asks_whatever_came_of_it() -> None:
    trial = replace(PATTERN, status="trial")
    assert only_asks(trial, (RIGHT,), NOW) == "the pattern site/depot is on trial, and may only ask"


FOUND = Diagnosed(
    Diagnosis(Label.NETWORK, "busy", 0.9, Citation("log", 2, "the depot is busy"), pattern="site/depot", by="pattern")
)
OTHER = Diagnosed(Diagnosis(Label.NETWORK, "down", 0.9, pattern="network/other", by="pattern"))
DONE: tuple[Body, ...] = (Applying("t", Fix(FixKind.RETRY, "a")), Applied("t"))


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ((FOUND, *DONE, Observed("t", Outcome.HEALED)), Outcome.HEALED),
        ((FOUND, *DONE, Observed("t", Outcome.SAME_FAILURE), FOUND, GaveUp("no")), Outcome.SAME_FAILURE),
        (
            (FOUND, *DONE, Observed("t", Outcome.SAME_FAILURE), FOUND, *DONE, Observed("t", Outcome.HEALED)),
            Outcome.HEALED,
        ),
        # nothing is known of it: it runs, nothing was done, the site refused it, another pattern named the cause
        ((FOUND, *DONE), None),
        ((FOUND, GaveUp("no")), None),
        ((FOUND, *DONE, Observed("t", Outcome.REFUSED)), None),
        ((OTHER, *DONE, Observed("t", Outcome.SAME_FAILURE)), None),
    ],
)
def test_what_came_of_it_is_read_from_the_journal(bodies: tuple[Body, ...], expected: Outcome | None) -> None:
    found = came("site/depot", "aa11", NOW, bodies)
    assert found == (Came("aa11", NOW, expected) if expected else None)
