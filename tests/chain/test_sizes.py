"""What is simple, what is big, and how the big is parted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.chain.house import DIAGNOSIS, SCRIPT, assignment

from heal.chain.assignment import Source
from heal.chain.plan import Sizes
from heal.chain.sizes import parted, sized
from heal.patch import Size, Sized

RULES = Sizes(simple_lines=10, simple_sure=0.8, files=2)
SURE = replace(DIAGNOSIS, confidence=0.8)


def sources(*lines: int) -> list[Source]:
    return [Source(f"s{n}.py", "x = 1\n" * count) for n, count in enumerate(lines)]


@pytest.mark.parametrize(
    ("files", "window", "size"),
    [
        (sources(10), None, Size.SIMPLE),
        (sources(11), None, Size.USUAL),
        (sources(5, 5), None, Size.USUAL),
        (sources(5, 5, 5), None, Size.BIG),
        (sources(4000, 4000), 16_000, Size.BIG),
        (sources(4000, 4000), None, Size.USUAL),
        (sources(4000), 8_000, Size.USUAL),
        ([Source("long.py", "x = 1\n" * 900, 100, 105)], None, Size.SIMPLE),
    ],
)
def test_size_follows_from_files_lines_window_and_certainty(files: list[Source], window: int | None, size: Size):
    assert sized(assignment(files, diagnosis=SURE), RULES, window).size is size


def test_what_the_cause_does_not_name_is_shown_with_it_and_makes_it_no_bigger():
    # Given a script that the cause names, and the rest of a small pipeline
    named, *others = sources(10, 50, 50)
    assert sized(assignment([others[0], replace(named, told=True)], diagnosis=SURE), RULES, None) == Sized(
        Size.SIMPLE, "one place of 10 lines, and a diagnosis that is sure (0.80)"
    )
    # but for two that are named, and for more than a question holds
    both = [replace(each, told=True) for each in sources(5, 5)]
    assert sized(assignment(both, diagnosis=SURE), RULES, None) == Sized(
        Size.USUAL, "2 places of 10 lines, diagnosis 0.80"
    )
    many = [replace(named, told=True), *others]
    assert sized(assignment(many, diagnosis=SURE), RULES, None).size is Size.BIG


def test_an_unsure_diagnosis_is_never_simple():
    assert sized(assignment(), RULES, None).size is Size.USUAL
    assert sized(assignment(diagnosis=SURE), RULES, None).size is Size.SIMPLE


def test_parts_hold_so_many_files_and_the_places_of_a_file_together():
    places = [Source("a.py", SCRIPT, 1, 2), *sources(1, 1), Source("a.py", SCRIPT, 4, 5)]
    groups, too_big = parted(places, RULES, None)
    assert [[(one.path, one.start) for one in group] for group in groups] == [
        [("a.py", 1), ("a.py", 4), ("s0.py", 1)],
        [("s1.py", 1)],
    ]
    assert too_big == []


def test_what_fits_alone_is_alone_and_what_does_not_is_named():
    files = sources(1000, 1000, 90_000)
    groups, too_big = parted(files, RULES, 8_500)
    assert [[one.path for one in group] for group in groups] == [["s0.py"], ["s1.py"]]
    assert [one.path for one in too_big] == ["s2.py"]
