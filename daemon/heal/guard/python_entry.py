"""Whether what a Python text runs of itself is still run: what is only put off, or handed to nobody, is not."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from heal.guard.hiding import HIDING
from heal.guard.python_checks import never_entered
from heal.guard.rules import Trait

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Asked = ast.If | ast.While | ast.IfExp
_LOOP = "a loop"
# nothing is run, or no error is told, before somebody takes what these give
_PUT_OFF = frozenset(
    {"map", "filter", "imap", "imap_unordered", "starmap", "partial", "delayed", "chain", "register"}
) | {*("create_task", "ensure_future", "gather", "call_soon", "call_later", "to_thread", "run_in_executor")}
# an error is told where the result is asked for
_FUTURES = frozenset({"submit", "apply_async", "map_async", "starmap_async", "run_coroutine_threadsafe"})
_AS_SCRIPT = frozenset({"__name__ == '__main__'", "'__main__' == __name__"})


@dataclass(slots=True)
class _Met:
    """The functions of a text that a piece of it runs or hands on, and under which conditions each."""

    kinds: dict[str, str]
    read: set[str]
    asks: bool
    names: Counter[str] = field(default_factory=Counter)
    under: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()

    def visit(self, node: ast.AST, *, used: bool = True) -> None:
        """``used``: somebody takes what the expression gives."""
        if isinstance(node, _Function | ast.ClassDef):
            self._parts(node.decorator_list, used=True)
        elif isinstance(node, ast.Expr):
            self.visit(node.value, used=False)
        elif isinstance(node, ast.Assign):
            kept = [one for one in node.targets if not isinstance(one, ast.Name) or one.id in self.read]
            self._parts([*node.targets, node.value], used=bool(kept))
        elif isinstance(node, ast.Lambda | ast.GeneratorExp):
            self._parts([*ast.iter_child_nodes(node)] if used else [], used=True)
        elif isinstance(node, ast.Call):
            self._call(node, used=used)
        elif isinstance(node, ast.Name | ast.Attribute):
            self._name(node, used=used)
        elif isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Starred | ast.Dict):
            self._parts(ast.iter_child_nodes(node), used=used)
        elif isinstance(node, _Asked | ast.For | ast.AsyncFor | ast.BoolOp):
            self._branches(node, used=used)
        else:
            self._parts(ast.iter_child_nodes(node), used=True)

    def _parts(self, nodes: object, *, used: bool) -> None:
        for one in nodes if isinstance(nodes, Iterator | list) else ():
            self.visit(one, used=used)

    def _name(self, node: ast.Name | ast.Attribute, *, used: bool) -> None:
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in self.kinds and used and isinstance(node.ctx, ast.Load):
            self.names[name] += 1
            self.under.setdefault(name, []).append(self.conditions)
        if isinstance(node, ast.Attribute):
            self.visit(node.value)

    def _call(self, node: ast.Call, *, used: bool) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        made = node.func if isinstance(node.func, ast.Call) else node
        later = any(one.arg == "return_as" for one in made.keywords) or name in _PUT_OFF
        taken = self.asks if name in _FUTURES else used or not later
        # the body of these runs only as somebody waits for it
        plain = not isinstance(node.func, ast.Call) and not self.kinds.get(name)
        self.visit(node.func, used=used or plain)
        self._parts([*node.args, *(one.value for one in node.keywords)], used=taken)

    def _branches(self, node: _Asked | ast.For | ast.AsyncFor | ast.BoolOp, *, used: bool) -> None:
        outer = self.conditions
        if isinstance(node, ast.BoolOp):
            self._parts(node.values[:-1], used=True)
            self.conditions = outer | {ast.unparse(one) for one in node.values[:-1]}
            self.visit(node.values[-1], used=used)
            self.conditions = outer
            return
        loop = isinstance(node, ast.For | ast.AsyncFor)
        test = node.iter if isinstance(node, ast.For | ast.AsyncFor) else node.test
        self.visit(test)
        tests = {_LOOP} if loop else {*_tests(test)}
        self.conditions = outer | tests
        if isinstance(node, ast.IfExp):
            self.visit(node.body, used=used)
        elif not never_entered(node):
            self._parts(node.body, used=True)
        self.conditions = outer | {f"not {one}" for one in tests}
        self._parts([node.orelse] if isinstance(node, ast.IfExp) else node.orelse, used=used)
        self.conditions = outer


def _tests(test: ast.expr) -> Iterator[str]:
    """Each condition of several; that a text is run as a script, or a rule's block begins, is none."""
    for one in test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]:
        text = ast.unparse(one)
        if text not in _AS_SCRIPT and not text.startswith("snakemake_"):
            yield text


