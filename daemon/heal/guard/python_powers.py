"""What a Python text can do beyond computing: run programs, reach out, delete, read secrets, run text as code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard.modules import STANDARD, expected_of_python
from heal.guard.powers import POWERS
from heal.guard.python_calls import METHODS, NAMES, TEXT_AS_CODE
from heal.guard.python_names import BUILTINS, Names, text_of
from heal.guard.python_writes import code_written
from heal.guard.rules import Trait

_REACHED = frozenset(
    {"os", "sys", "subprocess", "socket", "shutil", "builtins", "importlib", "ctypes", "pickle", "urllib", "http"}
    | {"requests", "posix", "pty", "signal", "marshal", "runpy", "workflow"}
)
_DUNDER = re.compile(r"__\w+?__")
_PLAIN_DUNDER = frozenset(
    [
        "__name__",
        "__main__",
        "__file__",
        "__doc__",
        "__init__",
        "__version__",
        "__future__",
        "__all__",
        "__repr__",
        "__str__",
        "__len__",
        "__iter__",
        "__next__",
        "__eq__",
        "__ne__",
        "__lt__",
        "__le__",
        "__gt__",
        "__ge__",
        "__hash__",
        "__enter__",
        "__post_init__",
        "__contains__",
        "__getitem__",
        "__call__",
        "__add__",
        "__author__",
        "__snakemake__",
        "__bool__",
        "__slots__",
        "__package__",
    ]
)
_SECRET_NAME = re.compile(
    r"(?i)token|secret|passw|api_?key|access_?key|private|credential|aws_|auth|session|cookie|ssh_"
)
_LOADER_NAME = re.compile(
    r"^(?:PATH|LD_\w+|PYTHON\w*|BASH_ENV|ENV|IFS|PROMPT_COMMAND|R_\w+|PERL5?\w*|NXF_\w+|JAVA_\w+|HOME|SHELL)$"
)
# of a library, and open to all
_OPEN_PRIVATE = frozenset({"os._exit"})
_REPLACED = (ast.Lambda, ast.Name, ast.Attribute)


def traits(tree: ast.Module, text: str) -> Iterator[Trait]:
    """Every power that the text uses, by what it is used on."""
    names = Names(tree)
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for name, node in names.uses(tree):
        for rule, key in _power(name, node, calls.get(id(node))):
            yield Trait(POWERS[rule], key, node.lineno)
        if names.imported(name):
            yield from (Trait(POWERS[rule], name, node.lineno) for rule in _of_library(name))
    for each in ast.walk(tree):
        yield from _of_node(each, names)
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _DUNDER.findall(line.split("#", 1)[0] if line.lstrip().startswith("#") else line):
            if found not in _PLAIN_DUNDER and not line.lstrip().startswith("#"):
                yield Trait(POWERS["power.inner_name"], found, number)


def _power(name: str, node: ast.expr, call: ast.Call | None) -> Iterator[tuple[str, str]]:
    if _reached(name).startswith("os.environ") or _reached(name) == "os.getenv":
        name = _reached(name)
        yield from _environment(name, node, call)
        return
    name = _reached(name)
    rule = next((rule for rule, pattern in NAMES if pattern.fullmatch(name)), "")
    if rule == "power.process":
        yield rule, program(call) if call else name
    elif rule in {"power.delete", "power.unpickle"} and call:
        yield rule, f"{name} {_target(call)}".strip() if rule != "power.delete" or _wide(call) else "one file"
    elif rule:
        yield rule, name
    elif isinstance(node, ast.Attribute) and node.attr in METHODS:
        yield METHODS[node.attr], node.attr
    yield from _by_call(name, call)


def _by_call(name: str, call: ast.Call | None) -> Iterator[tuple[str, str]]:
    """What the arguments make of a call, and what reaches for the engine."""
    if name.startswith("workflow.") and name not in {"workflow.basedir", "workflow.cores", "workflow.source_path"}:
        yield "power.engine_shell", name
    if name in {"shell.prefix", "shell.executable", "snakemake.shell.prefix", "snakemake.shell.shell.prefix"}:
        yield "power.engine_shell", name
    if call and name in {"getattr", "setattr", "delattr"} and len(call.args) > 1 and not text_of(call.args[1]):
        yield "power.code", ast.unparse(call)
    if name in {"getattr", "setattr", "delattr"} and call is None:
        yield "power.code", name
    if call and name == "setattr":
        yield "power.patched", ast.unparse(call)
    if call and name.startswith("subprocess"):
        changed = {one.arg for one in call.keywords} & {"executable", "preexec_fn", "env"}
        yield from (
            ("power.variable" if one == "env" else "power.process", f"{one}=") for one in sorted(map(str, changed))
        )
    if call and any(one.arg == "allow_pickle" and ast.unparse(one.value) != "False" for one in call.keywords):
        yield "power.unpickle", "allow_pickle"
    if call and any(one.arg == "shell" and ast.unparse(one.value) != "False" for one in call.keywords):
        yield "power.process", f"{program(call)}, by a shell"


def _reached(name: str) -> str:
    """``logging.os.system`` is ``os.system``: what a library imported is reached through it."""
    parts = name.split(".")
    for index in range(1, len(parts)):
        rest = ".".join([parts[index].lstrip("_"), *parts[index + 1 :]])
        inner = parts[0] in STANDARD and parts[index].lstrip("_") in STANDARD and index + 1 < len(parts)
        if parts[index].lstrip("_") in _REACHED or (inner and any(pattern.fullmatch(rest) for _, pattern in NAMES)):
            return rest
    return name


def _of_library(name: str) -> Iterator[str]:
    """Rules about what only a library that was loaded can mean: a variable may have its name."""
    if TEXT_AS_CODE.fullmatch(name) or TEXT_AS_CODE.fullmatch(_reached(name)):
        yield "power.code"
    if _private(name):
        yield "power.inner_name"


def _private(name: str) -> bool:
    """``random._os``, ``uuid._popen``: what a library keeps to itself, mostly what it imported."""
    inner = any(part.startswith("_") and not part.startswith("__") for part in name.split(".")[1:])
    return inner and expected_of_python(name) and name not in _OPEN_PRIVATE


def _environment(name: str, node: ast.expr, call: ast.Call | None) -> Iterator[tuple[str, str]]:
    variable = name.removeprefix("os.environ.").removeprefix("os.environb.")
    if name in {"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"}:
        if call is None:
            yield "power.secrets", name
            return
        variable = text_of(call.args[0]) if call.args else ""
    if name in {"os.environ.update", "os.environ.clear"}:
        yield "power.variable", ast.unparse(call or node)
    elif not variable or name in {
        "os.environ",
        "os.environ.items",
        "os.environ.copy",
        "os.environ.values",
        "os.environ.keys",
    }:
        yield "power.secrets", name
    elif _SECRET_NAME.search(variable):
        yield "power.secrets", variable
    else:
        yield "power.secrets_asked", variable


def _of_node(node: ast.AST, names: Names) -> Iterator[Trait]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _imports(node)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        for wrapper in node.decorator_list:
            yield Trait(POWERS["power.decorator"], ast.unparse(wrapper), wrapper.lineno)
        if node.name in BUILTINS:
            yield Trait(POWERS["power.replaced"], node.name, node.lineno)
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield from _attribute_set(node, names)
    elif isinstance(node, ast.Call) and (written := code_written(node, names)):
        yield Trait(POWERS["power.code_written"], written, node.lineno)
    for target, value in _targets(node):
        yield from _assigned(target, value, names)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Trait]:
    if isinstance(node, ast.ImportFrom):
        if any(one.name == "*" for one in node.names):
            yield Trait(POWERS["power.import"], f"from {node.module} import *", node.lineno)
        yield from _imported(node.module or "", node.lineno) if not node.level else ()
        return
    for one in node.names:
        yield from _imported(one.name, node.lineno)
        if one.asname and one.name in _REACHED:
            yield Trait(POWERS["power.import"], f"{one.name} as {one.asname}", node.lineno)


def _imported(name: str, line: int) -> Iterator[Trait]:
    if name == "antigravity":
        yield Trait(POWERS["power.network"], name, line)
    if not expected_of_python(name):
        yield Trait(POWERS["power.import"], name, line)


def _targets(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value:
        yield node.target, node.value


def _attribute_set(node: ast.Attribute, names: Names) -> Iterator[Trait]:
    """An attribute of a module that is given another meaning, however that is written."""
    first = ast.unparse(node).split(".", maxsplit=1)[0]
    if first == "workflow":
        yield Trait(POWERS["power.engine_shell"], ast.unparse(node), node.lineno)
    elif first in names.modules or first in {"builtins", "__builtins__"}:
        own = names.dotted(node).startswith(("builtins", "sys", "os"))
        yield Trait(POWERS["power.replaced" if own else "power.patched"], ast.unparse(node), node.lineno)


def _assigned(target: ast.expr, value: ast.expr, names: Names) -> Iterator[Trait]:
    line = target.lineno
    if isinstance(target, ast.Name) and target.id in BUILTINS and isinstance(value, _REPLACED):
        yield Trait(POWERS["power.replaced"], target.id, line)
    elif isinstance(target, ast.Subscript) and names.dotted(target.value) == "os.environ":
        variable = text_of(target.slice)
        rule = "power.loader" if not variable or _LOADER_NAME.match(variable) else "power.variable"
        yield Trait(POWERS[rule], variable or ast.unparse(target), line)
    elif isinstance(target, ast.Subscript) and names.dotted(target.value) in {"sys.modules", "globals", "__builtins__"}:
        yield Trait(POWERS["power.replaced"], ast.unparse(target), line)


def program(call: ast.Call) -> str:
    """What a call runs: the first word of its command, or the expression that gives it."""
    first = (
        call.args[0] if call.args else next((one.value for one in call.keywords if one.arg in {"args", "cmd"}), None)
    )
    if isinstance(first, (ast.List, ast.Tuple)) and first.elts:
        first = first.elts[0]
    text = _begins(first).strip()
    return text.split()[0].rsplit("/", 1)[-1] if text else ast.unparse(first) if first else ""


def _begins(node: ast.AST | None) -> str:
    """What a text that is put together begins with."""
    return text_of(node) or (_begins(node.left) if isinstance(node, ast.BinOp) else "")


def _target(call: ast.Call) -> str:
    return ast.unparse(call.args[0]) if call.args else ""


def _wide(call: ast.Call) -> bool:
    """True where more than one plain file may go, or where it lies elsewhere."""
    name = ast.unparse(call.func)
    text = text_of(call.args[0]) if call.args else ""
    return "tree" in name or "dirs" in name or bool(re.search(r"^[/~]|\.\.|[*?]", text))
