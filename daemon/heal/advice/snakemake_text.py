"""What is wrong with a Snakefile by its text: what newer Snakemakes refuse, what is named and not there. Pure.

What Snakemake 8 took away is in its migration guide; the keywords in ``snakemake/parser.py`` of 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from heal.advice.issues import Issue, Severity
from heal.advice.shell_text import unset_variables
from heal.knowledge.sections import Section, sections

_GONE = (
    (re.compile(r"\bdynamic\(\s*['\"]"), "dynamic() is gone since Snakemake 8", "make the rule a checkpoint"),
    (re.compile(r"^\s*subworkflow\s+\w+\s*:"), "subworkflow is gone since Snakemake 8", "use module (with use rule)"),
    (re.compile(r"^\s+version:"), "version: is gone since Snakemake 8", "name the version in conda: or container:"),
    (
        re.compile(r"^\s*(?:from|import)\s+snakemake\.remote\b"),
        "remote providers are gone since Snakemake 8",
        "use a storage plugin: storage.s3(…), storage.http(…)",
    ),
)
_OLD = (
    (re.compile(r"^\s+singularity:"), "singularity: is deprecated", "write container:"),
    (re.compile(r"^\s*singularity:\s*['\"]"), "singularity: is deprecated", "write container:"),
)
# the options of a command line, and of a profile by the same names
_OPTIONS = {
    "cluster": "--executor cluster-generic with --cluster-generic-submit-cmd, or --executor slurm",
    "cluster-sync": "--executor cluster-sync with --cluster-sync-submit-cmd",
    "cluster-config": "set-resources and default-resources in a profile",
    "cluster-status": "--cluster-generic-status-cmd",
    "cluster-cancel": "--cluster-generic-cancel-cmd",
    "drmaa": "--executor drmaa (a plugin)",
    "default-remote-provider": "--default-storage-provider",
    "default-remote-prefix": "--default-storage-prefix",
}
_CALL = re.compile(r"^[^#\n]*\bsnakemake\b(?:\\\n|[^\n])*", re.MULTILINE)
_REFERENCE = re.compile(
    r"^\s*(?P<kind>script|notebook|conda|include|configfile|envvars)\s*:\s*(?:\n\s+)?(?P<q>['\"])(?P<path>[^'\"{}\n]+)(?P=q)",
    re.MULTILINE,
)
_KEY = re.compile(
    r"\bconfig\[\s*(['\"])(?P<first>[\w.-]+)\1\s*\](?:\[\s*(['\"])(?P<second>[\w.-]+)\3\s*\])?(?P<set>\s*=(?!=))?"
)
_ABSENT_IS_FINE = re.compile(
    r"(['\"])(?P<name>[\w.-]+)\1\s+(?:not\s+)?in\s+config\b|config\.(?:get|setdefault)\(\s*(['\"])(?P<got>[\w.-]+)\3"
)
_RULES_ELSEWHERE = re.compile(
    r"^\s*(?:module\s+\w+\s*:|use\s+rule\s|include\s*:\s*+(?!['\"][^'\"{}:]+['\"]\s*(?:#|$)))", re.MULTILINE
)
_SHELL = re.compile(r"(?P<q>\"\"\"|'''|\"|')(?P<body>.*?)(?<!\\)(?P=q)", re.DOTALL)


def removed(name: str, text: str) -> Iterator[Issue]:
    """What Snakemake 8 and 9 refuse, and what they call deprecated."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        for regex, what, do in _GONE:
            if regex.search(line):
                yield Issue(Severity.ERROR, name, number, what, do)
        if any(regex.search(line) for regex, _what, _do in _OLD):
            yield Issue(Severity.WARNING, name, number, *_OLD[0][1:])


def old_options(name: str, text: str) -> Iterator[Issue]:
    """Options in a script's calls of ``snakemake`` that Snakemake 8 took away."""
    for call in _CALL.finditer(text):
        for option, instead in _OPTIONS.items():
            if found := re.search(rf"\s--{option}(?=[\s=])", call[0]):
                line = text.count("\n", 0, call.start() + found.start() + 1) + 1
                yield Issue(Severity.ERROR, name, line, f"--{option} is gone since Snakemake 8", instead)


def old_profile(name: str, content: Any, text: str) -> Iterator[Issue]:
    """Keys of a profile that Snakemake 8 took away."""
    for key in content if isinstance(content, dict) else ():
        if key in _OPTIONS:
            said = f"{key}: in a profile is gone since Snakemake 8"
            yield Issue(Severity.ERROR, name, line_of(text, rf"^\s*{re.escape(key)}\s*:"), said, _OPTIONS[key])


