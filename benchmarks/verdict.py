"""From the end of a failed task to its verdict, without a model: 60 tasks that fail in ways of their own.

``python -m benchmarks.verdict [ENGINE]``.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from benchmarks.measure import HEAL, engines, row

_TASKS = 60
# each its own rule or process and its own words, so that each is an incident that is read and explained by itself
_CAUSES = (
    "echo 'MemoryError' >&2; exit 1",
    "echo \"ModuleNotFoundError: No module named 'pysam{n}'\" >&2; exit 1",
    "echo 'sort: write failed: /scratch/sort{n}: No space left on device' >&2; exit 2",
    "echo 'tool{n}: unrecognized option --fast' >&2; exit 64",
    "no_such_tool_{n} --version",
    "echo 'something went wrong {n}' >&2; exit 3",
)
_COMMANDS = {
    "Snakemake": ("snakemake", "--cores=2", "--keep-going"),
    "Nextflow": ("nextflow", "run", "main.nf"),
}
_MEANWHILE = {
    "Snakemake": "Snakemake itself is asked to wait for heal's answer meanwhile",
    "Nextflow": "the pipeline ignores its failures, so that one ends no other; Nextflow goes on meanwhile",
}
_QUESTION = """
    SELECT min(journal.at) - attempt_ends.ended FROM journal
    JOIN members ON members.incident_id = journal.incident_id
    JOIN attempt_ends ON attempt_ends.attempt_id = members.attempt_id
    WHERE journal.kind = 'diagnosed' GROUP BY journal.incident_id"""


def main(names: Sequence[str] = tuple(_COMMANDS)) -> None:
    known = engines()
    for engine in names:
        if _COMMANDS[engine][0] not in known:
            continue
        with tempfile.TemporaryDirectory() as folder:
            seconds = sorted(_waited(Path(folder), _COMMANDS[engine]))
        p95 = quantiles(seconds, n=20)[-1]
        row(
            f"from the end of a failed task to its verdict, {len(seconds)} incidents of a run of {engine}, local spool",
            f"median {median(seconds):.2f} s, 95 % within {p95:.2f} s",
            f"the longest {seconds[-1]:.2f} s; {_MEANWHILE[engine]}",
        )


def _waited(folder: Path, command: Sequence[str]) -> list[float]:
    """Seconds from the end of each task, as its engine told it, to the first diagnosis that was written."""
    causes = [_CAUSES[n % len(_CAUSES)].format(n=n) for n in range(_TASKS)]
    (folder / "Snakefile").write_text(_snakefile(causes), encoding="utf-8")
    (folder / "main.nf").write_text(_script(causes), encoding="utf-8")
    (folder / "nextflow.config").write_text("executor.cpus = 2\n", encoding="utf-8")
    env = {
        **os.environ,
        "HEAL_HOME": str(folder / "home"),
        "HEAL_BUDGET__PER_RUN": "0",
        "NXF_HOME": str(folder / "nextflow"),
        "NXF_OFFLINE": "true",
    }
    # the patterns are read and compiled once before
    subprocess.run([*HEAL, "run", "--", "true"], cwd=folder, env=env, capture_output=True, check=True)
    ended = subprocess.run([*HEAL, "run", "--", *command], cwd=folder, env=env, capture_output=True, check=False)
    with sqlite3.connect(folder / "home" / "heal.db") as database:
        found = [micros / 1e6 for (micros,) in database.execute(_QUESTION)]
    assert len(found) == _TASKS, ended.stdout + ended.stderr
    return found


def _snakefile(causes: Sequence[str]) -> str:
    rules = [
        f'rule t{n}:\n    output: "r{n}.txt"\n    log: "t{n}.log"\n    shell: """({cause}) 2> {{log}}"""\n'
        for n, cause in enumerate(causes)
    ]
    wanted = ", ".join(f'"r{n}.txt"' for n in range(len(causes)))
    return f"rule all:\n    input: {wanted}\n\n" + "\n".join(rules)


def _script(causes: Sequence[str]) -> str:
    # a task of nothing but a shell ends ten times as fast as one of Snakemake's
    processes = [
        f"process T{n} {{\n    errorStrategy 'ignore'\n    script:\n    '''\n    sleep 1; {cause}\n    '''\n}}\n"
        for n, cause in enumerate(causes)
    ]
    calls = "; ".join(f"T{n}()" for n in range(len(causes)))
    return "\n".join(processes) + f"workflow {{ {calls} }}\n"


if __name__ == "__main__":
    main(sys.argv[1:2] or tuple(_COMMANDS))
