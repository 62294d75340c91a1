"""Which lines of a huge text are worth a look at all, by the plain words that its patterns cannot do without.

Each text is searched for the words that are rare in it: how often each comes is counted in a sample. An expression
that has only common words in this text is looked for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from heal.evidence import databases
from heal.evidence.complaints import WORDS
from heal.evidence.joined import Joined
from heal.evidence.vocabulary import COMMON, MEGABYTE, Vocabulary, plain

# so many lines to look at in a megabyte are too many
_MOST = 1_500
# to look for the expressions of some words only is worth its preparation after so many bytes of doubtful lines
_DOUBTFUL = 4 << 20
# a longer line is worth a look whatever stands beside a word in it
_LONG = 4_096


@dataclass(slots=True)
class Sifted:
    """What is held back of a block: needed words and their ends, the expressions that match, where words complain."""

    needed: list[tuple[int, int]] = field(default_factory=list)
    matched: set[int] = field(default_factory=set)
    complaints: list[int] = field(default_factory=list)
    too_much: bool = False


class Sieve:
    """The words to look for in a text in which words are as common as ``rates`` say.

    Words that the sample has are looked for apart from those that it has not: each find calls Python, which threads
    had to wait for.
    """

    def __init__(self, vocabulary: Vocabulary, rates: Mapping[str, int], sample: bytes = b"") -> None:
        choice = vocabulary.chosen(rates, sample)
        self.hot = choice.hot
        complaining = {word for word in WORDS if rates.get(word, 0) <= COMMON}
        self.hears_all = len(complaining) == len(WORDS)
        words = sorted({*choice.words, *complaining}, key=lambda word: (word in rates, word))
        self._rests = [choice.words.get(word) for word in words]
        self._complains = [word in complaining for word in words]
        self._rare = sum(word not in rates for word in words)
        self._spoken = databases.Shared([plain(word) for word in words[self._rare :]])
        self._regexes = vocabulary.regexes
        self._doubted = 0
        regexes = {at: (expression, flags | databases.ONCE) for at, (expression, flags) in _hot(vocabulary, choice.hot)}
        all_hot = databases.Shared(list(regexes.values()))
        matching = [choice.hot[number] for number in all_hot.matching(sample)]
        # one that matches at once is done with at once, if it is alone
        self._matching = [(at, databases.Shared([regexes[at]])) for at in matching]
        self._quiet = [at for at in choice.hot if at not in matching]
        self._unspoken = databases.Shared([*map(plain, words[: self._rare]), *(regexes[at] for at in self._quiet)])

    def sift(self, text: bytes) -> Sifted:
        """What is worth a look in the text, but for words that the sample has. Several threads may ask at a time."""
        found = Sifted()
        left = _most(text)

        def seen(number: int, _start: int, end: int, _flags: int, _context: Any) -> bool:
            if number >= self._rare:
                found.matched.add(self._quiet[number - self._rare])
                return False
            self._note(found, number, end)
            return len(found.needed) + len(found.complaints) > left

        found.too_much = not self._unspoken.scan(text, seen)
        for at, database in self._matching:
            if database.matching(text):
                found.matched.add(at)
        return found

    def listen(self, text: bytes, found: Sifted) -> None:
        """Adds the words that the sample has."""
        left = _most(text)

        def seen(number: int, _start: int, end: int, _flags: int, _context: Any) -> bool:
            self._note(found, self._rare + number, end)
            return len(found.needed) + len(found.complaints) > left

        before = len(found.needed), len(found.complaints)
        found.too_much = found.too_much or not self._spoken.scan(text, seen)
        if 0 < before[0] < len(found.needed):
            found.needed.sort(key=lambda one: one[1])
        if 0 < before[1] < len(found.complaints):
            found.complaints.sort()

    def _note(self, found: Sifted, number: int, end: int) -> None:
        if self._rests[number] is not None:
            found.needed.append((number, end))
        if self._complains[number]:
            found.complaints.append(end)

    def lines(self, text: bytes, sifted: Sifted) -> Joined:
        """The lines that an expression may match which the words were looked for."""
        places = list(self._fitting(text, sifted))
        doubtful = Joined.of(text, [place for place, sure in places if not sure])
        self._doubted += len(doubtful.text)
        if self._doubted < _DOUBTFUL:
            return Joined.of(text, [place for place, _sure in places])
        ends: set[int] = set()
        if doubtful.text:
            self._of_spoken.scan(doubtful.text, lambda _number, _start, end, *_: ends.add(end))
        matching = set(map(doubtful.origin, ends))
        return Joined.of(text, [place for place, sure in places if sure or place[0] in matching])

    @cached_property
    def _of_spoken(self) -> databases.Shared:
        """The expressions that are told by words which the sample has."""
        some = sorted({at for rests in self._rests[self._rare :] for at, _ in rests or ()})
        return databases.Shared(databases.of_regexes(self._regexes[at] for at in some))

    def _fitting(self, text: bytes, sifted: Sifted) -> Iterator[tuple[tuple[int, int], bool]]:
        """Where lines begin and end that have all words of some way; and whether by a word that the sample has not."""
        start = stop = -1
        low, fits, sure = b"", False, False
        asked: set[int] = set()
        for number, end in sifted.needed:
            if end > stop:
                if fits:
                    yield (start, stop), sure
                start = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
                stop = text.find(b"\n", max(end - 1, start))
                stop = len(text) if stop < 0 else stop
                low = text[start:stop].lower()
                fits = sure = len(low) > _LONG
                asked.clear()
            unspoken = number < self._rare
            if sure or number in asked or (fits and not unspoken):
                continue
            asked.add(number)
            if any(_has(low, rest) for _, rest in self._rests[number] or ()):
                fits, sure = True, unspoken
        if fits:
            yield (start, stop), sure


def _has(low: bytes, rest: tuple[tuple[bytes, ...], ...]) -> bool:
    for some in rest:
        for word in some:
            if word in low:
                break
        else:
            return False
    return True


def _hot(vocabulary: Vocabulary, hot: tuple[int, ...]) -> Iterator[tuple[int, tuple[bytes, int]]]:
    return zip(hot, databases.of_regexes(vocabulary.regexes[at] for at in hot), strict=True)


def _most(text: bytes) -> int:
    return _MOST * max(len(text), MEGABYTE // 4) // MEGABYTE
