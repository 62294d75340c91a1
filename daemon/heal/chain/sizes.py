"""How much work an incident is, by rules; and the files in parts that fit, where there are too many of them."""

from __future__ import annotations

from collections.abc import Sequence

from heal.chain.assignment import Assignment, Source
from heal.chain.judging import by_rules
from heal.chain.plan import Sizes
from heal.patch import Size, Sized

# measured tokens differ by model; code has three to four characters a token, and fewer is the safe side
CHARACTERS_PER_TOKEN = 3.0
# rules, incident, log and notes
_BESIDE = 3000
_SPARE = 256


def tokens(source: Source) -> int:
    """About how many tokens a source takes; more rather than fewer."""
    return int(sum(len(line) + 1 for line in source.lines) / CHARACTERS_PER_TOKEN) + len(source.path) // 3 + 8


def answer_tokens(sources: Sequence[Source]) -> int:
    """The room an answer needs that gives all of the largest source again, and some of the others."""
    each = sorted((tokens(source) for source in sources), reverse=True)
    return int((each[0] if each else 0) * 1.2 + sum(each[1:]) * 0.5) + _SPARE


def sized(about: Assignment, rules: Sizes, window: int | None) -> Sized:
    """The size of an incident, and why. ``window``: the tokens the coder's model can take in and give together."""
    paths = {source.path for source in about.sources}
    if len(paths) > rules.files:
        return Sized(Size.BIG, f"{len(paths)} files, and at most {rules.files} are asked about at once")
    need = sum(map(tokens, about.sources)) + answer_tokens(about.sources) + _BESIDE
    if window is not None and need > window and len(about.sources) > 1:
        return Sized(Size.BIG, f"files and answer need about {need} tokens, and the window has {window}")
    # the rest of a pipeline is shown with it for what it is good for, and is no more work
    places = [source for source in about.sources if source.told] or about.sources
    lines = sum(len(source.lines) for source in places)
    sure = about.diagnosis.confidence
    short = len(places) == 1 and lines <= rules.simple_lines
    if short and sure >= rules.simple_sure and by_rules(about.diagnosis).goes_on:
        return Sized(Size.SIMPLE, f"one place of {lines} lines, and a diagnosis that is sure ({sure:.2f})")
    counted = "one place" if len(places) == 1 else f"{len(places)} places"
    return Sized(Size.USUAL, f"{counted} of {lines} lines, diagnosis {sure:.2f}")


def parted(
    sources: Sequence[Source], rules: Sizes, window: int | None
) -> tuple[list[tuple[Source, ...]], list[Source]]:
    """The sources in groups that fit, in their order, the places of one file together; and those that fit nowhere."""
    groups: list[tuple[Source, ...]] = []
    too_big: list[Source] = []
    current: tuple[Source, ...] = ()
    for path in dict.fromkeys(source.path for source in sources):
        places = tuple(source for source in sources if source.path == path)
        if not _fits(places, window):
            too_big += places
            continue
        files = {source.path for source in current} | {path}
        if current and (len(files) > rules.files or not _fits((*current, *places), window)):
            groups.append(current)
            current = ()
        current = (*current, *places)
    return [*groups, current] if current else groups, too_big


def _fits(sources: Sequence[Source], window: int | None) -> bool:
    return window is None or sum(map(tokens, sources)) + answer_tokens(sources) + _BESIDE <= window
