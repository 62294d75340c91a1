"""Work that does not come back is left behind."""

from __future__ import annotations

import threading

import pytest

from heal.evidence.patience import Patience


def test_all_is_done_where_all_answers():
    assert Patience[int, int](5).each([1, 2], lambda item: item * 2) == ([2, 4], None)


def test_what_hangs_is_left_and_told():
    never = threading.Event()
    patience = Patience[int, bool](0.1)
    try:
        assert patience.each([0, 1, 2], lambda item: bool(item == 0 or never.wait(60))) == ([True], 1)
    finally:
        never.set()


def test_when_much_hangs_nothing_more_is_begun():
    never = threading.Event()
    patience = Patience[int, bool](0.05)
    try:
        for _ in range(4):
            assert patience.each([1], lambda _item: never.wait(60)) == ([], 1)
        begun: list[int] = []
        assert patience.each([7], lambda item: bool(begun.append(item))) == ([], 7)
        assert begun == []
    finally:
        never.set()


def test_what_the_work_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        Patience[int, float](5).each([0], lambda item: 1 / item)
