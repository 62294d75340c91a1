"""Does each changed file parse? Nothing of the pipeline is run to find out.

Python and what a Snakefile is made of are read by the Python that heal runs in, which may be older or newer than the
pipeline's own: what it cannot read with the change and could not read without it either counts as not tried.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tokenize
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from heal.patch import Draft, Trial

_SECONDS = 20.0
_MOST_BYTES = 5_000_000
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?(?:env(?:\s+-\S+|\s+\w+=\S*)*\s+(?:\S*/)?)?([\w.+-]+)")
_PYTHON_2 = re.compile(
    rb"^\s*(?:print\s+[^\s(=.,\[]|print\s+>>|exec\s+['\"]|raise\s+\w+\s*,)|except\s+[\w.]+\s*,\s*\w+\s*:", re.MULTILINE
)
_OF_ENGINE = (".nf", ".config", ".groovy")
_NOT_TRIED = {
    "perl": "perl -c would run its BEGIN blocks",
    "julia": "there is no way to read it without running Julia",
    "rmd": "R Markdown is read when it is rendered",
    "ipynb": "only the notebook's JSON can be read",
    "engine": "the engine's own parser reads it",
}
# git, and the shells: no start-up file, no function from outside
_ENV = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of reading one file; ``passed`` None: it could not be tried."""

    passed: bool | None
    said: str = ""


def parses(draft: Draft) -> Trial:
    """Tell whether every changed file parses: False where one does not, None where one could not be tried.

    Files that are no program and no settings have nothing to parse. A file that the change removes, neither.
    """
    began = time.monotonic()
    found = {path: _file(draft, path) for path in draft.files}
    bad = [f"{path}: {read.said}" for path, read in found.items() if read.passed is False]
    unknown = [f"{path}: {read.said}" for path, read in found.items() if read.passed is None]
    passed = False if bad else None if unknown else True
    return Trial("parses", passed, "\n".join(bad or unknown), time.monotonic() - began)


def _file(draft: Draft, name: str) -> _Read:
    path = draft.worktree / name
    if path.is_symlink() or not path.is_file():
        return _Read(True)
    if path.stat().st_size > _MOST_BYTES:
        return _Read(None, "it is too large to be read")
    content = path.read_bytes()
    kind = kind_of(name, content)
    read = _READERS[kind](content) if kind in _READERS else _Read(True)
    if kind in _NOT_TRIED and read.passed:
        return _Read(None, _NOT_TRIED[kind])
    if read.passed is False and kind in _READERS and _fails_alike(_before(draft, name), kind):
        return _Read(None, f"it does not parse here without the change either: {read.said}")
    return read


def kind_of(name: str, content: bytes = b"") -> str:
    """Tell what a file is, by its first line where that names an interpreter, else by its name; empty: nothing."""
    found = _SHEBANG.match(content)
    if found and (said := _INTERPRETERS.get(re.sub(r"[\d.]+$", "", found[1].decode()).lower())):
        return said
    base = name.rpartition("/")[2]
    if base.lower() == "snakefile" or base.endswith((".smk", ".snakefile", ".snakemake")):
        return "snakefile"
    suffix = "." + base.rpartition(".")[2] if "." in base else ""
    return "engine" if suffix in _OF_ENGINE else _SUFFIXES.get(suffix.lower(), "")


_INTERPRETERS = {
    "python": "python",
    "pypy": "python",
    "bash": "bash",
    "sh": "sh",
    "dash": "sh",
    "rscript": "r",
    "perl": "perl",
    "julia": "julia",
    "nextflow": "engine",
    "snakemake": "snakefile",
    "groovy": "engine",
}
_SUFFIXES = {
    ".py": "python",
    ".sh": "bash",
    ".bash": "bash",
    ".sbatch": "bash",
    ".slurm": "bash",
    ".r": "r",
    ".rmd": "rmd",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".json": "json",
    ".ipynb": "ipynb",
    ".pl": "perl",
    ".pm": "perl",
    ".jl": "julia",
}


