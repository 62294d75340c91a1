"""Rows of a table that a Python text leaves out by a condition."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

_ASKS = re.compile(
    r"notna|isna|notnull|isnull|isin|isfinite|isnan|isinf|between|eq|ne|gt|ge|lt|le|duplicated|contains|startswith"
    r"|endswith|match|fullmatch"
)

_NO_ITEMS = frozenset({"[]", "()", "{}", "set()", "list()", "tuple()", "dict()", "''"})


def traits(tree: ast.Module) -> Iterator[Trait]:
    """Each comparison that rows are chosen by: ``df[df["n"] > 0]``, ``df.loc[kept, "n"]``, ``df.query(text)``.

    They are counted, not read: the same condition in other words leaves out what it left out before.
    """
    named = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _comparisons(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            chosen = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            if isinstance(chosen, ast.Name):
                chosen = named.get(chosen.id, chosen)
            for _ in range(_comparisons(chosen)):
                yield Trait(HIDING["hide.drop_rows"], "rows by a condition", node.lineno)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "query":
            yield Trait(HIDING["hide.drop_rows"], "rows by a condition", node.lineno)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "next" and _in_chunks(node):
            yield Trait(HIDING["hide.skip"], "the first part of what is read", node.lineno)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) and _or_none(node.iter):
            yield Trait(HIDING["hide.fallback"], f"for … in {ast.unparse(node.iter)}", node.iter.lineno)


def _or_none(node: ast.expr) -> bool:
    """True for items that are none where they are missing: ``found.get("samples", [])``, ``samples or []``."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return ast.unparse(node.values[-1]) in _NO_ITEMS
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(".get")
        and any(ast.unparse(one) in _NO_ITEMS for one in node.args[1:])
    )


def _in_chunks(node: ast.Call) -> bool:
    """True where a table is read in parts here."""
    calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    return any(each.arg in {"chunksize", "iterator"} for one in calls for each in one.keywords)


def _comparisons(node: ast.expr) -> int:
    """How many comparisons a mask is made of; what a call is given is another thing."""
    if isinstance(node, ast.Compare):
        return len(node.ops)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
        return _comparisons(node.left) + _comparisons(node.right)
    if isinstance(node, ast.BoolOp):
        return sum(_comparisons(one) for one in node.values)
    if isinstance(node, ast.UnaryOp):
        return _comparisons(node.operand)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rsplit(".", 1)[-1]
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        return 1 if _ASKS.fullmatch(name) else _comparisons(inner) if inner else 0
    return _comparisons(node.value) if isinstance(node, ast.Attribute) else 0
