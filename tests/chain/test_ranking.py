"""Which candidates are the same, and which is best."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from heal.chain.ranking import Candidate, Progress, identity, merged, ranked
from heal.patch import Draft, Edit, Objection, Patch, Trial
from heal.records import Verdict

CHECKS = ("replay", "dry run", "parses")
DRAFT = Draft(Path("/r"), Path("/r/.git"), "b", "0", "1", "2", Path("/w"), ("a.py",), "s", "w")
ASK = Objection("network", Verdict.ASK, "a.py", 1, "it opens a connection")
REFUSE = Objection("hides", Verdict.REFUSE, "a.py", 2, "it swallows the error")


def patch(text: str = "x = 1\n", path: str = "a.py") -> Patch:
    return Patch((Edit(path, text),), "subject", "why")


def candidate(number: int, *, changed: int = 1, objections=(), **passed: bool | None) -> Candidate:
    trials = tuple(Trial(name.replace("_", " "), passed=each) for name, each in passed.items())
    return Candidate(number, patch(f"x = {number}\n"), "", changed, (), objections, DRAFT, trials)


IN_ORDER = [
    candidate(9, replay=True, dry_run=True, parses=True),
    candidate(8, replay=True, dry_run=True, parses=True, changed=2),
    candidate(7, replay=True, dry_run=True, parses=True, changed=3),
    candidate(6, replay=True, dry_run=True, parses=True, objections=(ASK,)),
    candidate(5, replay=True, dry_run=None, parses=True),
    candidate(4, replay=None, dry_run=True, parses=True),
    candidate(3, replay=None, dry_run=None, parses=True),
    candidate(2, replay=False, dry_run=True, parses=True),
    candidate(1, replay=False, dry_run=False, parses=True),
]


def test_the_checks_choose_then_objections_then_lines_then_order():
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(50):
        order = chance.sample(IN_ORDER, len(IN_ORDER))
        assert [one.number for one in ranked(order, CHECKS)] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    same = [replace(IN_ORDER[0], number=number) for number in (3, 1, 2)]
    assert [one.number for one in ranked(same, CHECKS)] == [1, 2, 3]


def test_the_name_of_a_check_may_be_spelt_with_a_dash():
    one, other = candidate(1, replay=None), candidate(2, replay=True)
    assert [each.number for each in ranked([one, other], ["Re-play", "REPLAY"])] == [2, 1]


def test_what_is_refused_stands_behind_all_that_stands():
    refused = candidate(1, replay=True, objections=(REFUSE,))
    assert [one.number for one in ranked([refused, candidate(2, parses=None)], CHECKS)] == [2, 1]
    assert not refused.stands
    assert refused.faults() == ("a.py:2: it swallows the error",)
    assert not replace(candidate(3, replay=True), draft=None).stands


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 1\n", "x = 1\n\n\n", True),
        ("x = 1\n", "x  =  1   \n", True),
        ("x = 1\n", "x = 1\r\n", True),
        ("if a:\n    b()\n", "if a:\n    b()\n\n", True),
        ("if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n", False),
        ("if a:\n\tb()\n", "if a:\n        b()\n", True),
        ("x = 1\n", "x = 2\n", False),
        ("a\nb\n", "ab\n", False),
    ],
)
def test_patches_are_the_same_where_only_idle_blanks_differ(one: str, other: str, same: bool):
    assert (identity(patch(one)) == identity(patch(other))) is same


def test_the_same_text_in_another_file_is_another_patch():
    assert identity(patch()) != identity(patch(path="b.py"))
    two = (Edit("a", "1"), Edit("b", "2"))
    assert identity(Patch(two, "", "")) == identity(Patch(two[::-1], "other", "words"))


def test_of_the_same_ones_the_first_is_kept():
    found = merged([replace(candidate(n), patch=patch()) for n in (1, 2)] + [candidate(3)])
    assert [one.number for one in found] == [1, 3]


def test_progress_is_something_new():
    progress = Progress()
    assert [one.number for one in progress.new([candidate(1), candidate(2)])] == [1, 2]
    assert [one.number for one in progress.new([candidate(2), candidate(3)])] == [3]
    assert not progress.again(["replay failed: no module x (/tmp/a1/b)"])
    assert not progress.again(["replay failed: no module x (/tmp/a1/b)", "another"])
    assert progress.again(["replay failed:  no module x (/tmp/ff/c)"])
    assert not progress.again([])
