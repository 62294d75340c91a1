"""A file's bytes and the text that an edit speaks of. Pure.

An edit holds a whole file as text with plain line feeds. What it leaves alone keeps its bytes: the encoding, the
line break of each line, a byte order mark, and an end with or without a line break.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from heal.errors import PatchRefused

_LFS = b"version https://git-lfs.github.com/spec/"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Coding:
    """How a file's bytes are text: the byte order mark at its start, and the encoding after it."""

    mark: bytes
    name: str


def coding(data: bytes, path: str) -> Coding:
    """The encoding of a file. Raises PatchRefused for what is no text, and for a pointer of Git LFS."""
    if data.startswith(_LFS):
        raise PatchRefused(f"{path} is a pointer of Git LFS: its content is not in git, so no patch can change it")
    for mark, name in _MARKS:
        if data.startswith(mark):
            _decoded(data[len(mark) :], name, path)
            return Coding(mark, name)
    if b"\0" in data:
        raise PatchRefused(f"{path} is no text file: it holds NUL bytes")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return Coding(b"", "latin-1")
    return Coding(b"", "utf-8")


def text_of(data: bytes, path: str) -> str:
    """The text of a file with plain line feeds: what an edit is made from. Raises PatchRefused."""
    how = coding(data, path)
    return _plain(_decoded(data[len(how.mark) :], how.name, path))


def rewritten(old: bytes | None, text: str, path: str) -> bytes:
    """The bytes of a file that is to hold this text. Raises PatchRefused where they cannot be kept elsewhere."""
    if "\0" in text:
        raise PatchRefused(f"the new text of {path} holds NUL bytes")
    new = _plain(text)
    if old is None or not old:
        whole = new if new.endswith("\n") or not new else new + "\n"
        return _encoded(whole, "utf-8", path)
    how = coding(old, path)
    before = _lines(_decoded(old[len(how.mark) :], how.name, path))
    after = "".join(_kept(before, [line for line, _end in _lines(new)]))
    return how.mark + _encoded(after, how.name, path)


def _decoded(data: bytes, name: str, path: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise PatchRefused(f"{path} begins as {name} and is not: {error.reason} at byte {error.start}") from error


def _encoded(text: str, name: str, path: str) -> bytes:
    try:
        return text.encode(name)
    except UnicodeEncodeError as error:
        sign = text[error.start]
        raise PatchRefused(f"{path} is {name}, which has no {sign!r}: its other bytes could not be kept") from error


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _lines(text: str) -> list[tuple[str, str]]:
    """Each line and its line break; the last may have none. A lone carriage return is part of its line."""
    *whole, last = text.split("\n")
    found = [(line[:-1], "\r\n") if line.endswith("\r") else (line, "\n") for line in whole]
    return [*found, (last, "")] if last else found


def _kept(before: list[tuple[str, str]], after: list[str]) -> Iterator[str]:
    """The new lines; one that was there keeps its line break, others take what most of the file has."""
    ends = Counter(end for _line, end in before if end)
    usual = ends.most_common(1)[0][0] if ends else "\n"
    given = [usual] * len(after)
    for i, j, size in _alike([line for line, _end in before], after):
        for n in range(size):
            given[j + n] = before[i + n][1] or usual
    if given:
        given[-1] = (given[-1] or usual) if before[-1][1] else ""
    for line, end in zip(after, given, strict=True):
        yield line + end


def _alike(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int]]:
    """Runs of lines that both have: where in the old, where in the new, how many."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=True)
    yield (0, 0, head)
    for block in middle.get_matching_blocks():
        yield (head + block.a, head + block.b, block.size)
    yield (len(old) - tail, len(new) - tail, tail)
