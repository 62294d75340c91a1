"""Who waits for a spool is woken by what comes, and not for each single word of many."""

from __future__ import annotations

import threading
import time

from heal.home.watching import Bell


def test_the_first_ring_is_heard_at_once_and_those_close_upon_it_together():
    # Given a bell that is quiet for a while after it woke somebody
    bell = Bell(apart_s=0.5)
    bell.ring()
    assert bell.wait(600)
    began = time.monotonic()
    # When it is rung many times
    for _ in range(9):
        bell.ring()
    # Then that is one waking, and not before that while is over
    assert bell.wait(600)
    assert time.monotonic() - began >= 0.4
    assert not bell.wait(0.01)


def test_what_cannot_wait_is_heard_at_once():
    bell = Bell(apart_s=600)
    bell.ring()
    assert bell.wait(600)
    # When it is rung again too early, and then for something that cannot wait
    bell.ring()
    threading.Timer(0.05, bell.ring, kwargs={"at_once": True}).start()
    # Then nobody waits for those minutes
    assert bell.wait(600)


def test_a_ring_while_nobody_waits_is_kept():
    bell = Bell(apart_s=0)
    bell.ring()
    assert (bell.wait(600), bell.wait(0)) == (True, False)
