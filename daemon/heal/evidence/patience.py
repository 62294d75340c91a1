"""Work that a hung file system may hold for ever: done beside, and left behind when its time is up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

# so many left behind at once, and nothing more is begun until one of them comes back
_MOST_LEFT = 4


class Patience(Generic[In, Out]):
    """Does work on items one after the other, for so many seconds in all.

    What does not answer in time is left to itself in a thread that ends with the process.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left: list[threading.Thread] = []

    def each(self, items: Sequence[In], work: Callable[[In], Out]) -> tuple[list[Out], In | None]:
        """What the work made of the items, as far as it came, and the item that it did not come back from.

        Raises what the work raised.
        """
        self._left = [thread for thread in self._left if thread.is_alive()]
        if not items or len(self._left) >= _MOST_LEFT:
            return [], items[0] if items else None
        done: list[Out] = []
        broken: list[BaseException] = []
        enough = threading.Event()

        def run() -> None:
            try:
                for item in items:
                    if enough.is_set():
                        return
                    done.append(work(item))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                broken.append(error)

        thread = threading.Thread(target=run, name="heal-look", daemon=True)
        thread.start()
        thread.join(self.seconds)
        enough.set()
        # taken down once: a thread that comes back late adds nothing any more
        made, late = list(done), thread.is_alive()
        if late:
            self._left.append(thread)
        if broken:
            raise broken[0]
        return made, items[len(made)] if late and len(made) < len(items) else None
