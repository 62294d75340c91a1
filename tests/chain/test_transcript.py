"""What is kept of a run is bounded, and time that models or checks take is not the chain's own."""

from __future__ import annotations

from heal.chain.answer import Seconds
from heal.chain.transcript import Transcript


def test_time_that_several_wait_at_once_counts_once():
    # Given a clock that is moved by hand
    now = [10.0]
    kept = Transcript(lambda: now[0])
    now[0] += 1
    # When two questions overlap for a second, and a check runs alone
    with kept.waiting("models"):
        now[0] += 2
        with kept.waiting("models"):
            now[0] += 1
        now[0] += 3
    with kept.waiting("checks"):
        now[0] += 4
    now[0] += 0.5
    # Then each second is counted once
    assert kept.seconds() == Seconds(models=6, checks=4, own=1.5)


def test_what_is_kept_is_bounded_and_what_is_counted_is_not():
    kept = Transcript()
    kept.round = 2
    for _ in range(500):
        kept.add("coder", "taken", model="small", said="x" * 20_000, tokens=10)
    assert (len(kept.turns), kept.tokens, kept.models) == (80, 5000, ("small",))
    assert kept.turns[0].said == "x" * 8000 + "\n[12000 more]"
    assert (kept.turns[0].round, kept.turns[0].tokens) == (2, 10)
