"""One pass over a log of any size: where the known failures stand in it, and the few lines around them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from heal.cases import Evidence, Hit
from heal.evidence.confirming import Kept
from heal.evidence.deadline import Deadline
from heal.evidence.excerpt import Excerpt
from heal.evidence.notebooks import NOTEBOOK, said_in
from heal.evidence.own_part import of_task
from heal.evidence.searching import Finder, Search
from heal.evidence.textfile import Block, Text, TextFile
from heal.knowledge.patterns import Library

# what is longer than this is worth the time it takes to see which of its words are rare
LONG = 4 << 20


class Scanner:
    """Looks for every pattern of a library at once.

    The compiled form is kept in ``cache_dir``; one that is damaged, or that another machine made, is made again.
    A text beyond ``long`` bytes is sifted first by the words that are rare in it.
    """

    def __init__(
        self,
        library: Library,
        cache_dir: Path | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        long: int = LONG,
    ) -> None:
        self._patterns = library.patterns
        self._clock = clock
        self._finder = Finder(library, cache_dir, long)

    def read(
        self, path: Path, *, source: str | None = None, task: tuple[str, str] | None = None, seconds: float = 20
    ) -> Evidence:
        """What the file says, under the name ``source`` (its path, unless told). Never raises for what a file holds.

        ``task``: of a log of Nextflow's what it says of other tasks than the one of that name and folder is left out.
        When ``seconds`` are over, of a plain file only its end is still looked at; what was left out is noted.
        """
        deadline = Deadline.after(seconds, self._clock)
        reading = said_in if path.suffix == NOTEBOOK else of_task(*task) if task else None
        text = TextFile(path, deadline, reading) if reading else TextFile(path, deadline)
        return self._evidence(source or str(path), text.blocks(), text.notes)

    def stream(self, source: str, stream: BinaryIO, *, seconds: float = float("inf")) -> Evidence:
        """What comes in the stream, which may be as long and packed in any way that a file may be."""
        text = Text(Deadline.after(seconds, self._clock))
        return self._evidence(source, text.blocks(stream), text.notes)

    def text(self, source: str, text: str) -> Evidence:
        """What the text says."""
        # an unfinished line is read by itself, and what stands before it would not be seen with what ends it
        whole = text if not text or text.endswith("\n") else f"{text}\n"
        return self.stream(source, io.BytesIO(whole.encode("utf-8", "replace")))

    def _evidence(self, source: str, blocks: Iterable[Block], notes: list[str]) -> Evidence:
        kept = [Kept() for _ in self._patterns]
        excerpt = Excerpt()
        lines = 0
        search = Search(self._finder, lambda index: kept[index].begun)
        for seen in search.over(blocks):
            if seen.fresh:
                excerpt.saw(seen.block)
                lines = seen.block.last_line
            for index, ends in seen.ends.items():
                kept[index].look(seen.block, ends, self._patterns[index], excerpt.around)
            if seen.complaints is None or seen.complaints:
                excerpt.complained(seen.block, seen.complaints)
        spots = [keep.spots() for keep in kept]
        first = sorted((some[0] for some in spots if some), key=lambda spot: spot.line)
        more = sorted((spot for some in spots for spot in some[1:]), key=lambda spot: spot.line)
        passages = excerpt.passages(spot.place for spot in (*first, *more))
        if excerpt.clipped:
            notes.append("clipped: only the lines around what was found are shown")
        hits = sorted(
            (spot.line, pattern.id, spot.text)
            for pattern, some in zip(self._patterns, spots, strict=True)
            for spot in some
        )
        found = tuple(Hit(name, source, line, cited) for line, name, cited in hits)
        return Evidence(source, passages, found, tuple(notes), lines)
