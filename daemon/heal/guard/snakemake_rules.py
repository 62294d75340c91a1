"""What a Snakefile declares: its rules, their outputs and inputs, and what runs around them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard.code_files import runs_as_code
from heal.guard.hiding import HIDING
from heal.guard.powers import POWERS
from heal.guard.python_names import text_of
from heal.guard.rules import Trait
from heal.guard.snakefile import BLOCKS, RUNS, called
from heal.guard.values import Value

_RULES = {**HIDING, **POWERS}
# what these name is run; a file that is no code by its name is data
_RUN = frozenset({"script", "notebook", "include", "snakefile"})
_OTHER_CODE = re.compile(r"(?i)\.(?:ipynb|rmd|qmd|rs)$|:")
_TARGETS = frozenset({"all", "target", "targets", "default"})
_BY_DIRECTIVE = {
    "storage": "power.directive",
    "prefix": "power.directive",
    "include": "power.include_asked",
    "snakefile": "power.include_asked",
    "wrapper": "power.environment",
    "meta_wrapper": "power.environment",
    "conda": "power.environment",
    "container": "power.environment",
    "singularity": "power.environment",
    "containerized": "power.environment",
    "envmodules": "power.environment",
    "shadow": "power.directive_asked",
    "configfile": "power.directive_asked",
    "workdir": "power.directive_asked",
    "envvars": "power.secrets_asked",
    "handover": "power.directive_asked",
    "cache": "power.directive_asked",
    "skip_validation": "hide.keep_going",
    "default_target": "power.directive_asked",
    "pepfile": "power.include_asked",
}
_MARKS = {
    "touch": "hide.empty_output",
    "ancient": "hide.reference_age",
    "temp": "hide.temporary",
    "update": "hide.temporary",
}
# what SLURM is told by these is more than what a job may use
_MORE = re.compile(
    r"--(?:wrap|(?:task-)?(?:prolog|epilog)|export|chdir|uid|get-user-env|bcast)\b|(?:^|\s)-D\b|[;&|`$<>\n]"
)
# no items; an empty text is an option that is not given
_EMPTY = frozenset({"[]", "()", "{}", "list()", "dict()", "set()", "tuple()"})


def traits(tree: ast.Module) -> Iterator[Trait]:
    """All that the rules declare; a rule that is gone or asks for less is seen by its count."""
    for rule, node in _directives(tree):
        yield from _declared(rule, node)
    yield from _marks(tree)
    yield from _nothing_instead(tree)
    for one in ast.walk(tree):
        if isinstance(one, ast.If) and (block := _block(one)):
            kind, title = block
            if kind in RUNS - {"run"}:
                yield Trait(POWERS["power.directive"], kind, one.lineno)
            elif kind in {"module", "use", "subworkflow"}:
                yield Trait(POWERS["power.include_asked"], f"{kind} {title}", one.lineno)
            elif kind in {"rule", "checkpoint"}:
                yield Trait(HIDING["hide.step_gone"], "rule", one.lineno)


def _declared(rule: str, node: ast.Call) -> Iterator[Trait]:
    name = node.func.id.removeprefix("snakemake_") if isinstance(node.func, ast.Name) else ""
    parts = [*node.args, *(one.value for one in node.keywords)]
    if name in {"input", "output"}:
        gone = "hide.output_gone" if name == "output" else "hide.target_gone" if rule in _TARGETS else "hide.input_gone"
        yield from (Trait(HIDING[gone], name, each.lineno) for part in parts for each in _items(part))
    elif name == "retries" and parts and ast.unparse(parts[0]) != "0":
        yield Trait(HIDING["hide.retries"], f"retries {ast.unparse(parts[0])}", node.lineno)
    elif name == "resources":
        yield from _resources(node)
    elif name == "log" and "/dev/null" in ast.unparse(node):
        yield Trait(HIDING["hide.silence"], "log: /dev/null", node.lineno)
    elif name in _BY_DIRECTIVE:
        text = ", ".join(text_of(part) or ast.unparse(part) for part in parts)
        far = name in {"include", "snakefile"} and "://" in text
        yield Trait(_RULES["power.include" if far else _BY_DIRECTIVE[name]], f"{name} {text}", node.lineno)
    if name in _RUN and parts and (text := text_of(parts[0])) and not (runs_as_code(text) or _OTHER_CODE.search(text)):
        yield Trait(POWERS["power.code"], f"{name} {text}", node.lineno)


def _resources(node: ast.Call) -> Iterator[Trait]:
    """Resources that are none: what the job's script is run by, and options of SLURM in a text of their own."""
    pairs = [(one.arg, one.value) for one in node.keywords if one.arg]
    for table in (one for one in ast.walk(node) if isinstance(one, ast.Dict)):
        pairs += [(text_of(key), value) for key, value in zip(table.keys, table.values, strict=True) if key]
    for name, value in pairs:
        seen = f"{name}={ast.unparse(value)}"
        if name == "shell_exec":
            yield Trait(POWERS["power.directive"], seen, node.lineno)
        elif name == "slurm_extra":
            far = _MORE.search(text_of(value))
            yield Trait(POWERS["power.directive" if far else "power.directive_asked"], seen, node.lineno)


