"""What a name in a Python text stands for, through imports, aliases and strings that are put together."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from itertools import islice

BUILTINS = frozenset(dir(builtins))
_ATTRIBUTE_BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr"})
_IMPORTERS = frozenset({"__import__", "importlib.import_module", "importlib.__import__", "builtins.__import__"})
_TABLES = frozenset({"vars", "globals", "locals", "sys.modules"})

# the most nodes of an expression that is a path
_LONGEST_PLACE = 60


class Names:
    """Resolves names of one text. A name that is bound several times may stand for each of them."""

    def __init__(self, tree: ast.AST) -> None:
        self._known: dict[str, str] = {}
        self.modules: set[str] = set()
        # what is put into a variable as a text: a place, mostly
        self.texts: dict[str, set[str]] = {}
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                for one in node.names:
                    self._known[one.asname or one.name.split(".")[0]] = (
                        one.name if one.asname else one.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for one in node.names:
                    self._known[one.asname or one.name] = f"{node.module or '.'}.{one.name}"
        self.modules = set(self._known)
        for turn in range(4):
            for node in nodes:
                self._bound(node, first=turn == 0)

    def _bound(self, node: ast.AST, *, first: bool) -> None:
        """``f = os.system`` and ``(f := os)`` make f another name of it."""
        pairs: list[tuple[ast.AST, ast.AST]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
            pairs = [(node.target, node.value)]
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += list(zip(target.elts, value.elts, strict=False))
            elif isinstance(target, ast.Name) and isinstance(value, ast.expr):
                if first:
                    self.texts.setdefault(target.id, set()).update(self.texts_of(value))
                known = self.dotted(value)
                if known not in {"", target.id} and self._foreign(known):
                    self._known.setdefault(target.id, known)

    def imported(self, name: str) -> bool:
        """True where this text, or Snakemake for it, loads what the dotted name begins with."""
        return name.split(".", maxsplit=1)[0] in {"os", "sys", *(one.split(".")[0] for one in self._known.values())}

    @staticmethod
    def texts_of(value: ast.expr) -> set[str]:
        """The texts in an expression, and what they give together; ``a / b`` and ``join(a, b)`` are paths."""
        nodes = list(islice(ast.walk(value), _LONGEST_PLACE))
        found = {text_of(one) for one in nodes if isinstance(one, ast.expr)}
        parts = [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        return (found | {"/".join(parts)}) - {""}

    def _foreign(self, name: str) -> bool:
        first = name.split(".", maxsplit=1)[0]
        return first in BUILTINS or first in {value.split(".")[0] for value in self._known.values()}

    def dotted(self, node: ast.AST | None) -> str:  # noqa: PLR0911 - one answer a kind of node
        """``os.system`` for whatever leads there; empty where it cannot be told."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            if node.attr == "__dict__":
                return base
            return f"{base}.{node.attr}" if base else ""
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.Subscript):
            base, key = self.dotted(node.value), text_of(node.slice)
            if key and base in _TABLES | {"vars()", "globals()", "locals()"}:
                return key
            return f"{base}.{key}" if base and key else ""
        return ""

    def _of_call(self, node: ast.Call) -> str:
        name = self.dotted(node.func)
        if name in _IMPORTERS and node.args:
            return text_of(node.args[0])
        if name == "getattr" and len(node.args) > 1:
            base, attribute = self.dotted(node.args[0]), text_of(node.args[1])
            return f"{base}.{attribute}" if base and attribute else ""
        if name == "vars" and node.args:
            return self.dotted(node.args[0])
        return name if name in {"globals", "locals", "vars"} else ""

    def uses(self, tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
        """Every name, attribute, look-up and call that is read, by what it stands for; the longest of each chain."""
        inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) and id(node) not in inner:
                if isinstance(node, ast.Call) and not self._of_call(node):
                    continue
                if isinstance(getattr(node, "ctx", None), ast.Store):
                    continue
                name = self.dotted(node) or (f"?.{node.attr}" if isinstance(node, ast.Attribute) else "")
                if name:
                    yield name, node


def text_of(node: ast.AST | None) -> str:  # noqa: PLR0911 - as above
    """The string that an expression of constants gives; empty where it cannot be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return node.value.decode("latin-1")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return left + right if left and right else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(part) for part in node.values)
    if isinstance(node, ast.Call):
        return _text_of_call(node)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        return text_of(node.value)[::-1] if ast.unparse(node.slice) == "::-1" else ""
    return ""


def _part(node: ast.expr) -> str:
    """A piece of an f-string; what only run time knows stands in braces, as Snakemake has it."""
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value) or "{" + ast.unparse(node.value) + "}"
    return text_of(node)


def _text_of_call(node: ast.Call) -> str:
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if method == "join" and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        pieces = node.args[0].elts if isinstance(node.args[0], (ast.List, ast.Tuple)) else []
        texts = [text_of(piece) for piece in pieces]
        between = node.func.value.value if isinstance(node.func.value, ast.Constant) else ""
        return str(between).join(texts) if texts and all(texts) else ""
    if method == "chr" and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, int):
        return chr(node.args[0].value) if 0 < node.args[0].value < 0x110000 else ""  # noqa: PLR2004 - the last character
    if method in {"lower", "strip", "decode", "encode", "casefold"} and isinstance(node.func, ast.Attribute):
        text = text_of(node.func.value)
        return text.lower() if method == "lower" else text
    if method == "replace" and isinstance(node.func, ast.Attribute) and len(node.args) == 2:  # noqa: PLR2004 - old, new
        text, old, new = text_of(node.func.value), node.args[0], node.args[1]
        return text.replace(text_of(old), text_of(new)) if text and text_of(old) else ""
    return ""
