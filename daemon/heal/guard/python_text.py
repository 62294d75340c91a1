"""Python text as its syntax tree, of as much as can be read."""

from __future__ import annotations

import ast
import re
import tokenize
import warnings

from heal.guard.kinds import Language
from heal.guard.lexer import unbalanced
from heal.guard.snakefile import as_python

_ATTEMPTS = 40


def parsed(text: str, *, snakemake: bool = False) -> tuple[ast.Module | None, str]:
    """The tree, of as many lines as can be read, and why the text as it stands has none."""
    lines, first = text.split("\n"), ""
    for _ in range(_ATTEMPTS):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(as_python("\n".join(lines)) if snakemake else "\n".join(lines))
        except (SyntaxError, tokenize.TokenError, ValueError, MemoryError) as error:
            first = (
                first or f"{getattr(error, 'msg', None) or error.args[0]}, line {getattr(error, 'lineno', 0) or '?'}"
            )
            at = _broken(error, "\n".join(lines), len(lines))
            if at is None:
                break
            lines[at] = _instead(lines, at, error)
        else:
            # where each line had to be left out nothing was read
            return (None if first and not tree.body else tree), first
    return None, first


def _broken(error: Exception, text: str, count: int) -> int | None:
    """The line to leave out next, from 0."""
    number = getattr(error, "lineno", None)
    if number is None and (found := re.search(r"line (\d+)", unbalanced(text, Language.PYTHON))):
        number = int(found[1])
    at = (number or 0) - 1
    if not 0 <= at < count:
        return None
    filled = [index for index in range(at, -1, -1) if text.split("\n")[index].strip()]
    return filled[0] if filled else None


def _instead(lines: list[str], at: int, error: Exception) -> str:
    indent = re.match(r"\s*", lines[at])
    after = next((line for line in lines[at + 1 :] if line.strip()), "")
    deeper = len(after) - len(after.lstrip()) > len(indent[0] if indent else "")
    if lines[at].strip() == "pass" or isinstance(error, IndentationError):
        return ""
    return f"{indent[0] if indent else ''}{'if unreadable:' if deeper else 'pass'}"


def dedented(text: str) -> str:
    """A script within another text as its engine gives it out: without its first line and what all lines start with."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines[first].lstrip().startswith("#!"):
        lines[first] = ""
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)
