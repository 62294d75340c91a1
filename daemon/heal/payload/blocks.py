"""Where in a file a rule, a process or a function begins and ends, and what a rule or a process names. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_RULE = r"^(?P<indent>[ \t]*)(?:rule|checkpoint)\s+(?P<name>{name})\s*:"
_USED = (
    r"^(?P<indent>[ \t]*)use\s+rule\s+(?P<of>[\w*, ]+?)\s+from\s+(?P<module>\w+)(?:\s+exclude\s+[\w, ]+)?"
    r"(?:\s+as\s+(?P<name>[\w*]+))?"
)
_INHERITED = r"^(?P<indent>[ \t]*)use\s+rule\s+(?P<of>\w+)\s+as\s+(?P<name>{name})\b"
_PROCESS = r"^[ \t]*process\s+(?P<name>{name})\s*\{{"
_ALIAS = re.compile(r"\b(?P<of>\w+)\s+as\s+(?P<name>\w+)")
_R_FUNCTION = re.compile(r"^[ \t]*(?P<name>[\w.]+)\s*(?:<-|=)\s*function\s*\(", re.MULTILINE)
_SHELL_FUNCTION = re.compile(r"^[ \t]*(?:function\s+)?(?P<name>[\w-]+)\s*\(\)\s*\{", re.MULTILINE)
_GROOVY_BLOCK = re.compile(
    r"^[ \t]*(?:(?:process|workflow|def|function)\s+\w*|workflow)\s*(?:\([^)]*\))?\s*\{", re.MULTILINE
)
_SNAKE_HEAD = re.compile(
    r"^(?P<indent>[ \t]*)(?:rule|checkpoint|use rule|module|def|onerror|onsuccess|onstart|class)\b"
)
_MOST_LINES = 400
# where a script, a notebook or an environment of a rule is named, and keys of its configuration
_FILES = re.compile(
    r"""\b(?:script|notebook|conda|cwl|template_engine)\s*:?\s*\(?\s*(?:["']{1,3})(?P<path>[^"'\n{}$]+)["']"""
    r"""|\btemplate\s+["'](?P<template>[^"'\n]+)["']"""
)
_KEYS = re.compile(
    r"""\bconfig(?:\.get\()?\[?\(?["'](?P<key>[\w-]+)["']|\bparams\.(?P<param>\w+)|\btask\.ext\.(?P<ext>\w+)"""
)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a file, from 1, both included."""

    start: int
    end: int


def rule_at(text: str, name: str) -> Block | None:
    """The rule or checkpoint of that name, or what takes it over from another."""
    for pattern in (_RULE, _INHERITED):
        found = re.search(pattern.format(name=re.escape(name)), text, re.MULTILINE)
        if found:
            return _indented(text, _line(text, found.start("indent")), len(found["indent"].expandtabs()))
    return None


def inherited(text: str, name: str) -> str:
    """The rule that another of this name is made from; empty where it is none of these."""
    found = re.search(_INHERITED.format(name=re.escape(name)), text, re.MULTILINE)
    return found["of"] if found else ""


def from_modules(text: str, name: str) -> Iterator[tuple[Block, str]]:
    """Where the rule is taken from a module, as one of many perhaps: the lines, and its name there."""
    for found in re.finditer(_USED, text, re.MULTILINE):
        made = found["name"] or "*"
        pattern = re.escape(made).replace(r"\*", "(.+)")
        got = re.fullmatch(pattern, name)
        if got:
            line = _line(text, found.start("indent"))
            yield _indented(text, line, len(found["indent"].expandtabs())), got[1] if got.groups() else name


def process_at(text: str, name: str) -> Block | None:
    """The process of that simple name."""
    found = re.search(_PROCESS.format(name=re.escape(name)), text, re.MULTILINE)
    return _braced(text, found.start(), found.end() - 1) if found else None


def aliases(text: str, name: str) -> tuple[str, ...]:
    """The names of processes that are included under this one."""
    return tuple(dict.fromkeys(got["of"] for got in _ALIAS.finditer(text) if got["name"] == name and got["of"] != name))


def files_of(text: str) -> tuple[str, ...]:
    """The scripts, notebooks, templates and environments that the lines of a rule or process name."""
    found = (got["path"] or f"templates/{got['template']}" for got in _FILES.finditer(text))
    return tuple(dict.fromkeys(path.strip() for path in found))


def keys_of(text: str) -> tuple[str, ...]:
    """The keys of the configuration that the lines use."""
    return tuple(dict.fromkeys(got["key"] or got["param"] or got["ext"] for got in _KEYS.finditer(text)))


def around(path: str, text: str, line: int) -> Block | None:
    """The function, rule or process that holds a line; None where none does."""
    name = path.rpartition("/")[2]
    if name.endswith((".py", ".pyx")):
        return _python(text, line)
    if name.endswith(".smk") or name == "Snakefile":
        return _snakemake(text, line)
    pattern = _R_FUNCTION if name.lower().endswith((".r", ".rmd")) else _SHELL_FUNCTION
    pattern = _GROOVY_BLOCK if name.endswith((".nf", ".groovy", ".config")) else pattern
    return _innermost(text, line, pattern)


def _python(text: str, line: int) -> Block | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    best: Block | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            end = node.end_lineno or node.lineno
            if start <= line <= end and (best is None or end - start <= best.end - best.start):
                best = Block(start, end)
    return best if best and best.end - best.start < _MOST_LINES else None


def _snakemake(text: str, line: int) -> Block | None:
    lines = text.split("\n")
    for number in range(min(line, len(lines)), 0, -1):
        head = _SNAKE_HEAD.match(lines[number - 1])
        if head:
            block = _indented(text, number, len(head["indent"].expandtabs()))
            if block.end >= line:
                return block
    return None


def _innermost(text: str, line: int, pattern: re.Pattern[str]) -> Block | None:
    best: Block | None = None
    for found in pattern.finditer(text):
        if _line(text, found.start()) > line:
            break
        opened = text.find("{", found.end() - 1)
        block = _braced(text, found.start(), opened) if opened >= 0 else None
        if block and block.start <= line <= block.end and block.end - block.start < _MOST_LINES:
            best = block
    return best


def _indented(text: str, first: int, depth: int) -> Block:
    """A block by its indentation: up to the next line that is not further in, blank ones and comments aside."""
    lines = text.split("\n")
    end, quoted = first, _odd_quotes(lines[first - 1])
    for number in range(first + 1, min(len(lines), first + _MOST_LINES) + 1):
        line = lines[number - 1]
        bare = line.strip()
        inside = quoted
        quoted = quoted != _odd_quotes(line)
        if (
            not inside
            and bare
            and not bare.startswith("#")
            and len(line.expandtabs()) - len(line.expandtabs().lstrip()) <= depth
        ):
            break
        if bare:
            end = number
    return Block(first, end)


def _odd_quotes(line: str) -> bool:
    """Whether a text of several lines begins or ends on it."""
    return (line.count('"""') + line.count("'''")) % 2 == 1


def _braced(text: str, start: int, opened: int) -> Block:
    """A block by its braces, those in texts and comments aside; to a bound where they do not close."""
    depth, at = 0, opened
    first = _line(text, start)
    for token in _TOKENS.finditer(text, opened):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        at = token.end()
        if depth == 0:
            break
    return Block(first, min(_line(text, max(opened, at - 1)), first + _MOST_LINES))


_TOKENS = re.compile(
    r'\"\"\"[\s\S]*?\"\"\"|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|/\*[\s\S]*?\*/|[{}]'
)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
