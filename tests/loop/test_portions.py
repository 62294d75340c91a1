"""More jobs than one question holds: each gets its turn, and what was answered stays answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heal.errors import AskedEnough
from heal.jobs import JobFacts, JobState
from heal.loop.portions import MOST, Portions, in_portions
from heal.records import Attempt


def attempts(count: int) -> list[Attempt]:
    return [
        Attempt(number, "r", "r", "sbatch", str(number), "n", "p", native_id=str(number)) for number in range(count)
    ]


def ids(some: Sequence[Attempt]) -> set[int]:
    return {one.id for one in some}


def test_those_that_stay_do_not_keep_the_others_from_their_turn() -> None:
    # Given two and a half times as many as one question holds, none of which ever ends
    many = attempts(MOST * 5 // 2)
    portions = Portions()
    turns = [ids(portions.next(many)) for _ in range(3)]
    # Then each has been asked about once before any is twice, but for what fills the third question
    assert [len(turn) for turn in turns] == [MOST, MOST, MOST]
    assert set.union(*turns) == ids(many)
    assert not turns[0] & turns[1]


def test_few_are_asked_about_together() -> None:
    assert Portions().next(attempts(3)) == attempts(3)


def test_what_was_answered_before_a_refusal_stays_answered() -> None:
    # Given a ceiling that leaves room for two questions
    many, asked = attempts(MOST * 3), 0

    def ask(some: Sequence[Attempt]) -> Mapping[str, JobFacts]:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise AskedEnough("asked 6 times in the last minute")
        return {one.job: JobFacts(one.job, JobState.COMPLETED) for one in some}

    told, untold = in_portions(many, ask)
    assert (set(told), untold) == ({one.job for one in many[: 2 * MOST]}, many[2 * MOST :])
