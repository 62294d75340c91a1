"""Variables that a shell script uses and nothing sets, where ``set -u`` makes that an error. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from heal.advice.issues import Issue, Severity

_STRICT = re.compile(
    r"^\s*set\s+-[a-z]*u|^\s*set\s+-o\s+nounset|^\s*set\s+-\w+\s+-[a-z]*u|^#!.*\s-[a-z]*u", re.MULTILINE
)
_USED = re.compile(r"(?<!\\)\$(?:\{(?P<braced>[A-Za-z_]\w*)(?P<after>[^\w])|(?P<bare>[A-Za-z_]\w*))")
_SET = re.compile(
    r"(?:^|[\s;&|({`])(?:export\s+|local\s+|declare\s+(?:-\w+\s+)*|readonly\s+|typeset\s+(?:-\w+\s+)*)?"
    r"(?P<name>[A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=",
    re.MULTILINE,
)
_NAMED = re.compile(
    r"\b(?:for|select)\s+(\w+)|\b(?:read|mapfile|readarray|getopts|local|declare|readonly|export|typeset|printf -v)\b"
    r"([^\n;|&<]*)"
)
_OTHERS = re.compile(r"^\s*(?:source|\.|eval|module|conda|micromamba|mamba|ml|spack)\s", re.MULTILINE)
_GUARD = re.compile(r"\$\{(\w+)(?::?[-=+?])|-[vnz]\s+\"?\$?\{?(\w+)")
# what bash sets itself, what a login gives everywhere, what SLURM gives its jobs
_GIVEN = re.compile(
    r"HOME|USER|LOGNAME|PATH|PWD|OLDPWD|SHELL|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE|RANDOM|SRANDOM|SECONDS|LINENO|EUID|UID"
    r"|PPID|IFS|OPTARG|OPTIND|REPLY|BASH\w*|FUNCNAME|PIPESTATUS|GROUPS|DIRSTACK|EPOCH\w*|SHLVL|COLUMNS|LINES|TERM|LANG"
    r"|SLURM\w*|SBATCH\w*|CUDA_VISIBLE_DEVICES|_"
)
_HEREDOC = re.compile(r"<<-?\s*(['\"])(\w+)\1[^\n]*\n.*?^\s*\2$", re.MULTILINE | re.DOTALL)


def unset_variables(
    name: str, text: str, env: Mapping[str, str], *, strict: bool = False, at: int = 1
) -> Iterator[Issue]:
    """Each variable once, where it is used first; ``strict``: ``set -u`` holds without being said. ``at``: first line.

    A script that reads others, or loads modules, may get it from there: then it is a remark.
    """
    if not strict and not _STRICT.search(text):
        return
    plain = expanded_text(text)
    known = _known(plain)
    severity = Severity.REMARK if _OTHERS.search(plain) else Severity.WARNING
    told: set[str] = set()
    for used in _USED.finditer(plain):
        variable = used["braced"] or used["bare"]
        if variable in told or variable in known or variable in env or _GIVEN.fullmatch(variable):
            continue
        told.add(variable)
        line = plain.count("\n", 0, used.start()) + at
        what = f"${variable} is used under set -u, and nothing sets it here or in your environment"
        yield Issue(severity, name, line, what, f"set it before, or write ${{{variable}:-}}")


def _known(plain: str) -> set[str]:
    found = {match["name"] for match in _SET.finditer(plain)}
    for one, several in _NAMED.findall(plain):
        found |= {one, *re.findall(r"[A-Za-z_]\w*", several)}
    return found | {name for pair in _GUARD.findall(plain) for name in pair if name}


def expanded_text(text: str) -> str:
    """The text without what no shell expands: comments, single quotes, quoted here-documents. Lines stay in place."""
    text = _HEREDOC.sub(lambda found: "\n" * found[0].count("\n"), text.replace("\r\n", "\n"))
    made: list[str] = []
    quote, escaped, before = "", False, "\n"
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif quote == "#":
            quote = "" if letter == "\n" else quote
        elif letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
        elif not quote and letter == "#" and before.isspace():
            quote = "#"
        made.append(letter if letter == "\n" or quote not in ("'", "#") else " ")
        before = letter
    return "".join(made)
