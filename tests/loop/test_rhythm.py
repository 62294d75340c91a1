"""When a scheduler is asked next."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from heal.errors import AskedEnough, SchedulerUnreachable
from heal.loop.rhythm import Rhythm

NOW = datetime(2026, 11, 29, tzinfo=UTC)
USUAL = 40.0


def rhythm() -> Rhythm:
    return Rhythm(USUAL, random.Random(4))  # noqa: S311 - spreads questions in time


def wait(one: Rhythm) -> float:
    """Seconds from NOW until it may ask, looked for in steps of a tenth."""
    return next(tenths / 10 for tenths in range(1, 10_000) if one.due(NOW + timedelta(seconds=tenths / 10)))


def test_the_first_question_is_asked_at_once() -> None:
    assert rhythm().due(NOW)


@pytest.mark.parametrize(("youngest", "expected"), [(2, 10.0), (60, 15.0), (160, 40.0), (10**6, 40.0)])
def test_young_jobs_are_looked_at_sooner(youngest: float, expected: float) -> None:
    one = rhythm()
    one.answered(NOW, took_s=0.1, youngest_s=youngest, changed=True)
    assert wait(one) == expected


def test_the_longer_nothing_changes_the_longer_it_waits_up_to_three_minutes() -> None:
    one, waits = rhythm(), []
    for _ in range(10):
        one.answered(NOW, took_s=0.1, youngest_s=10**6, changed=False)
        waits.append(wait(one))
    assert (waits == sorted(waits), waits[0], waits[-1]) == (True, 50.0, 180.0)
    one.answered(NOW, took_s=0.1, youngest_s=10**6, changed=True)
    assert wait(one) == USUAL


def test_a_slow_answer_earns_a_long_rest() -> None:
    one = rhythm()
    one.answered(NOW, took_s=12.0, youngest_s=1, changed=True)
    assert wait(one) == 240.0


def test_after_each_silence_it_waits_longer_up_to_ten_minutes() -> None:
    one, waits = rhythm(), []
    for _ in range(8):
        one.silent(NOW)
        waits.append(wait(one))
    # by chance a quarter more or less
    assert all(0.75 * USUAL * 2**n <= found <= 1.25 * USUAL * 2**n + 0.1 for n, found in enumerate(waits[:4]))
    assert all(0.75 * 600 <= found <= 1.25 * 600 + 0.1 for found in waits[5:])
    one.answered(NOW, took_s=0.1, youngest_s=10**6, changed=True)
    one.silent(NOW)
    assert wait(one) <= 1.25 * USUAL + 0.1


def test_two_heals_that_were_turned_away_at_once_do_not_come_again_in_step() -> None:
    def waits(error: SchedulerUnreachable) -> list[float]:
        one, found = Rhythm(USUAL), []
        for _ in range(8):
            one.missed(NOW, error)
            found.append(wait(one))
        return found

    for error in (SchedulerUnreachable("no answer"), AskedEnough("asked enough")):
        assert waits(error) != waits(error)


def test_heals_own_ceiling_is_no_silence() -> None:
    one = rhythm()
    for _ in range(5):
        one.missed(NOW, AskedEnough("asked enough"))
    assert (one.is_silent, 11 <= wait(one) <= 19) == (False, True)
    one.missed(NOW, SchedulerUnreachable("no answer"))
    assert (one.is_silent, wait(one) >= 30) == (True, True)


def test_word_of_an_end_makes_it_due_but_not_where_nobody_answers() -> None:
    one = rhythm()
    one.answered(NOW, took_s=0.1, youngest_s=10**6, changed=False)
    one.hurry()
    assert one.due(NOW)
    one.silent(NOW)
    one.hurry()
    assert not one.due(NOW)
