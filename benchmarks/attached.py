"""What a run of 200 tasks takes with heal attached, beside the same run without: Snakemake and Nextflow.

``python -m benchmarks.attached [ENGINE [ROUNDS]]``. Nextflow takes a minute and more for each of its runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import HEAL, row, side_by_side
from benchmarks.measure import engines as engines_here

_TASKS = 200
_ROUNDS = {"Snakemake": 3, "Nextflow": 2}
_SNAKEFILE = f"""
rule all:
    input: expand("results/{{i}}.txt", i=range({_TASKS}))

rule tiny:
    output: "results/{{i}}.txt"
    shell: "sleep 1; echo {{wildcards.i}} > {{output}}"
"""
_MAIN = f"""
process TINY {{
    input: val i
    output: path "${{i}}.txt"
    script: "sleep 1; echo $i > ${{i}}.txt"
}}
workflow {{ TINY(Channel.of(0..<{_TASKS})) }}
"""
_CONFIG = "executor { cpus = 8; queueSize = 8 }\n"
_COMMANDS = {"Snakemake": ("snakemake", "--quiet", "all", "--cores=8"), "Nextflow": ("nextflow", "run", "main.nf")}


def main(engines: Sequence[str] = tuple(_COMMANDS), rounds: int | None = None) -> None:
    known = engines_here()
    for engine in engines:
        command = _COMMANDS[engine]
        if command[0] not in known:
            continue
        with tempfile.TemporaryDirectory() as folder:
            _measure(engine, command, rounds or _ROUNDS[engine], Path(folder))


def _measure(engine: str, command: Sequence[str], rounds: int, folder: Path) -> None:
    env = {
        **os.environ,
        "HEAL_HOME": str(folder / "home"),
        "NXF_HOME": str(folder / "nextflow"),
        "NXF_OFFLINE": "true",
        "NXF_ANSI_LOG": "false",
    }
    took = side_by_side(
        {
            "alone": _running(command, folder / "alone", env),
            "attached": _running([*HEAL, "run", "--", *command], folder / "attached", env),
        },
        rounds,
    )
    alone, attached = took["alone"], took["attached"]
    row(
        f"a run of {_TASKS} tasks of a second in {engine}, with heal attached",
        f"{attached.best:.1f} s (median {attached.median:.1f})",
        f"{attached.best / alone.best:.3f} x the run alone ({alone.best:.1f} s, median {alone.median:.1f}; by medians "
        f"{attached.median / alone.median:.3f} x); {attached.cpu - alone.cpu:.1f} s more of the processor, "
        f"which took {alone.cpu:.1f} s",
    )


def _running(command: Sequence[str], folder: Path, env: dict[str, str]) -> Callable[[], None]:
    def run() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, text in {"Snakefile": _SNAKEFILE, "main.nf": _MAIN, "nextflow.config": _CONFIG}.items():
            (folder / name).write_text(text, encoding="utf-8")
        with (folder / "log").open("wb") as log:
            subprocess.run(command, cwd=folder, env=env, stdout=log, stderr=log, check=True)

    return run


if __name__ == "__main__":
    main(sys.argv[1:2] or tuple(_COMMANDS), int(sys.argv[2]) if len(sys.argv) > 2 else None)
