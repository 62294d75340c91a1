"""How a Python text gets to a result it did not compute: left out samples, fixed values, empty files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard import python_chance, python_rows
from heal.guard.hiding import HIDING
from heal.guard.python_fixed import is_computed, is_fixed, is_hollow
from heal.guard.python_names import Names, text_of
from heal.guard.rules import Trait

ITEM = re.compile(
    r"(?i)(?:^|[._\W])(?:\w*sample\w*|\w*_?id|ids|name|names|chrom\w*|lane\w*|patient\w*|subject\w*|run"
    r"|barcode\w*|file\w*|path|infile|input"
    r"|fn|f|s|wildcards\.\w+|meta\w*|group|accession|srr\w*|contig\w*|gene\w*|cell\w*|key|read\w*|library"
    r"|row|line|rec|record)(?:$|[._\W])"
)
_SHORTENING = frozenset(
    {
        "remove",
        "discard",
        "pop",
        "drop",
        "head",
        "tail",
        "difference",
        "islice",
        "filter",
        "takewhile",
        "dropwhile",
        "sample",
        "truncate",
        "nlargest",
        "nsmallest",
        "first",
        "last",
        "nth",
    }
)


_LIST = re.compile(r"(?i)(?:samples|chrom(?:osome)?s|contigs|lanes|patients|subjects|units|regions|batches|cohorts)$")
_INPUTS = re.compile(r"^(?:\./)?(?:data|resources|raw|inputs?|reads|fastq)/")
_FILLED = frozenset({"DataFrame", "zeros", "ones", "empty", "full", "zeros_like", "ones_like", "full_like"})


def traits(tree: ast.Module) -> Iterator[Trait]:
    """What leaves items out and what writes without having computed."""
    names = Names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from _singled_out(node)
        elif isinstance(node, ast.Call):
            yield from _call(node, names)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield from _written_empty(node)
        else:
            yield from _left_out(node)
    yield from python_rows.traits(tree)
    yield from python_chance.traits(tree, names)


def _left_out(node: ast.AST) -> Iterator[Trait]:
    if isinstance(node, (ast.Continue, ast.Break, ast.Delete)):
        yield Trait(HIDING["hide.skip"], ast.unparse(node), node.lineno)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield Trait(HIDING["hide.skip"], f"if {ast.unparse(test)}", test.lineno)
    elif isinstance(node, (ast.For, ast.AsyncFor)) and _shortened(node.iter):
        yield Trait(HIDING["hide.skip"], f"for … in {ast.unparse(node.iter)}", node.lineno)
    elif isinstance(node, ast.Assign):
        yield from _set_by_hand(node)
    elif isinstance(node, (ast.IfExp, ast.BoolOp)) and _falls_back(node):
        yield Trait(HIDING["hide.fallback"], ast.unparse(node), node.lineno)
    elif (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mult)
        and any(_is(side, 0) for side in (node.left, node.right))
    ):
        yield Trait(HIDING["hide.constant"], ast.unparse(node), node.lineno)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
        of_items = ITEM.search(f" {ast.unparse(node.value)} ")
        if of_items:
            yield Trait(HIDING["hide.skip"], ast.unparse(node.slice), node.lineno)


def _set_by_hand(node: ast.Assign) -> Iterator[Trait]:
    target = node.targets[0]
    if isinstance(target, ast.Subscript) and is_fixed(node.value):
        yield Trait(HIDING["hide.constant_text"], ast.unparse(node), node.lineno)
    elif _LIST.search(ast.unparse(target)) and not _reads(node.value):
        yield Trait(HIDING["hide.skip"], ast.unparse(node), node.lineno)


def _shortened(node: ast.expr) -> bool:
    """A part of what could be gone through."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Slice)
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Sub, ast.BitAnd))


