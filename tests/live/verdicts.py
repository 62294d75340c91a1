"""Jobs submitted to a real cluster, and what heal makes of each: facts, event, diagnosis."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import until

from heal.evidence.scan import Scanner
from heal.jobs import JobFacts
from heal.knowledge.patterns import Library
from heal.records import Attempt, Diagnosis, Event
from heal.schedulers.command import Commands
from heal.schedulers.slurm_cli import SlurmCli
from heal.settings import Slurm
from heal.steps.diagnose import diagnose
from heal.steps.gather import gather
from heal.steps.watch import endings


@dataclass(frozen=True)
class Verdict:
    """What is known of a job, the event that tells it, and the diagnosis of it as a failed one."""

    facts: JobFacts
    event: Event | None
    diagnosis: Diagnosis

    @property
    def kind(self) -> str:
        return self.event.kind if self.event else "nothing"


class Jobs:
    """Submits into a folder of its own on the cluster of ``conf`` (None: the first one)."""

    def __init__(self, folder: Path, library: Library, reader: Scanner, conf: str | None = None) -> None:
        self.folder = folder
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        if conf:
            self.env["SLURM_CONF"] = conf
        self.scheduler = SlurmCli(Commands(env=self.env))
        self._library, self._reader = library, reader

    def run(self, *argv: str) -> str:
        done = subprocess.run(argv, cwd=self.folder, env=self.env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def submit(self, *argv: str, user: str | None = None) -> str:
        """Submit a job, in the name of ``user`` where one is given; its id."""
        if user:
            # they may not enter this folder, nor write into it
            return self.run("runuser", "-u", user, "--", "sbatch", "--parsable", "-D/tmp", "-o/dev/null", *argv)
        return self.run("sbatch", "--parsable", f"--chdir={self.folder}", *argv)

    def facts(self, job: str) -> JobFacts | None:
        return self.scheduler.facts([_attempt(job)]).get(job)

    def running(self, job: str) -> None:
        # the jobs of the tests before may hold the node until their time is over: minutes
        assert until(lambda: self._state(job) == "RUNNING", 300), self.facts(job)

    def _state(self, job: str) -> str:
        facts = self.facts(job)
        return facts.state_text if facts else ""

    def ended(self, job: str, seconds: float = 300, rules: Slurm | None = None) -> Verdict:
        """The verdict once both the controller and accounting have the job's end."""
        assert until(lambda: (known := self.facts(job)) and _is_told(known), seconds), self.facts(job)
        return self.now(job, rules)

    def waiting(self, job: str, reason: str, rules: Slurm | None = None) -> Verdict:
        """The verdict once the job waits for this reason."""
        assert until(lambda: (known := self.facts(job)) and known.reason == reason, 60), self.facts(job)
        return self.now(job, rules)

    def now(self, job: str, rules: Slurm | None = None) -> Verdict:
        """The verdict of a watcher who knows the job for half an hour."""
        # a scheduler of its own: it keeps what it was told of limits for some minutes
        facts = SlurmCli(Commands(env=self.env)).facts([_attempt(job)])[job]
        later = datetime.now(UTC) + timedelta(minutes=30)
        told = endings([_attempt(job)], {job: facts}, later, lambda _attempt: rules or Slurm())
        event = told[0] if told else None
        attempt = _attempt(job, event.facts if event else {})
        over = facts if facts.state.over else None
        case = gather(attempt, over, facts.log_paths, self._reader, str(self.folder))
        return Verdict(facts, event, diagnose(case, self._library))


def _is_told(known: JobFacts) -> bool:
    # a busy accounting has no row of a job yet that the controller has seen the end of
    return known.state.over and known.final and known.source != "scontrol"


def _attempt(job: str, facts: Mapping[str, object] | None = None) -> Attempt:
    return Attempt(
        id=1,
        run_id="run",
        lineage="run",
        engine="sbatch",
        key=job,
        name="task",
        process="task",
        native_id=job,
        submitted=datetime.now(UTC),
        facts=facts or {},
    )
