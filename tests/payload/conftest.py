"""A pipeline in git with secrets in it, and an incident of it in a store of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.payload.repositories import ERROR, LOG, SNAKEMAKE
from tests.payload.test_regions import git
from tests.store.given import at, seen

from heal.cases import Citation, Evidence, Passage
from heal.home import places
from heal.journal import Diagnosed
from heal.records import Diagnosis, Label, RunRef, TaskRef
from heal.store import Store


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A Snakemake pipeline in git, with a secret in its settings."""
    root = tmp_path / "rnaseq"
    for path, text in (SNAKEMAKE | {"config/config.yaml": "bwa_extra: -M\nftp_password: kestrel.77\n"}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture(name="incident")
def _incident(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "heal"))
    monkeypatch.setenv("LAB_TOKEN", "osprey-42-merlin")
    monkeypatch.chdir(tmp_path)
    run = RunRef("r", "snakemake", str(project), ("snakemake", "-j", "4"), 4242)
    task = TaskRef("plot (s=S1)", "plot:s=S1", 1, None, str(project), ("logs/plot/S1.log",))
    root = Citation("logs/plot/S1.log", 4, ERROR)
    found = Diagnosis(Label.VERSION_INCOMPATIBILITY, "pandas 2 has no append", 0.7, root, (root,), by="pattern")
    text = f"{LOG}token osprey-42-merlin was refused"
    with Store.open(places.database(places.home_folder())) as store:
        store.take(seen("run_started", run))
        store.take(seen("task_failed", run, task, process="plot", command="python scripts/plot.py S1"))
        one, _ = store.join(store.unexplained()[-1], "f", at(1))
        store.append(one.id, 1, Diagnosed(found, (Evidence("logs/plot/S1.log", (Passage(1, text),), lines=5),)), at(2))
    return one.id