def _reads(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and "read" in ast.unparse(node.func)


def _falls_back(node: ast.IfExp | ast.BoolOp) -> bool:
    """``x if ok else 0.5``, ``x or 1``: a number instead of a result."""
    if isinstance(node, ast.BoolOp):
        return isinstance(node.op, ast.Or) and _is_number(node.values[-1])
    return _is_number(node.orelse) != _is_number(node.body)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def _is(node: ast.expr, number: float) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, (str, bytes, bool)) and node.value == number


def _singled_out(node: ast.Compare) -> Iterator[Trait]:
    """``sample == "S3"``, ``s not in ("S3",)``, ``name.startswith`` is in ``_call``."""
    sides = [node.left, *node.comparators]
    fixed = [side for side in sides if _literal(side)]
    other = " ".join(ast.unparse(side) for side in sides if side not in fixed)
    if fixed and ITEM.search(f" {other} ") and not other.startswith("__name__"):
        rule = (
            "hide.skip"
            if all(text_of(side) == "" and isinstance(side, ast.Constant) for side in fixed)
            else "hide.skip_names"
        )
        yield Trait(HIDING[rule], ast.unparse(node), node.lineno)


def _literal(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return bool(node.elts) and all(_literal(one) for one in node.elts)
    return bool(text_of(node)) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _call(node: ast.Call, names: Names) -> Iterator[Trait]:
    name = names.dotted(node.func) or ast.unparse(node.func)
    last = name.rsplit(".", 1)[-1]
    if last in _SHORTENING:
        fixed = any(_literal(one) for one in node.args) and last in {"remove", "discard", "pop", "drop", "difference"}
        rule = "hide.skip_names" if fixed and ITEM.search(f" {ast.unparse(node.func)} ") else "hide.skip"
        yield Trait(HIDING[rule], f"{last} {ast.unparse(node.args[0]) if node.args else ''}", node.lineno)
    if (
        last in {"startswith", "endswith", "isin", "contains", "match", "query"}
        and node.args
        and _literal(node.args[0])
    ):
        rule = "hide.skip_names" if last in {"isin", "query"} else "hide.skip"
        yield Trait(HIDING[rule], ast.unparse(node), node.lineno)
    if last in {"get", "getattr"} and len(node.args) > 1 and _is_number(node.args[-1]):
        # a key or a name that is not there, by a mistake in a configuration as well as by intent
        yield Trait(HIDING["hide.fallback"], ast.unparse(node), node.lineno)
    if last == "touch":
        yield Trait(HIDING["hide.empty_output"], "touch", node.lineno)
    if last == "close" and isinstance(node.func, ast.Attribute) and opens_to_write(node.func.value):
        yield Trait(HIDING["hide.empty_output"], ast.unparse(node), node.lineno)
    if last == "DataFrame" or (last == "append" and any(one.arg == "ignore_index" for one in node.keywords)):
        yield from _rows(node)
    elif last in _FILLED:
        yield Trait(HIDING["hide.constant"], ast.unparse(node), node.lineno)
    if _INPUTS.search(_destination(node, last)):
        yield Trait(HIDING["hide.input_written"], ast.unparse(node), node.lineno)
    if last in {"write", "write_text", "write_bytes", "writelines"} and node.args:
        yield from _written(node)


def _destination(node: ast.Call, last: str) -> str:
    """The literal path that a call writes to; empty where it writes nowhere, or where that is not literal."""
    if opens_to_write(node):
        return text_of(node.args[0]) if node.args else ""
    if last in {"copy", "copy2", "copyfile", "move", "symlink", "link", "rename", "replace"} and len(node.args) > 1:
        return text_of(node.args[1])
    written = last in {"write_text", "write_bytes", "touch", "unlink"} and isinstance(node.func, ast.Attribute)
    path = node.func.value if written and isinstance(node.func, ast.Attribute) else None
    return text_of(path.args[0]) if isinstance(path, ast.Call) and path.args else ""


def _rows(node: ast.Call) -> Iterator[Trait]:
    """Rows of fixed values for a table, by their values: what pandas once appended is made a table of now."""
    if not _given(node):
        fixed = [repr(one.value) for arg in node.args for one in ast.walk(arg) if isinstance(one, ast.Constant)]
        yield Trait(HIDING["hide.constant"], f"a row of {', '.join(fixed)}", node.lineno)


def _given(node: ast.Call) -> bool:
    """True where a table is made of something that has a name."""
    return bool(node.args) and any(isinstance(one, ast.Name) for one in ast.walk(node.args[0]))


def _written(node: ast.Call) -> Iterator[Trait]:
    argument = node.args[0]
    if isinstance(argument, ast.Constant):
        rule = "hide.literal_output" if argument.value else "hide.empty_output"
        yield Trait(HIDING[rule], ast.unparse(node), node.lineno)


def opens_to_write(node: ast.expr) -> bool:
    """True for a call that opens a file to write into it."""
    if not isinstance(node, ast.Call):
        return False
    mode = [text_of(one) for one in [*node.args[1:], *(one.value for one in node.keywords if one.arg == "mode")]]
    return ast.unparse(node.func).endswith("open") and any("w" in one or "a" in one or "x" in one for one in mode)


def _written_empty(node: ast.With | ast.AsyncWith) -> Iterator[Trait]:
    if any(opens_to_write(item.context_expr) for item in node.items) and all(
        isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in node.body
    ):
        yield Trait(HIDING["hide.empty_output"], "a file is opened for writing and left empty", node.lineno)


def became_constant(before: ast.Module, after: ast.Module) -> Iterator[Trait]:
    """Names that were computed and are fixed now; functions that computed and now return a fixed value."""
    old, new = _assigned(before), _assigned(after)
    for name, values in new.items():
        was = old.get(name, [])
        fixed = [value for value in values if is_fixed(value)]
        if was and any(is_computed(value) for value in was) and len(fixed) > sum(is_fixed(value) for value in was):
            text = isinstance(fixed[-1], ast.Constant) and isinstance(fixed[-1].value, str)
            yield Trait(
                HIDING["hide.constant_text" if text else "hide.constant"],
                f"{name} = {ast.unparse(fixed[-1])}",
                fixed[-1].lineno,
            )
    once, again = _hollow_names(before), _hollow_names(after)
    there = {node.name for node in ast.walk(before) if isinstance(node, ast.FunctionDef)}
    for name, nodes in again.items():
        if name in there and len(nodes) > len(once.get(name, [])):
            yield Trait(HIDING["hide.constant"], f"def {name}", nodes[-1].lineno)


def under_conditions(before: ast.Module, after: ast.Module) -> Iterator[Trait]:
    """What was done for every item of a loop, and stands under a condition now that was not there."""
    tests = {ast.dump(node.test) for node in ast.walk(before) if isinstance(node, (ast.If, ast.While))}
    there = {ast.dump(node) for node in ast.walk(before) if isinstance(node, ast.stmt)}
    loops = (node for node in ast.walk(after) if isinstance(node, (ast.For, ast.AsyncFor)))
    for node in (one for loop in loops for one in loop.body if isinstance(one, ast.If)):
        moved = [one for one in node.body if ast.dump(one) in there and not isinstance(one, (ast.Raise, ast.Pass))]
        if moved and not node.orelse and ast.dump(node.test) not in tests:
            yield Trait(HIDING["hide.conditional"], f"if {ast.unparse(node.test)}", moved[0].lineno)


def _hollow_names(tree: ast.Module) -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and is_hollow(node):
            found.setdefault(node.name, []).append(node)
    return found


def _assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found.setdefault(ast.unparse(target), []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and node.value:
            found.setdefault(ast.unparse(node.target), []).append(node.value)
        elif isinstance(node, ast.Return) and node.value:
            found.setdefault("return", []).append(node.value)
    return found
