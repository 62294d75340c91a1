"""How a Python text hides a failure: caught errors, weaker checks, an end that looks like success."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from heal.guard.hiding import HIDING
from heal.guard.python_checks import check, decided, skeleton
from heal.guard.python_names import Names, text_of
from heal.guard.rules import Trait
from heal.guard.statuses import ends_well as no_failure

_BROAD = frozenset({"", "Exception", "BaseException", "AssertionError", "SystemExit", "builtins.Exception"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
# that a file is there or not is often no error at all
_EXPECTED = frozenset({"FileNotFoundError", "FileExistsError", "StopIteration", "KeyboardInterrupt", "BrokenPipeError"})
EXITS = frozenset({"sys.exit", "exit", "quit", "os._exit", "SystemExit", "os.abort"})
_NOTHING = frozenset({"", "0", "None", "False", "os.EX_OK"})
_KEYWORDS = {
    "errors": ("hide.bad_lines", r"'(?:ignore|coerce|replace|skip|surrogateescape|backslashreplace)'"),
    "on_bad_lines": ("hide.bad_lines", r"'(?:skip|warn)'|lambda.*|\w+"),
    "error_bad_lines": ("hide.bad_lines", r"False"),
    "bad_lines": ("hide.bad_lines", r".*"),
    "invalid_raise": ("hide.bad_lines", r"False"),
    "ignore_errors": ("hide.keep_going", r"(?!False).*"),
    "ignore_missing": ("hide.keep_going", r"(?!False).*"),
    "raise_on_error": ("hide.keep_going", r"False"),
    "return_exceptions": ("hide.keep_going", r"True"),
    "check": ("hide.keep_going", r"False"),
    "check_sq": ("hide.keep_going", r"False"),
    "validate": ("hide.keep_going", r"False"),
    "verify_integrity": ("hide.keep_going", r"False"),
    "check_header": ("hide.keep_going", r"False"),
    "verify": ("hide.keep_going", r"False"),
    "ignore_truncation": ("hide.keep_going", r"(?!False).*"),
    "strict": ("hide.keep_going", r"False"),
    "ignore": ("hide.keep_going", r"'(?:ignore|all)'"),
    "stderr": ("hide.silence", r"(?:subprocess\.)?DEVNULL"),
    "retries": ("hide.retries", r"(?!0$).*"),
    "max_retries": ("hide.retries", r"(?!0$).*"),
    "nrows": ("hide.skip", r"(?!None).*"),
    "skipfooter": ("hide.skip", r"(?!0$).*"),
    "skiprows": ("hide.skip", r"(?!(?:0|None)$).*"),
}
_CALLS = (
    (
        re.compile(
            r"warnings\.(?:filterwarnings|simplefilter|catch_warnings|resetwarnings)|logging\.disable|.*\.setLevel"
        ),
        "hide.warnings",
    ),
    (re.compile(r"(?:numpy|np)\.(?:seterr|errstate)"), "hide.warnings"),
    (re.compile(r"contextlib\.redirect_std(?:err|out)"), "hide.warnings"),
    (re.compile(r"(?:threading\.Thread|multiprocessing\.(?:\w+\.)?Process)"), "hide.background"),
    (re.compile(r"time\.sleep|asyncio\.sleep|signal\.alarm"), "hide.wait"),
    (re.compile(r"(?:tenacity|backoff|retrying|stamina)\..*"), "hide.retries"),
    (re.compile(r"(?:pytest|unittest)\.(?:skip\w*|xfail|SkipTest)|os\.abort"), "hide.exit_ok"),
    (
        re.compile(
            r".*\.(?:mask|where|combine_first|select_dtypes|dropna|fillna|nan_to_num|drop_duplicates|interpolate|ffill|bfill)|(?:numpy|np)\.nan_to_num"
        ),
        "hide.drop_rows",
    ),
)


def traits(tree: ast.Module) -> Iterator[Trait]:
    """All that could hide a failure, and all that checks for one."""
    names = Names(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Try, ast.TryStar)):
            yield from _try(node)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            yield from _with(node, names)
        elif isinstance(node, ast.Assert):
            yield from check(node.test, "assert", node.lineno)
        elif isinstance(node, ast.Call):
            yield from _call(node, names)
        elif isinstance(node, (ast.If, ast.While, ast.IfExp, ast.For, ast.Match)):
            yield from decided(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _function(node)
        elif isinstance(node, ast.Expr):
            yield from _idle(node)
        for block in ("body", "orelse", "finalbody"):
            yield from _unreached(getattr(node, block, []))
    yield from _raises(tree)
    yield from _stderr(tree)


def _try(node: ast.Try | ast.TryStar) -> Iterator[Trait]:
    for handler in node.handlers:
        kinds = _kinds(handler.type)
        if _tells(handler.body) or (kinds <= _IMPORT_ERRORS and kinds and _imports(handler.body)):
            continue
        blind = _does_nothing(handler.body) and not kinds <= _EXPECTED
        rule = "hide.swallow" if kinds & _BROAD or blind else "hide.swallow_narrow"
        yield Trait(HIDING[rule], f"except {', '.join(sorted(kinds))}".strip(), handler.lineno)
    for inner in node.finalbody:
        if any(isinstance(one, (ast.Return, ast.Break, ast.Continue)) for one in ast.walk(inner)):
            yield Trait(HIDING["hide.swallow"], "finally that leaves", inner.lineno)


def _does_nothing(body: list[ast.stmt]) -> bool:
    """True for a handler that only passes on: nothing takes the place of what failed."""
    return all(
        isinstance(one, (ast.Pass, ast.Continue, ast.Break))
        or (isinstance(one, ast.Expr) and not isinstance(one.value, (ast.Yield, ast.Await)))
        or (isinstance(one, ast.Return) and (one.value is None or isinstance(one.value, ast.Constant)))
        for one in body
    )


def _kinds(node: ast.expr | None) -> set[str]:
    if node is None:
        return {""}
    return {ast.unparse(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])}


def _tells(body: list[ast.stmt]) -> bool:
    """True where every way through the handler ends in an error: its last statement raises or exits unwell."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _tells(last.body) and _tells(last.orelse)
    if isinstance(last, ast.With):
        return _tells(last.body)
    if isinstance(last, ast.Raise):
        return not ends_well(last)
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return ast.unparse(last.value.func) in EXITS and not ends_well(last)
    return False


