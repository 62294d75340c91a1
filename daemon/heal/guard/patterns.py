"""Patterns that choose files or items, and whether the one in the place of another can match fewer of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.lexer import tokens
from heal.guard.regexes import ANYTHING, Run, Sign, runs
from heal.guard.rules import Trait

_LONGEST, _MOST, _MOST_BRACES = 200, 100, 4
_WILD = re.compile(r"[*?]|\[[^\]]+\]")
_GROUP = re.compile(r"\[[^\]]+\]")
_FILLED = re.compile(r"\$\{[^{}]*\}|\$\w+|\$\([^()]*\)|\{(?P<name>[\w.\[\]:]*)(?:,(?P<only>[^{}]*))?\}")
_BRACES = re.compile(r"\{([^{}$]*,[^{}]*)\}")
_EXPRESSIONS = re.compile(
    r"re\.\w+|regex\w*|grepl?|regexpr|str_(?:detect|subset|which|extract\w*|match\w*)|contains|(?:full)?match"
)
_NOT_WORDS = frozenset({"sed", "awk", "gawk", "mawk", "perl", "python", "python3", "Rscript", "expr", "echo", "printf"})
# what is written somewhere chooses nothing
_WRITES = frozenset({"write", "writelines", "print", "println", "cat", "message", "warning", "info", "debug", "error"})
_GREPS = frozenset({"grep", "egrep", "zgrep", "rg"})
_PREFIXES = re.compile(r"[rbfuRBFU]{1,2}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text that may choose, where it is written, and how it is read: as a ``glob``, a ``regex`` or ``wildcards``."""

    text: str
    place: str
    line: int
    how: str = "glob"


def of_strings(text: str, language: Language) -> Iterator[Pattern]:
    """The strings of a program, each with the word before it."""
    place = ""
    for token in tokens(text, language):
        if token.kind == "word" and not _PREFIXES.fullmatch(token.text):
            place = token.text
        elif token.kind == "string" and not re.search(r"\s", inner := _inner(token.text)):
            last = place.rsplit(".", 1)[-1]
            if last in _WRITES:
                continue
            expression = _EXPRESSIONS.fullmatch(place) or _EXPRESSIONS.fullmatch(last)
            if expression or (language is Language.R and last == "pattern"):
                yield Pattern(inner.replace("\\\\", "\\"), last, token.line, "regex")
            else:
                yield Pattern(inner, last, token.line, "wildcards" if last == "glob_wildcards" else "glob")


def _inner(text: str) -> str:
    return text[3:-3] if text[:3] in {'"""', "'''"} else text[1:-1]


def of_commands(commands: Iterable[Command]) -> Iterator[Pattern]:
    """The words of shell commands that are no program of their own."""
    for command in commands:
        name, args = command.name, command.arguments
        if "for" in command.lead:
            name, args = "for", command.words[2:]
        if name in _GREPS:
            keeps = not any(re.match(r"-\w*[vFf]|--(?:invert|fixed|file)", word) for word in args)
            yield from [Pattern(word, "grep", command.line, "regex") for word in args if word[:1] != "-"][: int(keeps)]
        elif name not in _NOT_WORDS:
            yield from (Pattern(word, name, command.line) for word in args if not re.search(r"\s", word))


def of_settings(leaves: Iterable[tuple[str, str, int]]) -> Iterator[Pattern]:
    """The texts of a configuration by their paths."""
    for path, value, line in leaves:
        how = "regex" if re.search(r"(?i)regex", path) else "glob"
        yield Pattern(value, path, line, how)


def narrowed(before: Iterable[Pattern], after: Iterable[Pattern]) -> Iterator[Trait]:
    """Each pattern that came where one went that matches all it matches, and more."""
    old, new = list(before), list(after)
    went = Counter((one.text, one.how) for one in old) - Counter((one.text, one.how) for one in new)
    came = Counter((one.text, one.how) for one in new) - Counter((one.text, one.how) for one in old)
    gone = [one for one in old if went[one.text, one.how] and _chooses(one)][:_MOST]
    for one in [each for each in new if came[each.text, each.how]][:_MOST] if gone else ():
        was = next((each for each in gone if _in_place_of(each, one) and fewer(each, one)), None)
        if was:
            yield Trait(HIDING["hide.fewer_match"], f"{was.text} before, {one.text} now", one.line)


