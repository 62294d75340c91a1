"""Numbers, seeds and references that have a name in both texts and another value in the second."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from heal.guard.command import Command
from heal.guard.hiding import HIDING
from heal.guard.python_names import text_of
from heal.guard.rules import Trait
from heal.guard.statistics import is_method


@dataclass(frozen=True, slots=True)
class Value:
    """A value under a name; names are made so that the same place in code has the same name."""

    name: str
    value: str
    line: int


SEED = re.compile(r"(?i)seed|random_?state|\brng\b")
RETRY = re.compile(r"(?i)retr(?:y|ies)|restart[-_]?times|max[-_]?errors|max[-_]?attempts|\btries\b")
# what a job may use is another kind of fix, with a policy of its own; and what only looks of a figure
RESOURCE = re.compile(
    r"(?i)^(?:.*[._: ])?-{0,2}(?:threads?|cores?|cpus?|n_?cpus?|n_?jobs|mem(?:ory)?(?:_?[mgk]i?b)?|time"
    r"|runtime|walltime|disk(?:_?[mg]b)?|nodes|ntasks|cpus.per.task"
    r"|attempt|priority|queueSize|figsize|dpi|width|height|fontsize|size|indent|verbose|verbosity|line"
    r"|lines|header|axis|level|decimals|ndigits|base|version|build_number|ncol|nrow|bins)$"
)
# fewer or other files than before
_GLOB = re.compile(r"[\w./{},$-]*[\w/]\*[\w./{},*$-]*$|\*\.\w[\w.]*$")
_THREADS = re.compile(r"^\S+ -[tpj@]$")
_REFERENCE = re.compile(
    r"(?i)ref|genome|fasta|gtf|gff|index|annot|database|\bdb\b|input|reads|sample|bed|vcf|dbsnp"
    r"|transcript|known|target|adapter|model|checkpoint|barcode|whitelist|path|dir|file|url|channel"
    r"|species|organism|assembly|build"
)
_PATH = re.compile(r"^[^\s]*(?:/|\.[A-Za-z]\w{0,7}$)[^\s]*$")
NUMBER = re.compile(r"^[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[a-zA-Z%.]{0,3}$")
_ARITHMETIC = re.compile(r"^[-+(]*[\d.]+(?:[-+*/()%]+[\d.]+)+\)*$")
_COUNTING = frozenset(
    {
        "range",
        "enumerate",
        "round",
        "zfill",
        "split",
        "rsplit",
        "rjust",
        "ljust",
        "slice",
        "reshape",
        "str",
        "int",
        "float",
        "format",
        "print",
        "exit",
        "sys.exit",
        "head",
    }
)


def compared(before: Iterable[Value], after: Iterable[Value]) -> Iterator[Trait]:
    """What is another value now. Seeds and retries are final, numbers and references are asked about."""
    old, new = _by_name(before), _by_name(after)
    for name, values in new.items():
        was = old.get(name, [])
        kept = Counter(one.value for one in was)
        for one in values:
            if kept[one.value]:
                kept[one.value] -= 1
            elif rule := _rule(one, [each.value for each in was]):
                yield Trait(
                    HIDING[rule],
                    f"{name}: {', '.join(each.value for each in was) or 'nothing'} before, {one.value} now",
                    one.line,
                )
    for name, values in old.items():
        others = {"seed"} if name == "seed" else set(new)
        if SEED.search(name) and name not in new and not any(SEED.search(other) for other in others & set(new)):
            yield Trait(HIDING["hide.seed"], f"{name}: {values[0].value} before, gone now", 0)


def _by_name(values: Iterable[Value]) -> dict[str, list[Value]]:
    found: defaultdict[str, list[Value]] = defaultdict(list)
    for value in values:
        found[value.name].append(value)
    return found


def _rule(one: Value, was: list[str]) -> str:  # noqa: PLR0911 - one question after the other
    number = bool(NUMBER.match(one.value) or _ARITHMETIC.match(one.value))
    if SEED.search(one.name):
        return "hide.seed"
    if RETRY.search(one.name):
        return "" if one.value in {"0", "false", "False"} else "hide.retries"
    if one.name.endswith((" limit", " a number")):
        return "hide.value" if number and (one.name.endswith(" limit") or one.value not in {"0", "1", "-1"}) else ""
    if not was or RESOURCE.match(one.name) or (_THREADS.match(one.name) and one.value.isdigit()):
        return ""
    if one.name.endswith("[]") and _REFERENCE.search(one.name):
        return "hide.reference"
    if one.name.startswith("$"):
        return "hide.constant_text" if "$" not in one.value and all("$" in value for value in was) else ""
    if any(is_method(one.name, value, one.value) for value in was):
        return "hide.statistic"
    if number and (one.name.endswith(" compared") or any(NUMBER.match(value) for value in was)):
        return "hide.value"
    if any(_GLOB.match(value) for value in was):
        return "hide.reference"
    paths = _PATH.match(one.value) and any(_PATH.match(value) for value in was)
    return "hide.reference" if paths and _REFERENCE.search(one.name) else ""


def of_python(tree: ast.Module) -> Iterator[Value]:
    """Assignments, keywords, defaults, entries of dictionaries, comparisons, and what calls are given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.arguments):
            yield from _of_defaults(node)
        else:
            for name, value in _pairs(node):
                yield from _constant(name, value)


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((ast.unparse(target), node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
        yield ast.unparse(node.target), node.value
    elif isinstance(node, ast.AugAssign):
        yield f"{ast.unparse(node.target)} {type(node.op).__name__}", node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield f"[{text_of(key)}]" if key else "**", value
    elif isinstance(node, ast.Compare):
        yield from ((f"{ast.unparse(node.left)} compared", side) for side in node.comparators)
    elif isinstance(node, ast.BinOp):
        yield from ((f"{type(node.op).__name__} a number", side) for side in (node.left, node.right) if _plain(side))


def _plain(node: ast.expr) -> bool:
    """A number beyond what counting needs."""
    number = isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    return number and not isinstance(node, ast.JoinedStr) and ast.unparse(node) not in {"0", "1", "2", "True", "False"}


def _of_defaults(node: ast.arguments) -> Iterator[Value]:
    named = [*node.posonlyargs, *node.args]
    with_default = named[len(named) - len(node.defaults) :]
    for name, default in zip(with_default, node.defaults, strict=True):
        yield from _constant(name.arg, default)
    for name, keyword in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        yield from _constant(name.arg, keyword) if keyword else ()


def _of_call(node: ast.Call) -> Iterator[Value]:
    function = ast.unparse(node.func)
    if function.startswith("snakemake_") and function not in {"snakemake_params", "snakemake_retries"}:
        return
    last = function.rsplit(".", 1)[-1]
    for keyword in node.keywords:
        name = keyword.arg or "**"
        yield from _constant(name if SEED.search(name) or RETRY.search(name) else f"{last} {name}", keyword.value)
    if last in _COUNTING or function in _COUNTING:
        return
    if last in {"min", "max", "clip", "fmax", "fmin", "maximum", "minimum"}:
        yield from (value for argument in node.args for value in _constant(f"{last} limit", argument))
    seeded = SEED.search(last) or last in {"default_rng", "RandomState", "Generator", "Random"} or RETRY.search(last)
    for index, argument in enumerate(node.args):
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            reads = re.match(
                r"(?i)read|load|open|parse|fromfile|scan|import|AlignmentFile|VariantFile|FastaFile|Path$", last
            )
            if reads and not index:
                yield from _constant(f"input of {last}", argument)
        elif seeded:
            yield Value("seed" if not RETRY.search(last) else last, ast.unparse(argument), argument.lineno)
        else:
            yield from _constant(f"{last} #{index}", argument)


def _constant(name: str, node: ast.expr) -> Iterator[Value]:
    """The value where it is a constant, or arithmetic of constants; of a comparison, whatever it is."""
    if isinstance(node, ast.Constant):
        if SEED.search(name) or (isinstance(node.value, (int, float, str)) and not isinstance(node.value, bool)):
            yield Value(name, str(node.value), node.lineno)
    elif isinstance(node, (ast.UnaryOp, ast.BinOp)) and _of_numbers(node):
        yield Value(name, ast.unparse(node).replace(" ", ""), node.lineno)
    elif name.endswith(" compared"):
        yield Value(name, ast.unparse(node), node.lineno)


def _of_numbers(node: ast.expr) -> bool:
    inner = (ast.operator, ast.unaryop, ast.BinOp, ast.UnaryOp)
    return all(
        isinstance(one, inner) or (isinstance(one, ast.Constant) and isinstance(one.value, (int, float)))
        for one in ast.walk(node)
    )


def _declared(command: Command) -> list[tuple[str, str, str]]:
    handed = command.arguments if command.name in {"export", "local", "declare", "readonly"} else ()
    return [word.partition("=") for word in (*command.assignments, *handed)]


def of_shell(commands: Iterable[Command]) -> Iterator[Value]:
    """Options with their value, and assignments."""
    commands = tuple(commands)
    given = {name for command in commands for name, is_set, _ in _declared(command) if is_set}
    for command in commands:
        for name, is_set, value in _declared(command):
            # a name that is only handed on has the value that it was given elsewhere
            if is_set or name not in given:
                yield Value(name.rstrip("+"), value, command.line)
                yield Value(f"${name.rstrip('+')}", value.replace("`", "$"), command.line)
        args = command.arguments
        for index, word in enumerate(args):
            if found := re.match(r"(--?[A-Za-z][\w-]*)=(.+)", word):
                yield Value(f"{command.name} {found[1]}", found[2], command.line)
            elif (
                re.match(r"--?[A-Za-z][\w-]*$", word) and index + 1 < len(args) and not args[index + 1].startswith("--")
            ):
                yield Value(f"{command.name} {word}", args[index + 1], command.line)
            elif (found := re.match(r"(-[a-zA-Z])(\d[\d.]*)$", word)) or (
                found := re.match(r"([A-Za-z_]+)=(.+)", word)
            ):
                yield Value(f"{command.name} {found[1]}", found[2], command.line)
        if command.name in {"awk", "gawk", "mawk"}:
            yield from (value for word in args for value in of_arithmetic(word, command.line, "awk "))
        if command.name in {"[", "[[", "test"}:
            yield from (Value(f"test {args[0]}", word, command.line) for word in args if NUMBER.match(word))


_BY = re.compile(r"(?:(\bF?NR)|[\w)\]])\s*([*/^%+-]|[<>]=?|[=!]=)\s*(\d[\d.]*(?:[eE][-+]?\d+)?)(?![\w.])")


def of_arithmetic(code: str, line: int = 1, name: str = "") -> Iterator[Value]:
    """What is calculated with a number; of ``awk``, whose columns have no names, what is compared with one, too."""
    bare = re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", '""', code)
    for found in _BY.finditer(bare):
        compares = found[2][0] in "<>=!"
        if (not compares and found[3] != "2") or (compares and name and not found[1]):
            how = "limit" if compares else "a number"
            yield Value(f"{name}{found[2]} {how}", found[3], line + bare.count("\n", 0, found.start()))
