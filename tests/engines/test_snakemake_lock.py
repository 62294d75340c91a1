"""Who counts as a Snakemake at work, when a lock has to be proven stale."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from heal.engines.snakemake_lock import is_snakemake, live_slurm_jobs, locked_folder, unfinished_jobs
from heal.errors import CannotApply


@pytest.mark.parametrize(
    ("words", "at_work"),
    [
        (("/env/bin/python3.11", "/env/bin/snakemake", "-j2"), True),
        (("/env/bin/snakemake", "-j2"), True),
        (("python", "-m", "snakemake", "-j2"), True),
        (("/env/bin/python", "/env/bin/heal", "run", "--", "snakemake", "-j2"), False),
        (("python3", "-I", "/opt/hooks/launch.py", "--id", "x", "--", "snakemake"), False),
        (("bash", "-c", "snakemake -j2"), False),
        (("vim", "snakemake"), False),
    ],
)
def test_only_the_program_itself_is_a_snakemake_at_work(words: tuple[str, ...], at_work: bool):
    assert is_snakemake(words) is at_work


def test_unfinished_jobs_are_those_of_both_ways_to_keep_them(tmp_path: Path):
    kept = tmp_path / ".snakemake"
    (kept / "incomplete").mkdir(parents=True)
    for name, text in {"a": '{"external_jobid": "81"}', "b": "", "c": "{", "d": '{"external_jobid": null}'}.items():
        (kept / "incomplete" / name).write_text(text)
    with closing(sqlite3.connect(kept / "metadata.db")) as database:
        database.execute("CREATE TABLE snakemake_metadata (target, incomplete BOOLEAN, external_jobid)")
        rows = [("a", True, "82"), ("b", False, "83"), ("c", True, None)]
        database.executemany("INSERT INTO snakemake_metadata VALUES (?, ?, ?)", rows)
        database.commit()
    assert unfinished_jobs(tmp_path) == ("81", "82")


def test_a_database_that_cannot_be_read_proves_nothing(tmp_path: Path):
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / ".snakemake" / "metadata.db").write_text("no database, however long one looks at it")
    with pytest.raises(CannotApply, match="cannot be read"):
        unfinished_jobs(tmp_path)


def test_the_folder_is_the_one_that_snakemake_names():
    said = "LockException:\nError: … in the following directory:\n/data/my run\nIf you are sure that no other"
    assert (locked_folder(said), locked_folder("LockException")) == (Path("/data/my run"), None)


@pytest.fixture
def queued(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A job as Snakemake's SLURM executor submits it, that never starts: its id and its folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    name = "5e3dc1b0-907f-48b6-be27-d7c2617931c0"
    options = ["--parsable", "--hold", f"--chdir={folder}", f"--job-name={name}", "--wrap=true"]
    job = subprocess.run(["sbatch", *options], capture_output=True, text=True, check=True).stdout.strip()
    yield job, folder
    subprocess.run(["scancel", job], check=True)


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_job_in_the_queue_is_alive_whoever_wrote_it_down(queued: tuple[str, Path], tmp_path: Path):
    job, folder = queued
    # by its id, though it was submitted from elsewhere; by its folder, though nobody wrote its id down
    assert live_slurm_jobs([job], tmp_path) == {job}
    assert live_slurm_jobs([], folder) == {job}
    assert live_slurm_jobs(["67000000"], tmp_path) == frozenset()
