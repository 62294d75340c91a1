"""Conditions of a Python text: what a check compares, and whether it can still fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

# what holds nothing, whatever the data
_EMPTY = r"\[\]|\(\)|\{\}|''|b''|(?:list|tuple|set|dict|str|iter|range)\((?:0|\[\]|\(\)|'')?\)|range\(0, 0\)"


def check(test: ast.expr, kind: str, line: int) -> Iterator[Trait]:
    """A check twice: that it is there, and what it compares how."""
    yield Trait(HIDING["hide.check_gone"], kind, line)
    yield Trait(HIDING["hide.check_weaker"], f"{kind} {_comparison(test)}", line)
    if always(test):
        yield Trait(HIDING["hide.check_true"], f"{kind} {ast.unparse(test)}", line)


def _comparison(test: ast.expr) -> str:
    """The operators, numbers and quantifiers of a condition, in order."""
    found: list[str] = []
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            found += [type(operator).__name__ for operator in node.ops]
        elif isinstance(node, (ast.BoolOp, ast.UnaryOp)):
            found.append(type(node.op).__name__)
        elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            found.append(repr(node.value))
        elif isinstance(node, ast.Name) and node.id in {"any", "all", "isclose", "abs", "len", "sum", "max", "min"}:
            found.append(node.id)
    return " ".join(found)


def skeleton(test: ast.expr) -> str:
    """The condition with its variables numbered by their first use; names that are called stay."""
    order: dict[str, str] = {}
    clone = ast.parse(ast.unparse(test), mode="eval")
    functions = {id(node.func) for node in ast.walk(clone) if isinstance(node, ast.Call)}
    for node in ast.walk(clone):
        if isinstance(node, ast.Name) and id(node) not in functions:
            node.id = order.setdefault(node.id, f"v{len(order)}")
    return ast.unparse(clone)


def always(test: ast.expr) -> bool:
    """True for a condition that cannot fail."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, (ast.List, ast.Tuple, ast.Dict, ast.Set)):
        return bool(test.elts if not isinstance(test, ast.Dict) else test.keys)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(always(one) for one in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Constant) and not test.operand.value
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        same = ast.unparse(test.left) == ast.unparse(test.comparators[0])
        constants = isinstance(test.left, ast.Constant) and isinstance(test.comparators[0], ast.Constant)
        length = (
            "len(" in ast.unparse(test.left)
            and isinstance(test.ops[0], ast.GtE)
            and ast.unparse(test.comparators[0]) == "0"
        )
        return same or constants or length
    return isinstance(test, ast.Lambda)


def never_entered(node: ast.stmt) -> bool:
    """True for a block that a constant keeps from running: ``if False``, ``while 0``, ``for x in []``."""
    if isinstance(node, (ast.If, ast.While)):
        return isinstance(node.test, ast.Constant) and not node.test.value
    return isinstance(node, (ast.For, ast.AsyncFor)) and re.fullmatch(_EMPTY, ast.unparse(node.iter)) is not None


def decided(node: ast.If | ast.While | ast.IfExp | ast.For | ast.Match) -> Iterator[Trait]:
    """A branch that constants decide: ``if False:``, ``if 0:``, ``if True or x``; ``while True`` is usual."""
    if isinstance(node, (ast.For, ast.Match)):
        if never_entered(node) or (isinstance(node, ast.Match) and isinstance(node.subject, ast.Constant)):
            yield Trait(HIDING["hide.check_true"], ast.unparse(node).split("\n", 1)[0], node.lineno)
        return
    test = node.test
    if isinstance(node, ast.While) and always(test) and not _left(node):
        yield Trait(HIDING["hide.endless"], f"while {ast.unparse(test)}", node.lineno)
    if ast.unparse(test).startswith("__name__") and "'__main__'" not in ast.unparse(test):
        yield Trait(HIDING["hide.check_true"], f"if {ast.unparse(test)}", node.lineno)
    constant = isinstance(test, ast.Constant) or always(test)
    nothing = (
        isinstance(test, ast.BoolOp)
        and isinstance(test.op, ast.And)
        and any(isinstance(one, ast.Constant) and not one.value for one in test.values)
    )
    if (constant and not (isinstance(node, ast.While) and always(test))) or nothing:
        yield Trait(HIDING["hide.check_true"], f"if {ast.unparse(test)}", node.lineno)


def _left(loop: ast.While) -> bool:
    """True for a loop that something within it may end; an error that ``next`` raises is one, too."""
    ways = (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom, ast.Await, ast.Try, ast.Assert)
    calls = (one for one in ast.walk(loop) if isinstance(one, ast.Call))
    return any(isinstance(one, ways) for one in ast.walk(loop)) or any(
        re.fullmatch(r"(?:\w+\.)*(?:next|exit|_exit|quit|abort|execv\w*|check_call|get_nowait)", ast.unparse(one.func))
        for one in calls
    )
