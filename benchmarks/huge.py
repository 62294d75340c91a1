"""A log of two gigabytes searched, distilled and diagnosed, beside ripgrep with four patterns and plain reading.

``python -m benchmarks.huge [MEGABYTES]``. One log is calm, with the failure in its middle; in the other every line
complains, in ever new words, about the same failure.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import PYTHON, row

from heal.cli.desk import desk
from heal.evidence.distil import distil
from heal.evidence.keeping import marks_of

_MEGABYTE = 1 << 20
_ROUNDS = 3
_FOUR = ("MemoryError", "No such file or directory", "Segmentation fault", "DUE TO TIME LIMIT")
_FAILURE = b'Traceback (most recent call last):\n  File "fit.py", line 3, in <module>\n    x = load(9)\nMemoryError\n'
_SAID = ("calm", "storm")


@dataclass(frozen=True, slots=True)
class Ran:
    """Seconds on the clock and of the processors, and the most memory in MB."""

    wall: float
    cpu: float
    memory: float


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, HEAL_HOME=folder, XDG_CACHE_HOME=folder)
        small = Path(folder, "small.log")
        small.write_bytes(_FAILURE)
        one = [PYTHON, "-m", "benchmarks.huge", "--of"]
        first, then = _ran([*one, str(small)], env), _best({"then": [*one, str(small)]}, env)["then"]
        row(
            "diagnosis of one small log with nothing compiled yet: start to exit, once after each upgrade",
            f"{first.wall:.1f} s",
            f"{first.cpu:.1f} s of the processor; {then.wall * 1e3:.0f} ms from then on",
        )
        for kind in _SAID:
            log = Path(folder, f"{kind}.log")
            _write(log, megabytes, _PAGES[kind]())
            # what only a long log needs is compiled once too
            _ran([*one, str(log)], env)
            _compared(kind, megabytes, log, [*one, str(log)], env)
            log.unlink()


def _compared(kind: str, megabytes: int, log: Path, heal: Sequence[str], env: Mapping[str, str]) -> None:
    commands: dict[str, Sequence[str]] = {"heal": heal, "cat": ["cat", str(log)]}
    if rg := shutil.which("rg"):
        patterns = [part for word in _FOUR for part in ("-e", word)]
        commands |= {"rg": [rg, "-c", *patterns, str(log)], "rg -i": [rg, "-ci", *patterns, str(log)]}
    commands["read"] = [PYTHON, "-c", _READ, str(log)]
    took = _best(commands, env)
    own = took.pop("heal")
    shares = "; ".join(
        f"`{name}` {megabytes / other.wall:,.0f} MB/s, heal {100 * other.wall / own.wall:.0f} % of that"
        f" ({100 * other.cpu / own.cpu:.0f} % by the processor)"
        for name, other in took.items()
    )
    row(
        f"scan, distil and diagnose a {kind} log of {megabytes} MB, start to exit",
        f"{megabytes / own.wall:,.0f} MB/s, at most {own.memory:.0f} MB of memory",
        f"{megabytes / own.cpu:,.0f} MB for each second of the processor; {shares}",
    )


_READ = "import sys\nwith open(sys.argv[1], 'rb', buffering=0) as file:\n    while file.read(1 << 20):\n        pass"


def _best(commands: Mapping[str, Sequence[str]], env: Mapping[str, str]) -> dict[str, Ran]:
    """Each in turn, several times: the best of each."""
    rounds = [{name: _ran(command, env) for name, command in commands.items()} for _ in range(_ROUNDS)]
    return {
        name: Ran(*(min(getattr(one[name], what) for one in rounds) for what in ("wall", "cpu", "memory")))
        for name in commands
    }


def _ran(command: Sequence[str], env: Mapping[str, str]) -> Ran:
    begun = time.perf_counter()
    with subprocess.Popen(command, env=dict(env), stdout=subprocess.DEVNULL) as process:
        _pid, _status, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return Ran(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _calm() -> bytes:
    chance = random.Random(1)  # noqa: S311
    lines = []
    for n in range(12_000):
        stamp = f"2026-03-01 {n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02},{chance.randrange(1000):03}"
        sample, share = f"S{chance.randrange(5000):05}", chance.random()
        lines.append(
            chance.choice(
                (
                    f"{stamp} [INFO] mapper: {sample}: {chance.randrange(10**7)} reads mapped, {share:.4f} unique",
                    f"{stamp} [INFO] step {n}: loss={share:.6f} lr=1.0e-04 {chance.randrange(900)} samples/s",
                    f"[M::mem_process_seqs] Processed {chance.randrange(10**6)} reads in {share * 90:.3f} CPU sec",
                    f"{stamp} [DEBUG] cache: hit ratio {share:.3f}, {chance.randrange(10**5)} entries",
                    f"Finished job {n}. {n} of 120000 steps ({share:.0%}) done",
                )
            )
        )
        if n % 700 == 0:
            lines.append(f"{stamp} [WARNING] mapper: {sample}: low coverage, continuing without error correction")
    return "\n".join(lines).encode() + b"\n"


def _storm() -> bytes:
    chance = random.Random(2)  # noqa: S311
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randrange(3, 11))) for _ in range(40_000)]
    return b"".join(
        f"[WARN] {chance.choice(words)}: cannot open {chance.choice(words)}/{n}: No such file or directory,"
        f" error {chance.choice(words)} ignored\n".encode()
        for n in range(12_000)
    )


_PAGES: Mapping[str, Callable[[], bytes]] = {"calm": _calm, "storm": _storm}


def _write(log: Path, megabytes: int, page: bytes) -> None:
    pages = megabytes * _MEGABYTE // len(page)
    with log.open("wb") as file:
        for number in range(pages):
            if number == pages // 2:
                file.write(_FAILURE)
            file.write(page)


def _one(path: str) -> None:
    case, found = desk().judged(path)
    made = distil(case.evidence, marks_of(found))
    assert "MemoryError" in made.text, made.text


if __name__ == "__main__":
    if sys.argv[1:2] == ["--of"]:
        _one(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048)