def _nothing_instead(tree: ast.Module) -> Iterator[Trait]:
    """What may ask for nothing at all where something is missing: it ends as a success with no result."""
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp):
            nothing = _empty(node.orelse) != _empty(node.body)
        elif isinstance(node, ast.BoolOp):
            nothing = isinstance(node.op, ast.Or) and _empty(node.values[-1])
        elif isinstance(node, ast.Call):
            nothing = _empty_by_default(node)
        else:
            continue
        if nothing:
            yield Trait(HIDING["hide.fallback"], ast.unparse(node), node.lineno)


def _empty_by_default(node: ast.Call) -> bool:
    name = ast.unparse(node.func)
    named = {one.arg: one.value for one in node.keywords}
    if name == "branch":
        sides = [*node.args[1:], *(named[one] for one in ("then", "otherwise") if one in named)]
        return len(sides) == 1 or any(_empty(one) for one in sides)
    if name == "lookup":
        return "default" in named and (_empty(named["default"]) or ast.unparse(named["default"]) == "None")
    of_config = re.match(r"(?:\w+\.)?config\b.*\.(?:get|setdefault|pop)$", name)
    return bool(of_config) and len(node.args) > 1 and _empty(node.args[1])


def _empty(node: ast.expr) -> bool:
    return ast.unparse(node) in _EMPTY


def _items(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, (ast.List, ast.Tuple)) else [node]


def _block(node: ast.If) -> tuple[str, str] | None:
    if isinstance(node.test, ast.Call) and isinstance(node.test.func, ast.Name):
        kind = node.test.func.id.removeprefix("snakemake_")
        if node.test.func.id.startswith("snakemake_") and (kind in BLOCKS or kind in RUNS):
            return kind, text_of(node.test.args[0])
    return None


def _directives(tree: ast.AST, rule: str = "") -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(tree):
        block = _block(child) if isinstance(child, ast.If) else None
        inner = block[1] if block and block[0] in BLOCKS else rule
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id.startswith("snakemake_"):
            yield rule, child
        yield from _directives(child, inner)


def _marks(tree: ast.Module) -> Iterator[Trait]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "ensure":
                yield Trait(HIDING["hide.ensure_gone"], "ensure", node.lineno)
                yield from (
                    Trait(HIDING["hide.ensure_gone"], f"{one.arg}={ast.unparse(one.value)}", node.lineno)
                    for one in node.keywords
                )
            elif node.func.id in _MARKS:
                yield Trait(HIDING[_MARKS[node.func.id]], node.func.id, node.lineno)


def inputs(tree: ast.Module) -> tuple[list[Value], set[str]]:
    """Literal inputs of all rules, and literal outputs: an input that a rule makes is no other data."""
    found: list[Value] = []
    made: set[str] = set()
    for _rule, node in _directives(tree):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        texts = [one for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name == called("input"):
            found += [Value("input of a rule", str(one.value), one.lineno) for one in texts]
        elif name in {called("output"), called("log"), called("benchmark")}:
            made |= {str(one.value) for one in texts}
    return found, made


def shells(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The shell texts of all rules, braces undone, with their first line."""
    for _, node in _directives(tree):
        if isinstance(node.func, ast.Name) and node.func.id == called("shell") and node.args:
            text = text_of(node.args[0])
            yield text.replace("{{", "{").replace("}}", "}"), node.args[0].lineno