def ends_well(node: ast.stmt) -> bool:
    """``sys.exit(0)`` and ``raise SystemExit``."""
    call = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Name):
        return call.id == "SystemExit"
    if not isinstance(call, ast.Call) or ast.unparse(call.func) not in EXITS:
        return False
    return _is_nothing(call.args[0] if call.args else None)


def _is_nothing(node: ast.expr | None) -> bool:
    """True for an exit status that is, or may well be, 0: no argument, 0, None, ``int()``, ``1 - 1``, ``not x``."""
    if node is None or ast.unparse(node) in _NOTHING:
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return no_failure(str(int(node.value)))
    empty = isinstance(node, ast.Call) and ast.unparse(node.func) in {"int", "bool", "len", "float"} and not node.args
    return empty or (
        isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare))
        and not isinstance(node, ast.JoinedStr)
        and not _textual(node)
    )


def _textual(node: ast.expr) -> bool:
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(node))


def _imports(body: list[ast.stmt]) -> bool:
    return any(isinstance(one, (ast.Import, ast.ImportFrom)) for one in body)


def _with(node: ast.With | ast.AsyncWith, names: Names) -> Iterator[Trait]:
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and names.dotted(call.func) in {"contextlib.suppress", "suppress"}:
            broad = any(ast.unparse(one) in _BROAD for one in call.args)
            yield Trait(HIDING["hide.swallow" if broad else "hide.swallow_narrow"], ast.unparse(call), node.lineno)


