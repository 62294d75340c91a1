"""What the words of a log are about: something absent, a must, a file, an option, data, a program, memory.

A sense (``senses.txt``) gathers words and phrases that mean the same to a person, so that what was learnt of one of
them is known of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_LONGEST = 4


def stem(word: str) -> str:
    """The word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004  "dies" is no plural of "dy"
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "os")):  # noqa: PLR2004  as above
        return word[:-1]
    return word


@cache
def _senses() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    text = files("heal.knowledge").joinpath("senses.txt").read_text(encoding="utf-8")
    for paragraph in text.split("\n\n")[1:]:
        name, _, words = " ".join(paragraph.split()).partition(": ")
        for phrase in words.split(", "):
            found.setdefault(" ".join(stem(word) for word in phrase.split()), []).append(name)
    return {phrase: tuple(dict.fromkeys(names)) for phrase, names in found.items()}


def senses(stems: Sequence[str]) -> list[str]:
    """What the words are about, in the order in which they say it, each sense once."""
    table = _senses()
    found: dict[str, None] = {}
    for at in range(len(stems)):
        for size in range(1, _LONGEST + 1):
            for name in table.get(" ".join(stems[at : at + size]), ()):
                found.setdefault(name)
    return list(found)
