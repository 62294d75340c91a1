"""The environments that a workflow declares for its steps, and which of them has what another step lacks. Pure.

Read from the workflow's own text: ``conda:``, ``container:`` and ``envmodules:`` of Snakemake's rules; ``conda``,
``container``, ``module`` and ``spack`` of Nextflow's processes, in the process itself or by its name in a
configuration. Only a plain text is a name: what is computed, or may be declared elsewhere, is not known, and then
nothing is said of what a step declares.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from heal.cases import Finding, Sight
from heal.knowledge.sections import Section, sections, text_of
from heal.knowledge.words import Place, words

_OF_RULES = ("conda", "container", "singularity", "envmodules")
_QUOTED = re.compile(r"\"([^\"\n]{1,400})\"|'([^'\n]{1,400})'")
_DIRECTIVE = re.compile(
    r"^[ \t]*(?P<kind>conda|container|module|spack)[ \t]*=?[ \t]*\(?[ \t]*(['\"])(?P<value>[^'\"$\n]{1,400})\2"
    r"[ \t]*\)?[ \t]*(?:[;}]|//|$)",
    re.MULTILINE,
)
_SCRIPT = re.compile(r"\"\"\"(.{0,20000}?)\"\"\"|'''(.{0,20000}?)'''", re.DOTALL)
_SELECTED = re.compile(r"withName[ \t]*:?[ \t]*['\"]?(?P<name>[\w:|.*]{1,200})['\"]?[ \t]*\{(?P<body>[^{}]{0,4000})\}")
_TEXT = r"(?:\"[^\"\n{}]{1,400}\"|'[^'\n{}]{1,400}')"
_PLAIN = re.compile(rf"{_TEXT}(?:[ ,]{{1,20}}{_TEXT}){{0,50}}[ ,]{{0,20}}(?:#.*)?")
# any word that may declare an environment, understood or not
_MAY_DECLARE = re.compile(
    r"(?<![\w.-])(?:process\.)?(?:conda|container|containerized|singularity|envmodules|module|spack|includeConfig)"
    r"(?=[ \t]*[:=('\"{\[]|[ \t]+[\w$])"
)
# a name or a password in an address, or a token behind it
_SECRET = re.compile(r"(?i)://[^/\s]{0,200}@|[?&][\w-]{0,40}(?:token|key|sig|secret|pass)")


@dataclass(frozen=True, slots=True)
class Declared:
    """A step of a workflow, what it runs, and the environment declared for it; ``kind`` is empty where none is.

    ``listed`` is what the environment is made of, as far as that can be read: its name, and the text of its file.
    ``unclear``: it may declare another than is known here.
    """

    step: str
    name: str
    programs: frozenset[str]
    kind: str = ""
    value: str = ""
    listed: str = ""
    unclear: bool = False

    def brings(self, thing: str) -> bool:
        """True where its environment is said to have the thing, or must have what the step itself runs."""
        return bool(self.kind) and (thing in self.programs or self.lists(thing))

    def lists(self, thing: str) -> bool:
        """True where the environment's own text names the thing."""
        return bool(re.search(rf"(?i)(?<![\w-]){re.escape(thing)}(?![\w-])", self.listed))


def declared(sources: Mapping[str, str]) -> tuple[Declared, ...]:
    """The steps of the workflow with their environments; ``sources`` are its texts by their paths."""
    selected = [
        found for path, text in sources.items() if path.endswith(".config") for found in _SELECTED.finditer(text)
    ]
    return tuple(
        _process(section, text, selected) if path.endswith(".nf") else _rule(section, path, sources)
        for path, text in sources.items()
        if path.endswith((".nf", "nakefile", ".smk", ".rules"))
        for section in sections(text)
    )


def folders(sources: Mapping[str, str]) -> tuple[str, ...]:
    """The folders that are declared as conda environments."""
    made = (one.value for one in declared(sources) if one.kind == "conda")
    return tuple(
        dict.fromkeys(value for value in made if value.startswith("/") and not value.endswith((".yaml", ".yml")))
    )


