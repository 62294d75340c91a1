"""SLURM that is ill: programs that are missing, refuse, hang or talk nonsense are never read as a failed job."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.errors import AskedEnough, CannotApply, NotNow, SchedulerUnreachable, SubmissionRefused, SubmissionUncertain
from heal.jobs import JobFacts, JobState
from heal.records import Attempt, Change, Fix, FixKind
from heal.schedulers.command import Answer, Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_submitting import SlurmSubmitter
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
        self.scheduler = SlurmCli(self.commands, lambda: self.now)
        self.submitter = SlurmSubmitter(folder / "scripts", self.commands, lambda: self.now)
        self.has("scontrol", f'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) echo "{RECORD}";; esac')

    def has(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def submission(self, tag: str = "t9") -> Submission:
        return Submission("9", ("job.sh",), str(self.folder), tag, MORE, env=self.env)


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
        site.scheduler.queue()


def test_what_the_queue_called_completed_has_not_failed_by_accounting_alone(site: Site) -> None:
    # Given two jobs that accounting calls failed, of which the queue has just called one completed
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    site.has("squeue", "echo '9|COMPLETED|None|2026-11-24T15:00:00|(null)'")
    known = "printf '9\\037FAILED\\0371:0\\n10\\037FAILED\\0371:0\\n'"
    site.has("sacct", f'case "$*" in *helpformat*) echo "JobID State ExitCode";; *) {known};; esac')
    # When the controller's own record cannot be had
    site.has("scontrol", "echo 'Unable to contact slurm controller (connect failure)' >&2; exit 1")
    site.scheduler.queue()
    facts = site.scheduler.facts([attempt("9"), attempt("10")])
    # Then that one is not known to have failed
    assert {job: (found.state, found.exit_code, found.disagreement) for job, found in facts.items()} == {
        "9": (JobState.UNKNOWN, None, "squeue says COMPLETED, sacct says FAILED"),
        "10": (JobState.FAILED, 1, ""),
    }


@pytest.mark.parametrize(
    ("fields", "rows", "asked"),
    [
        # before 24.05 of what the script asks for nothing is told: not to know it is no "usual one"
        ("JobID State WorkDir SubmitLine", "{job}|COMPLETED|/data|sbatch job.sh", 1),
        ("JobID State WorkDir", "{job}|COMPLETED|/data", 1),
        ("JobID State WorkDir SubmitLine", "{job}|COMPLETED|/data|sbatch -o %j.log job.sh", 0),
        ("JobID State WorkDir StdOut SubmitLine", "{job}|COMPLETED|/data|%j.log|sbatch job.sh", 0),
        ("JobID State WorkDir StdOut SubmitLine", "{job}|COMPLETED|/data||sbatch job.sh", 0),
        # of a job of a second or two accounting has the end before all else
        ("JobID State WorkDir StdOut SubmitLine", "{job}|COMPLETED|||", 1),
    ],
)
def test_where_a_completed_job_wrote_its_controller_tells_where_accounting_does_not(
    site: Site, fields: str, rows: str, asked: int
) -> None:
    # Given a hundred jobs that the queue and accounting call completed
    ids = [str(number) for number in range(100, 200)]
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    for name, line in (
        ("queue", "{job}|COMPLETED|None|2026-11-24T15:00:00|(null)"),
        ("rows", rows.replace("|", "\x1f")),
        ("records", RECORD.replace("JobId=9 ", "JobId={job} ").replace("FAILED", "COMPLETED").replace("1:0", "0:0")),
    ):
        (site.folder / name).write_text("".join(f"{line.format(job=job)}\n" for job in ids))
    site.has("squeue", f"cat {site.folder}/queue")
    site.has("sacct", f'case "$*" in *helpformat*) echo "{fields}";; *) cat {site.folder}/rows;; esac')
    site.has("scontrol", f"cat {site.folder}/records")
    site.scheduler.queue()
    # When they are asked about
    facts = site.scheduler.facts([attempt(job) for job in ids])
    # Then one more question, for all of them, is enough where accounting leaves it open, and else none is asked
    assert ({one.state for one in facts.values()}, site.scheduler.requests) == ({JobState.COMPLETED}, 2 + asked)
    usual = "/data/slurm-{job}.out" if "||" in rows else "/data/{job}.log"
    where = "/e.out" if asked else usual
    assert [one.log_paths for one in facts.values()] == [(where.format(job=job),) for job in ids]


def test_a_completed_job_needs_no_controller_that_is_silent(site: Site) -> None:
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    site.has("squeue", "echo '9|COMPLETED|None|2026-11-24T15:00:00|(null)'")
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID State";; *) printf "9\\037COMPLETED\\n";; esac')
    site.has("scontrol", "echo 'Unable to contact slurm controller (connect failure)' >&2; exit 1")
    site.scheduler.queue()
    found = site.scheduler.facts([attempt("9")])["9"]
    assert (found.state, found.final, found.log_paths) == (JobState.COMPLETED, True, ())


def test_many_jobs_are_asked_about_by_few_commands(site: Site) -> None:
    # Given a sacct that takes no argument longer than Linux does
    site.has("sacct", f'case "$*" in *helpformat*) echo "JobID State";; *) echo "$*" >> {site.folder}/asked;; esac')
    ids = [str(number) for number in range(1_000_000, 1_030_000)]
    site.scheduler.facts([attempt(job) for job in ids])
    # Then each job is asked about once, by two commands or three
    asked = (site.folder / "asked").read_text().splitlines()
    assert [job for line in asked for job in line.partition("--jobs=")[2].split(",")] == ids
    assert len(asked) <= 3


@pytest.mark.parametrize("later", ["momentarily", "later"])
def test_a_controller_that_limits_the_rate_is_left_alone(site: Site, later: str) -> None:
    # Given a site whose controller refuses who asks too often (SlurmctldParameters=rl_enable; slurm_errno.c of 25.11)
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID State";; esac')
    refused = f"echo 'slurm_load error: Rate limit exceeded, please retry {later}' >&2; exit 1"
    for name in ("squeue", "sinfo", "sbatch"):
        site.has(name, refused)
    site.has("scontrol", f'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) {refused};; esac')
    # Then nothing is known, nothing is submitted, and all of it is worth another try later
    questions: tuple[Callable[[], object], ...] = (
        site.scheduler.queue,
        lambda: site.scheduler.facts([attempt("9")]),
        lambda: site.scheduler.limits(None),
    )
    for question in questions:
        with pytest.raises(SchedulerUnreachable, match="Rate limit exceeded"):
            question()
    known = replace(site.submission(), known=JobFacts("9", JobState.FAILED))
    with pytest.raises(NotNow, match="Rate limit exceeded"):
        site.submitter.resubmit(known)
    assert not (site.folder / "scripts/t9.sh").exists()
    with pytest.raises(SchedulerUnreachable, match="Rate limit exceeded"):
        site.submitter.repoint(["10"], "afterok:11")
    with pytest.raises(NotNow, match="Rate limit exceeded"):
        site.submitter.announce(["9"], site.folder, "t9")
    # and a script that cannot be had now is not called gone
    site.has("scontrol", refused)
    with pytest.raises(SchedulerUnreachable, match="Rate limit exceeded"):
        SlurmSubmitter(site.folder / "scripts", site.commands).resubmit(known)


@pytest.mark.parametrize(
    "said",
    [
        "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1",
        # of an array whose other elements are still there; since 26.05 on standard error
        "echo 'Job 9_7 not found'; exit 1",
        "echo 'Job 9_7 not found' >&2; exit 1",
    ],
)
def test_a_job_that_the_controller_has_forgotten_is_no_silence_of_its(site: Site, said: str) -> None:
    site.has("scontrol", said)
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID State";; *) printf "9_7\037FAILED\n";; esac')
    found = site.scheduler.facts([attempt("9_7")])
    assert {job: (one.state, one.source) for job, one in found.items()} == {"9_7": (JobState.FAILED, "sacct")}


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("", True),
        # an array that comes apart is told of part by part
        ("echo '200_[1-2]: No error' >&2; echo '200_3: No error' >&2; exit 1", True),
        ("echo 'Job is no longer pending execution for job 201' >&2; exit 1", False),
        ("echo '200_[1-2]: No error' >&2; echo '200_3: Job is no longer pending execution' >&2; exit 1", False),
        ("exit 1", False),
    ],
)
def test_many_jobs_are_re_pointed_by_one_command(site: Site, said: str, taken: bool) -> None:
    # Given waiting jobs, some of them elements of one array
    site.has("scontrol", f'echo "$*" >> {site.folder}/asked; {said}')
    jobs = ["201", "200_1", "200_2", "202", "200_7"]
    # When they are to wait for another job
    if taken:
        site.submitter.repoint(jobs, "afterok:11")
    else:
        with pytest.raises(SubmissionRefused, match="refuses to let job 201 and 4 others wait"):
            site.submitter.repoint(jobs, "afterok:11")
    # Then scontrol ran once for all
    assert (site.folder / "asked").read_text() == "update JobId=201,200_[1-2,7],202 Dependency=afterok:11\n"
    assert site.commands.count == 1


def test_fields_are_asked_for_once(site: Site) -> None:
    # Given a sacct that tells what it was asked for
    fields = f'case "$*" in *helpformat*) echo "JobID State"; echo x >> {site.folder}/probed;; esac'
    site.has("sacct", fields)
    for _ in range(3):
        site.scheduler.facts([attempt("9")])
    site.scheduler.recent(NOW)
    # Then it was asked once which fields it has
    assert (site.folder / "probed").read_text() == "x\n"


def test_tasks_of_other_schedulers_cost_no_request(site: Site) -> None:
    assert dict(site.scheduler.facts([Attempt(4, "run", "run", "snakemake", "k", "n", "p")])) == {}
    assert site.scheduler.requests == 0


POLICY = "Job violates accounting/QOS policy (job submit limit, user size and/or time limits)"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("echo 'sbatch: error: Invalid partition' >&2; exit 1", SubmissionRefused),
        ("echo 'Unable to contact slurm controller (connect failure)' >&2; exit 1", SchedulerUnreachable),
        ("echo 'Unable to contact slurm controller (receive failure)' >&2; exit 1", SubmissionUncertain),
        # munge is down here, or it went down before the reply could be trusted
        (
            "echo 'Munge encode failed: no munge\nBatch job submission failed: Protocol authentication error' >&2; exit 1",
            SchedulerUnreachable,
        ),
        ("echo 'Batch job submission failed: Protocol authentication error' >&2; exit 1", SubmissionUncertain),
        ("echo 'Socket timed out on send/recv operation' >&2; exit 1", SubmissionUncertain),
        # other ways to say the same: 23.11, 25.11, 26.05
        ("echo 'Batch job submission failed: Token Generation failed.' >&2; exit 1", SchedulerUnreachable),
        ("echo 'Batch job submission failed: Connection timed out establishing' >&2; exit 1", SchedulerUnreachable),
        ("echo 'Batch job submission failed: Connection timed out reading' >&2; exit 1", SubmissionUncertain),
        ("echo 'Batch job submission failed: Message receive failure' >&2; exit 1", SubmissionUncertain),
        ("echo 'Batch job submission failed: Authentication credential expired' >&2; exit 1", SubmissionUncertain),
        # which limit it was is said since 20.11; the others do not pass by waiting
        (f"echo '{POLICY}' >&2; exit 1", NotNow),
        (f"printf 'sbatch: error: AssocGrpSubmitJobsLimit\\n{POLICY}' >&2; exit 1", NotNow),
        (f"printf 'sbatch: error: QOSMaxSubmitJobPerUserLimit\\n{POLICY}' >&2; exit 1", NotNow),
        (f"printf 'sbatch: error: QOSMaxMemoryPerJob\\n{POLICY}' >&2; exit 1", SubmissionRefused),
        ("echo 'sbatch: error: Batch job submission failed: Invalid qos specification' >&2; exit 1", SubmissionRefused),
        ("echo 'sbatch: fatal: --mem and --mem-per-cpu are mutually exclusive.' >&2; exit 1", SubmissionRefused),
        ("echo 'Try \"sbatch --help\" for more information' >&2; exit 1", SubmissionRefused),
        # none of SLURM's words: a wrapper may have ended so after SLURM took the job
        ("exit 1", SubmissionUncertain),
        ("echo 'cannot write the audit log' >&2; exit 1", SubmissionUncertain),
        # cut off after it had its say: it may have tried again, and SLURM may have taken it
        ("echo 'sbatch: error: Slurm temporarily unable to accept job' >&2; exit 124", SubmissionUncertain),
        ("echo 'sbatch: error: Slurm temporarily unable to accept job' >&2; exit 137", SubmissionUncertain),
        ("echo thanks", SubmissionUncertain),
        ("echo 57; echo 926", SubmissionUncertain),
        # a job of this number was there before the one that failed, job 9
        ("echo 9", SubmissionUncertain),
        ("echo 7; echo 'sbatch: error: Unable to print' >&2", SubmissionUncertain),
        ("printf 92", SubmissionUncertain),
        ("kill -9 $$", SubmissionUncertain),
    ],
)
def test_what_became_of_a_submission_is_told_apart(site: Site, answer: str, error: type[Exception]) -> None:
    site.has("sbatch", answer)
    with pytest.raises(error):
        site.submitter.resubmit(site.submission())
    # the script stays where the job may have been submitted: it says that this was tried
    assert (site.folder / "scripts/t9.sh").exists() is (error is SubmissionUncertain)


@pytest.mark.parametrize("after", ["exit 1", "exit 137", "kill -9 $$", "echo 'lua: bye' >&2; exit 3"])
def test_a_job_that_sbatch_named_was_submitted_however_sbatch_ended(site: Site, after: str) -> None:
    site.has("sbatch", f"echo 926; {after}")
    assert site.submitter.resubmit(site.submission()) == "926"


def test_the_script_is_private_and_the_answer_is_the_id(site: Site) -> None:
    site.has("sbatch", "echo '4711;heal'")
    assert site.submitter.resubmit(site.submission()) == "4711"
    assert (site.folder / "scripts").stat().st_mode & 0o777 == 0o700
    assert (site.folder / "scripts/t9.sh").stat().st_mode & 0o777 == 0o600
    assert (site.folder / "scripts/t9.sh").read_text() == "#!/bin/sh\ntrue\n"


def test_a_folder_that_is_gone_cannot_be_submitted_from(site: Site) -> None:
    site.has("sbatch", "echo 1")
    with pytest.raises(CannotApply, match="cannot be submitted again from /gone"):
        site.submitter.resubmit(Submission("9", ("job.sh",), "/gone", "t9", MORE, env=site.env))


def test_a_token_is_surely_nowhere_only_if_both_sides_say_so(site: Site) -> None:
    site.has("squeue", "echo '9|(null)'")
    # no accounting here, and never tried
    site.has("sacct", DISABLED)
    assert dict(site.submitter.find("t9")) == {}
    # tried, and the controller forgets: unknown
    site.has("sbatch", "echo thanks")
    with pytest.raises(SubmissionUncertain):
        site.submitter.resubmit(site.submission())
    with pytest.raises(SchedulerUnreachable, match="cannot be told"):
        site.submitter.find("t9")
    # accounting is down for now: unknown, but what was never tried is nowhere
    site.has("sacct", DOWN)
    with pytest.raises(SchedulerUnreachable, match="Connection refused"):
        site.submitter.find("t9")
    assert dict(site.submitter.find("other")) == {}
    # found by one side is found
    site.has("squeue", "echo '9|mine heal:t9'")
    assert dict(site.submitter.find("t9")) == {"t9": "9"}


def test_where_heals_own_ceiling_leaves_no_call_that_is_said_and_not_that_slurm_is_silent(site: Site) -> None:
    # Given a try of which nothing is known
    site.has("squeue", "echo '9|(null)'")
    site.has("sacct", DISABLED)
    site.has("sbatch", "echo thanks")
    with pytest.raises(SubmissionUncertain):
        site.submitter.resubmit(site.submission())
    # When it is looked up and no call is left in this minute
    site.commands.book = CallBook(site.folder / "calls", 1)
    site.commands.book.enter("squeue")
    with pytest.raises(AskedEnough):
        site.submitter.find("t9")


def test_a_request_without_a_reply_may_still_be_carried_out_for_five_minutes(site: Site) -> None:
    # Given an sbatch that had no reply, and both sides that know nothing of the job
    site.has("squeue", "echo '9|(null)'")
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID Comment";; esac')
    site.has("sbatch", "echo 'Socket timed out on send/recv operation' >&2; exit 1")
    with pytest.raises(SubmissionUncertain):
        site.submitter.resubmit(site.submission())
    # Then it is nowhere only once munge no longer vouches for the request
    tried = datetime.fromtimestamp((site.folder / "scripts/t9.sh").stat().st_mtime, UTC)
    site.now = tried + timedelta(seconds=299)
    with pytest.raises(SchedulerUnreachable, match="may still come until"):
        site.submitter.find("t9")
    site.now = tried + timedelta(seconds=300)
    assert dict(site.submitter.find("t9")) == {}


def test_an_sbatch_that_submits_and_does_not_end_is_cut_off_and_its_job_found_by_its_token(site: Site) -> None:
    # Given an sbatch with a token of its own, since heal looks for it on the whole host; it has submitted, as the queue
    # will tell, and outlasts the patience heal has with it
    site.has("squeue", f"cat {site.folder}/queue")
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID Comment";; esac')
    site.has("sbatch", f'echo "71|heal:$HEAL_TOKEN" >> {site.folder}/queue; exec sleep 600')
    hasty = SlurmSubmitter(site.folder / "scripts", site.commands, lambda: site.now, patience_s=3.0)
    site.commands.env = site.env
    # Then it is not known whether it submitted
    with pytest.raises(
        SubmissionUncertain, match=r"job 9: sbatch did not answer within 3 s, and may have submitted heal:slow"
    ):
        hasty.resubmit(site.submission("slow"))
    # and the script that tells of the try is kept: there is one job, found by its token
    assert (site.folder / "scripts/slow.sh").exists()
    assert dict(hasty.find("slow")) == {"slow": "71"}
    assert (site.folder / "queue").read_text() == "71|heal:slow\n"


def test_of_two_submissions_of_a_remedy_the_one_that_is_not_found_is_unknown(site: Site) -> None:
    # Given two submissions, of which accounting does not have the second yet, and a controller that is silent
    site.has("sbatch", "echo 'Socket timed out on send/recv operation' >&2; exit 1")
    for tag in ("t9.1", "t9.2"):
        with pytest.raises(SubmissionUncertain):
            site.submitter.resubmit(site.submission(tag))
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID Comment";; *) printf "71\\037heal:t9.1\\n";; esac')
    site.has("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1")
    # Then the second may not be submitted again
    with pytest.raises(SchedulerUnreachable, match=r"whether heal:t9\.2 was submitted cannot be told"):
        site.submitter.find("t9")


def test_a_job_is_not_rebuilt_from_accounting_alone_while_the_controller_is_silent(site: Site) -> None:
    # Given a job whose command line nobody saw, and a controller that has its script and then says nothing
    site.has("sbatch", "echo 4711")
    known = "printf '9\\0371:0\\037FAILED\\n'"
    site.has("sacct", f'case "$*" in *helpformat*) echo "JobID ExitCode State";; *) {known};; esac')
    refused = "echo 'Unable to contact slurm controller (connect failure)' >&2; exit 1"
    site.has("scontrol", f'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) {refused};; esac')
    # Then it is not submitted without its account, its GPUs and its output file
    with pytest.raises(SchedulerUnreachable, match="the record of job 9 is not to be had now"):
        site.submitter.resubmit(replace(site.submission(), argv=()))


def test_a_submission_whose_job_is_known_is_not_asked_about_again(site: Site) -> None:
    # Given the jobs of two runs of one incident, submitted under a token of their own each
    site.has("sbatch", 'echo "7${HEAL_TOKEN#t9.}"')
    for tag in ("t9.1", "t9.2"):
        site.submitter.resubmit(site.submission(tag))
    asked = site.commands.count
    # When the remedy is taken up again, because the ceiling did not leave a call for the third
    found = [dict(site.submitter.find(tag)) for tag in ("t9.1", "t9.2", "t9.3")]
    # Then that costs no call: with two a run, six a minute would never reach the fourth run
    assert (found, site.commands.count) == ([{"t9.1": "71"}, {"t9.2": "72"}, {}], asked)
    # and after a crash one look is for all of them
    site.has("squeue", "printf '71|heal:t9.1\\n72|heal:t9.2\\n'")
    site.has("sacct", 'case "$*" in *helpformat*) echo "JobID Comment";; esac')
    anew = SlurmSubmitter(site.folder / "scripts", site.commands, lambda: site.now)
    assert [dict(anew.find(tag)) for tag in ("t9.1", "t9.2")] == [{"t9.1": "71"}, {"t9.2": "72"}]
    assert site.commands.count == asked + 2


@pytest.mark.parametrize(
    ("controller", "accounting", "error"),
    [
        ("Invalid job id specified", "", CannotApply),
        ("Unable to contact slurm controller (connect failure)", "", SchedulerUnreachable),
        (
            "Invalid job id specified",
            "sacct: error: Problem talking to the database: Connection refused",
            SchedulerUnreachable,
        ),
        ("Protocol authentication error", "Protocol authentication error", SchedulerUnreachable),
        ("Invalid job id specified", "sacct: unrecognized option '--batch-script'", CannotApply),
    ],
)
def test_a_script_is_gone_only_if_both_sides_say_so(
    site: Site, controller: str, accounting: str, error: type[Exception]
) -> None:
    # scontrol ends with 0 whatever became of the writing (22.05)
    site.has("scontrol", f'echo "job script retrieval failed: {controller}" >&2')
    site.has("sacct", f'echo "{accounting}" >&2; exit 1' if accounting else "echo 'Batch Script for 9'")
    with pytest.raises(error):
        site.submitter.resubmit(site.submission())


def test_limits_are_asked_for_again_after_an_hour(site: Site) -> None:
    site.has("scontrol", "echo 'PartitionName=short Default=YES MaxTime=01:00:00'")
    site.has("sinfo", "echo 'short|1000|2'")
    # sacctmgr is not here: nothing is run for it
    for minutes, requests in ((0, 2), (59, 2), (61, 4)):
        site.now = NOW + timedelta(minutes=minutes)
        limits = site.scheduler.limits(None)
        assert (limits.memory_mb, limits.time_min, site.scheduler.requests) == (1000, 60, requests)


@pytest.mark.parametrize(
    ("argv", "env", "taken"),
    [
        (("-M", "big", "job.sh"), {}, False),
        (("--clusters=heal,big", "job.sh"), {}, False),
        (("job.sh",), {"SLURM_CLUSTERS": "big"}, False),
        (("--cluster=heal", "job.sh"), {}, True),
    ],
)
def test_a_job_of_another_cluster_is_not_submitted_again(
    site: Site, argv: tuple[str, ...], env: dict[str, str], taken: bool
) -> None:
    # Given a job that accounting knows on the cluster heal
    site.has("sbatch", "echo '4711;heal'")
    site.has(
        "sacct", 'case "$*" in *helpformat*) echo "JobID Cluster State";; *) printf "9\\037heal\\037FAILED\\n";; esac'
    )
    submission = Submission("9", argv, str(site.folder), "t9", MORE, env={**site.env, **env})
    if taken:
        assert site.submitter.resubmit(submission) == "4711"
        return
    with pytest.raises(CannotApply, match="heal asks one cluster only"):
        site.submitter.resubmit(submission)
    assert not (site.folder / "scripts/t9.sh").exists()


AWAY = "sacct: error: Problem talking to the database: Connection refused"


@pytest.mark.parametrize(
    ("kept", "flags", "sample"),
    [
        (
            "printf 'Environment used for 9 (must be batch to display)\n---\nPATH=HERE:/usr/bin:/bin\nSAMPLE=S7\n\n'",
            "job_env",
            "S7",
        ),
        ("printf 'Environment used for 9 (must be batch to display)\n---\nNONE\n\n'", "job_env", "heals"),
        ("echo 'sacct: unrecognized option' >&2; exit 1", "job_env", "heals"),
        (f"echo '{AWAY}' >&2; exit 1", "job_comment,job_env", None),
        # nothing is kept there, so nothing is waited for
        (f"echo '{AWAY}' >&2; exit 1", "job_comment", "heals"),
    ],
)
def test_a_job_that_heal_found_runs_again_in_its_own_environment(
    site: Site, monkeypatch: pytest.MonkeyPatch, kept: str, flags: str, sample: str | None
) -> None:
    # Given a job of which heal kept no environment, and accounting that may
    monkeypatch.setenv("SAMPLE", "heals")
    monkeypatch.setenv("PATH", f"{site.folder}:/usr/bin:/bin")
    kept = kept.replace("HERE", str(site.folder))
    site.has("sbatch", f'echo "$SAMPLE" > {site.folder}/sample; echo 4711')
    site.has(
        "sacct",
        f'case "$*" in *helpformat*) echo "JobID Cluster State";; *--jobs=9*env-vars*) {kept};; '
        '*) printf "9\037heal\037FAILED\n";; esac',
    )
    submission = replace(site.submission(), env=None)
    site.has(
        "scontrol",
        f'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *config) echo "AccountingStoreFlags    = {flags}";; '
        f'*) echo "{RECORD}";; esac',
    )
    # When it is submitted again
    if sample is None:
        with pytest.raises(SchedulerUnreachable, match="environment of job 9 is not to be had now"):
            site.submitter.resubmit(submission)
        return
    assert site.submitter.resubmit(submission) == "4711"
    # Then sbatch has its environment, or heal's own where nobody has it
    assert (site.folder / "sample").read_text() == f"{sample}\n"


@pytest.mark.parametrize(
    ("source", "questions"),
    [("scontrol and sacct", ["--oneliner"]), ("scontrol", ["--parsable2", "--oneliner"])],
)
def test_the_rest_of_an_array_that_heal_found_costs_no_second_question(
    site: Site, monkeypatch: pytest.MonkeyPatch, source: str, questions: list[str]
) -> None:
    # Given elements of an array of which heal saw no command line
    monkeypatch.setenv("PATH", f"{site.folder}:/usr/bin:/bin")
    asked = f'echo "$*" >> {site.folder}/asked'
    site.has("sbatch", f'echo "$*" >> {site.folder}/submitted; echo 4711')
    site.has(
        "sacct",
        f'{asked}; case "$*" in *helpformat*) echo "JobID State";; *) printf "9_0\037FAILED\n9_1\037FAILED\n";; esac',
    )
    record = RECORD.replace("JobId=9 ", "JobId=1$i ArrayJobId=9 ArrayTaskId=$i Licenses=tool ArrayTaskThrottle=3 ")
    site.has(
        "scontrol",
        f'{asked}; i=${{*##*_}}; case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) echo "{record}";; esac',
    )
    found = JobFacts("9_0", JobState.FAILED, submitted="2026-11-24T15:00:00", workdir="/", name="eat", source=source)
    first = Submission("9_0", (), str(site.folder), "t9", MORE, array=(0,), known=found)
    rest = Submission("9_1", (), first.cwd, "t10", MORE, array=(1, 2), known=replace(found, job="9_1"))
    # When one is submitted again, and then the rest
    site.submitter.resubmit(first)
    before = (site.folder / "asked").read_text().splitlines()
    site.submitter.resubmit(rest)
    # Then nobody was asked again, and the rest is submitted just as the first
    assert (site.folder / "asked").read_text().splitlines() == before
    one, other = (site.folder / "submitted").read_text().splitlines()
    assert "--licenses=tool" in one
    assert other == one.replace("--array=0%3", "--array=1-2%3").replace("t9", "t10")
    # And of an array that has been given the same id since it is asked for what is not known of its end
    site.submitter.resubmit(replace(rest, known=replace(found, submitted="2026-11-25T15:00:00")))
    again = (site.folder / "asked").read_text().splitlines()[len(before) :]
    assert [line.split(" ")[0] for line in again] == questions


@pytest.mark.parametrize(("limit", "asked"), [("01:00:00", []), ("02:00:00", ["--oneliner show job 9_1"])])
def test_what_was_told_of_an_arrays_end_is_not_asked_for_again(site: Site, limit: str, asked: list[str]) -> None:
    # Given an array that heal found, of which both sides have told how it ended, and a submitter that heard it
    site.has(
        "sacct",
        'case "$*" in *helpformat*) echo "JobID State Submit";; '
        "*) printf '9_0\\037FAILED\\0372026-11-24T15:00:00\\n9_1\\037FAILED\\0372026-11-24T15:00:00\\n';; esac",
    )
    records = [
        RECORD.replace("JobId=9 ", f"JobId=1{index} ArrayJobId=9 ArrayTaskId={index} ")
        + f" TimeLimit={time} Licenses=tool"
        for index, time in enumerate(("01:00:00", limit))
    ]
    (site.folder / "records").write_text("".join(f"{record}\n" for record in records))
    shown = f'echo "$*" >> {site.folder}/asked; cat {site.folder}/records'
    site.has("scontrol", f'case "$*" in *write*) printf "#!/bin/sh\\ntrue\\n";; *) {shown};; esac')
    site.has("sbatch", f'echo "$*" >> {site.folder}/submitted; echo 4711')
    site.commands.env = site.env
    submitter = SlurmSubmitter(site.folder / "scripts", site.commands, lambda: site.now, sources=site.scheduler.sources)
    known = site.scheduler.facts([attempt("9")])["9_1"]
    before = (site.folder / "asked").read_text().splitlines()
    # When one of its elements is submitted again
    submitter.resubmit(replace(site.submission(), job="9_1", argv=(), array=(1,), known=known))
    # Then its record is asked for only where the one that was told was asked for otherwise, and nothing is lost
    assert (site.folder / "asked").read_text().splitlines()[len(before) :] == asked
    assert "--licenses=tool" in (site.folder / "submitted").read_text()
    assert f"--time={'60' if limit == '01:00:00' else '120'}" in (site.folder / "submitted").read_text()


def test_a_host_that_is_full_is_waited_for(site: Site) -> None:
    # Given a login node that lets the user start no more processes
    site.has("sbatch", "echo 4711")

    class Full(Commands):
        def run(self, *_argv: object, **_named: object) -> Answer:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    full = Full(timeout_s=1.0, env={"PATH": str(site.folder)})
    with pytest.raises(NotNow, match="cannot be submitted from this host now"):
        SlurmSubmitter(site.folder / "scripts", full, lambda: site.now).resubmit(site.submission())
    assert not (site.folder / "scripts/t9.sh").exists()
