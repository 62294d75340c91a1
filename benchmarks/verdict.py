"""From the end of a failed task to its verdict, without a model: 60 tasks that fail in ways of their own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from benchmarks.measure import HEAL, row

_TASKS = 60
# each its own rule and its own words, so that each is an incident that is read and explained by itself
_CAUSES = (
    "echo 'MemoryError' >&2; exit 1",
    "echo \"ModuleNotFoundError: No module named 'pysam{n}'\" >&2; exit 1",
    "echo 'sort: write failed: /scratch/sort{n}: No space left on device' >&2; exit 2",
    "echo 'tool{n}: unrecognized option --fast' >&2; exit 64",
    "no_such_tool_{n} --version",
    "echo 'something went wrong {n}' >&2; exit 3",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        seconds = sorted(_waited(Path(folder)))
    p95 = quantiles(seconds, n=20)[-1]
    row(
        f"from the end of a failed task to its verdict, {len(seconds)} incidents of one Snakemake run on a local spool",
        f"median {median(seconds):.2f} s, 95 % within {p95:.2f} s",
        f"the longest {seconds[-1]:.2f} s; Snakemake itself is asked to wait for heal's answer meanwhile",
    )


def _waited(folder: Path) -> list[float]:
    """Seconds from the end of each task, as its engine told it, to the first diagnosis that was written."""
    rules = []
    for n in range(_TASKS):
        cause = _CAUSES[n % len(_CAUSES)].format(n=n)
        rules.append(
            f'rule t{n}:\n    output: "r{n}.txt"\n    log: "t{n}.log"\n    shell: """({cause}) 2> {{log}}"""\n'
        )
    wanted = ", ".join(f'"r{n}.txt"' for n in range(_TASKS))
    (folder / "Snakefile").write_text(f"rule all:\n    input: {wanted}\n\n" + "\n".join(rules), encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "HEAL_HOME": str(folder / "home"), "HEAL_BUDGET__PER_RUN": "0"}
    command = [*HEAL, "run", "--", "snakemake", "--cores=2", "--keep-going"]
    # the patterns are read and compiled once before
    subprocess.run([*HEAL, "run", "--", "true"], cwd=folder, env=env, capture_output=True, check=True)
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
    assert ended.returncode == 1, ended.stderr
    question = """
        SELECT min(journal.at) - attempt_ends.ended FROM journal
        JOIN members ON members.incident_id = journal.incident_id
        JOIN attempt_ends ON attempt_ends.attempt_id = members.attempt_id
        WHERE journal.kind = 'diagnosed' GROUP BY journal.incident_id"""
    with sqlite3.connect(folder / "home" / "heal.db") as database:
        return [micros / 1e6 for (micros,) in database.execute(question)]


if __name__ == "__main__":
    main()