def brought_elsewhere(thing: str, process: str, sources: Mapping[str, str]) -> Finding | None:
    """What is known of a program or module that the step of that process lacks and another step's environment has."""
    steps = declared(sources)
    name = process.rpartition(":")[2]
    own = next((one for one in steps if one.name == name), None)
    if own is None or own.unclear or own.lists(thing) or _may_be_global(name, sources):
        return None
    others = [one for one in steps if one.name != name and one.brings(thing)]
    other = next((one for one in others if (one.kind, one.value) != (own.kind, own.value)), None)
    return _told(thing, own, other) if other else None


def _may_be_global(name: str, sources: Mapping[str, str]) -> bool:
    """True where something outside the steps, or a selector that may be for this one, may declare one for it."""
    return any(_MAY_DECLARE.search(_outside(name, path, text)) for path, text in sources.items())


def _outside(name: str, path: str, text: str) -> str:
    if path.endswith(".config"):
        return _SELECTED.sub(lambda found: found[0] if _selects(found["name"], name) else "", text)
    if not path.endswith(("nakefile", ".smk", ".rules")):
        return ""
    # the steps' own lines are indented below their heads
    return "\n".join(line for line in text.split("\n") if not line[:1].isspace())


def _told(thing: str, own: Declared, other: Declared) -> Finding:
    has = f"its {own.kind} {own.value} is not said to have it" if own.kind else "it declares no environment"
    how = "which runs it too" if thing in other.programs else "whose environment lists it"
    there = f"{other.step}, {how}, declares {other.kind} {other.value}"
    text = f"{thing} is not there for {own.step}: {has}; {there}."
    more = f", or add {thing} to its own" if own.kind else ""
    return Finding(Sight.DECLARED, thing, text, f"Declare {other.kind} {other.value} for {own.step} as well{more}.")


def _rule(section: Section, path: str, sources: Mapping[str, str]) -> Declared:
    commands = "".join(
        double or single for line in section.entries.get("shell", ()) for double, single in _strings(line)
    )
    said = {kind: " ".join(section.entries[kind]) for kind in _OF_RULES if section.entries.get(kind)}
    # a wrapper brings its own
    unclear = "wrapper" in section.entries or any(not _is_name(text) for text in said.values())
    kind = "" if unclear else next(iter(said), "")
    values = [double or single for double, single in _QUOTED.findall(said.get(kind, ""))]
    file = posixpath.normpath(posixpath.join(posixpath.dirname(path), values[0])) if values else ""
    listed = "\n".join((*values, sources.get(file, "")))
    step = f"rule {section.name}"
    return Declared(step, section.name, _programs(commands), kind, ", ".join(values), listed, unclear)


def _is_name(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _SECRET.search(text)


def _strings(line: str) -> Iterator[tuple[str, str]]:
    # of a text over several lines each is a line of the command
    yield from _QUOTED.findall(line) or ([] if line.strip(" \t") in ('"""', "'''") else [(f"{line}\n", "")])


def _process(section: Section, text: str, selected: list[re.Match[str]]) -> Declared:
    body = text_of(text, section.name)
    commands = "\n".join(double or single for double, single in _SCRIPT.findall(body))
    parts = [*reversed([found["body"] for found in selected if _selects(found["name"], section.name)]), body]
    found = next((got for part in parts if (got := _DIRECTIVE.search(part))), None)
    # what is left when the plain ones and the scripts are taken out may declare one as well
    rest = _SCRIPT.sub("", "\n".join(_DIRECTIVE.sub("", part) for part in parts))
    unclear = bool(_MAY_DECLARE.search(rest)) or bool(found and _SECRET.search(found["value"]))
    step = f"process {section.name}"
    if found is None or unclear:
        return Declared(step, section.name, _programs(commands), unclear=unclear)
    return Declared(step, section.name, _programs(commands), found["kind"], found["value"], found["value"])


def _selects(selector: str, name: str) -> bool:
    try:
        return any(re.fullmatch(one.rpartition(":")[2], name) for one in selector.split("|"))
    except re.error:
        return False


def _programs(commands: str) -> frozenset[str]:
    return frozenset(word.text for word in words(commands) if word.place is Place.FIRST)
