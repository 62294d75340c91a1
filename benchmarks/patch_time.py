"""From a diagnosis to a patch that was tried on the failed task, apart from what models take: a scripted model."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.measure import HEAL, row

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
    with tempfile.TemporaryDirectory() as folder:
        took = [_once(Path(folder) / str(number)) for number in range(_ROUNDS)]
    whole, parts = [each[0] for each in took], [each[1] for each in took]
    names = ", ".join(f"{name} {median([each.get(name, 0.0) for each in parts]):.1f} s" for name in parts[0])
    row(
        "from a diagnosis to a patch that was tried on the failed task (one Snakemake rule, local), models apart",
        f"{min(whole):.1f} s (median {median(whole):.1f})",
        f"of it, by the median: {names}; the rest is the payload, git and the loop",
    )


def _once(folder: Path) -> tuple[float, dict[str, float]]:
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
            env = {**os.environ, "HEAL_HOME": str(folder / "home")}
            env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            subprocess.run(
                [*HEAL, "run", "--", "snakemake", "--cores=1"], cwd=work, env=env, capture_output=True, check=False
            )
        finally:
            server.terminate()
    return _measured(folder / "home" / "heal.db")


def _lay(work: Path, url: str, roles: tuple[str, ...]) -> None:
    routes = "".join(f'{role} = ["{role}"]\n' for role in roles)
    models = "".join(f'[model.{role}]\nbase_url = "{url}"\nmodel = "{role}"\n' for role in roles)
    files = {
        "heal.toml": f"[routes]\n{routes}{models}",
        "Snakefile": _SNAKEFILE,
        "add.py": _BROKEN,
        "numbers.txt": "1\n2\n",
        ".gitignore": ".snakemake/\n",
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
