"""What the product never does, wherever somebody may write it one day."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("daemon", "hooks", "snakemake_plugin", "nf-plugin/src/main")
COMMENT = re.compile(r"\s*(#|//|\*|/\*)")


def words(path: Path) -> Iterator[str]:
    """The texts in a file that may become a command: of Python its strings, of others its lines."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from (
            one.value
            for one in ast.walk(ast.parse(text))
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )
    else:
        yield from (line for line in text.splitlines() if not COMMENT.match(line))


def commands(program: str) -> list[str]:
    """The files in which a program is called."""
    # in Python the first word of a text; elsewhere anywhere, for a shell calls in many ways
    first, anywhere = re.compile(rf"(\S*/)?{program}(\s|$)"), re.compile(rf".*\b{program}\b")
    return [
        path.relative_to(ROOT).as_posix()
        for part in PARTS
        for path in sorted((ROOT / part).rglob("*"))
        if path.suffix in (".py", ".sh", ".java")
        and any((first if path.suffix == ".py" else anywhere).match(word) for word in words(path))
    ]


def test_only_what_heal_replays_itself_is_ever_cancelled() -> None:
    # Given that a job of Snakemake's which is cancelled from outside makes it wait for ever
    assert commands("scancel") == ["daemon/heal/schedulers/replaying.py"]
