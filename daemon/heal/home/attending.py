"""Shows engines beside whatever takes long that heal is there: half a minute without a sign, and they ask no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# as the loop does it
_EVERY_S = 5.0


@contextmanager
def attended(attend: Callable[[], None]) -> Iterator[None]:
    """Call it every few seconds until what is done meanwhile has ended, from another thread."""
    over = threading.Event()

    def beside() -> None:
        while not over.wait(_EVERY_S):
            attend()

    thread = threading.Thread(target=beside, name="heal-attends", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
