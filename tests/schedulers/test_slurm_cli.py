"""SLURM that is ill: programs that are missing, refuse, hang or talk nonsense are never read as a failed job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.errors import CannotApply, SchedulerUnreachable, SubmissionRefused, SubmissionUncertain
from heal.jobs import JobState
from heal.records import Attempt, Change, Fix, FixKind
from heal.schedulers.command import Commands
from heal.schedulers.slurm_cli import SlurmCli
from heal.seams import Submission

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
RECORD = (
    "JobId=9 JobName=eat UserId=root(0) GroupId=root(0) JobState=FAILED Reason=NonZeroExitCode ExitCode=1:0 "
    "SubmitTime=2026-11-24T15:00:00 Partition=short WorkDir=/ StdErr=/e.out StdIn=/dev/null StdOut=/e.out Power="
)
MORE = Fix(FixKind.RESOURCES, "job", (Change("memory_mb", 50, 500),))
DISABLED = "echo 'Slurm accounting storage is disabled' >&2; exit 1"
DOWN = "echo 'sacct: error: Problem talking to the database: Connection refused' >&2; exit 1"


class Site:
    """A folder of programs that answer as scripted, and a scheduler that finds only them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"PATH": f"{folder}:/usr/bin:/bin"}
        self.now = NOW
        self.commands = Commands(timeout_s=1.0, env={"PATH": str(folder)})
        self.scheduler = SlurmCli(folder / "scripts", self.commands, lambda: self.now)
        self.has("scontrol", f'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) echo "{RECORD}";; esac')

    def has(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def submission(self) -> Submission:
        return Submission("9", ("job.sh",), str(self.folder), "t9", MORE, env=self.env)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def attempt(job: str) -> Attempt:
    return Attempt(1, "run", "run", "sbatch", "k", "n", "p", native_id=job, submitted=NOW - timedelta(hours=1))


def test_without_accounting_the_controller_answers_alone(site: Site) -> None:
    for text in (None, DISABLED):
        if text:
            site.has("sacct", text)
        facts = site.scheduler.facts([attempt("9"), attempt("10")])
        assert {job: (fact.state, fact.exit_code) for job, fact in facts.items()} == {"9": (JobState.FAILED, 1)}
        assert facts["9"].source.startswith("scontrol (without the other: ")


def test_a_job_that_only_a_silent_side_may_know_is_unknown(site: Site) -> None:
    site.has("sacct", DOWN)
    assert site.scheduler.facts([attempt("9")])["9"].state is JobState.FAILED
    with pytest.raises(SchedulerUnreachable, match=r"nothing can be said of job 10: .*Connection refused"):
        site.scheduler.facts([attempt("9"), attempt("10")])


@pytest.mark.parametrize(
    "answer", ["exit 1", "sleep 30", "echo nonsense", "echo 'Unable to contact slurm controller' >&2; exit 1"]
)
def test_a_slurm_that_does_not_answer_is_unreachable(site: Site, answer: str) -> None:
    site.env["PATH"] = "/usr/bin:/bin"
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    for name in ("scontrol", "sacct", "squeue", "sinfo"):
        site.has(name, answer)
    with pytest.raises(SchedulerUnreachable):
        site.scheduler.facts([attempt("9")])
    with pytest.raises(SchedulerUnreachable):
        site.scheduler.recent(NOW)
    with pytest.raises(SchedulerUnreachable):
        site.scheduler.find("t9")


def test_tasks_of_other_schedulers_cost_no_request(site: Site) -> None:
    assert dict(site.scheduler.facts([Attempt(4, "run", "run", "snakemake", "k", "n", "p")])) == {}
    assert site.scheduler.requests == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("echo 'sbatch: error: Invalid partition' >&2; exit 1", SubmissionRefused),
        ("echo 'Unable to contact slurm controller (connect failure)' >&2; exit 1", SchedulerUnreachable),
        ("echo 'Socket timed out on send/recv operation' >&2; exit 1", SubmissionUncertain),
        ("echo thanks", SubmissionUncertain),
        ("kill -9 $$", SubmissionUncertain),
    ],
)
def test_what_became_of_a_submission_is_told_apart(site: Site, answer: str, error: type[Exception]) -> None:
    site.has("sbatch", answer)
    with pytest.raises(error):
        site.scheduler.resubmit(site.submission())
    # the script stays where the job may have been submitted: it says that this was tried
    assert (site.folder / "scripts/t9.sh").exists() is (error is SubmissionUncertain)


def test_the_script_is_private_and_the_answer_is_the_id(site: Site) -> None:
    site.has("sbatch", "echo '4711;heal'")
    assert site.scheduler.resubmit(site.submission()) == "4711"
    assert (site.folder / "scripts").stat().st_mode & 0o777 == 0o700
    assert (site.folder / "scripts/t9.sh").stat().st_mode & 0o777 == 0o600
    assert (site.folder / "scripts/t9.sh").read_text() == "#!/bin/sh\ntrue\n"


def test_a_folder_that_is_gone_cannot_be_submitted_from(site: Site) -> None:
    site.has("sbatch", "echo 1")
    with pytest.raises(CannotApply, match="cannot be submitted again from /gone"):
        site.scheduler.resubmit(Submission("9", ("job.sh",), "/gone", "t9", MORE, env=site.env))


def test_a_token_is_surely_nowhere_only_if_both_sides_say_so(site: Site) -> None:
    site.has("squeue", "echo '9|(null)'")
    # no accounting here, and never tried
    site.has("sacct", DISABLED)
    assert dict(site.scheduler.find("t9")) == {}
    # tried, and the controller forgets: unknown
    site.has("sbatch", "echo thanks")
    with pytest.raises(SubmissionUncertain):
        site.scheduler.resubmit(site.submission())
    with pytest.raises(SchedulerUnreachable, match="cannot be told"):
        site.scheduler.find("t9")
    # accounting is down for now: unknown even if never tried
    site.has("sacct", DOWN)
    with pytest.raises(SchedulerUnreachable, match="Connection refused"):
        site.scheduler.find("other")
    # found by one side is found
    site.has("squeue", "echo '9|mine heal:t9'")
    assert dict(site.scheduler.find("t9")) == {"t9": "9"}


def test_limits_are_asked_for_again_after_ten_minutes(site: Site) -> None:
    site.has("scontrol", "echo 'PartitionName=short Default=YES MaxTime=01:00:00'")
    site.has("sinfo", "echo 'short|1000|2'")
    for minutes, requests in ((0, 2), (9, 2), (11, 4)):
        site.now = NOW + timedelta(minutes=minutes)
        limits = site.scheduler.limits(None)
        assert (limits.memory_mb, limits.time_min, site.scheduler.requests) == (1000, 60, requests)
