"""How fast a big log is searched for all patterns, beside grep, ripgrep and reading it.

``python -m benchmarks.scan [MEGABYTES]``. The others get the patterns that they can express.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import row, side_by_side

from heal.evidence.scan import Scanner
from heal.knowledge.pattern_files import for_hyperscan
from heal.knowledge.patterns import Library, Match, load
from heal.shipped import shipped

# what only hyperscan or Perl know, and what POSIX says in other words
_NOT_POSIX = re.compile(r"\(\?|\\[bBdDsSwWAZzt]|[*+?}][?+]")
_NOT_RUST = re.compile(r"\(\?[=!<]")


def main(megabytes: int) -> None:
    library = load([shipped("patterns")])
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "big.log")
        _write(log, megabytes)
        scanner = Scanner(library)
        took = side_by_side({"heal": lambda: _searched(scanner, log), "read": lambda: _read(log)}, 3)
        row(
            f"searching a log of {megabytes} MB for {_count(library)} expressions of {len(library.patterns)} patterns",
            f"{megabytes / took['heal'].best:.0f} MB/s",
            f"{took['heal'].best / took['read'].best:.0f} x the time of reading it from the cache",
        )
        for tool, options, refused in (("rg", ["-c"], _NOT_RUST), ("grep", ["-cE"], _NOT_POSIX)):
            if program := shutil.which(tool):
                _beside([program, *options], _expressible(library, refused, [program, *options]), log, megabytes)


def _beside(command: list[str], library: Library, log: Path, megabytes: int) -> None:
    """The same expressions by another tool and by heal."""
    file = log.with_suffix(".patterns")
    file.write_text("".join(f"{_regex(match)}\n" for pattern in library.patterns for match in pattern.match))
    scanner = Scanner(library)

    def asked(of: Path) -> Callable[[], object]:
        return lambda: subprocess.run([*command, "-f", str(file), str(of)], capture_output=True, check=False)

    empty = log.with_suffix(".empty")
    empty.touch()
    took = side_by_side({"whole": asked(log), "start": asked(empty), "heal": lambda: scanner.read(log, seconds=600)}, 3)
    # heal compiles its expressions once and keeps them; the others do so at each start, which is no searching
    whole, start, own = (took[name].best for name in ("whole", "start", "heal"))
    row(
        f"the same by `{Path(command[0]).name}`, the {_count(library)} expressions that it can express",
        f"{megabytes / (whole - start):.0f} MB/s after {start * 1e3:.0f} ms to start",
        f"searching takes {(whole - start) / own:.2f} x, start to exit {whole / own:.1f} x"
        " the time of heal's scanner with these expressions",
    )


def _regex(match: Match) -> str:
    return for_hyperscan(match.regex).decode()


def _count(library: Library) -> int:
    return sum(len(pattern.match) for pattern in library.patterns)


def _expressible(library: Library, refused: re.Pattern[str], command: list[str]) -> Library:
    """What the program takes, asked one by one: what it refuses ends with 2."""

    def takes(match: Match) -> bool:
        regex = _regex(match)
        if refused.search(regex):
            return False
        asked = subprocess.run([*command, "-e", regex], input=b"", capture_output=True, check=False)
        return asked.returncode < 2 and not asked.stderr

    some = (replace(one, match=tuple(filter(takes, one.match))) for one in library.patterns)
    return Library(tuple(pattern for pattern in some if pattern.match))


def _write(log: Path, megabytes: int) -> None:
    """A log as pipelines write them: progress, warnings that mean nothing, one failure near the end."""
    lines = [
        f"2026-03-01 12:{n // 60 % 60:02}:{n % 60:02} INFO  step {n}: sample S{n % 97} residual {1 / (n + 1):.9f}"
        if n % 500
        else f"Warning: sample S{n % 97} has low coverage, continuing without error correction"
        for n in range(12_000)
    ]
    page = ("\n".join(lines) + "\n").encode()[: 1 << 20]
    with log.open("wb") as stream:
        for _ in range(megabytes - 1):
            stream.write(page)
        stream.write(page[:-200] + b"\nTraceback (most recent call last):\nMemoryError\n")


def _searched(scanner: Scanner, log: Path) -> None:
    assert scanner.read(log, seconds=600).hits


def _read(log: Path) -> None:
    with log.open("rb", buffering=0) as stream:
        while stream.read(1 << 20):
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 256)
