"""A pipeline in a real git repository, and an incident of it in a real store."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.payload.repositories import ERROR, LOG, SNAKEMAKE

from heal.cases import Citation, Evidence, Finding, Passage
from heal.consulting.matters import matter_of
from heal.journal import Diagnosed
from heal.records import Diagnosis, Event, Label, RunRef, TaskRef
from heal.steps.consult import Matter
from heal.store import Store

ROOT = Citation("logs/plot/S1.log", 4, ERROR)
FOUND = Diagnosis(Label.VERSION_INCOMPATIBILITY, "pandas 2 has no append", 0.7, ROOT, (ROOT,), by="pattern")
BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def day(number: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def git(folder: Path, *words: str, at: datetime = BEGUN) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_AUTHOR_DATE": at.isoformat(), "GIT_COMMITTER_DATE": at.isoformat(), "GIT_CONFIG_GLOBAL": "/dev/null"}
    options = ["-c", "user.name=A", "-c", "user.email=a@lab.example", "-c", "init.defaultBranch=main"]
    answer = subprocess.run(
        ["git", *options, *words], cwd=folder, env=env, capture_output=True, text=True, check=True, timeout=60
    )
    return answer.stdout.strip()


def commit(folder: Path, subject: str, files: Mapping[str, str], at: datetime) -> str:
    """Write files, and commit all there is; the short name of the commit."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", f"--message={subject}", at=at)
    return git(folder, "rev-parse", "--short", "HEAD")


def project(folder: Path, files: Mapping[str, str] = SNAKEMAKE) -> Path:
    """A small pipeline in a repository of its own."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet")
    commit(folder, "begin", files, BEGUN)
    return folder


def event(kind: str, cwd: Path, at: datetime, sample: str = "", run_id: str = "r", **facts: object) -> Event:
    run = RunRef(run_id, "snakemake", str(cwd), ("snakemake", "-j", "4"), 4242)
    task = TaskRef(f"plot (s={sample})", f"plot:s={sample}", 1, None, str(cwd), (f"logs/plot/{sample}.log",))
    name = f"{at.timestamp():020.0f}-{kind}-{sample}-{run_id}"
    told = {"process": "plot", **facts} if sample else facts
    return Event(name, kind, at, "snakemake", run, task if sample else None, told, "{}")


def fails(
    store: Store,
    cwd: Path,
    at: datetime,
    *,
    log: str = LOG,
    findings: Sequence[Finding] = (),
    sample: str = "S1",
    run_id: str = "r",
    found: Diagnosis = FOUND,
) -> Matter:
    """Let plot fail for a sample and be diagnosed; what heal would ask about it."""
    store.take(event("task_failed", cwd, at, sample, run_id, command=f"python scripts/plot.py {sample}", exit=1))
    one, _opened = store.join(store.unexplained()[-1], f"f{at.day}", at)
    text = log.rstrip("\n")
    evidence = (Evidence(f"logs/plot/{sample}.log", (Passage(1, text),), lines=text.count("\n") + 1),)
    store.append(one.id, 1, Diagnosed(found, evidence, tuple(findings)), at + timedelta(minutes=1))
    return matter_of(store, one.id, lambda _run, _attempt: {})
