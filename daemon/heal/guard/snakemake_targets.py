"""For which samples the rules of a Snakefile ask, and that a rule still runs its script."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait
from heal.guard.snakefile import called

_EXPANDING = frozenset({"expand", "collect"})
_ONE_OF_MANY = frozenset({"min", "max", "next", "choice", "exists", "pop"})
_FEWER = frozenset({"difference", "intersection", "symmetric_difference", "sample", "choices", "islice"})
_SCRIPTS = frozenset(map(called, ("script", "notebook", "wrapper")))


def traits(tree: ast.Module) -> Iterator[Trait]:
    """What a pattern is filled in with, where that is less than a whole list, and each script."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in _SCRIPTS:
            yield Trait(HIDING["hide.command_gone"], "a rule's script", node.lineno)
        elif name == called("run"):
            yield Trait(HIDING["hide.command_gone"], "a rule's own code", node.lineno)
        elif name in _EXPANDING:
            for one in node.keywords:
                if _narrowed(one.value):
                    yield Trait(HIDING["hide.skip"], f"{one.arg}={ast.unparse(one.value)}", one.value.lineno)


def _narrowed(value: ast.expr) -> bool:
    """A list less something, one of a list, or a single name; what is done to all of one (``sorted``) is let pass."""
    for node in ast.walk(value):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.BitAnd | ast.BitXor):
            return True
        if isinstance(node, ast.Call):
            last = ast.unparse(node.func).rsplit(".", 1)[-1]
            if last in _ONE_OF_MANY | _FEWER or isinstance(node.func, ast.Lambda):
                return True
    number = isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant | ast.UnaryOp)
    index = number and isinstance(value, ast.Subscript) and not _is_text(value.slice)
    return index or _is_text(value)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