def _before(draft: Draft, name: str) -> bytes | None:
    words = ["git", f"--git-dir={draft.git_dir}", "cat-file", "blob", f"{draft.base}:{name}"]
    try:
        answer = subprocess.run(words, env=_ENV, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None


def _fails_alike(before: bytes | None, kind: str) -> bool:
    """The file as it was cannot be read here either; a mistake in it that only a person sees stays one."""
    return before is not None and _READERS[kind](before).passed is not True


# --- the readers -------------------------------------------------------------------------------


def _python(content: bytes) -> _Read:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError) as error:
        if _PYTHON_2.search(content) and _old(content):
            return _Read(None, "it is written for Python 2")
        return _Read(False, f"{_place(error)} (read by Python {sys.version_info[0]}.{sys.version_info[1]})")
    except (RecursionError, MemoryError):
        return _Read(None, "it is nested too deep")
    return _Read(True)


def _old(content: bytes) -> bool:
    """Nothing in it is of Python 3 alone: what mixes both is a mistake."""
    return not re.search(rb"\bf['\"]|\basync\s+def\b|:=|\bnonlocal\b|->", content)


def _snakefile(content: bytes) -> _Read:
    """Read its tokens, which are Python's: strings end, brackets close, blocks line up. The rest is the dry run's."""
    try:
        for token in tokenize.tokenize(io.BytesIO(content).readline):
            # before Python 3.12 a text that does not end on its line is told so
            if token.type == tokenize.ERRORTOKEN and token.string[:1] in ("'", '"'):
                return _Read(False, f"line {token.start[0]}: a text in quotes does not end")
    except (tokenize.TokenError, SyntaxError, ValueError) as error:
        return _Read(False, _place(error))
    return _Read(True)


def _shell(program: str, *options: str) -> Callable[[bytes], _Read]:
    def read(content: bytes) -> _Read:
        # /dev/stdin: a name that no option can be taken for
        return _said_by([program, *options, "-n", "/dev/stdin"], content)

    return read


def _r(content: bytes) -> _Read:
    return _said_by(["Rscript", "--vanilla", "-e", "invisible(parse(file('stdin'), keep.source = FALSE))"], content)


def _yaml(content: bytes) -> _Read:
    # composed, not built: no tag is looked up, and no alias multiplied
    return _tried(lambda: list(YAML(typ="safe", pure=True).compose_all(content)), YAMLError, ValueError)


def _toml(content: bytes) -> _Read:
    return _tried(lambda: tomllib.loads(content.decode()), ValueError)


def _json(content: bytes) -> _Read:
    return _tried(lambda: json.loads(content), ValueError)


_READERS: dict[str, Callable[[bytes], _Read]] = {
    "python": _python,
    "snakefile": _snakefile,
    "bash": _shell("bash", "--norc", "-O", "extglob"),
    "sh": _shell("sh"),
    "r": _r,
    "yaml": _yaml,
    "toml": _toml,
    "json": _json,
    "ipynb": _json,
}


def _tried(read: Callable[[], object], *errors: type[Exception]) -> _Read:
    try:
        read()
    except errors as error:
        return _Read(False, _line(str(error)))
    except RecursionError:
        return _Read(None, "it is nested too deep")
    return _Read(True)


def _said_by(words: list[str], content: bytes) -> _Read:
    program = shutil.which(words[0], path=_ENV["PATH"])
    if program is None:
        return _Read(None, f"{words[0]} is not here")
    try:
        answer = subprocess.run(
            [program, *words[1:]], input=content, env=_ENV, cwd="/", capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _Read(None, f"{words[0]} could not read it: {error}")
    if answer.returncode < 0:
        return _Read(None, f"{words[0]} was killed by signal {-answer.returncode}")
    said = answer.stderr.decode(errors="replace").replace("/dev/stdin: ", "")
    return _Read(True) if answer.returncode == 0 else _Read(False, _line(said) or f"{words[0]} does not take it")


def _place(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno or 0}: {error.msg}"
    match error.args:
        case [str(said), (int(line), int())]:
            return f"line {line}: {said}"
    return _line(str(error))


def _line(text: str, most: int = 300) -> str:
    lines: Iterable[str] = (line.strip() for line in text.strip().splitlines())
    return "; ".join(line for line in lines if line)[:most]