def _chooses(one: Pattern) -> bool:
    if one.how == "regex":
        return True
    # a name that is filled in may have brackets of its own
    return _WILD.search(_FILLED.sub("", one.text)) is not None or (one.how == "wildcards" and "{" in one.text)


def _in_place_of(was: Pattern, now: Pattern) -> bool:
    """What matches nearly everything says nothing of where it went, but for its place."""
    telling = len(re.findall(r"\w", was.text)) > 1
    return was.how == now.how and (was.place == now.place or (telling and was.how == "glob"))


def fewer(was: Pattern, now: Pattern) -> bool:
    """True where all that the second matches is matched by the first, and not the other way round."""
    if was.text == now.text or max(len(was.text), len(now.text)) > _LONGEST:
        return False
    both = was.how == "glob" and "{" in was.text and "{" in now.text
    if both and bool(_BRACES.search(was.text)) != bool(_BRACES.search(now.text)):
        # what is filled in, or one of one: nobody can tell
        return False
    old, new = _runs(was), _runs(now)
    return bool(old and new) and _covers(old, new) and not _covers(new, old)


def _covers(wide: tuple[Run, ...], narrow: tuple[Run, ...]) -> bool:
    return all(any(_matches(one, other) for one in wide) for other in narrow)


def _matches(wide: Run, narrow: Run) -> bool:
    """The runs held against each other sign by sign, in a table."""
    reached = {0}
    for sign in wide:
        if sign.many:
            now, grown = set(reached), sorted(reached)
            for start in grown:
                at = start
                while at < len(narrow) and at + 1 not in now and _holds(sign, narrow[at]):
                    at += 1
                    now.add(at)
            reached = now
        else:
            reached = {
                at + 1 for at in reached if at < len(narrow) and not narrow[at].many and _holds(sign, narrow[at])
            }
    return len(narrow) in reached


def _holds(wide: Sign, narrow: Sign) -> bool:
    """True where what one sign stands for is among what the other does."""
    if wide.text == narrow.text:
        return wide.far or not narrow.many or not narrow.far
    if not wide.text:
        return wide.far or (narrow.text not in {"/", ""})
    return len(wide.text) > 1 and len(narrow.text) == 1 and _one_of(wide.text, narrow.text)


def _one_of(group: str, sign: str) -> bool:
    inside = group[1:-1]
    other = inside[:1] in {"^", "!"}
    inside = inside[other:]
    spans = re.findall(r"(.)-(.)", inside)
    single = re.sub(r".-.", "", inside)
    return (sign in single or any(first <= sign <= last for first, last in spans)) is not other


# --- globs ---------------------------------------------------------------------------------------


def _runs(one: Pattern) -> tuple[Run, ...]:
    if one.how == "regex":
        return runs(one.text)
    return tuple(run for text in _spread(one.text, one.how) for run in _of_glob(text, one.how))


def _spread(text: str, how: str) -> list[str]:
    """``{a,b}`` as two texts; in a Snakefile's pattern that is a wildcard, and what it may be."""
    found = _BRACES.search(text)
    if how != "glob" or not found or text.count("{") > _MOST_BRACES:
        return [text]
    parts = found[1].split(",")
    return [one for part in parts for one in _spread(text[: found.start()] + part + text[found.end() :], how)]


def _of_glob(text: str, how: str) -> list[Run]:
    found: list[Run] = [()]
    at = 0
    while at < len(text):
        more: tuple[Run, ...]
        filled = _FILLED.match(text, at)
        group = _GROUP.match(text, at)
        if filled:
            only = runs(f"^(?:{filled['only']})$") if filled["only"] else ()
            more, at = only or ((ANYTHING,) if how == "wildcards" else (Sign("", many=True, far=False),),), filled.end()
        elif group:
            more, at = ((Sign(group[0], far=False),),), group.end()
        elif text.startswith("**/", at):
            more, at = ((ANYTHING,),), at + 3
        elif text[at] in "*?":
            more, at = ((Sign("", many=text[at] == "*", far=False),),), at + 1
        else:
            more, at = ((Sign(text[at]),),), at + 1
        found = [(*one, *each) for one in found for each in more]
        if len(found) > _MOST:
            return []
    return found
