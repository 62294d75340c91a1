"""From a diagnosis to a patch that was tried on the failed task, apart from what models take: a scripted model."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.measure import HEAL, engines, row

_ROUNDS = 5
_SNAKEFILE = """
rule all:
    input: "sum.txt"

rule add:
    input: "numbers.txt"
    output: "sum.txt"
    log: "add.log"
    shell: "python3 add.py {input} > {output} 2> {log}"
"""
_SCRIPT = """
process ADD {
    input: path numbers
    output: path 'sum.txt'
    script: "python3 $projectDir/add.py $numbers > sum.txt"
}

workflow { ADD(file('numbers.txt')) }
"""
_CONFIG = """
process { executor = 'slurm'; memory = '100 MB'; time = '5m' }
executor { pollInterval = '1s'; queueStatInterval = '2s' }
"""
# what is run, and the program without which it is not measured
_SHAPES = {
    "one Snakemake rule, local": ("snakemake", ["snakemake", "--cores=1"]),
    "one Snakemake rule, a SLURM job": (
        "sbatch",
        ["snakemake", "--executor=slurm", "--jobs=1", "--latency-wait=15", "--default-resources", "mem_mb=100"],
    ),
    "one Nextflow process, local": ("nextflow", ["nextflow", "run", "main.nf"]),
    "one Nextflow process, a SLURM job": ("nextflow", ["nextflow", "-c", "slurm.config", "run", "main.nf"]),
}
_BROKEN = "import sys\n\nnumbers = [int(line) for line in open(sys.argv[1])]\nprint(sum(numbres))\n"
_CODER = f"The name is numbers.\n\nFILE add.py\n```python\n{_BROKEN.replace('numbres', 'numbers')}```\n"
_REVIEWER = json.dumps({"root": True, "hides": False, "more_than_asked": False, "why": "the name is defined above"})
_TRIAGE = json.dumps(
    {
        "class": "pipeline defect",
        "cause": "a name is misspelt",
        "cite": ["NameError: name 'numbres' is not defined. Did you mean: 'numbers'?"],
        "change": True,
        "sure": 0.9,
    }
)
_WRITER = json.dumps({"subject": "Sum the numbers", "why": "The list is called numbers."})


def main() -> None:
    engines()
    for shape, (needed, argv) in _SHAPES.items():
        if shutil.which(needed) and ("SLURM" not in shape or shutil.which("sbatch")):
            _measure(shape, argv)


def _measure(shape: str, argv: Sequence[str]) -> None:
    # a job of SLURM's needs a folder that its node sees, which TMPDIR may name
    with tempfile.TemporaryDirectory() as folder:
        took = [_once(Path(folder) / str(number), argv) for number in range(_ROUNDS)]
    whole, parts = [each[0] for each in took], [each[1] for each in took]
    names = ", ".join(f"{name} {median([each.get(name, 0.0) for each in parts]):.1f} s" for name in parts[0])
    row(
        f"from a diagnosis to a patch that was tried on the failed task ({shape}), models apart",
        f"{min(whole):.1f} s (median {median(whole):.1f})",
        f"of it, by the median: {names}; the rest is the payload, git and the loop",
    )


def _once(folder: Path, argv: Sequence[str]) -> tuple[float, dict[str, float]]:
    """Seconds from the diagnosis to the answer of the chain, and those of each trial in it."""
    work = folder / "work"
    work.mkdir(parents=True)
    answers = {"triage": _TRIAGE, "coder": _CODER, "reviewer": _REVIEWER, "writer": _WRITER}
    script = folder / "answers.yaml"
    rows = [{"role": role, "text": text} for role, text in answers.items()]
    script.write_text(json.dumps({"answers": rows}), encoding="utf-8")
    words = [sys.executable, "-m", "heal.models.scripted", str(script)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            _lay(work, url, tuple(answers))
            env = {**os.environ, "HEAL_HOME": str(folder / "home"), "NXF_OFFLINE": "true"}
            env["NXF_HOME"] = str(folder / "nextflow")
            subprocess.run([*HEAL, "run", "--", *argv], cwd=work, env=env, capture_output=True, check=False)
        finally:
            server.terminate()
    return _measured(folder / "home" / "heal.db")


def _lay(work: Path, url: str, roles: tuple[str, ...]) -> None:
    routes = "".join(f'{role} = ["{role}"]\n' for role in roles)
    models = "".join(f'[model.{role}]\nbase_url = "{url}"\nmodel = "{role}"\n' for role in roles)
    files = {
        "heal.toml": f"[routes]\n{routes}{models}",
        "Snakefile": _SNAKEFILE,
        "main.nf": _SCRIPT,
        "slurm.config": _CONFIG,
        "add.py": _BROKEN,
        "numbers.txt": "1\n2\n",
        ".gitignore": ".snakemake/\n.nextflow*\nwork/\n",
    }
    for name, text in files.items():
        (work / name).write_text(text, encoding="utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=x"]):
        subprocess.run([*git, *words], cwd=work, check=True)


def _measured(database: Path) -> tuple[float, dict[str, float]]:
    with sqlite3.connect(database) as store:
        said = store.execute("SELECT kind, at, body FROM journal ORDER BY seq").fetchall()
        models = sum(row[0] or 0.0 for row in store.execute("SELECT seconds FROM calls"))
    at = {kind: datetime.fromtimestamp(moment / 1e6, UTC) for kind, moment, _body in said}
    body = next(json.loads(body) for kind, _at, body in said if kind == "consulted")
    assert body["draft"], body["why"]
    trials = {trial["name"]: trial["seconds"] for trial in body["trials"]}
    return (at["consulted"] - at["diagnosed"]).total_seconds() - models, trials


if __name__ == "__main__":
    main()
