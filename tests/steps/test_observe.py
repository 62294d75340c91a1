"""What came of a remedy is read from what the tasks said; silence is no answer while something may still come."""

from __future__ import annotations

from heal.journal import Applying, Observed
from heal.records import Attempt, Fix, FixKind, Outcome
from heal.steps.observe import observe

FIX = Fix(FixKind.RETRY, "align")
REMEDY = Applying("t0k3n", FIX, ("align:s=A", "align:s=B"))


def attempt(number: int, key: str, ok: bool | None) -> Attempt:
    return Attempt(number, "r2", "r1", "snakemake", key, key, "align", ok=ok)


def see(
    later: dict[str, list[Attempt]], explained: dict[int, str] | None = None, *, over: bool = False
) -> Observed | None:
    return observe(REMEDY, later, explained or {}, "7f3a", over=over)


def test_all_came_home():
    later = {"align:s=A": [attempt(1, "align:s=A", True)], "align:s=B": [attempt(2, "align:s=B", True)]}
    assert see(later) == Observed("t0k3n", Outcome.HEALED, "")


def test_one_is_still_running():
    later = {"align:s=A": [attempt(1, "align:s=A", True)], "align:s=B": [attempt(2, "align:s=B", None)]}
    assert see(later) is None


def test_a_failure_that_is_not_explained_yet_keeps_the_answer_open():
    assert see({"align:s=A": [attempt(1, "align:s=A", False)]}) is None


def test_the_same_failure_again_refutes_the_fix():
    later = {"align:s=A": [attempt(1, "align:s=A", False)]}
    assert see(later, {1: "7f3a"}) == Observed("t0k3n", Outcome.SAME_FAILURE, "align:s=A failed the same way again")


def test_another_failure_is_another_incident():
    later = {"align:s=A": [attempt(1, "align:s=A", False)], "align:s=B": [attempt(2, "align:s=B", True)]}
    assert see(later, {1: "1c09"}) == Observed(
        "t0k3n", Outcome.OTHER_FAILURE, "got further and failed otherwise: incident 1c09"
    )


def test_what_did_not_run_again_is_lost_once_nothing_is_coming():
    later = {"align:s=A": [attempt(1, "align:s=A", True)]}
    assert see(later) is None
    assert see(later, over=True) == Observed("t0k3n", Outcome.LOST, "align:s=B did not run again")


def test_a_failure_of_the_engine_itself_is_cured_when_the_engine_got_past_it():
    remedy = Applying("t0k3n", FIX, ("",))
    assert observe(remedy, {}, {}, "7f3a", over=False) is None
    assert observe(remedy, {}, {}, "7f3a", over=True) == Observed("t0k3n", Outcome.HEALED, "")