def no_longer_run(before: ast.Module, after: ast.Module) -> Iterator[Trait]:
    """Functions that are there still, and that the text ran of itself, or called, and now does not, or not always."""
    was, now = _kinds(before), _kinds(after)
    lines = {node.name: node.lineno for node in ast.walk(after) if isinstance(node, _Function)}
    kept = was.keys() & now.keys() & lines.keys()
    old, new = _top(before), _top(after)
    fewer, more = _now(before) - _now(after), _later(after) - _later(before)
    put_off = fewer.keys() & more.keys()
    gone = ((old.names.keys() - _reached(after)) | put_off) & kept
    yield from (Trait(HIDING["hide.not_run"], name, lines[name]) for name in sorted(gone))
    for name in sorted(kept):
        if now[name] and not was[name]:
            yield Trait(HIDING["hide.not_run"], f"{now[name]} {name}", lines[name])
    known = {text for node in ast.walk(before) if isinstance(node, _Asked) for text in _tests(node.test)}
    for name in sorted(old.under.keys() & new.under.keys() & (kept - gone)):
        before_it, now_it = old.under[name], new.under[name]
        fresh = [one - known - frozenset().union(*before_it) for one in now_it]
        if all(fresh) and min(map(len, now_it)) > min(map(len, before_it)):
            yield Trait(HIDING["hide.conditional"], f"{name} if {', '.join(sorted(fresh[0]))}", lines[name])


def _met(tree: ast.Module) -> _Met:
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    asks = any(
        isinstance(one.func, ast.Attribute) and (one.func.attr in {"result", "exception"} or _gets(one))
        for one in calls
    )
    return _Met(_kinds(tree), read, asks)


def _gets(call: ast.Call) -> bool:
    """``job.get()``; of a dictionary it needs a key."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "get" and not call.args


def _kinds(tree: ast.Module) -> dict[str, str]:
    """Functions and classes: what is said of those whose body does not run as they are called, else nothing."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "yield in" if _yields(node) else ""
            found[node.name] = kind if found.get(node.name, kind) else ""
        elif isinstance(node, ast.ClassDef):
            found[node.name] = ""
    return found


def _yields(node: ast.AST) -> bool:
    inner = [one for one in ast.iter_child_nodes(node) if not isinstance(one, _Function | ast.Lambda | ast.ClassDef)]
    return any(isinstance(one, ast.Yield | ast.YieldFrom) or _yields(one) for one in inner)


def _top(tree: ast.Module) -> _Met:
    met = _met(tree)
    for one in tree.body:
        met.visit(one)
    return met


def _bodies(tree: ast.Module) -> Iterator[tuple[str, list[ast.stmt]]]:
    """What each name runs: a function its own body, a class those of its methods."""
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            yield node.name, node.body
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, one.body) for one in ast.walk(node) if isinstance(one, _Function))


def _reached(tree: ast.Module) -> set[str]:
    met, bodies = _top(tree), list(_bodies(tree))
    reached: set[str] = set()
    while waiting := met.names.keys() - reached:
        reached |= waiting
        for name, body in bodies:
            for one in body if name in waiting else []:
                met.visit(one)
    return reached


def _now(tree: ast.Module) -> Counter[str]:
    """How often each function is run or handed on as soon as its place is met."""
    met = _top(tree)
    functions = (node for node in ast.walk(tree) if isinstance(node, _Function))
    for one in (one for function in functions for one in function.body):
        met.visit(one)
    return met.names


def _later(tree: ast.Module) -> Counter[str]:
    """How often each function is only named: where nothing takes what it is put into."""
    nodes = (node for node in ast.walk(tree) if isinstance(getattr(node, "ctx", None), ast.Load))
    named = (node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in nodes)
    return Counter(named) - _now(tree)
