"""How much of what a server sends is listened to: counted as it comes, for nothing is asked of what it announces."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from heal.models.failures import Failure

_MB = 1024 * 1024
# 100,000 tokens are half a MB of text; a stream says them in some hundred bytes each
MOST_WHOLE = 4 * _MB
MOST_STREAMED = 64 * _MB
# one event of a stream, which may be a whole answer, and what its lines that end none come to
MOST_EVENT = 2 * _MB
# of what is said against a question 300 characters are shown
MOST_REFUSAL = _MB // 4
_REFUSALS_FROM = 300
# what ends an event (the HTML standard, 9.2.5: lines end with CR LF, LF or CR)
_ENDS = (b"\n\n", b"\r\r", b"\r\n\r\n")
_LONGEST_END = 4


def late(patience_s: float) -> Failure:
    """The time is up."""
    return Failure(f"it had not answered in full within {patience_s:g} s", trouble=True)


def bounded(response: Any, end: float, patience_s: float, *, streams: bool) -> None:
    """Let the body of a response, which is still to be read, end in a ``Failure`` above its bound or after its time.

    ``end`` is by the monotonic clock, ``streams``: what comes is handed on event by event, unless it is JSON. The
    package reads all bodies by ``aiter_bytes``, streams and errors too, and knows no bound of its own.
    """
    read, judge = response.aiter_bytes, _judge(response, streams=streams)

    async def counted(*args: Any, **named: Any) -> AsyncIterator[bytes]:
        async for part in read(*args, **named):
            judge(part)
            # while bytes are there nobody else gets a turn who would look at the clock
            if time.monotonic() > end:
                raise late(patience_s)
            yield part

    response.aiter_bytes = counted


def _judge(response: Any, *, streams: bool) -> Callable[[bytes], None]:
    if response.status_code >= _REFUSALS_FROM:
        return _at_most(MOST_REFUSAL, f"HTTP {response.status_code} with more than {_size(MOST_REFUSAL)} to say of it")
    if streams and not response.headers.get("content-type", "").startswith("application/json"):
        total = _at_most(MOST_STREAMED, f"it went on for more than {_size(MOST_STREAMED)}")
        event = _events()

        def both(part: bytes) -> None:
            total(part)
            event(part)

        return both
    return _at_most(MOST_WHOLE, f"its answer is longer than {_size(MOST_WHOLE)}")


def _at_most(most: int, wrong: str) -> Callable[[bytes], None]:
    size = 0

    def judge(part: bytes) -> None:
        nonlocal size
        size += len(part)
        if size > most:
            raise Failure(f"{wrong}: the rest was not read", trouble=True)

    return judge


def _events() -> Callable[[bytes], None]:
    """Until an event ends all of it is held."""
    size, tail = 0, b""

    def judge(part: bytes) -> None:
        nonlocal size, tail
        text = tail + part
        after = max(text.rfind(end) for end in _ENDS)
        size = len(text) - after if after >= 0 else size + len(part)
        tail = text[1 - _LONGEST_END :]
        if size > MOST_EVENT:
            wrong = f"a piece of its answer is longer than {_size(MOST_EVENT)}: the rest was not read"
            raise Failure(wrong, trouble=True)

    return judge


def _size(most: int) -> str:
    return f"{most // _MB} MB" if most >= _MB else f"{most // 1024} KB"
