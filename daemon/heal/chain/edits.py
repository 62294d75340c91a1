"""A model's answer as edits of the files it was shown, or as what is wrong with it. Pure; nothing is ever guessed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from heal.chain import fences
from heal.chain.assignment import Source
from heal.chain.fences import Block, Reading
from heal.chain.lines import indented, one_line, replaced, unnumbered
from heal.chain.places import Wrong, check_elision, check_fence, place_of, wrong_path
from heal.patch import Edit

MOST_CHARACTERS = 1_000_000
MOST_FILES = 20
_ALIKE = 0.5
# what a shell or an engine may take for something else is no name for a file that is yet to be made
_NEW = re.compile(r"[A-Za-z0-9_][\w.+-]*(?:/[A-Za-z0-9_.][\w.+-]*)*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an answer, as it is told to the model."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self.path else self.why


@dataclass(frozen=True, slots=True)
class Read:
    """Edits, or the reason why there is no fix, or faults: never two of them, and never none."""

    edits: tuple[Edit, ...] = ()
    no_fix: str | None = None
    faults: tuple[Fault, ...] = ()


def parse(
    text: str,
    shown: Sequence[Source],
    *,
    tracked: Collection[str] = (),
    placeholder: str = "",
    restore: Callable[[str], str] = str,
) -> Read:
    """What an answer asks to change. ``shown`` are the files and regions the model saw, with their real texts.

    A file that is ``tracked`` and was not shown is not overwritten. ``placeholder`` is a regex of what stands for
    hidden texts, ``restore`` puts them back; a hidden text is never written where it was not before.
    """
    if len(text) > MOST_CHARACTERS:
        return Read(faults=(Fault("", f"the answer is longer than {MOST_CHARACTERS} characters"),))
    reading = fences.read(text, {source.path for source in shown})
    if fault := _whole_fault(reading, text):
        return Read(faults=(fault,))
    if not reading.blocks and reading.no_fix is not None:
        return Read(no_fix=one_line(reading.no_fix) or "no reason was given")
    blocks = reading.blocks or _only(reading, shown)
    if not blocks:
        return Read(faults=(Fault("", _format(shown)),))
    reader = _Reader(shown, frozenset(tracked), placeholder, restore)
    made = [reader.edit(path, list(group)) for path, group in _by_path(blocks, reader).items()]
    faults = tuple(each for each in made if isinstance(each, Fault))
    edits = tuple(each for each in made if isinstance(each, Edit))
    if faults or edits:
        return Read(faults=faults) if faults else Read(edits=edits)
    return Read(faults=(Fault("", "the answer changes nothing: every line is as it was"),))


def _whole_fault(reading: Reading, text: str) -> Fault | None:
    if not text.strip():
        return Fault("", "the answer is empty")
    if reading.blocks and reading.no_fix is not None:
        return Fault("", "the answer says NO FIX and changes files: give one of both")
    if reading.empty:
        return Fault(one_line(reading.empty[0], 200), "it is named, and no fence with its text follows")
    if len(reading.blocks) > MOST_FILES:
        return Fault("", f"the answer changes {len(reading.blocks)} places; the smallest change is asked for")
    return None


def _format(shown: Sequence[Source]) -> str:
    first = shown[0] if shown else None
    path = first.path if first else "path"
    line = f"FILE {path}" if first is None or first.whole else f"REGION {path}:{first.start}-{first.last}"
    return f"the answer holds no file: write a line '{line}', then its new text between ``` fences; or 'NO FIX: reason'"


def _only(reading: Reading, shown: Sequence[Source]) -> tuple[Block, ...]:
    """The one fence of an answer that names no file, where one file was shown and the fence holds most of it."""
    if len(reading.loose) != 1 or len(shown) != 1:
        return ()
    [block], [source] = reading.loose, shown
    old, new = {line.strip() for line in source.lines}, {line.strip() for line in block.lines}
    if not old or len(old & new) < _ALIKE * len(old):
        return ()
    region = None if source.whole else (source.start, source.last)
    return (Block(source.path, block.lines, region is not None, region, block.closed, block.nested),)


def _by_path(blocks: Sequence[Block], reader: _Reader) -> dict[str, list[Block]]:
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(reader.path(block.path), []).append(block)
    return groups


class _Reader:
    """Blocks against what was shown."""

    def __init__(
        self, shown: Sequence[Source], tracked: frozenset[str], placeholder: str, restore: Callable[[str], str]
    ) -> None:
        self._shown: dict[str, list[Source]] = {}
        for source in shown:
            self._shown.setdefault(source.path, []).append(source)
        self._tracked = tracked
        self._placeholder = re.compile(placeholder) if placeholder else None
        self._restore = restore

    def path(self, said: str) -> str:
        """The path as it was shown, where only the strokes differ; else as it was said."""
        turned = said.replace("\\", "/")
        return turned if turned in self._shown else said

    def edit(self, path: str, blocks: Sequence[Block]) -> Edit | Fault | None:
        """The edit; None where it changes nothing."""
        try:
            self._check_path(path)
            sources = self._shown.get(path, [])
            old = sources[0].text if sources else ""
            new = self._new_text(path, blocks, sources)
            text = self._revealed(old, new)
            _check_characters(old, text)
        except Wrong as wrong:
            return Fault(one_line(path, 200), str(wrong))
        return None if sources and text == old else Edit(path, text)

    def _check_path(self, path: str) -> None:
        if why := wrong_path(path):
            raise Wrong(why)
        if path in self._shown:
            return
        if path in self._tracked:
            raise Wrong("it was not shown, and a file that was not read is not overwritten")
        if near := self._near(path):
            raise Wrong(f"no such file was shown; did you mean {near}?")
        if not _NEW.fullmatch(path):
            raise Wrong("a new file has a plain name: letters, digits, '.', '_', '-', '+' and '/'")

    def _near(self, path: str) -> str:
        """The file that is likely meant: one of that name, in other case, or spelt almost so."""
        name = path.rpartition("/")[2]
        every = [*self._shown, *self._tracked]
        same = [one for one in every if one.lower() == path.lower()] or [
            one for one in self._shown if one.rpartition("/")[2] == name
        ]
        close = difflib.get_close_matches(path, list(self._shown), n=1, cutoff=0.8)
        return (same or close or [""])[0]

    def _new_text(self, path: str, blocks: Sequence[Block], sources: Sequence[Source]) -> str:
        for block in blocks:
            check_fence(block, sources)
        if not sources:
            return self._new_file(blocks)
        old = sources[0].text
        spans = sorted(
            (self._span(path, block, sources) for block in blocks), key=lambda each: each[0].start, reverse=True
        )
        for (later, _), (earlier, _) in pairwise(spans):
            if earlier.last >= later.start:
                raise Wrong("two blocks are for the same lines: give one block for a place")
        text = old
        for place, lines in spans:
            text = replaced(text, lines, place.start, place.last)
        return text

    def _new_file(self, blocks: Sequence[Block]) -> str:
        if len(blocks) > 1 or blocks[0].part:
            raise Wrong("no such file was shown, so there is no region of it to change")
        if not any(line.strip() for line in blocks[0].lines):
            raise Wrong("a new file without a text")
        check_elision(blocks[0].lines, ())
        return "\n".join(blocks[0].lines) + "\n"

    def _span(self, path: str, block: Block, sources: Sequence[Source]) -> tuple[Source, list[str]]:
        """Which lines of the file the block is for, and what it puts there."""
        place = place_of(path, block, sources)
        was = place.lines
        lines = unnumbered(block.lines) if unnumbered(was) == was else list(block.lines)
        lines = indented(lines, was)
        if was and any(line.strip() for line in was) and not any(line.strip() for line in lines):
            raise Wrong("its text is empty: a file or region is never emptied")
        check_elision(lines, was)
        return place, lines

    def _revealed(self, old: str, new: str) -> str:
        """The text with what was hidden put back. Raises where that would write it anew, or nothing is hidden there."""
        if self._placeholder is None:
            return new
        for mark in {found[0] for found in self._placeholder.finditer(new)}:
            value = self._restore(mark)
            if value == mark and mark not in old:
                raise Wrong(f"{mark} stands for a hidden text, and for none that there is")
            if value != mark and new.count(mark) + new.count(value) > old.count(value):
                raise Wrong(f"{mark} stands for a hidden text, which is not to be written anywhere else")
        return self._restore(new)


def _check_characters(old: str, new: str) -> None:
    if found := sorted(set(_CONTROL.findall(new)) - set(_CONTROL.findall(old)) - {"\r"}):
        raise Wrong(f"the new text holds a control character (U+{ord(found[0]):04X})")
