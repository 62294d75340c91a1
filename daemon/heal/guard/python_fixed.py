"""What a Python text knows before it runs, and functions that compute nothing."""

from __future__ import annotations

import ast
import re

_PURE = re.compile(
    r"float|int|str|list|dict|bool|len|sum|max|min|round|abs|tuple|set|json\.loads|(?:ast\.)?literal_eval|Decimal|Fraction"
    r"|(?:copy\.)?(?:deep)?copy|(?:np|numpy)\.(?:array|asarray|repeat|full|float\d+)|(?:pd|pandas)\.Series"
)


def is_fixed(node: ast.expr) -> bool:  # noqa: PLR0911 - one answer a kind of node
    """True for what is known before it runs: numbers, texts, and what is made of them alone."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return bool(node.elts) and all(is_fixed(one) for one in node.elts)
    if isinstance(node, ast.Dict):
        return bool(node.keys) and all(is_fixed(one) for one in node.values)
    if isinstance(node, ast.BinOp):
        many = isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List)
        return is_fixed(node.left) and (many or is_fixed(node.right))
    if isinstance(node, ast.UnaryOp):
        return is_fixed(node.operand)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Lambda):
        return is_fixed(node.func.body)
    if isinstance(node, ast.Call) and _PURE.fullmatch(ast.unparse(node.func)):
        return bool(node.args) and all(is_fixed(one) for one in node.args)
    return isinstance(node, ast.Constant) and node.value is not None


def is_computed(node: ast.expr) -> bool:
    """True for what is not known before it runs."""
    return not is_fixed(node) and any(isinstance(one, (ast.Name, ast.Call, ast.Attribute)) for one in ast.walk(node))


def is_hollow(node: ast.FunctionDef) -> bool:
    """True for a function that only gives back what was known before."""
    body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return all(
        isinstance(one, ast.Pass)
        or (
            isinstance(one, ast.Return)
            and (one.value is None or is_fixed(one.value) or ast.unparse(one.value) in {"None", "[]", "{}", "''"})
        )
        for one in body
    )
