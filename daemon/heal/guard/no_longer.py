"""What a program did and does no longer: a function it called, items it went through, values it wrote."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

# what turns a value into another form of itself, asks, tells, or leaves out
_SMALL = frozenset(
    re.findall(
        r"\S+",
        """str int float list dict set tuple bool len print sorted range enumerate zip open close strip lstrip rstrip
        split rsplit splitlines join decode encode format replace lower upper title items keys values get copy append
        extend insert update tolist to_list to_numpy astype iter next flush read readline readlines write isinstance
        hasattr getattr type repr Path exists is_file is_dir mkdir makedirs resolve abs round info debug warning error
        exception log super array asarray c paste paste0 cat message as.character as.numeric as.integer as.factor
        as.data.frame data.frame list vector library require suppressPackageStartupMessages suppressMessages
        suppressWarnings function if for while return names rownames colnames is.null is.na nrow ncol length
        dir.create file.path sprintf invisible sys.exit exit quit stop stopifnot warning switch touch map apply lapply
        sapply vapply mapply Map unlist tryCatch try dirname basename expand wrap as_posix
        sink file dropna fillna drop drop_duplicates na.omit filter subset head tail unique distinct""",
    )
)
_WRITES = frozenset({"write", "print", "writerow", "writelines", "write_text", "savetxt", "dump"})
_R_CALL = re.compile(r"(?<![\w.$@])([A-Za-z.][\w.]*)\s*\(")
_R_LOOP = re.compile(r"\bfor\s*\(|(?<![\w.$@])(?:[lsvm]?apply|Map|map\w*|walk|foreach)\s*\(")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")


@dataclass(slots=True)
class Doing:
    """What is called, how often items are gone through, and what is given to what writes."""

    calls: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)
    loops: int = 0
    written: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    looks: dict[str, bool] = field(default_factory=dict)

    def add(self, other: Doing) -> None:
        """Take in what another text does."""
        self.calls += other.calls
        self.small += other.small
        self.loops += other.loops
        self.written += other.written
        self.writes += other.writes
        self.looks |= other.looks


def of_python(tree: ast.Module) -> Doing:
    """What a Python text does."""
    found = Doing()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rsplit(".", 1)[-1]
            if not name.startswith("snakemake_"):
                (found.small if name in _SMALL else found.calls)[name] += 1
            found.loops += name == "map"
            if name in _WRITES:
                found.writes += 1
                found.written.update(
                    one.id for part in node.args for one in ast.walk(part) if isinstance(one, ast.Name)
                )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.looks[node.name] = _looks(node)
        found.loops += isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
    return found


def _looks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True where a function uses what it is given, or is given nothing."""
    given = {one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    used = {one.id for part in node.body for one in ast.walk(part) if isinstance(one, ast.Name)}
    return not given or bool(given & used)


def of_r(code: str) -> Doing:
    """What an R text does."""
    bare = _STRING.sub('""', code)
    names = _R_CALL.findall(bare)
    calls, small = (Counter(name for name in names if (name in _SMALL) is one) for one in (False, True))
    return Doing(calls, small, len(_R_LOOP.findall(bare)))


def compared(before: Doing, after: Doing) -> Iterator[Trait]:
    """What went and nothing came for. A function under another name, or a loop in another form, is the same to it."""
    went, came = before.calls - after.calls, after.calls - before.calls
    if not came and (after.small - before.small).total() < went.total():
        yield from (Trait(HIDING["hide.call_gone"], name, 0) for name in went)
    if after.loops < before.loops and not came:
        yield Trait(HIDING["hide.loop_gone"], "a loop", 0)
    less, more = before.written - after.written, after.written - before.written
    if less and not more and not went and after.writes >= before.writes:
        yield Trait(HIDING["hide.constant_text"], f"{', '.join(less)} is no longer written", 0)
    for name, looks in before.looks.items():
        if looks and not after.looks.get(name, True):
            yield Trait(HIDING["hide.looks_away"], f"def {name}", 0)
