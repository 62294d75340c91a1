"""Who waits for a spool is woken by what comes, and not for each single word of many."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from heal.home.watching import Bell, Watch


def inotifies() -> int:
    """How many inotify instances this process holds."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += str(descriptor.readlink()) == "anon_inode:inotify"
    return found


@pytest.mark.parametrize("shared", [False, True])
def test_a_file_system_that_other_hosts_write_to_is_looked_at_and_not_watched(
    tmp_path: Path, until: Callable[..., bool], shared: bool
) -> None:
    # Given somebody who waits for a spool, on a file system of this host or one where inotify hears nothing of others
    rung, names = threading.Event(), itertools.count()
    before = inotifies()

    def arrives() -> bool:
        # what was there when looking began is no news
        hidden = tmp_path / ".new"
        hidden.write_text("{}")
        hidden.rename(tmp_path / f"{next(names)}.json")
        return rung.is_set()

    with Watch([tmp_path], rung.set, lambda _folder: shared):
        # When events arrive there
        heard = until(arrives, 60)
        asked = inotifies() - before
    # Then each is heard of, and inotify is relied on only where it can be
    assert (heard, asked) == (True, 0 if shared else 1)


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
