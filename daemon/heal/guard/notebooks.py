"""The code in an R Markdown or Quarto text, chunk by chunk, each on its own lines, and in a notebook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.powers import POWERS
from heal.guard.rules import Trait
from heal.guard.words import matched, rows

_OPEN = re.compile(r"^\s*(?:```+|~~~+)\s*\{\s*\.?(\w+)([^}]*)\}")
_CLOSE = re.compile(r"^\s*(?:```+|~~~+)\s*$")
_INLINE = re.compile(r"`\{?r\b([^`]*)`")
_ASKS = re.compile(r"\s*(?:!|%%?(?:bash|sh|system)\b)")
_LANGUAGES = {"r": Language.R, "python": Language.PYTHON, "bash": Language.BASH, "sh": Language.BASH}
_OPTIONS = rows(
    {**HIDING, **POWERS},
    ("hide.swallow", r"\berror\s*[=:]\s*(?:TRUE|T\b|true)"),
    ("hide.skip", r"\b(?:eval|include|render)\s*[=:]\s*(?:FALSE|F\b|false)"),
    ("hide.warnings", r"\b(?:warning|message)\s*[=:]\s*(?:FALSE|F\b|false)"),
    ("power.directive_asked", r"\b(?:cache|engine|child|file|code)\s*[=:]\s*.*"),
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Code at its own line numbers (blank lines stand before it), and what its options say."""

    language: Language
    text: str
    traits: tuple[Trait, ...]


def chunks(text: str) -> Iterator[Chunk]:
    """All chunks, and all inline code as one. A chunk that does not end goes on to the end of the text."""
    inside: tuple[Language, int, tuple[Trait, ...]] | None = None
    body: list[str] = []
    inline: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if inside is None:
            found = _OPEN.match(line)
            if found:
                options = tuple(matched(_OPTIONS, found[2], number))
                inside, body = (_LANGUAGES.get(found[1].lower(), Language.OTHER), number, options), []
            inline.append("" if found else "\n".join(_INLINE.findall(line)))
        elif _CLOSE.match(line):
            yield _chunk(inside, body)
            inside = None
            inline.append("")
        else:
            body.append(line)
            inline.append("")
    if inside:
        yield _chunk(inside, body)
    if any(inline):
        yield Chunk(Language.R, "\n".join(inline), ())


def _chunk(inside: tuple[Language, int, tuple[Trait, ...]], body: list[str]) -> Chunk:
    language, number, options = inside
    more = tuple(trait for line in body if line.startswith("#|") for trait in matched(_OPTIONS, line, number))
    return Chunk(language, "\n" * number + "\n".join(body), options + more)


def cells(text: str) -> Iterator[Chunk]:
    """The code of a notebook, all of it one after the other as its kernel runs it; what asks a shell is shell."""
    try:
        book = json.loads(text)
        parts = ["".join(one["source"]) for one in book["cells"] if one["cell_type"] == "code"]
        kernel = str(book.get("metadata", {}).get("kernelspec", {}).get("language", "python")).lower()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return
    lines = [line for part in parts for line in part.split("\n")]
    asks = [re.sub(r"^\s*(?:!|%%?(?:bash|sh|system)\b)", "", line) if _ASKS.match(line) else "" for line in lines]
    code = ["" if _ASKS.match(line) or re.match(r"\s*%", line) else line for line in lines]
    yield Chunk(_LANGUAGES.get(kernel, Language.OTHER), "\n".join(code), ())
    if any(asks):
        yield Chunk(Language.BASH, "\n".join(asks), ())
