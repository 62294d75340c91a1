"""The script block of a Nextflow process, and how it was filled in for a task; the test of a task fills it in again.

``blocks``, ``pieces`` and ``filled`` are also written into tests, so they lean on the standard library alone.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Which text in triple quotes of which process a task's script was made from, and what stood in its places."""

    file: str
    process: str
    number: int
    values: Mapping[str, str]


def blocks(text: str, process: str) -> list[str]:
    """The texts in triple quotes of a process, in order, without their common indentation."""
    found = re.search(rf"^[ \t]*process\s+{re.escape(process)}\s*\{{", text, re.MULTILINE)
    if not found:
        return []
    rest = text[found.end() :]
    end = re.search(r"^\}", rest, re.MULTILINE)
    quoted = re.finditer(r"(\"\"\"|''')(.*?)\1", rest[: end.start()] if end else rest, re.DOTALL)
    return [textwrap.dedent(one[2]).strip() for one in quoted]


def pieces(block: str) -> list[tuple[str, str]]:
    """A block as literal texts, each with the expression that follows it; empty behind the last."""
    hole = r"\\(.)|\$\{((?:[^{}]|\{[^{}]*\})*)\}|\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    made: list[tuple[str, str]] = []
    literal, at = "", 0
    for found in re.finditer(hole, block, re.DOTALL):
        literal += block[at : found.start()]
        at = found.end()
        if found[1]:
            # as Groovy reads what a backslash stands before
            literal += {"n": "\n", "t": "\t", "\n": ""}.get(found[1], found[1])
        else:
            made.append((literal, (found[2] or found[3]).strip()))
            literal = ""
    return [*made, (literal + block[at:], "")]


def filled(block: str, values: Mapping[str, str]) -> str:
    """The block with these values. Raises KeyError for an expression that has none."""
    return "".join(literal + (values[name] if name else "") for literal, name in pieces(block))


def made_from(script: str, process: str, sources: Mapping[str, str]) -> Block | None:
    """The block that gives just this script (without its first line) for some values; None where none does.

    ``process`` is the full name of a task's; by whatever name it was included, its last part or any process may fit.
    """
    own = process.rpartition(":")[2]
    for file, name, number, block in sorted(_all(sources), key=lambda one: one[1] != own):
        values = _values(block, script.strip())
        if values is not None:
            return Block(file, name, number, values)
    return None


def source() -> str:
    """The functions that a test needs, as Python."""
    code = "".join(f"{inspect.getsource(each)}\n\n" for each in (blocks, pieces, filled))
    return f"from __future__ import annotations\n\nimport re\nimport sys\nimport textwrap\n\n\n{code}".rstrip()


def _all(sources: Mapping[str, str]) -> Iterable[tuple[str, str, int, str]]:
    for file, text in sources.items():
        for name in re.findall(r"^[ \t]*process\s+(\w+)\s*\{", text, re.MULTILINE):
            for number, block in enumerate(blocks(text, name)):
                yield file, name, number, block


def _values(block: str, script: str) -> dict[str, str] | None:
    names: dict[str, str] = {}
    regex = ""
    for literal, name in pieces(block):
        regex += re.escape(literal)
        if name in names:
            regex += f"(?P={names[name]})"
        elif name:
            names[name] = f"v{len(names)}"
            regex += f"(?P<{names[name]}>.*?)"
    found = re.fullmatch(regex, script, re.DOTALL)
    return {name: found[group] for name, group in names.items()} if found else None
