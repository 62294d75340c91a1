"""What was looked up, who owns a program and what successes say: each adds or takes its weight, visibly."""

import pytest

from heal.cases import Case, Citation, Evidence, Finding, Sight
from heal.knowledge.clues import Clue
from heal.knowledge.ownership import owned
from heal.knowledge.sightings import from_findings, weighed
from heal.records import Label, Weight

LINE = "tool: cannot open ref.fa: No such file or directory"


def clue(label: Label, text: str = LINE, points: int = 27) -> Clue:
    return Clue(label, "It broke.", 0.8, (Weight(points, "said so"),), Citation("log", 1, text), order=(0, 1))


def points(clues: list[Clue]) -> list[tuple[Label | None, int]]:
    return [(one.label, one.rank) for one in clues]


@pytest.mark.parametrize(
    ("sight", "label", "expected"),
    [
        (Sight.ABSENT, Label.MISSING_INPUT, [(Label.MISSING_INPUT, 30), (Label.MISSING_INPUT, 16)]),
        (Sight.OTHER_CASE, Label.MISSING_INPUT, [(Label.MISSING_INPUT, 30)]),
        (Sight.PRESENT, Label.MISSING_INPUT, [(Label.MISSING_INPUT, 24)]),
        (Sight.TRUNCATED, Label.TOOL_CRASH, [(Label.TOOL_CRASH, 27), (Label.BAD_INPUT_DATA, 27)]),
        (Sight.FORBIDDEN, Label.PERMISSION, [(Label.PERMISSION, 30)]),
        (Sight.FULL, Label.DISK_FULL, [(Label.DISK_FULL, 30), (Label.DISK_FULL, 26)]),
        (Sight.CHANGED, Label.SCRIPT_ERROR, [(Label.SCRIPT_ERROR, 27)]),
    ],
)
def test_a_sight_of_what_the_line_names_counts(
    sight: Sight, label: Label, expected: list[tuple[Label | None, int]]
) -> None:
    case = Case("", findings=(Finding(sight, "ref.fa", "seen"),))

    assert points([*weighed([clue(label)], case), *from_findings(case)]) == expected


def test_a_sight_of_something_else_leaves_the_line_alone() -> None:
    case = Case("", findings=(Finding(Sight.OTHER_CASE, "other.fa", "seen"),))

    assert weighed([clue(Label.MISSING_INPUT)], case) == [clue(Label.MISSING_INPUT)]


@pytest.mark.parametrize(
    ("asked", "points"), [("ref.fa", 30), ("./refs/ref.fa", 30), ("refs/other.fa", 27), ("f.fa", 27)]
)
def test_a_path_is_the_one_that_a_line_tells_the_end_of(asked: str, points: int) -> None:
    case = Case("", findings=(Finding(Sight.ABSENT, "/w/a1/refs/ref.fa", "It is not there."),))

    (found,) = weighed([clue(Label.MISSING_INPUT, f"tool: cannot open {asked}: No such file or directory")], case)

    assert found.rank == points


def test_the_ledger_says_what_was_seen() -> None:
    case = Case("", findings=(Finding(Sight.OTHER_CASE, "ref.fa", "Ref.fa is there."),))

    (found,) = weighed([clue(Label.MISSING_INPUT)], case)

    assert found.weights == (Weight(27, "said so"), Weight(3, "Ref.fa is there."))


def test_what_successful_tasks_say_too_counts_little() -> None:
    case = Case("", usual=frozenset({LINE}))

    assert points(weighed([clue(Label.MISSING_INPUT)], case)) == [(Label.MISSING_INPUT, 12)]


def test_a_crash_of_the_users_own_program_is_its_own_bug() -> None:
    theirs = Case("", (Evidence("log"), Evidence("extra/job.sh")))
    own = Case("", (Evidence("log"), Evidence("src/tally.rs")))

    found = [points(owned([clue(Label.TOOL_CRASH), clue(Label.PERMISSION)], case)) for case in (theirs, own)]

    assert found == [
        [(Label.TOOL_CRASH, 27), (Label.PERMISSION, 27)],
        [(Label.SCRIPT_ERROR, 27), (Label.PERMISSION, 27)],
    ]


@pytest.mark.parametrize(
    ("source", "label"), [("src/align.py", Label.SCRIPT_ERROR), ("src/other.py", Label.VERSION_INCOMPATIBILITY)]
)
def test_what_the_users_own_module_lacks_is_no_matter_of_versions(source: str, label: Label) -> None:
    lacks = clue(Label.VERSION_INCOMPATIBILITY, "AttributeError: module 'align' has no attribute 'runn'")

    assert points(owned([lacks], Case("", (Evidence("log"), Evidence(source))))) == [(label, 27)]
