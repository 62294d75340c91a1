"""Texts of a Snakefile that end in a shell: what a rule declares is put into its command unquoted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard import shell_fragments
from heal.guard.python_names import text_of
from heal.guard.rules import Trait
from heal.guard.snakefile import DIRECTIVES, RUNS, called

# what a command of a rule can name in braces; all else that a rule says goes to the engine
_FILLED_IN = frozenset(
    map(called, ("input", "output", "params", "log", "threads", "resources", "benchmark", "config", "scattergather"))
)
_OTHERS = frozenset(map(called, DIRECTIVES)) - _FILLED_IN
_OWN_CODE = frozenset(map(called, RUNS))
# a text that these are given is for a person, is read elsewhere, or is a pattern; it comes back from none of them
_SPOKEN = re.compile(
    r"print|shell|exit|quit|sys\.exit|warnings\.warn|log\w*\.(?:debug|info|warning|error|critical|exception)"
    r"|re\.(?:compile|match|search|fullmatch|split|findall|finditer)"
)
_CUTS = re.compile(
    r"r?split|r?partition|l?r?strip|contains|match|fullmatch|query|extract\w*|startswith|endswith|count|find"
)


def traits(tree: ast.Module) -> Iterator[Trait]:
    """What the texts make of the commands that they are put into."""
    for text, line in _texts(tree):
        yield from shell_fragments.traits(text, line)


def _texts(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Each text with its line, pieces that are put together as one; what only speaks, or is code, is left out."""
    for child in ast.iter_child_nodes(node):
        if _elsewhere(child):
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and _CUTS.fullmatch(child.func.attr):
            yield from _texts(child.func)
            continue
        if isinstance(child, ast.expr) and not isinstance(child, ast.Name) and (text := text_of(child)):
            yield text.replace("{{", "{").replace("}}", "}"), child.lineno
        else:
            yield from _texts(child)


def _elsewhere(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        return name in _OTHERS or _SPOKEN.fullmatch(name) is not None
    own_code = isinstance(node, ast.If) and isinstance(node.test, ast.Call) and ast.unparse(node.test.func) in _OWN_CODE
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return own_code or docstring or isinstance(node, (ast.Raise, ast.Assert, ast.Compare))
