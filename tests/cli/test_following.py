"""What heal run does from the start of its command on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from heal.cli.following import Following
from heal.errors import HealError
from heal.home.sessions import Session
from heal.home.spool import LISTENING
from heal.loop import Loop
from heal.settings import Settings


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(tmp_path, "r1")
    made.spool.create()
    made.lock.acquire()
    return made


def test_engines_see_that_they_will_be_answered_while_patterns_are_compiled(
    tmp_path: Path, session: Session, until: Callable[..., bool]
) -> None:
    # Given a heal that takes long to get ready, and a mark that is about to be too old
    mark, seen = session.spool.folder / LISTENING, list[bool]()

    class Slow(Following):
        def _made(self) -> Loop:
            os.utime(mark, (1, 1))
            seen.append(until(lambda: mark.stat().st_mtime > 1, 20))
            raise HealError("that is all")

    # When it follows a command
    following = Slow(Settings(home=tmp_path), session, None)
    try:
        code = following.command(["true"], None)
    finally:
        following.__exit__()
    # Then the mark was made anew meanwhile
    assert (code, seen) == (0, [True])


def test_engines_see_that_they_will_be_answered_while_one_turn_takes_long(
    tmp_path: Path, session: Session, until: Callable[..., bool]
) -> None:
    # Given a turn that takes longer than engines believe, as on a busy machine
    mark, seen = session.spool.folder / LISTENING, list[bool]()

    class Slow(Following):
        def _made(self) -> Loop:
            loop = super()._made()
            turn = loop.turn

            def long_turn() -> None:
                turn()
                if not seen:
                    os.utime(mark, (1, 1))
                    seen.append(until(lambda: mark.stat().st_mtime > 1, 30))

            loop.turn = long_turn  # type: ignore[method-assign]
            return loop

    # When it follows a command
    with Slow(Settings(home=tmp_path), session, None) as following:
        code = following.command(["true"], None)
    # Then the mark was made anew meanwhile
    assert (code, seen) == (0, [True])
