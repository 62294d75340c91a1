"""Configuration as data: which settings and list entries there are, and what they say."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from heal.guard import package_sources, profiles, shell_fragments, shell_rules
from heal.guard.hiding import HIDING
from heal.guard.kinds import Language
from heal.guard.powers import POWERS
from heal.guard.rules import Trait
from heal.guard.shell import commands
from heal.guard.values import RETRY, SEED, Value
from heal.records import Verdict

_SAMPLES = re.compile(
    r"(?i)sample|reads|fastq|units?\b|chrom|contig|region|lane|patient|subject|cohort|batch|input|target|group"
)
_LENIENT = re.compile(
    r"(?i)keep.?going|ignore|continue.?on|tolerate|allow.?(?:fail|err)|skip|no.?fail|lenien|force|^error$"
    r"|\.error$|best.?effort"
)
_STRICT = re.compile(r"(?i)fail|strict|validat|check|ensure|verify|require|abort|raise")
_LEFT_OUT = re.compile(r"(?i)exclu|black.?list|(?:^|[._])(?:skip|omit|ignore|drop|remove|leave_?out|deny)")
_ENTRIES = re.compile(
    r"(?i)(?:.*/)?[^/]*(?:sample|unit|manifest|accession|subject|patient|donor|sra|srr|chrom|contig|region)[^/]*\.(?:txt|list|lst|fofn)"
)
_COMMANDS = re.compile(r"[;|&`]|\$\(|[<>]\(")
_TAG = re.compile(r"(?m)(?:^|[\s\[{,:-])(!!?(?!(?:str|int|float|bool|null|seq|map|set|timestamp|=)\b)[\w./:-]+)")
_OFF, _ON = frozenset({"False", "0", "no", "off"}), frozenset({"True", "1", "yes", "on"})


def loaded(text: str, language: Language) -> Any:
    """What the text holds. Raises ``ValueError`` with the reason where it cannot be read."""
    try:
        if language is Language.JSON:
            return json.loads(text)
        if language is Language.TOML:
            return tomllib.loads(text)
        return _yaml(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only where a patch holds YAML
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - as above

    if text.count("&") + text.count("*") > 200 and len(re.findall(r"(?<=\s)\*\w+", text)) > 40:  # noqa: PLR2004 - a bomb
        raise ValueError("it refers to itself too often")
    reader = YAML(typ="safe", pure=True)
    try:
        documents = list(reader.load_all(io.StringIO(text)))
    except (YAMLError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(" ".join(str(error).split())[:200]) from error
    return documents[0] if len(documents) == 1 else documents


def leaves(data: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every value with its path; entries of a list all have the list's path and ``[]``."""
    if depth > 40:  # noqa: PLR2004 - deeper than any configuration
        return
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value, f"{path}[]", depth + 1)
    else:
        yield path, data


def traits(data: Any, text: str, place: str = "") -> Iterator[Trait]:
    """What is there, so that its going is seen; and what says that errors do not count."""
    environment = isinstance(data, dict) and "dependencies" in data
    yield from _of_kind(data, text, place, environment=environment)
    for path, value in leaves(data):
        line = _line(text, path, value)
        shown = f"{path}: {value}"
        if path.endswith("[]") or (".".join(path.split(".")[:-1]) and _SAMPLES.search(path)):
            rule = HIDING["hide.samples_gone" if _SAMPLES.search(path) and not environment else "hide.entry_gone"]
            yield Trait(rule, "entry", line)
        else:
            yield Trait(HIDING["hide.setting_gone"], "setting", line)
        if environment:
            yield Trait(POWERS["power.environment"], str(value), line)
        elif re.search(r"(?i)(?:container|image|conda|env|singularity|channel|wrapper)", path.rsplit(".", 1)[-1]):
            yield Trait(POWERS["power.environment"], shown, line)
        yield from _turned(path, value, line)
        if isinstance(value, str) and not environment:
            yield from shell_fragments.traits(value, line)
        if isinstance(value, str) and _COMMANDS.search(value):
            found, _ = commands(value, line)
            yield from (
                one
                for one in shell_rules.traits(found)
                if one.rule.id.startswith("power.") and one.rule.verdict is Verdict.REFUSE
            )


def _turned(path: str, value: Any, line: int) -> Iterator[Trait]:
    """What a setting says of errors, and of what is left out."""
    word, shown = str(value), f"{path}: {value}"
    if _LENIENT.search(path) and word not in _OFF and isinstance(value, (bool, int)):
        yield Trait(HIDING["hide.keep_going"], shown, line)
    if _STRICT.search(path) and word in _OFF:
        yield Trait(HIDING["hide.keep_going"], shown, line)
    if _LEFT_OUT.search(path) and isinstance(value, str) and value.strip():
        yield Trait(HIDING["hide.skip"], shown, line)
    if RETRY.search(path) and word not in _OFF:
        yield Trait(HIDING["hide.retries"], shown, line)


def _of_kind(data: Any, text: str, place: str, *, environment: bool) -> Iterator[Trait]:
    """What only an engine's profile or a list of packages can say."""
    if profiles.is_profile(place, data):
        for path, value in profiles.beyond_amounts(leaves(data)):
            yield Trait(POWERS["power.profile"], f"{path}: {value}", _line(text, path, value))
    if environment:
        for path, source in package_sources.of_data(leaves(data)):
            yield Trait(POWERS["power.package_source"], source, _line(text, path, source))
        for path, value in leaves(data):
            if re.match(r"variables\.", path):
                yield Trait(POWERS["power.loader"], f"{path}: {value}", _line(text, path, value))


def listed(text: str, place: str) -> Iterator[Trait]:
    """The sources in a plain list of packages, and the entries of a plain list of samples."""
    if _ENTRIES.fullmatch(place):
        gone = HIDING["hide.samples_gone"]
        yield from (Trait(gone, "entry", line) for line, one in enumerate(text.split("\n"), start=1) if one.strip())
    if package_sources.lists_packages(place):
        yield from (Trait(POWERS["power.package_source"], one, line) for line, one in package_sources.of_lines(text))


def tags(text: str) -> Iterator[Trait]:
    """Tags that make a reader build something other than text, numbers, lists and tables."""
    for found in _TAG.finditer(re.sub(r"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*", "", text)):
        yield Trait(POWERS["power.yaml_tag"], found[1], 0)


def values(data: Any, text: str) -> Iterator[Value]:
    """Settings with their values, for what is compared by name."""
    for path, value in leaves(data):
        if isinstance(value, bool):
            yield Value(path, "1" if value else "0", _line(text, path, value))
        elif value is not None and not (path.endswith("[]") and path.startswith(("dependencies", "channels"))):
            yield Value(f"seed {path}" if SEED.search(path) else path, str(value), _line(text, path, value))


def _line(text: str, path: str, value: Any) -> int:
    """The line that names the setting and its value; 0 where it is not plain to see."""
    key = path.rstrip("[]").rsplit(".", 1)[-1]
    return next(
        (
            number
            for number, line in enumerate(text.split("\n"), start=1)
            if (path.endswith("[]") or key in line) and str(value) in line
        ),
        0,
    )
