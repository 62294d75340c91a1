"""What is wrong with a Nextflow pipeline by its text: what newer ones refuse, what is named and not there. Pure.

From Nextflow's own migration notes (DSL2, 23.04 to 25.10) and its strict parser, which will be the only one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from heal.advice.issues import Issue, Severity
from heal.knowledge.included import CONFIGS, MODULES

_MODES = ("copy", "copyNoFollow", "link", "move", "rellink", "symlink")
_ERRORS = (
    (
        re.compile(r"^\s*(?:nextflow\.(?:preview|enable)\.)?dsl\s*=\s*1\b|nextflow\.enable\.dsl\s*=\s*1"),
        "DSL1 is gone since Nextflow 22.12",
        "move it to DSL2: a workflow block that calls the processes",
    ),
    (re.compile(r"nextflow\.preview\.dsl"), "nextflow.preview.dsl is gone", "take the line out"),
    (re.compile(r"^\s*validExitStatus\b"), "validExitStatus is gone", "let the script end with 0"),
    (re.compile(r"\b[cC]hannel\.create\s*\("), "Channel.create() is DSL1", "pass channels to processes in workflow"),
    (
        re.compile(r"^\s*(?:val|file|path|tuple|set|env|each|stdin)\b[^=\n]*\s(?:from|into)\s+\w+\s*$"),
        "from and into are DSL1",
        "take them out; workflow hands channels to processes",
    ),
    (re.compile(r"^\s*set\s+(?:val|file|path)\b[^=\n]*,"), "the qualifier set is gone", "write tuple val(…), path(…)"),
)
_WARNINGS = (
    (re.compile(r"^\s*echo\s+(?:true|false)\b"), "the directive echo is now debug", "write debug true"),
    (
        re.compile(r"\.addParams\s*\(|\baddParams\s*\("),
        "addParams is deprecated, the strict parser refuses it",
        "pass it as an input",
    ),
    (re.compile(r"^\s*include\b.*\bparams\s*\("), "include … params() is deprecated", "pass it as an input"),
    (re.compile(r"\b[cC]hannel\.from\s*\("), "Channel.from is deprecated", "write channel.of or channel.fromList"),
    (re.compile(r"^\s*shell:\s*$"), "the section shell: is deprecated since 24.11", "write script: and ${…}"),
)
_REMARKS = (
    (
        re.compile(r"(?<![\w/.])Channel\.(?!create|from\b)[a-z]\w*"),
        "the strict parser wants channel in small letters",
        "write channel.",
    ),
    (re.compile(r"nextflow\.enable\.dsl\s*=\s*2"), "DSL2 is the only one since 22.12", "the line can go"),
)
_PUBLISH = re.compile(r"\bpublishDir\b[^\n]*?\bmode\s*[:=]\s*(['\"])(?P<mode>\w+)\1")
_TEMPLATE = re.compile(r"^\s*template\s*(?:\(\s*)?(['\"])(?P<path>[^'\"$]+)\1", re.MULTILINE)
_CONDA = re.compile(
    r"^\s*conda\s*(?:=\s*)?\(?\s*\"\$\{?(?P<base>projectDir|baseDir|moduleDir)\}?/(?P<path>[^\"$]+)\"", re.MULTILINE
)
_USED = re.compile(r"\bparams\.(?P<name>[A-Za-z_]\w*)(?P<set>\s*=(?!=))?")
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"\w])//[^\n]*", re.DOTALL)


def old_syntax(name: str, text: str) -> Iterator[Issue]:
    """What Nextflow refuses now or soon, and modes of publishDir that there are not."""
    for number, line in enumerate(_uncommented(text).split("\n"), start=1):
        for severity, table in (
            (Severity.ERROR, _ERRORS), (Severity.WARNING, _WARNINGS), (Severity.REMARK, _REMARKS)
        ):  # fmt: skip
            for regex, what, do in table:
                if regex.search(line):
                    yield Issue(severity, name, number, what, do)
        if (found := _PUBLISH.search(line)) and found["mode"] not in _MODES:
            said = f"publishDir has no mode {found['mode']!r}"
            yield Issue(Severity.ERROR, name, number, said, f"one of {', '.join(_MODES)}")


def missing_files(name: str, text: str, there: Callable[[str], bool]) -> Iterator[Issue]:
    """Modules, configuration files, templates and environments that are named and not there."""
    plain = _uncommented(text)
    beside = PurePosixPath(name).parent
    for found in MODULES.finditer(plain):
        path = _joined(beside, found["path"])
        if not any(there(each) for each in (f"{path}.nf", path if path.endswith(".nf") else f"{path}/main.nf")):
            yield _gone(name, plain, found, "module")
    for found in CONFIGS.finditer(plain):
        if "://" not in found["path"] and not there(_joined(beside, found["path"])):
            yield _gone(name, plain, found, "configuration file")
    for found in _TEMPLATE.finditer(plain):
        places = [_joined(beside, f"templates/{found['path']}"), f"templates/{found['path']}"]
        if not any(there(place) for place in places):
            yield _gone(name, plain, found, "template")
    for found in _CONDA.finditer(plain):
        base = beside if found["base"] == "moduleDir" else PurePosixPath()
        if not there(_joined(base, found["path"])):
            yield _gone(name, plain, found, "conda environment")


def undeclared_params(sources: Mapping[str, str], schema: str = "") -> Iterator[Issue]:
    """Parameters that are used and that nothing gives a value: no assignment, no params block, no schema."""
    plain = {name: _uncommented(text) for name, text in sources.items()}
    known = set(re.findall(r"\"(\w+)\"\s*:\s*\{", schema))
    for text in plain.values():
        known |= {found["name"] for found in _USED.finditer(text) if found["set"]} | set(_in_blocks(text))
    told: set[str] = set()
    for name, text in plain.items():
        for found in _USED.finditer(text):
            param = found["name"]
            if param in known or param in told or text[found.end() : found.end() + 1] == "(":
                continue
            told.add(param)
            line = text.count("\n", 0, found.start()) + 1
            do = f"declare it in nextflow.config (params.{param} = null), or give --{param}"
            yield Issue(Severity.WARNING, name, line, f"params.{param} is used, and nothing here gives it a value", do)


def _in_blocks(text: str) -> Iterator[str]:
    for start in re.finditer(r"\bparams\s*\{", text):
        depth = 1
        for line in text[start.end() :].split("\n"):
            if depth == 1 and (found := re.match(r"\s*(\w+)\s*(?:[=:{]|$)", line)):
                yield found[1]
            yield from (re.findall(r"(\w+)\s*=", line) if depth == 1 and ";" in line else ())
            depth += line.count("{") - line.count("}")
            if depth < 1:
                break


def _uncommented(text: str) -> str:
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text.replace("\r\n", "\n"))


def _joined(base: PurePosixPath, path: str) -> str:
    parts: list[str] = []
    for part in (base / path).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) if not path.startswith("/") else path


def _gone(name: str, text: str, found: re.Match[str], kind: str) -> Issue:
    line = text.count("\n", 0, found.start("path")) + 1
    return Issue(
        Severity.ERROR, name, line, f"{kind} {found['path']} is not there", "correct the path, or bring the file"
    )