def missing_files(name: str, text: str, there: Callable[[str, str], bool], *, parsed: bool = False) -> Iterator[Issue]:
    """Scripts, environments, includes and configuration files that are named and not there.

    ``there`` is asked with a path and the file that it is relative to; empty: the folder that Snakemake is started in.
    ``parsed``: Snakemake has read all that it reads before it looks at rules, so that is there or comes otherwise.
    """
    for found in _REFERENCE.finditer(text):
        kind, path = found["kind"], found["path"]
        early = kind in ("configfile", "include")
        if (
            "://" in path
            or kind == "envvars"
            or (parsed and early)
            or (kind == "conda" and not path.endswith((".yaml", ".yml")))
        ):
            continue
        base = "" if kind == "configfile" else name
        if not there(path, base):
            line = text.count("\n", 0, found.start("path")) + 1
            of = "the folder of this file" if base else "the folder that Snakemake is started in"
            yield Issue(Severity.ERROR, name, line, f"{kind}: {path} is not there", f"it is looked for from {of}")


def unmade_inputs(sources: Mapping[str, str], there: Callable[[str, str], bool]) -> Iterator[Issue]:
    """Inputs that are named in full, that no rule makes and that are not there.

    Of a workflow with rules from elsewhere (``module``, an ``include:`` that is computed) nothing is said.
    """
    if any(_RULES_ELSEWHERE.search(text) for text in sources.values()):
        return
    rules = {name: sections(text) for name, text in sources.items()}
    made = [
        _pattern(path) for of in rules.values() for rule in of for path in _paths(rule, "output", "log", "benchmark")
    ]
    for name, of in rules.items():
        for rule in of:
            for path in _paths(rule, "input"):
                # a word alone may be the name of a rule, or of a storage
                if re.search(r"[{}*$:]", path) or not re.search(r"[/.]", path):
                    continue
                if not there(path, "") and not any(regex.fullmatch(path) for regex in made):
                    said = f"input {path} of rule {rule.name} is not there, and no rule makes it"
                    line = line_of(sources[name], re.escape(path), rule.line)
                    yield Issue(Severity.WARNING, name, line, said, "correct the path, or bring the file")


def missing_keys(sources: Mapping[str, str], config: Mapping[str, Any] | None) -> Iterator[Issue]:
    """Keys that are read from ``config`` and are not in it; ``config`` None: what it holds is not known."""
    if config is None:
        return
    sources = {name: re.sub(r"(?m)^[ \t]*#.*$", "", text) for name, text in sources.items()}
    every = "\n".join(sources.values())
    fine = {name for found in _ABSENT_IS_FINE.finditer(every) if (name := found["name"] or found["got"])}
    fine |= {found["first"] for found in _KEY.finditer(every) if found["set"]}
    told: set[str] = set()
    for name, text in sources.items():
        for found in _KEY.finditer(text):
            said = _absent(config, found["first"], found["second"])
            if found["set"] or found["first"] in fine or said is None or said in told:
                continue
            told.add(said)
            line = line_of(text, re.escape(found[0]))
            do = "add it to the configuration file, or give --config"
            yield Issue(Severity.WARNING, name, line, f"{said} is read, and no configuration file here has it", do)


def shell_variables(name: str, text: str, env: Mapping[str, str]) -> Iterator[Issue]:
    """Variables that a rule's ``shell:`` uses and nothing sets: Snakemake runs it under ``set -euo pipefail``."""
    lines = text.split("\n")
    found = sections(text)
    ends = [*(one.line for one in found), len(lines) + 1][1:]
    for rule, end in zip(found, ends, strict=bool(found)):
        start = next((n for n in range(rule.line, end - 1) if re.match(r"\s+shell\s*:", lines[n])), None)
        if start is None:
            continue
        body = "\n".join(lines[start : end - 1])
        for block in _SHELL.finditer(body):
            # only what stands before the next keyword of the rule
            if re.search(r"^\s+[a-z]+\s*:\s*$", body[: block.start()].partition("\n")[2], re.MULTILINE):
                break
            command = re.sub(
                r"\{\{|\}\}", lambda brace: brace[0][0], re.sub(r"(?<!\{)\{[^{}]+\}(?!\})", "x", block["body"])
            )
            at = start + 1 + body.count("\n", 0, block.start())
            yield from unset_variables(name, command, env, strict=True, at=at)


def configfiles(sources: Mapping[str, str]) -> tuple[str, ...]:
    """The configuration files that Snakefiles name in so many words."""
    found = (match for text in sources.values() for match in _REFERENCE.finditer(text))
    return tuple(match["path"] for match in found if match["kind"] == "configfile")


def line_of(text: str, regex: str, after: int = 1) -> int:
    """The first line, from ``after`` on, that this is found in; 0 where it is in none."""
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, start=1) if n >= after and re.search(regex, line)), 0)


def _absent(config: Mapping[str, Any], first: str, second: str | None) -> str | None:
    if first not in config:
        return f'config["{first}"]'
    inner = config[first]
    if second and isinstance(inner, dict) and second not in inner:
        return f'config["{first}"]["{second}"]'
    return None


def _paths(rule: Section, *kinds: str) -> list[str]:
    return [path for kind in kinds for path in rule.entries.get(kind, ())]


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]*\}", path)
    return re.compile(".+".join(re.escape(part) for part in parts) + "(?:/.*)?")
