"""A cluster seen by pyslurm: a program that answers from a file, beside commands that answer from files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from heal.jobs import JobFacts, JobState
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.pyslurm_process import PyslurmProcess
from heal.schedulers.slurm_facts import SACCT_FIELDS
from heal.schedulers.slurm_history import FIELDS
from heal.schedulers.slurm_parsers import DELIMITER
from heal.schedulers.slurm_pyslurm import SlurmPy

CHILD = Path(__file__).with_name("pyslurm_child.py")
_PROGRAMS = {
    "sinfo": 'case "$*" in --version) exec echo "slurm-wlm $(cat "$HERE/version")";; esac\nexec echo "short|64000|16"',
    "squeue": 'exec cat "$HERE/squeue.txt"',
    "scontrol": (
        'case "$*" in *partition*) exec echo "PartitionName=short Default=YES MaxTime=10:00:00";; esac\n'
        'exec cat "$HERE/scontrol.txt"'
    ),
    "sacct": (
        'case "$*" in *helpformat*) exec cat "$HERE/fields.txt";; *--state=COMPLETED*) exec cat "$HERE/history.txt";; esac\n'
        'exec cat "$HERE/sacct.txt"'
    ),
    "sacctmgr": "exit 0",
}
_FILES = {
    "version": "22.05.8",
    "squeue.txt": "",
    "scontrol.txt": "No jobs in the system\n",
    "fields.txt": " ".join(FIELDS),
    "history.txt": "",
}


class PyslurmSite:
    """A folder with the programs. ``told`` is what was said when pyslurm was given up."""

    def __init__(self, folder: Path, timeout_s: float = 20.0, per_minute: int | None = None) -> None:
        self.folder = folder
        self.told: list[str] = []
        for name, text in {**_FILES, "sacct.txt": ""}.items():
            (folder / name).write_text(text)
        for name, text in _PROGRAMS.items():
            self.program(name, text)
        self.answers({"queue": {"jobs": []}, "jobs": {"jobs": []}})
        env = {"PATH": f"{folder}:{os.environ['PATH']}", "PYSLURM_DISABLE_AUTO_INIT": "1"}
        self.book = CallBook(folder / "book", per_minute)
        self.commands = Commands(timeout_s=timeout_s, env=env, book=self.book)
        self.process = PyslurmProcess((sys.executable, str(CHILD), str(folder)), self.commands, self.told.append)
        self.scheduler = SlurmPy(self.process, self.commands)

    def program(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\nHERE="{self.folder}"\n{text}\n')
        path.chmod(0o755)

    def answers(self, replies: Mapping[str, Any]) -> None:
        (self.folder / "answers.json").write_text(json.dumps(replies))

    def mood(self, mood: str) -> None:
        (self.folder / "mood").write_text(mood)

    def asked(self) -> list[str]:
        """What was asked, of pyslurm and of commands, by the book."""
        return [call.program for call in self.book.last_hour()]

    def starts(self) -> list[str]:
        return (self.folder / "starts").read_text().splitlines()

    def knows(self, jobs: Mapping[str, JobFacts]) -> None:
        """Let all sides know these jobs."""
        records = [record(number, facts) for number, facts in enumerate(jobs.values(), 70000)]
        self.answers({ask: {"jobs": records} for ask in ("queue", "jobs")})
        lines = [
            f"{job.job}|{job.state.name}|None|{job.submitted}|{job.dependency or '(null)'}" for job in jobs.values()
        ]
        (self.folder / "squeue.txt").write_text("\n".join(lines))
        (self.folder / "sacct.txt").write_text("".join(f"{recent(job)}\n" for job in jobs.values()))
        well = [row for job in jobs.values() if job.state is JobState.COMPLETED for row in accounted(job)]
        (self.folder / "history.txt").write_text("".join(f"{row}\n" for row in well))


def recent(facts: JobFacts) -> str:
    """A job as sacct tells of it among all of its user's."""
    told = {"JobID": facts.job, "JobName": facts.name, "State": facts.state.name, "Submit": facts.submitted}
    return DELIMITER.join(told.get(field, "") for field in SACCT_FIELDS if field in FIELDS)


def accounted(facts: JobFacts) -> list[str]:
    """A job and its step as sacct tells of them."""
    common = {"State": "COMPLETED", "ElapsedRaw": "60", "NCPUS": "1", "NNodes": "1"}
    job = {"JobID": facts.job, "JobName": facts.name, "WorkDir": facts.workdir or "", "Submit": facts.submitted}
    step = {"JobID": f"{facts.job}.batch", "MaxRSS": f"{facts.peak_mb or 0:.0f}M"}
    return [DELIMITER.join({**common, **row}.get(field, "") for field in FIELDS) for row in (job, step)]


def record(number: int, facts: JobFacts) -> dict[str, Any]:
    """A job as pyslurm tells it: task 0 without its index, codes from 128 up 128 less, zeros left out."""
    array, _, task = facts.job.partition("_")
    code = facts.exit_code or 0
    at = int(datetime.fromisoformat(facts.submitted).timestamp())
    told = {
        "id": number if task else int(array),
        "array_id": int(array) if task else None,
        "array_task_id": int(task) if task else None,
        "name": facts.name,
        "state": facts.state.name,
        "exit_code": code - 128 if code >= 128 else code,
        "exit_code_signal": facts.signal or 0,
        "memory": facts.asked_mb and int(facts.asked_mb),
        "num_nodes": 1,
        "submit_time": at,
        "comment": facts.comment,
        "working_directory": facts.workdir,
        "dependencies": {"afterok": [], "singleton": False} if facts.dependency else None,
    }
    kept = ("exit_code", "exit_code_signal")
    return {name: value for name, value in told.items() if value or (name in kept and value is not None)}
