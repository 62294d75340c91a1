"""The plain words that the patterns of a library cannot do without, and which of them to look for in a given text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from re import escape
from typing import Any

import hyperscan

from heal.evidence import databases
from heal.evidence.complaints import WORDS
from heal.knowledge.literals import LEAST, Way, rarity, ways
from heal.knowledge.patterns import Library

# so often in a megabyte, and a word is common in this text
COMMON = 24
MEGABYTE = 1 << 20
# what a word more to look for costs, in such lines
_WORD = 0.5
# a word is cut to no fewer letters, where the last of them are rare in the text
_LETTERS, _END = 6, 3
# as much of a sample as tells which letters follow each other in it
_SPELT = 1 << 15

# an expression, and sets of words of each of which one must stand in the line too
Rest = tuple[int, tuple[tuple[bytes, ...], ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """The words to look for, each with what must stand beside it, any of these; and the expressions without any."""

    words: Mapping[str, tuple[Rest, ...]]
    hot: tuple[int, ...]


class Vocabulary:
    """All words that the patterns of a library could be told by."""

    def __init__(self, library: Library, cache_dir: Path | None) -> None:
        self._library = library
        self._path = cache_dir / f"words-{databases.key(library)}" if cache_dir else None

    @cached_property
    def regexes(self) -> tuple[str, ...]:
        """Every expression, in the library's order."""
        return tuple(match.regex for pattern in self._library.patterns for match in pattern.match)

    @cached_property
    def ways(self) -> tuple[tuple[Way, ...], ...]:
        """Of every expression, what it cannot do without."""
        path = self._path.with_suffix(".json") if self._path else None
        if path and (body := databases.read(path)):
            return tuple(tuple(tuple(map(frozenset, way)) for way in one) for one in json.loads(body))
        found = tuple(map(ways, self.regexes))
        if path:
            plain = [[[sorted(some) for some in way] for way in one] for one in found]
            databases.keep(path, json.dumps(plain).encode())
        return found

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each literal once, and those that complain."""
        found = {word for one in self.ways for way in one for some in way for word in some}
        return tuple(sorted(found | set(WORDS)))

    @cached_property
    def _database(self) -> hyperscan.Database:
        path = self._path.with_suffix(".hs") if self._path else None
        return databases.kept(path, lambda: [plain(word) for word in self.words])

    def rates(self, sample: bytes) -> Counter[str]:
        """How often each word comes in a megabyte of such text; one that does not come is left out."""
        counts: Counter[int] = Counter()

        def seen(word: int, _start: int, _end: int, _flags: int, _context: Any) -> None:
            counts[word] += 1

        if sample:
            self._database.scan(sample, match_event_handler=seen)
        scale = MEGABYTE / max(len(sample), 1)
        return Counter({self.words[word]: max(round(count * scale), 1) for word, count in counts.items()})

    def chosen(self, rates: Mapping[str, int], sample: bytes) -> Choice:
        """What to look for in a text in which words are as common as ``rates`` say, spelt as in the sample."""
        needed, hot = _needed(self.ways, rates)
        cut = _cut([word for word in needed if word not in rates], sample)
        return Choice(_shortest(needed, cut), tuple(hot))


def plain(word: str) -> tuple[bytes, int]:
    """The word as an expression."""
    return escape(word).encode(), databases.ANY_CASE


def _needed(known: Sequence[tuple[Way, ...]], rates: Mapping[str, int]) -> tuple[dict[str, set[Rest]], list[int]]:
    needed: dict[str, set[Rest]] = {}
    hot: list[int] = []

    def cost(some: frozenset[str]) -> float:
        new = sum(word not in needed for word in some)
        return sum(rates.get(word, 0) for word in some) + _WORD * new + MEGABYTE * rarity(some)

    # those with the fewest ways have the least choice
    for at in sorted(range(len(known)), key=lambda at: len(known[at])):
        best = [min(way, key=cost) for way in known[at]]
        if not best or any(rates.get(word, 0) > COMMON for some in best for word in some):
            hot.append(at)
            continue
        for way, some in zip(known[at], best, strict=True):
            rest = tuple(sorted(tuple(sorted(map(str.encode, other))) for other in way if other is not some))
            for word in some:
                needed.setdefault(word, set()).add((at, rest))
    return needed, sorted(hot)


def _cut(words: Iterable[str], sample: bytes) -> dict[str, str]:
    """Each word up to where its last letters are rarest in the sample: the less often a search takes a second look."""
    size = _SPELT // 4
    some = b"\n".join(sample[at : at + size] for at in range(0, len(sample), max(len(sample) // 4, size)))
    low = some.lower().decode("latin-1")
    spelt = Counter(map("".join, zip(low, low[1:], low[2:], strict=False)))
    found: dict[str, str] = {}
    for word in words:
        stop = min(range(_LETTERS, len(word) + 1), key=lambda to: (spelt[word[to - _END : to]], -to), default=len(word))
        common = spelt[word[stop - _END : stop]] and word[:stop] in low
        found[word] = word if common else word[:stop]
    return found


def _shortest(needed: Mapping[str, set[Rest]], cut: Mapping[str, str]) -> dict[str, tuple[Rest, ...]]:
    """Without those that hold another of them, which then stands for them as long as they stand in the line too."""
    found: dict[str, set[Rest]] = {}
    begun: dict[str, list[str]] = {}
    for word in sorted(needed, key=lambda word: len(cut.get(word, word))):
        short = cut.get(word, word)
        after = (short[at:] for at in range(len(short) - LEAST + 1) if short[at : at + LEAST] in begun)
        held = next((part for rest in after for part in begun[rest[:LEAST]] if rest.startswith(part)), short)
        if held not in found:
            found[held] = set()
            begun.setdefault(held[:LEAST], []).append(held)
        whole = () if held == word else ((word.encode(),),)
        found[held].update((at, whole + rest) for at, rest in needed[word])
    return {word: tuple(sorted(rests, key=lambda rest: len(rest[1]))) for word, rests in found.items()}
