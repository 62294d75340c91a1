"""A script around a pipeline: is there more in it than heal brought home, or saw? Pure, but for reading it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

from heal.records import Run

_SHIMMED = ("snakemake", "sbatch", "nextflow")
_SHELLS = ("sh", "bash", "dash", "ksh", "zsh")
# of nextflow's commands run alone is a call of the engine
_ENGINE = re.compile(r"(?<![\w./-])(?:\S*/)?(?:(?:snakemake|sbatch)(?![\w.-])|nextflow(?=\s[^;&|]*?(?<!\S)run\s))")
# calls that no shim stands before
_PAST_THE_SHIMS = re.compile(
    r"(?<!\S)\S*/(?:snakemake|nextflow)(?!\S)|\bpython[\d.]*\s+-m\s+snakemake\b|"
    r"\b(?:conda|mamba|micromamba)\s+run\s[^;&|]*(?:snakemake|nextflow)(?!\S)|"
    r"\bnextflow\.cli\.Launcher\b|\bnextflow[\w.+-]*\.jar\b"
)
_LOGIN = re.compile(r"^(?:#!)?\S*(?:bash|zsh|ksh|sh)\s+(?:\S+\s+)?-\w*l")
# what may stand after the last call without doing anything more
_CLOSING = re.compile(r"(?:fi|done|esac|\}|\)|wait|exit(?:\s+\S+)?|;)*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
# a pipeline's driver is a page, not a book
_MOST_BYTES = 200_000


def undone(root: Run, engines: Sequence[Run]) -> str | None:
    """The name of the user's script if it may have had more to do when it failed; None where surely nothing is missing.

    ``engines``: the engine runs that it started itself. heal starts an engine again, never the script around it.
    """
    if root.exit_code == 0 or any(run.pid == root.pid for run in engines) or PurePath(root.argv[0]).name == "sbatch":
        return None
    text = _text(root)
    if text is not None and _ends_with_engine(text, len(engines)):
        return None
    return " ".join(root.argv[:2])


def unseen(root: Run, engines: Sequence[Run]) -> str | None:
    """The name of a command that failed, where it calls an engine past the shims and none was seen; else None."""
    if root.exit_code in (0, None) or engines or PurePath(root.argv[0]).name in _SHIMMED:
        return None
    words, script = " ".join(root.argv), _text(root) or ""
    called = "\n".join(_COMMENT.sub("", line) for line in [words, *script.splitlines()])
    login = _LOGIN.match(words) or _LOGIN.match(script)
    past = _PAST_THE_SHIMS.search(called) or (login and _ENGINE.search(called))
    return " ".join(root.argv[:2]) if past else None


def _text(root: Run) -> str | None:
    """The script; None where the command is no shell script that can be read."""
    words = list(root.argv)
    if words and PurePath(words[0]).name in _SHELLS:
        words = words[1:]
        while words and words[0].startswith("-"):
            option = words.pop(0)
            if "c" in option and not option.startswith("--"):
                return words[0] if words else None
    if not words:
        return None
    path = Path(root.cwd, words[0])
    try:
        with path.open("rb") as file:
            read = file.read(_MOST_BYTES)
    except OSError:
        return None
    first = read.split(b"\n", 1)[0]
    is_shell = (
        any(shell.encode() in first for shell in _SHELLS) if first.startswith(b"#!") else len(words) < len(root.argv)
    )
    return read.decode("utf-8", "replace") if is_shell and len(read) < _MOST_BYTES else None


def _ends_with_engine(script: str, started: int) -> bool:
    """True when the last thing it does is to call an engine, and every such call was made."""
    whole = re.sub(r"\\\n", " ", script)
    lines = [_COMMENT.sub("", line).strip() for line in whole.splitlines()]
    statements = [line for line in lines if line and not _CLOSING.fullmatch(line)]
    calls = [line for line in statements if _ENGINE.search(line)]
    return bool(calls) and statements[-1] is calls[-1] and len(calls) <= started and not _goes_on(calls[-1])


def _goes_on(line: str) -> bool:
    """More commands on the line, after the engine's."""
    after = line[_last_call(line) :]
    return bool(re.search(r"&&|;\s*\S|\|\|", after))


def _last_call(line: str) -> int:
    return [match.end() for match in _ENGINE.finditer(line)][-1]
