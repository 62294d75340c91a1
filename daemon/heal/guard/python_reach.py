"""Whether the checks of Python texts are still run, and still before what they are to stop."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from heal.guard.hiding import HIDING
from heal.guard.python_checks import never_entered, skeleton
from heal.guard.python_hiding import checks
from heal.guard.python_results import opens_to_write
from heal.guard.rules import objection
from heal.patch import Objection

Trees = Mapping[str, ast.Module]
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_WRITES = re.compile(r"write|writelines|write_text|write_bytes|save\w*|dump|to_[a-z]\w*|imwrite")
_SPOKEN = re.compile(r"(?:sys\.)?(?:stderr|stdout)\.|log")


def moved(before: Trees, after: Trees, *, known: Mapping[str, set[str]], broken: bool) -> Iterator[Objection]:
    """Checks that were run and now stand where nothing is seen to run them, or after the output is written.

    ``known``: the functions of each text before. What only other files may call is taken for run where it was there
    before, and so is a check that moved from one such function into another. ``broken``: a text before did not parse,
    and what ran of it cannot be told.
    """
    old, new = _Run(before), _Run(after)
    old_runs, new_runs = old.from_the_top(), new.from_the_top()
    old_may, new_may = old.and_called_from_elsewhere(None), new.and_called_from_elsewhere(known)
    pairs = [(old_may, new_may)] if broken else [(old_runs, new_runs), (old_may, new_may)]
    found = {key for pair in pairs for key in _asleep(before, after, *pair)}
    for key in sorted(found):
        # by how it reads, or else by its kind
        if " " in key or not any(one.startswith(f"{key} ") for one in found):
            yield objection(HIDING["hide.check_moved"], *_last(after, key), key)
    for key in _late(_order(old_runs), _order(new_runs)):
        yield objection(HIDING["hide.check_late"], *_last(after, key), key)


def _asleep(before: Trees, after: Trees, was: list[str], now: list[str]) -> Iterator[str]:
    """Checks that fewer were met of, while more are there that were not met."""
    yield from (_kinds(was) - _kinds(now)) & (
        (_kinds(_all(after)) - _kinds(now)) - (_kinds(_all(before)) - _kinds(was))
    )


def _late(early: dict[str, list[tuple[int, int]]], late: dict[str, list[tuple[int, int]]]) -> Iterator[str]:
    for key, places in late.items():
        for (ahead, behind), (more, fewer) in zip(early.get(key, []), places, strict=False):
            if more > ahead and fewer < behind:
                yield key


def _last(trees: Trees, key: str) -> tuple[str, int]:
    return [(path, line) for path, one, line in _places(trees) if one == key or one.startswith(f"{key} ")][-1]


def _all(trees: Trees) -> list[str]:
    return [key for _, key, _ in _places(trees)]


def _places(trees: Trees) -> Iterator[tuple[str, str, int]]:
    for path, tree in trees.items():
        yield from ((path, trait.key, trait.line) for trait in checks(tree))


def _kinds(events: list[str]) -> Counter[str]:
    """Checks by how they read, and by their kind alone: one that was written anew is the same kind still."""
    found = [one for one in events if one != "write"]
    return Counter([*found, *(one.split(" ", 1)[0] for one in found)])


def _order(events: list[str]) -> dict[str, list[tuple[int, int]]]:
    """For each check how often something is written before it and after it."""
    found: dict[str, list[tuple[int, int]]] = {}
    for at, one in enumerate(events):
        if one != "write":
            found.setdefault(one, []).append((events[:at].count("write"), events[at:].count("write")))
    return found


@dataclass(frozen=True, slots=True)
class _Defined:
    """A function with the file and the class that it stands in."""

    path: str
    owner: str
    node: _Function


@dataclass(slots=True)
class _Run:
    """What is met in the order of running: every check and every write, each function at its first use."""

    trees: Trees
    defined: dict[str, list[_Defined]] = field(default_factory=dict)
    classes: dict[str, list[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    entered: set[int] = field(default_factory=set)
    events: list[str] = field(default_factory=list)
    path: str = ""
    conditions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path, tree in self.trees.items():
            self._define(tree, path, "")

    def _define(self, node: ast.AST, path: str, owner: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = owner
            if isinstance(child, _Function):
                self.defined.setdefault(child.name, []).append(_Defined(path, owner, child))
                self.classes.setdefault(owner, []).append(child.name)
                inner = ""
            elif isinstance(child, ast.ClassDef):
                inner = child.name
            self._define(child, path, inner)

    def from_the_top(self) -> list[str]:
        """What running the files themselves meets."""
        for path, tree in self.trees.items():
            self.path = path
            self._block(tree.body)
        return list(self.events)

    def and_called_from_elsewhere(self, known: Mapping[str, set[str]] | None) -> list[str]:
        """That, and what functions meet that other files may call: all of them, or the known ones."""
        for one in [one for same in self.defined.values() for one in same]:
            if known is None or one.node.name in known.get(one.path, set()):
                self._enter(one)
        return list(self.events)

    def _block(self, body: list[ast.stmt]) -> None:
        for one in body:
            self._visit(one)
            if isinstance(one, _LEAVES):
                return

    def _under(self, condition: str, body: list[ast.stmt]) -> None:
        outer, self.conditions = self.conditions, [*self.conditions, condition]
        self._block(body)
        self.conditions = outer

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, (_Function, ast.ClassDef)):
            self._declared(node)
        elif isinstance(node, (ast.If, ast.While)):
            self._branch(node)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self._visit(node.iter)
            self._block([] if never_entered(node) else node.body)
            self._block(node.orelse)
        elif isinstance(node, ast.Match):
            self._visit(node.subject)
            for case in [] if isinstance(node.subject, ast.Constant) else node.cases:
                self._under(f"case {ast.unparse(case.pattern)}", case.body)
        elif isinstance(node, (ast.Raise, ast.Assert, ast.Expr, ast.Call)):
            self._does(node)
        else:
            self._names(node)

    def _declared(self, node: _Function | ast.ClassDef) -> None:
        for one in node.decorator_list:
            self._visit(one)
        if isinstance(node, ast.ClassDef):
            for one in node.bases:
                self._visit(one)
            self._block(node.body)

    def _branch(self, node: ast.If | ast.While) -> None:
        self._visit(node.test)
        if not never_entered(node):
            self._under(skeleton(node.test), node.body)
        if isinstance(node, ast.If):
            self._under(f"not {skeleton(node.test)}", node.orelse)
        else:
            self._block(node.orelse)

    def _does(self, node: ast.Raise | ast.Assert | ast.Expr | ast.Call) -> None:
        if isinstance(node, ast.Call):
            for one in [*node.args, *(each.value for each in node.keywords), node.func]:
                self._visit(one)
            name = ast.unparse(node.func)
            if (_WRITES.fullmatch(name.rsplit(".", 1)[-1]) and not _SPOKEN.match(name)) or opens_to_write(node):
                self.events.append("write")
            return
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Name)):
            for child in ast.iter_child_nodes(node):
                self._visit(child)
        self.events += (one.key for one in checks(node, self.conditions))

    def _names(self, node: ast.AST) -> None:
        """Uses of names; a function that is only given another name, or put into a lambda, is not yet used."""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Lambda):
            return
        for name, value in ast.iter_fields(node):
            parts = value if isinstance(value, list) else [value]
            if parts and isinstance(parts[0], ast.stmt):
                self._block(parts)
            elif name not in {"annotation", "returns"}:
                for one in parts:
                    if isinstance(one, ast.AST):
                        self._visit(one)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            self._use(node.id, attribute=False)
        elif isinstance(node, ast.Attribute):
            self._use(node.attr, attribute=True)

    def _use(self, name: str, *, attribute: bool) -> None:
        self.used.add(name)
        for one in self.defined.get(name, []):
            # ``frame.sum()`` is not the function ``sum`` of the same file
            if one.owner in self.used if one.owner else not attribute or one.path != self.path:
                self._enter(one)
        for method in self.classes.get(name, []) if name else []:
            if method in self.used or method.startswith("__"):
                for one in self.defined[method]:
                    if one.owner == name:
                        self._enter(one)

    def _enter(self, one: _Defined) -> None:
        if id(one.node) in self.entered:
            return
        self.entered.add(id(one.node))
        path, conditions = self.path, self.conditions
        self.path, self.conditions = one.path, []
        self._block(one.node.body)
        self.path, self.conditions = path, conditions
