"""The frames of a Python traceback, and whose files they name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# both the standard library's and what pip installs
INSTALLED = re.compile(r"site-packages|dist-packages|/lib(?:64)?/python\d|<frozen|importlib")
PACKAGES = re.compile(r"site-packages|dist-packages")
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line \d+(?P<within>, in )?')
# a notebook puts the exception before it
_HEADLINE = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame's line by its number, and its file; ``called`` is False of the place of a syntax error."""

    number: int
    line: str
    file: str
    called: bool

    @property
    def own(self) -> bool:
        """True of a file that nobody installed."""
        return not INSTALLED.search(self.file)


def frames(lines: Mapping[int, str], end: int) -> Iterator[Frame]:
    """The frames of the traceback that ends in that line, the deepest first; all above it where no headline shows."""
    number = end - 1
    while (line := lines.get(number)) is not None and _HEADLINE not in line:
        if got := _FRAME.match(line):
            yield Frame(number, line, got["file"], called=bool(got["within"]))
        number -= 1
