"""A Ctrl-C while models think: what goes on is told to end, and does so tidily; a second one waits for nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_to_end(end: Callable[[], None]) -> Iterator[None]:
    """Call ``end`` at the first interrupt, which by itself would leave threads to their answers.

    What is within comes to an end of its own, whatever that is; then KeyboardInterrupt is raised. A second interrupt
    raises it at once. For the main thread.
    """
    came = False

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        end()

    before = signal.getsignal(signal.SIGINT)
    # who ignores interrupts, as a job in the background of a script does, goes on doing so
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)
        if came:
            raise KeyboardInterrupt
