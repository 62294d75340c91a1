"""What the other tasks of a process say of one that failed."""

from __future__ import annotations

from heal.cases import Finding, Sight
from heal.knowledge.siblings import Sibling, compared


def some(count: int, *, ok: bool | None, node: str = "", start: int = 0) -> list[Sibling]:
    return [Sibling(f"k{number}", ok, node) for number in range(start, start + count)]


OWN = Sibling("own", ok=False, node="n1")


def test_of_fewer_than_three_nothing_is_said():
    assert compared("align", OWN, some(1, ok=True)) == ()
    assert compared("align", OWN, some(9, ok=None)) == ()


def test_a_task_that_failed_alone():
    text = "Only this one of 50 tasks of align failed; 49 went well; 2 have not ended."
    others = [*some(49, ok=True), *some(2, ok=None, start=90)]
    assert compared("align", OWN, others) == (Finding(Sight.ALONE, "own", text),)


def test_tasks_that_all_failed():
    text = "All 4 tasks of align that have ended failed."
    assert compared("align", OWN, some(3, ok=False)) == (Finding(Sight.ALL_FAILED, "align", text),)


def test_failures_of_one_node():
    others = [*some(2, ok=False, node="n1"), *some(5, ok=True, node="n2", start=10)]
    text = "All 3 failures of align were on n1; 5 tasks went well on 1 other node."
    assert compared("align", OWN, others) == (Finding(Sight.ONE_NODE, "n1", text),)


def test_a_node_that_others_went_well_on_is_not_blamed():
    others = [*some(2, ok=False, node="n1"), *some(5, ok=True, node="n1", start=10)]
    assert compared("align", OWN, others) == ()


def test_a_task_that_came_home_at_a_later_try_did_not_fail():
    others = [Sibling("a", ok=False), Sibling("a", ok=True), *some(2, ok=True)]
    assert [one.sight for one in compared("align", OWN, others)] == [Sight.ALONE]
