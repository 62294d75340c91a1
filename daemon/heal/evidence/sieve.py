"""Which lines of a huge text are worth a look at all, by the plain words that its patterns cannot do without.

Each text is searched for the words that are rare in it: how often each comes is counted in a sample. An expression
that has only common words in this text is looked for itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from re import escape
from typing import Any

import hyperscan

from heal.evidence import databases
from heal.evidence.complaints import WORDS
from heal.knowledge.literals import Way, rarity, ways
from heal.knowledge.pattern_files import for_hyperscan
from heal.knowledge.patterns import Library

# so often in a megabyte, and a word is common in this text
_COMMON = 24
# what a word more to look for costs, in such lines
_WORD = 0.5
# so many lines to look at in a megabyte are too many
_MOST = 1_500
_MEGABYTE = 1 << 20


@dataclass(slots=True)
class Sifted:
    """What is held back of a block: needed words and their ends, the expressions that match, where words complain."""

    needed: list[tuple[int, int]] = field(default_factory=list)
    matched: dict[int, int] = field(default_factory=dict)
    complaints: list[int] = field(default_factory=list)
    too_much: bool = False


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
        return databases.kept(path, lambda: [_plain(word) for word in self.words])

    def rates(self, sample: bytes) -> Counter[str]:
        """How often each word comes in a megabyte of such text; one that does not come is left out."""
        counts: Counter[int] = Counter()

        def seen(word: int, _start: int, _end: int, _flags: int, _context: Any) -> None:
            counts[word] += 1

        if sample:
            self._database.scan(sample, match_event_handler=seen)
        scale = _MEGABYTE / max(len(sample), 1)
        return Counter({self.words[word]: round(count * scale) for word, count in counts.items()})


class Sieve:
    """The words to look for in a text in which words are as common as ``rates`` say."""

    def __init__(self, vocabulary: Vocabulary, rates: Mapping[str, int]) -> None:
        self._rates = rates
        needed, hot = _chosen(vocabulary.ways, rates)
        self.hot = tuple(hot)
        complaining = [word for word in WORDS if rates.get(word, 0) <= _COMMON]
        self.hears_all = len(complaining) == len(WORDS)
        words = sorted({*needed, *complaining})
        self._beside = [needed.get(word, ()) for word in words]
        self._complains = [word in complaining for word in words]
        regexes = [(for_hyperscan(vocabulary.regexes[at]), databases.LINES | databases.ONCE) for at in hot]
        everything = [*map(_plain, words), *regexes]
        self._database = databases.made(everything) if everything else None

        self._scratches: list[hyperscan.Scratch] = []

    def sift(self, text: bytes) -> Sifted:
        """What is worth a look in the text. Several threads may ask at a time."""
        found = Sifted()
        needed, complains, matched = self._beside, self._complains, found.matched
        first_hot, left = len(needed), [_MOST * max(len(text), _MEGABYTE // 4) // _MEGABYTE]

        def seen(number: int, _start: int, end: int, _flags: int, _context: Any) -> bool:
            if number >= first_hot:
                matched[self.hot[number - first_hot]] = end
                return False
            if needed[number]:
                found.needed.append((number, end))
            if complains[number]:
                found.complaints.append(end)
            left[0] -= 1
            return left[0] <= 0

        if self._database is None or not text:
            return found
        try:
            scratch = self._scratches.pop()
        except IndexError:
            scratch = hyperscan.Scratch(self._database)
        try:
            self._database.scan(text, match_event_handler=seen, scratch=scratch)
        except hyperscan.ScanTerminated:
            found.too_much = True
        self._scratches.append(scratch)
        return found

    def lines(self, text: bytes, sifted: Sifted) -> Iterator[tuple[int, int]]:
        """Where the lines begin and end that have a needed word, and one that must stand beside it in an expression."""
        stop, low, worth = -1, b"", True
        beside = self._beside
        for number, end in sifted.needed:
            if end > stop:
                start = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
                stop = text.find(b"\n", max(end - 1, start))
                stop = len(text) if stop < 0 else stop
                low, worth = text[start:stop].lower(), False
            if worth:
                continue
            for word in beside[number]:
                if word in low:
                    worth = True
                    yield start, stop
                    break


def _plain(word: str) -> tuple[bytes, int]:
    return escape(word).encode(), databases.ANY_CASE


def _chosen(
    known: Sequence[tuple[Way, ...]], rates: Mapping[str, int]
) -> tuple[dict[str, tuple[bytes, ...]], list[int]]:
    """The words to look for, each with those of which one must stand beside it; and the expressions without any."""
    needed: dict[str, set[str]] = {}
    hot: list[int] = []

    def cost(some: frozenset[str]) -> float:
        new = sum(word not in needed for word in some)
        return sum(rates.get(word, 0) for word in some) + _WORD * new + _MEGABYTE * rarity(some)

    # those with the fewest ways have the least choice
    for at in sorted(range(len(known)), key=lambda at: len(known[at])):
        best = [min(way, key=cost) for way in known[at]]
        if not best or any(rates.get(word, 0) > _COMMON for some in best for word in some):
            hot.append(at)
            continue
        for way, some in zip(known[at], best, strict=True):
            others = [other for other in way if other is not some]
            beside = min(others, key=lambda other: sum(rates.get(word, 0) for word in other)) if others else {""}
            for word in some:
                needed.setdefault(word, set()).update(beside)
    return _shortest(needed), sorted(hot)


def _shortest(words: Mapping[str, set[str]]) -> dict[str, tuple[bytes, ...]]:
    """Without those that hold another of them: what may stand beside them may stand beside that one then."""
    found: dict[str, set[str]] = {}
    for word in sorted(words, key=len):
        parts = (word[at:to] for at in range(len(word)) for to in range(at + 1, len(word) + 1))
        held = next((part for part in parts if part in found), word)
        found.setdefault(held, set()).update(words[word])
    # the empty word stands in every line
    return {word: (b"",) if "" in beside else tuple(map(str.encode, beside)) for word, beside in found.items()}
