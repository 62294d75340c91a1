"""A name that is nowhere made, and is made now only to stand for another: what heals a misspelt word in one place."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

_EMPTY = frozenset({"[]", "{}", "()", "list()", "dict()", "tuple()", "set()"})


def stand_ins(before: ast.Module, after: ast.Module) -> Iterator[Trait]:
    """The assignments that make a name which was read and nowhere made, and give it a name or a value that is there."""
    made = _made(before)
    if "*" in made:
        return
    missing = {node.id for node in ast.walk(before) if isinstance(node, ast.Name)} - made - set(dir(builtins))
    # what stands before a dot alone is a module as a rule, which an import under a shorter name brings
    dotted = {id(node.value) for node in ast.walk(before) if isinstance(node, ast.Attribute)}
    bare = {node.id for node in ast.walk(before) if isinstance(node, ast.Name) and id(node) not in dotted}
    for node in ast.walk(after):
        names: set[str | None] = set()
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _ready(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.asname for alias in node.names} & bare
        if isinstance(node, ast.stmt) and names & missing:
            yield Trait(HIDING["hide.stand_in"], ast.unparse(node), node.lineno)


def _ready(value: ast.expr) -> bool:
    """Whether nothing is computed: another name, a fixed value, or one that is empty."""
    fixed = value.operand if isinstance(value, ast.UnaryOp) else value
    if isinstance(fixed, ast.JoinedStr):
        return all(isinstance(getattr(part, "value", None), str | ast.Constant) for part in fixed.values)
    named = isinstance(value, ast.Name | ast.Attribute)
    return named or isinstance(fixed, ast.Constant) or ast.unparse(value) in _EMPTY


def _made(tree: ast.Module) -> set[str]:
    """Every name that is made anywhere in a text, ``*`` where it takes over names that it does not say."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".", maxsplit=1)[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
    return found