def _call(node: ast.Call, names: Names) -> Iterator[Trait]:
    name = names.dotted(node.func) or ast.unparse(node.func)
    if name in EXITS and _is_nothing(node.args[0] if node.args else None):
        yield Trait(HIDING["hide.exit_ok"], ast.unparse(node), node.lineno)
    elif name in EXITS - {"SystemExit"}:
        yield Trait(HIDING["hide.check_gone"], name, node.lineno)
    yield from (Trait(HIDING[rule], name, node.lineno) for pattern, rule in _CALLS if pattern.fullmatch(name))
    last = name.rsplit(".", 1)[-1]
    if re.fullmatch(r"assert\w+|raise_for_status|check_returncode|check_call|validate\w*|check_output|verify\w*", last):
        yield Trait(HIDING["hide.check_gone"], last, node.lineno)
    for keyword in node.keywords:
        rule, pattern = _KEYWORDS.get(keyword.arg or "", ("", ""))
        if rule and re.fullmatch(pattern, ast.unparse(keyword.value)):
            yield Trait(HIDING[rule], f"{keyword.arg}={ast.unparse(keyword.value)}", node.lineno)
        if keyword.arg == "validate" and text_of(keyword.value) not in {"", "many_to_many", "m:m"}:
            yield Trait(HIDING["hide.check_gone"], "validate=", node.lineno)
            yield Trait(HIDING["hide.check_changed"], f"validate={ast.unparse(keyword.value)}", node.lineno)
        if keyword.arg in {"check", "strict"} and ast.unparse(keyword.value) == "True":
            yield Trait(HIDING["hide.check_gone"], f"{keyword.arg}=True", node.lineno)
    if last in {"open", "read_text", "decode", "encode"} and any(
        text_of(one) in {"ignore", "replace"} for one in node.args
    ):
        yield Trait(HIDING["hide.bad_lines"], ast.unparse(node), node.lineno)


def _idle(node: ast.Expr) -> Iterator[Trait]:
    """A statement that only names something: a call whose brackets are gone."""
    if isinstance(node.value, (ast.Name, ast.Attribute)):
        yield Trait(HIDING["hide.dead_code"], ast.unparse(node), node.lineno)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Trait]:
    yield Trait(HIDING["hide.function_gone"], "def", node.lineno)
    if node.name in {"__exit__", "__aexit__"}:
        yield Trait(HIDING["hide.context"], node.name, node.lineno)


def _unreached(body: object) -> Iterator[Trait]:
    if not isinstance(body, list):
        return
    for one, after in pairwise(body):
        if isinstance(one, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            yield Trait(HIDING["hide.dead_code"], ast.unparse(one), after.lineno)


def checks(node: ast.AST, conditions: Sequence[str] = ()) -> Iterator[Trait]:
    """Every way that this ends in an error, by how it reads with the conditions it stands under."""
    under = " and ".join(conditions)
    if isinstance(node, ast.Raise) and not ends_well(node):
        kind = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc) if node.exc else ""
        yield Trait(HIDING["hide.check_changed"], f"raise {kind} if {under}", node.lineno)
    elif isinstance(node, ast.Assert):
        yield Trait(HIDING["hide.check_changed"], f"assert {skeleton(node.test)} if {under}", node.lineno)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in EXITS:
        yield Trait(HIDING["hide.check_changed"], f"exit if {under}", node.lineno)
    for child in ast.iter_child_nodes(node):
        inner = [*conditions]
        if isinstance(node, (ast.If, ast.While)) and child in node.body:
            inner.append(skeleton(node.test))
        elif isinstance(node, ast.If) and child in node.orelse:
            inner.append(f"not {skeleton(node.test)}")
        elif isinstance(node, ast.match_case):
            inner.append(f"case {ast.unparse(node.pattern)}")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inner = []
        yield from checks(child, inner)


def _raises(tree: ast.Module) -> Iterator[Trait]:
    for one in checks(tree):
        if one.key.startswith("raise"):
            yield Trait(HIDING["hide.check_gone"], "raise", one.line)
        yield one


def _stderr(tree: ast.Module) -> Iterator[Trait]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if ast.unparse(target) in {"sys.stderr", "sys.stdout", "sys.__stderr__", "sys.excepthook"}:
                yield Trait(HIDING["hide.silence"], ast.unparse(target), target.lineno)
