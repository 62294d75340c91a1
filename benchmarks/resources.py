"""What `heal resources` takes for a long history: so many jobs with their steps, printed by a stand-in for sacct."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import HEAL, programs, row

from heal.schedulers.slurm_history import FIELDS
from heal.schedulers.slurm_parsers import DELIMITER

JOBS = 200_000
_RULES = ("align", "sort", "call", "merge", "index")
_DAY = "2026-11-24T"
_SPLIT = "import sys\nfor line in open(sys.argv[1]): line.split(sys.argv[2])"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _sacct(folder)
        _measure(folder)


def _sacct(folder: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - made-up jobs, the same each time
    rows = folder / "rows"
    with rows.open("w", encoding="utf-8") as file:
        for number in range(JOBS):
            file.writelines(
                DELIMITER.join(one.get(field, "") for field in FIELDS) + "\n" for one in _job(number, chance, folder)
            )
    program = folder / "sacct"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = --helpformat ]; then echo {" ".join(FIELDS)}; else exec cat {rows}; fi\n',
        encoding="utf-8",
    )
    program.chmod(0o755)


def _job(number: int, chance: random.Random, folder: Path) -> list[dict[str, str]]:
    """A job of Snakemake's and its two steps, as sacct prints them."""
    elapsed = chance.randint(60, 3000)
    common = {"State": "COMPLETED", "ExitCode": "0:0", "ElapsedRaw": f"{elapsed}", "NCPUS": "4", "NNodes": "1"}
    times = {"Submit": f"{_DAY}09:00:00", "Start": f"{_DAY}10:00:00", "End": f"{_DAY}10:50:00"}
    rule = _RULES[number % len(_RULES)]
    whose = {"JobName": "3f0c2a9e", "Comment": f"rule_{rule}_wildcards_S{number}", "WorkDir": str(folder)}
    asked = {"ReqMem": "8G", "TimelimitRaw": "480", "TotalCPU": f"{elapsed // 30:02d}:00.123", "DerivedExitCode": "0:0"}
    job = common | times | whose | asked | {"JobID": f"{number + 1}"}
    steps = {"batch": 137_000, "0": int(chance.lognormvariate(14.5, 0.3))}
    return [
        job,
        *(
            common | times | {"JobID": f"{number + 1}.{name}", "NTasks": "1", "MaxRSS": f"{kb}K"}
            for name, kb in steps.items()
        ),
    ]


def _measure(folder: Path) -> None:
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "HEAL_HOME": str(folder / "home")}
    heal = [*HEAL, "resources", str(folder), "--json"]
    # the same answer, split into the same fields, and nothing made of it
    split = [sys.executable, "-c", _SPLIT, str(folder / "rows"), DELIMITER]
    took = programs({"heal": heal, "split": split}, 3, **env)
    child = subprocess.Popen(heal, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    child.wait()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    row(
        f"`heal resources` over {JOBS:,} jobs with {2 * JOBS:,} steps, start to exit",
        f"{took['heal'].best:.1f} s (median {took['heal'].median:.1f}), at most {peak:.0f} MB of memory",
        f"{took['heal'].cpu / (3 * JOBS) * 1e6:.0f} µs of the processor a row; "
        f"{took['heal'].best / took['split'].best:.1f} x reading the rows in Python and splitting them into fields",
    )


if __name__ == "__main__":
    main()
