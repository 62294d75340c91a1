"""Values that a Python text puts in the place of what is missing, and ends that it comes to early without a word."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from heal.guard import parts
from heal.guard.hiding import HIDING
from heal.guard.python_fixed import is_fixed
from heal.guard.rules import Trait

_NOT_A_NUMBER = re.compile(r"(?:float|np\.float\d*)\('-?(?:nan|inf)'\)|(?:np|numpy|math|pd)\.(?:nan|NaN|NA|inf|NaT)")
_ASKS_FOR_FILES = re.compile(r"\b(?:exists|is_file|isfile|getsize|st_size)\b")
_MAKES_UP = frozenset({"defaultdict", "setdefault"})
_TABLES = frozenset({"merge", "merge_asof", "merge_ordered"})
_KEPT = frozenset({"outer", "left", "right", "cross"})
_FEW = 2


def traits(tree: ast.Module) -> Iterator[Trait]:
    """Each of them by its kind."""
    yield from parts.of_python(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp | ast.BoolOp) and _instead(node):
            yield Trait(HIDING["hide.fallback"], ast.unparse(node), node.lineno)
        elif isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _early(node)
        elif isinstance(node, ast.For | ast.AsyncFor) and any(isinstance(one, ast.Return) for one in node.body):
            yield Trait(HIDING["hide.skip"], "a return after the first item", node.lineno)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _by_number(node):
            yield Trait(HIDING["hide.skip"], "a part by its number", node.lineno)


def _instead(node: ast.IfExp | ast.BoolOp) -> bool:
    """``x if ok else ""``, ``x or "PASS"``, ``x and 0``: a fixed value on one side alone."""
    if isinstance(node, ast.BoolOp):
        either = isinstance(node.op, ast.Or)
        return any(_fixed(one) if either else _number(one) for one in node.values[1:])
    if _ASKS_FOR_FILES.search(ast.unparse(node.test)):
        return isinstance(node.orelse, ast.Constant) or isinstance(node.body, ast.Constant)
    known = is_fixed(node.orelse) and is_fixed(node.body)
    return not known and _fixed(node.orelse) != _fixed(node.body)


def _fixed(node: ast.expr) -> bool:
    """A text that says something (an empty one is an option that is not given), or what stands for no number."""
    text = isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"\w\w", node.value) is not None
    return text or _NOT_A_NUMBER.fullmatch(ast.unparse(node)) is not None


def _number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _call(node: ast.Call) -> Iterator[Trait]:
    name = ast.unparse(node.func).rsplit(".", 1)[-1]
    named = {one.arg: ast.unparse(one.value).strip("'") for one in node.keywords}
    texts = [one for one in node.args[1:] if _fixed(one)]
    if name in _MAKES_UP or (name == "get" and texts and isinstance(node.func, ast.Attribute)):
        yield Trait(HIDING["hide.fallback"], ast.unparse(node), node.lineno)
    shared = (name in _TABLES and named.get("how", "inner") not in _KEPT) or named.get("join") == "inner"
    if shared or name == "intersection":
        yield Trait(HIDING["hide.drop_rows"], "rows that two tables share", node.lineno)


def _early(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Trait]:
    """``if not found: return`` before the work of a function that gives nothing back."""
    for at, one in enumerate(node.body[:-1]):
        if isinstance(one, ast.If) and not one.orelse and isinstance(last := one.body[-1], ast.Return):
            nothing = last.value is None or ast.unparse(last.value) in {"None", "[]", "{}", "()", "''", "0", "True"}
            if nothing and node.body[at + 1 :]:
                yield Trait(HIDING["hide.conditional"], f"a return from {node.name}", last.lineno)


def _by_number(node: ast.Subscript) -> bool:
    """``frame[:100]``, ``frame.iloc[2:]``: so many, or all but so many."""
    part = node.slice
    if isinstance(part, ast.Tuple) and part.elts:
        part = part.elts[0]
    if not isinstance(part, ast.Slice):
        return False
    if part.upper is not None and ast.unparse(part.upper) == "0":
        return True
    ends = [one.operand if isinstance(one, ast.UnaryOp) else one for one in (part.lower, part.upper) if one]
    return any(isinstance(one, ast.Constant) and isinstance(one.value, int) and one.value > _FEW for one in ends)


def silenced(before: ast.Module, after: ast.Module) -> Iterator[Trait]:
    """A key that had to be there, and is asked for now: ``found[name]``, then ``found.get(name)``."""
    went = _looked_up(before) - _looked_up(after)
    heard = set(_needed(after))
    for node in ast.walk(after):
        given = [ast.unparse(one) for one in node.args[1:]] if isinstance(node, ast.Call) else []
        if id(node) in heard or given not in [[], ["None"]]:
            # a default of its own is judged by what it is
            continue
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            key = f"{ast.unparse(node.func.value)}[{ast.unparse(node.args[0])}]"
            if went[key] > 0:
                went[key] -= 1
                yield Trait(HIDING["hide.fallback"], ast.unparse(node), node.lineno)


def _needed(tree: ast.Module) -> Iterator[int]:
    """What must not be None where it stands: it is gone through, or a part of it is taken."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield id(node.iter)
        elif isinstance(node, ast.Subscript | ast.Attribute):
            yield id(node.value)


def _looked_up(tree: ast.Module) -> Counter[str]:
    return Counter(
        f"{ast.unparse(node.value)}[{ast.unparse(node.slice)}]"
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
    )
