"""What all figures share: starting programs, taking their time, and a row of the table.

Everything is measured several times, side by side with what it is compared to, and the best counts: on a machine
that others use too, the best is what the work costs, and the median shows how busy the machine was.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
HEAL = [PYTHON, "-m", "heal"]
NOTHING = [PYTHON, "-c", "pass"]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock, of each round; and of the processor, in the best one."""

    rounds: tuple[float, ...]
    cpu: float = 0.0

    @property
    def best(self) -> float:
        return min(self.rounds)

    @property
    def median(self) -> float:
        return median(self.rounds)

    def ms(self) -> str:
        return f"{self.best * 1e3:.0f} ms (median {self.median * 1e3:.0f})"


def programs(commands: Mapping[str, Sequence[str]], rounds: int = 15, **env: str) -> dict[str, Took]:
    """Run each command to its end, in turn, after one run of each that warms what can be warm."""
    whole = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | env

    def started(command: Sequence[str]) -> Callable[[], None]:
        def run() -> None:
            subprocess.run(command, env=whole, stdout=subprocess.DEVNULL, check=True)

        return run

    return side_by_side({name: started(command) for name, command in commands.items()}, rounds)


def side_by_side(work: Mapping[str, Callable[[], object]], rounds: int = 15) -> dict[str, Took]:
    """Call each, in turn, after one call of each that does not count."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, call in work.items():
            cpu, begun = _cpu(), time.perf_counter()
            call()
            if number:
                took[name].append((time.perf_counter() - begun, _cpu() - cpu))
    return {name: Took(tuple(wall for wall, _ in found), min(cpu for _, cpu in found)) for name, found in took.items()}


def engines() -> dict[str, str]:
    """The engines that are here, by name, found on PATH from now on; the Nextflow that the tests fetched counts."""
    found = subprocess.run(
        ["bash", ROOT / "tests" / "nextflow" / "get.sh"], stdout=subprocess.PIPE, text=True, check=False
    )
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], found.stdout.strip()])
    os.environ["PATH"] = path
    return {name: where for name in ("snakemake", "nextflow") if (where := shutil.which(name, path=path))}


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def most_held() -> float:
    """The most memory that this process held so far, in MB.

    ``ru_maxrss`` begins with what the process held that started this one (``setmax_mm_hiwater_rss`` in the kernel's
    ``exec_mmap``); VmHWM of proc(5) does not, and begins anew where "5" is written to ``/proc/self/clear_refs``.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def row(what: str, figure: str, compared: str) -> None:
    """Print a row of the table in docs/performance.md."""
    print(f"| {what} | {figure} | {compared} |", flush=True)
