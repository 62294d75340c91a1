"""What of a payload stands outside of its fences, read as they say."""

from __future__ import annotations

import re


def outside(text: str) -> list[str]:
    """The lines that are no data. Raises ValueError where a fence is not closed."""
    found: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif re.fullmatch("`{3,}", line):
            fence = line
        else:
            found.append(line)
    if fence:
        raise ValueError(f"{fence} is never closed")
    return found
