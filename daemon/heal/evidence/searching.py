"""Where expressions match in a text, and where it complains: short texts are read all through, long ones sifted."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import hyperscan

from heal.evidence import databases
from heal.evidence.complaints import complaining
from heal.evidence.confirming import LAST
from heal.evidence.joined import Joined
from heal.evidence.sieve import Sieve, Sifted
from heal.evidence.textfile import Block
from heal.evidence.vocabulary import Vocabulary
from heal.knowledge.patterns import Library

# of each block that is read all through before a sieve is made, as much as tells which words are common
_SAMPLE = 1 << 16
# finding a match costs as much as reading so many bytes
_MATCH = 1 << 10
# a text that changes its ways gets a new sieve, so often
_SIEVES = 8
_AHEAD, _THREADS = 4, 3
# of a text that complains with every line, each so many blocks one is heard out
_HEARD = 16
# more blocks than this are not kept for what was put off
_PUT_OFF = 24


@dataclass(frozen=True, slots=True)
class Seen:
    """Of a block, by pattern where its matches end, the first of each line; and where words end that complain.

    ``complaints`` is None where they are a storm. ``fresh`` is False where the block was shown before.
    """

    block: Block
    ends: Mapping[int, list[int]]
    complaints: list[int] | None = field(default_factory=list)
    fresh: bool = True


class Finder:
    """What is compiled of a library, each part when it is first needed."""

    def __init__(self, library: Library, cache_dir: Path | None, long: int) -> None:
        self.long = long
        self.owner = [index for index, pattern in enumerate(library.patterns) for _ in pattern.match]
        self.vocabulary = Vocabulary(library, cache_dir)
        path = cache_dir / f"scan-{databases.key(library)}.hs" if cache_dir else None
        self._all = databases.kept(path, lambda: databases.of_patterns(library)) if self.owner else None

    def ends(self, text: bytes) -> dict[int, list[int]]:
        """By pattern, where its matches end in the text, the first of each line."""
        return _ends(text, self._all, self.owner)

    def only(self, patterns: frozenset[int]) -> Callable[[bytes], dict[int, list[int]]]:
        """The same for some patterns only."""
        some = [at for at, index in enumerate(self.owner) if index in patterns]
        regexes = databases.of_regexes(self.vocabulary.regexes[at] for at in some)
        database, owner = databases.made(regexes), [self.owner[at] for at in some]
        return lambda text: _ends(text, database, owner)


def _ends(text: bytes, database: hyperscan.Database | None, owner: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    line_end: dict[int, int] = {}

    def seen(regex: int, _start: int, end: int, _flags: int, _context: Any) -> None:
        index = owner[regex]
        if end > line_end.get(index, -1):
            found.setdefault(index, []).append(end)
            stop = text.find(b"\n", max(end - 1, 0))
            line_end[index] = len(text) if stop < 0 else max(stop, end)

    if text and database:
        database.scan(text, match_event_handler=seen)
    return found


class Search:
    """Goes over the blocks of one text. ``begun`` tells of a pattern that only its last matches are still wanted."""

    def __init__(self, finder: Finder, begun: Callable[[int], bool]) -> None:
        self._finder = finder
        self._begun = begun
        self._rates: Counter[str] = Counter()
        self._sieves = 0
        self._hot: frozenset[int] = frozenset()
        self._of_hot: Callable[[bytes], dict[int, list[int]]] | None = None
        self._later: dict[int, deque[Block]] = {}
        self._tried: Counter[int] = Counter()
        self._unheard: deque[Block] = deque(maxlen=2)
        self._count = 0

    def over(self, blocks: Iterable[Block]) -> Iterator[Seen]:
        """What there is in each block, in their order."""
        blocks = iter(blocks)
        sample: list[bytes] = []
        read = 0
        for block in blocks:
            seen = self._plain(block)
            yield seen
            read += len(block.text) + _MATCH * sum(map(len, seen.ends.values()))
            sample.append(block.text[:_SAMPLE])
            if read >= self._finder.long:
                break
        else:
            return
        following = next(blocks, None)
        if following is None:
            return
        self._learn(b"".join(sample))
        yield from self._sifted(following, blocks)

    def _plain(self, block: Block) -> Seen:
        return Seen(block, self._finder.ends(block.text), complaining(block.text))

    # --- a long text ---------------------------------------------------------------------------

    def _learn(self, sample: bytes) -> None:
        self._rates |= self._finder.vocabulary.rates(sample)
        self._sieve = Sieve(self._finder.vocabulary, self._rates, sample)
        self._sieves += 1
        self._hot = frozenset(self._finder.owner[at] for at in self._sieve.hot)
        self._of_hot = None

    def _sifted(self, first: Block, blocks: Iterator[Block]) -> Iterator[Seen]:
        for block, sieve, sifted in self._ahead(first, blocks):
            sieve.listen(block.text, sifted)
            if sifted.too_much:
                yield from self._of_later(set(self._later))
                yield self._plain(block)
                if sieve is self._sieve and self._sieves < _SIEVES:
                    self._learn(block.text)
            else:
                yield self._seen(block, sieve, sifted)
                if len({at.line for some in self._later.values() for at in some}) > _PUT_OFF:
                    yield from self._of_later(set(self._later))
        yield from self._of_later(set(self._later))
        for block in self._unheard:
            yield Seen(block, {}, complaining(block.text), fresh=False)

    def _seen(self, block: Block, sieve: Sieve, sifted: Sifted) -> Seen:
        ends = self._in_lines(sieve.lines(block.text, sifted))
        matched = {self._finder.owner[at] for at in sifted.matched}
        now = {index for index in matched if not self._begun(index) and self._tried[index] < LAST}
        self._tried.update(now)
        later = (matched - now) | (self._later.keys() & ends.keys())
        for index in later:
            self._later.setdefault(index, deque(maxlen=LAST)).append(block)
        found = {index: some for index, some in ends.items() if index not in matched | later}
        if now:
            found |= self._exact(block, now)
        return Seen(block, found, self._heard(block, sieve, sifted))

    def _exact(self, block: Block, patterns: set[int]) -> dict[int, list[int]]:
        find: Callable[[bytes], dict[int, list[int]]] = self._finder.ends
        # a sieve that was made meanwhile may look for others
        if patterns <= self._hot:
            self._of_hot = self._of_hot or self._finder.only(self._hot)
            find = self._of_hot
        return {index: some for index, some in find(block.text).items() if index in patterns}

    def _of_later(self, patterns: set[int]) -> Iterator[Seen]:
        """What was put off of patterns that match all the time: the last of theirs are in these blocks."""
        waiting: dict[int, tuple[Block, set[int]]] = {}
        for index in patterns:
            for block in self._later.pop(index):
                waiting.setdefault(block.line, (block, set()))[1].add(index)
        for line in sorted(waiting):
            block, some = waiting[line]
            yield Seen(block, self._exact(block, some), fresh=False)

    def _heard(self, block: Block, sieve: Sieve, sifted: Sifted) -> list[int] | None:
        self._count += 1
        if sieve.hears_all:
            return sifted.complaints
        if self._count % _HEARD == 1:
            return complaining(block.text)
        self._unheard.append(block)
        return sifted.complaints

    def _in_lines(self, lines: Joined) -> dict[int, list[int]]:
        """The matches in these lines."""
        return {index: list(map(lines.back, ends)) for index, ends in self._finder.ends(lines.text).items()}

    def _ahead(self, first: Block, blocks: Iterator[Block]) -> Iterator[tuple[Block, Sieve, Sifted]]:
        """The blocks sifted, some of them at a time where there are processors for it."""
        threads = min(len(os.sched_getaffinity(0)), _THREADS)
        if threads == 1:
            for block in chain((first,), blocks):
                yield block, self._sieve, self._sieve.sift(block.text)
            return
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  only huge texts need it

        with ThreadPoolExecutor(threads) as pool:

            def begin(block: Block) -> tuple[Block, Sieve, Future[Sifted]]:
                return block, self._sieve, pool.submit(self._sieve.sift, block.text)

            going = deque([begin(first), *map(begin, islice(blocks, _AHEAD - 1))])
            while going:
                block, sieve, sifted = going.popleft()
                if (following := next(blocks, None)) is not None:
                    going.append(begin(following))
                yield block, sieve, sifted.result()
