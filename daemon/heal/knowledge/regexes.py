"""Expressions of pattern files, searched for in time that grows with the line and no faster, whoever wrote either.

Python's own engine goes back and tries again, which a line made for it can keep it at for years; RE2 never does.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any, Protocol, cast

# the quotation marks programs use, typographic ones included; as bytes these are sequences, so no character class
QUOTE = "(?:['\"`]|\u2018|\u2019|\u201c|\u201d)"
# what RE2 may keep in mind of one expression; a larger one is refused
_MEMORY = 1 << 20


class Matched(Protocol):
    """Where an expression was found."""

    def groupdict(self) -> dict[str, str | None]:
        """The named parts."""
        ...

    def start(self) -> int:
        """Where it begins."""
        ...

    def end(self) -> int:
        """Where it ends."""
        ...


class Regex(Protocol):
    """An expression, ready to be looked for."""

    def search(self, text: str, /) -> Matched | None:
        """The leftmost place where it fits."""
        ...


class NoRegex(ValueError):
    """It is no expression, or one that cannot be searched for in linear time."""


def linear(regex: str) -> Regex:
    """The expression; ``<q>`` stands for any quotation mark. Raises NoRegex, with what is wrong with it."""
    engine, options = _engine()
    try:
        return cast("Regex", engine.compile(regex.replace("<q>", QUOTE), options))
    except engine.error as error:
        said = error.args[0] if error.args else ""
        raise NoRegex(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error


@cache
def _engine() -> tuple[Any, Any]:
    # not needed where nothing is found
    engine: Any = importlib.import_module("re2")
    options = engine.Options()
    options.log_errors, options.max_mem = False, _MEMORY
    return engine, options
