"""Globs of heal.toml: from the repository's root, ``*`` within one folder, ``**`` through any number of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache


def allowed_by(path: str, globs: Iterable[str]) -> bool:
    """True where one of the globs names the path from the root."""
    return any(_compiled(glob).fullmatch(path) for glob in globs)


def denied_by(path: str, globs: Iterable[str]) -> bool:
    """True where a glob names the path, a folder above it, or, holding no ``/``, its name in any folder.

    What is to be kept from change is read as widely as it can be meant, whatever the case of its letters.
    """
    low = path.lower()
    parts = low.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return any(
        _compiled(glob.lower().rstrip("/")).fullmatch(one)
        for glob in globs
        for one in [*above, *(parts if "/" not in glob.rstrip("/") else ())]
    )


@cache
def _compiled(glob: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", glob.removeprefix("./").removeprefix("/"))
    meant = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(meant.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
