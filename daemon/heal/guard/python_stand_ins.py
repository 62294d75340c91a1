"""A name that is nowhere made, and is made now only to stand for another: what heals a misspelt word in one place."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait


def stand_ins(before: ast.Module, after: ast.Module) -> Iterator[Trait]:
    """The assignments that make a name which was read and nowhere made, and give it a name or a value that is there."""
    made = _made(before)
    if "*" in made:
        return
    missing = {node.id for node in ast.walk(before) if isinstance(node, ast.Name)} - made - set(dir(builtins))
    for node in ast.walk(after):
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute, ast.Constant)):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & missing:
                yield Trait(HIDING["hide.stand_in"], ast.unparse(node), node.lineno)


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
