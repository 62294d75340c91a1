"""Some lines of a text put together, to be searched at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Joined:
    """The lines as one text; ``back`` tells where a place in it is in the text that they are from."""

    text: bytes
    _starts: tuple[int, ...]
    _origins: tuple[int, ...]

    @classmethod
    def of(cls, text: bytes, places: Iterable[tuple[int, int]]) -> Joined:
        """The lines that begin and end at these places."""
        lines: list[bytes] = []
        starts: list[int] = []
        origins: list[int] = []
        size = 0
        for start, stop in places:
            lines.append(text[start:stop])
            starts.append(size)
            origins.append(start)
            size += stop - start + 1
        return cls(b"\n".join(lines), tuple(starts), tuple(origins))

    def back(self, end: int) -> int:
        """Where what ends there ends in the whole text."""
        at = self._at(end)
        return self._origins[at] + end - self._starts[at]

    def origin(self, end: int) -> int:
        """Where the line of what ends there begins in the whole text."""
        return self._origins[self._at(end)]

    def _at(self, end: int) -> int:
        return bisect_right(self._starts, max(end - 1, 0)) - 1
