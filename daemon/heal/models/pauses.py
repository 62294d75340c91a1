"""How long to wait before a server is asked again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

_FIRST_S, _LONGEST_S = 0.5, 8.0
# nobody comes back in the same moment as all the others
_SPREAD_S = 0.5
_SLICE_S = 0.05


def length(tries: int, after: float | None) -> float:
    """Seconds to wait after so many tries: longer each time, partly by chance, never less than was asked for."""
    if after is not None:
        return after + random.uniform(0, _SPREAD_S)  # noqa: S311 - no secret hangs on it
    most = min(_LONGEST_S, _FIRST_S * 2 ** (tries - 1))
    return random.uniform(most / 2, most)  # noqa: S311


def pause(seconds: float, stop: Callable[[], bool]) -> None:
    """Wait, unless it is told to stop."""
    end = time.monotonic() + seconds
    never = threading.Event()
    while (left := end - time.monotonic()) > 0 and not stop():
        never.wait(min(left, _SLICE_S))
