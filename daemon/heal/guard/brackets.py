"""What stands between brackets, and apart by commas, in a text that has no parser here."""

from __future__ import annotations

import re

_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")
# a call that is longer is read so far
LONGEST = 2_000


def emptied(code: str) -> str:
    """An R text with nothing in its strings: what is said there is no code. Each sign stays where it was."""
    return _STRING.sub(lambda found: '"' + " " * (len(found[0]) - 2) + '"', code)


def within(code: str, start: int) -> str:
    """What stands from here to the bracket that ends it."""
    depth = 0
    for at in range(start, min(len(code), start + LONGEST)):
        if code[at] in ")]}":
            if depth == 0:
                return code[start:at]
            depth -= 1
        elif code[at] in "([{":
            depth += 1
    return code[start : start + LONGEST]


def apart(inside: str) -> list[str]:
    """The parts between its commas, without those of brackets in it."""
    depth, found = 0, [""]
    for sign in inside:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return found
