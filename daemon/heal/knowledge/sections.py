"""Rules with their ``input:`` and ``output:``, as a Snakefile writes them and as Snakemake's log repeats them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_CLIP = 2_000_000
_HEAD = re.compile(
    r"^(?P<dent>[ \t]{0,40})(?P<error>Error in )?(?:local)?(?:rule|checkpoint|process)[ \t]+(?P<name>\w{1,200})"
    r"[ \t]*[:{]"
)
_ENTRY = re.compile(r"^(?P<dent>[ \t]+)(?P<kind>[a-z][\w-]{0,40})[ \t]*:(?!/)(?P<rest>.*)$")
_QUOTED = re.compile(r"f?\"((?:[^\"\\\n]|\\.){0,400})\"|f?'((?:[^'\\\n]|\\.){0,400})'")
_NOTE = re.compile(r" \((?:missing|check log)[^)\n]{0,200}\)?$")
_WITH_PATHS = ("input", "output", "log", "benchmark")


@dataclass(slots=True)
class Section:
    """One rule: its name, the line it begins in (from 1), and by the kind of entry what it lists."""

    name: str
    line: int
    error: bool = False
    entries: dict[str, list[str]] = field(default_factory=dict)

    @property
    def wildcards(self) -> str:
        """Its wildcards as the log shows them: ``sample=a, lane=1``."""
        return ", ".join(self.entries.get("wildcards", ()))

    @property
    def listed(self) -> Mapping[str, list[str]]:
        """The entries that list paths."""
        return {kind: found for kind, found in self.entries.items() if kind in _WITH_PATHS}


def sections(text: str) -> list[Section]:
    """The rules in order. Reads line by line; what it does not know it passes over."""
    found: list[Section] = []
    kind, dent, inside = "", 0, False
    for number, line in enumerate(text[:_CLIP].split("\n"), start=1):
        if head := _HEAD.match(line):
            found.append(Section(head["name"], number, bool(head["error"])))
            kind, dent, inside = "", len(head["dent"]), True
        elif not inside or not line.strip():
            continue
        elif (entry := _ENTRY.match(line)) and len(entry["dent"]) > dent:
            kind = entry["kind"]
            _add(found[-1], kind, entry["rest"])
        elif len(line) - len(line.lstrip()) > dent:
            if kind:
                _add(found[-1], kind, line)
        elif not line.startswith(("}", ")")):
            inside = False
    return found


def text_of(text: str, name: str) -> str:
    """The lines of the rule of that name, down to the next rule; empty where there is none."""
    found = sections(text)
    starts = [section.line for section in found] + [text.count("\n") + 2]
    spans = [(one.line, after) for one, after in zip(found, starts[1:], strict=True) if one.name == name]
    lines = text[:_CLIP].split("\n")
    return "\n".join(line for start, after in spans for line in lines[start - 1 : after - 1])


def _add(section: Section, kind: str, text: str) -> None:
    entries = section.entries.setdefault(kind, [])
    text = text.strip()
    if not text:
        return
    if kind in _WITH_PATHS and (quoted := _QUOTED.findall(text)):
        entries += [double or single for double, single in quoted]
    elif kind in (*_WITH_PATHS, "wildcards"):
        entries += [_NOTE.sub("", one.strip()) for one in text.split(", ") if one.strip()]
    else:
        entries.append(text)
