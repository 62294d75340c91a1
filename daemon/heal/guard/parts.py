"""What is put together to one: tables, channels, files. A part that is gone is missing in all that follows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from heal.guard.brackets import LONGEST, apart, within
from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

_JOINING = frozenset({"concat", "concatenate", "vstack", "hstack", "dstack", "column_stack", "chain", "stack", "merge"})
_IN_R = re.compile(r"(?<![\w.$@])(?:rbind|cbind|bind_rows|bind_cols|rbindlist)\s*\(")
_IN_CHANNELS = re.compile(r"(?:\.\s*(?:mix|concat)|\b[Cc]hannel\s*\.\s*(?:of|fromList)|\bChannel\s*\.\s*from)\s*\(")
_NOTHING = re.compile(r"[Cc]hannel\s*\.\s*empty\(\)|NULL|\[\s*\]")
_CATS = frozenset({"cat", "zcat", "paste", "gunzip"})
_MANY = 2


def of_python(tree: ast.Module) -> Iterator[Trait]:
    """Each part that a list in the text names, be it put together, gone through or filled in."""
    for node in ast.walk(tree):
        lists = _listed(node)
        yield from (_part(one.lineno) for one in lists if isinstance(one, ast.Constant) and isinstance(one.value, str))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in _JOINING:
            together = [each for one in node.args if isinstance(one, ast.List | ast.Tuple) for each in one.elts]
            parts = together or (node.args if len(node.args) >= _MANY else [])
            yield from (_part(one.lineno) for one in parts)


def _listed(node: ast.AST) -> list[ast.expr]:
    filled = isinstance(node, ast.Call) and ast.unparse(node.func) in {"expand", "collect"}
    given = [one.value for one in node.keywords] if filled and isinstance(node, ast.Call) else []
    if isinstance(node, ast.Assign):
        given = [node.value]
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        given = [node.iter]
    return [each for one in given if isinstance(one, ast.List | ast.Tuple | ast.Set) for each in one.elts]


def of_r(code: str) -> Iterator[Trait]:
    """The same of R, by the commas of a call."""
    yield from _by_commas(code, _IN_R)


def of_channels(code: str) -> Iterator[Trait]:
    """The channels that another one is mixed with."""
    yield from _by_commas(code, _IN_CHANNELS)


def of_commands(commands: Sequence[Command]) -> Iterator[Trait]:
    """The files that are written one after the other, by their names: a variable may hold many."""
    for command in commands:
        files = [word for word in command.arguments if not re.search(r"^-|[$`*?{]", word)]
        if command.name in _CATS and len(files) >= _MANY:
            yield from (_part(command.line) for _ in files)


def _by_commas(code: str, calls: re.Pattern[str]) -> Iterator[Trait]:
    for found in calls.finditer(code):
        inside = within(code, found.end())
        # the last part of what is longer than is read is not known
        ended = len(inside) < min(LONGEST, len(code) - found.end())
        said = [one.strip() for one in apart(inside)][: None if ended else -1]
        line = code.count("\n", 0, found.start()) + 1
        yield from (_part(line) for one in said if one and not _NOTHING.fullmatch(one))


def _part(line: int) -> Trait:
    return Trait(HIDING["hide.part_gone"], "a part", line)
