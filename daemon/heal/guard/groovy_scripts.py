"""The scripts that stand in a Nextflow file, as their interpreters get them, and what became of each in a patch."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from heal.guard.kinds import Language
from heal.guard.lexer import Token, tokens

_THREE = ('"""', "'''")
_PLACE = re.compile(r"(?:script|shell|stub)\s*:\s*$|cmd\s*=\s*$")
_PROCESS = re.compile(r"\bprocess\s+(\w+)\s*\{$")
_SELECTOR = re.compile(r"\bwith(?:Name|Label)\s*:\s*['\"]$")
_ESCAPED = re.compile(r"(?<!\\)\\(?:u+([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2}))")
_SHOWN = 80
# so much of a script is the same where only some of it was changed
_ALIKE = 0.5
# longer ones are compared by line
_SHORT = 2000


@dataclass(frozen=True, slots=True)
class Script:
    """A string of a Nextflow file, pieces that are put together as one. ``sure``: it stands where scripts stand."""

    process: str
    text: str
    line: int
    sure: bool

    @property
    def named(self) -> tuple[str, str]:
        """Its first line, if that names an interpreter, and the rest; Nextflow takes away what is blank before it."""
        plain = self.text.lstrip()
        if not plain.startswith("#!"):
            return "", plain
        first, _, rest = plain.replace("\\n", "\n", 1).partition("\n")
        return first, rest

    @property
    def starts(self) -> int:
        """The line in which its text begins."""
        return self.line + self.text[: len(self.text) - len(self.text.lstrip())].count("\n")


def strings(text: str) -> Iterator[Script]:
    """All strings of the text. What stands between slashes is none to the reader, but for a first line in it."""
    process, before = "", ""
    found: Script | None = None
    for token in tokens(text, Language.GROOVY):
        if token.kind == "comment":
            continue
        if token.kind == "string":
            one = _read(token, process, before)
            if found and before.rstrip().endswith("+"):
                found = replace(found, text=found.text + one.text, sure=found.sure or one.sure)
            else:
                yield from [found] if found else []
                found = one
        elif token.text == "!" and before.endswith("#"):
            yield Script(process, "#!" + text.split("\n")[token.line - 1].partition("#!")[2], token.line, sure=False)
        elif found and token.text.strip() not in {"", "+"}:
            yield found
            found = None
        before = (before + token.text)[-_SHOWN:]
        process = named[1] if (named := _PROCESS.search(before)) else process
    yield from [found] if found else []


def _read(token: Token, process: str, before: str) -> Script:
    size = 3 if token.text[:3] in _THREE else 1
    text = _rendered(token.text[size:-size], gstring=token.text[0] == '"')
    return Script(process, text, token.line, sure=size > 1 or _PLACE.search(before) is not None)


def selects(script: Script, lines: Sequence[str]) -> bool:
    """True for names of processes that a configuration speaks of, which may be a regular expression."""
    line = lines[script.line - 1]
    return bool(script.text) and _SELECTOR.search(line.partition(script.text)[0]) is not None


def outside(text: str) -> str:
    """The text without its comments and the strings of several lines, line for line."""
    return "".join(
        re.sub(r"[^\n]", " ", token.text) if token.kind == "comment" or token.text[:3] in _THREE else token.text
        for token in tokens(text, Language.GROOVY)
    )


def _rendered(text: str, *, gstring: bool) -> str:
    """A script as a shell gets it: what Groovy puts in, if it is more than a name, stands as a placeholder."""
    if gstring:
        text = re.sub(r"(?<!\\)\$\{(?:[^{}]|\{[^{}]*\})*\}", _placeholder, text)
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16) if found[1] else int(found[2], 8)), text)
    return re.sub(r"\\([$\\\"'])", r"\1", re.sub(r"\A\\(?=\n)", " ", text))


def _placeholder(found: re.Match[str]) -> str:
    return found[0] if re.fullmatch(r"\$\{[\w.\[\]]+\}", found[0]) else "{groovy}" + "\n" * found[0].count("\n")


# --- two files -----------------------------------------------------------------------------------


def changed(before: str, after: str) -> Iterator[tuple[Script | None, Script]]:
    """Give each script that is not as it was, with what it was; None for one that names an interpreter and is new."""
    left, now = _scripts(before), _scripts(after)
    if not any(one.named[0] for one in (*left, *now)):
        return
    new = []
    for script in now:
        same = next((one for one in left if one.text == script.text), None)
        if same is None:
            new.append(script)
        else:
            left.remove(same)
    heads = Counter(one.named[0] for one in now)
    for script in sorted(new, key=lambda one: not one.sure):
        head, was = script.named[0], _nearest(script, left)
        if was is not None:
            left.remove(was)
        # where the text before could not be read as it stands, its scripts may not be found
        if was is not None or heads[head] > before.count(head):
            yield was, script


def _scripts(text: str) -> list[Script]:
    return [one for one in strings(text) if one.sure or one.named[0]]


def _nearest(script: Script, among: Sequence[Script]) -> Script | None:
    ranked = sorted(among, key=lambda one: one.process != script.process)
    return next((one for one in ranked if one.sure == script.sure and _alike(script.named[1], one.named[1])), None)


def _alike(one: str, other: str) -> bool:
    by_line = len(one) + len(other) > _SHORT
    mine, its = (one.split("\n"), other.split("\n")) if by_line else ([*one], [*other])
    match = difflib.SequenceMatcher(None, mine, its, autojunk=False)
    return all(ratio() > _ALIKE for ratio in (match.real_quick_ratio, match.quick_ratio, match.ratio))
