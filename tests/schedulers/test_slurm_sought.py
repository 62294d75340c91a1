"""Of what SLURM answers that is kept which was asked for, and nothing of it is lost or somebody else's."""

from __future__ import annotations

import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.schedulers.test_slurm_cli import DISABLED, DOWN, NOW, Site, attempt
from tests.schedulers.test_slurm_versions import VERSIONS, lines

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.schedulers.slurm_parsers import DELIMITER, Row, job_rows, sacct_rows
from heal.schedulers.slurm_sought import Sought, is_known
from heal.schedulers.slurm_told import Told, by_accounting, by_controller, of_jobs

SUBMITTED = "2026-11-24T15:00:00"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.parametrize(
    ("job", "raw", "taken"),
    [
        ("7", "7", True),
        ("70", "70", False),
        # an element by its own id, by the one inside SLURM, and as one of those that wait
        ("8_3", "20", True),
        ("8_4", "21", False),
        ("30_1", "16", True),
        ("8_[3-9]", "8", True),
        ("80_[3-9]", "80", False),
        # accounting that lags writes an array without its indices
        ("8", "8", True),
        # a whole array, but for what need not be told
        ("9_1", "31", True),
        ("9_2", "32", False),
        ("9_5", "9", False),
        ("9_[2-4]", "9", True),
        ("9_[2,5]", "9", False),
        ("90_2", "33", False),
        # one of a heterogeneous job's components: which one was asked for is told by the others
        ("40+1", "41", True),
    ],
)
def test_what_is_sought(job: str, raw: str, taken: bool) -> None:
    assert Sought.of(["7", "8_3", "9", "16"], ["9_2", "9_5"]).takes(job, raw) is taken


@pytest.mark.parametrize(
    ("job", "submitted", "known"),
    [
        ("7", SUBMITTED, True),
        # put back, or another one that has the id by now
        ("7", "2026-11-24T15:00:01", False),
        # an older one
        ("7", "2026-11-01T15:00:00", True),
        ("8", SUBMITTED, False),
        ("9_[1-2]", SUBMITTED, True),
        ("9_[1-3]", SUBMITTED, False),
        ("9_[1-2]", "2026-11-24T15:00:01", False),
    ],
)
def test_what_is_known(job: str, submitted: str, known: bool) -> None:
    assert is_known(dict.fromkeys(("7", "9_1", "9_2"), SUBMITTED), job, submitted) is known


def rows(version: str) -> list[Row]:
    remarks, text = lines(version, "sacct.txt")
    fields = remarks[-1].split(": ")[1].strip().split(",")
    return [*sacct_rows(text.replace("¦", DELIMITER).split("\n"), fields)]


@pytest.mark.parametrize("version", VERSIONS)
def test_one_job_of_many_is_told_as_if_all_were_read(version: str) -> None:
    # Given all that both sides print
    accounted, controlled = rows(version), lines(version, "scontrol.txt")[1].split("\n")
    whole = of_jobs(
        dict.fromkeys(by_accounting(accounted).jobs), by_accounting(accounted), by_controller(job_rows(controlled))
    )[0]
    assert len(whole) > 20
    for job, facts in whole.items():
        # When one is sought
        sought = Sought.of([job])
        accounting = by_accounting(accounted, sought)
        controller = by_controller(job_rows(controlled, sought.takes_record), sought)
        # Then what is told of it is the same, and hardly more is held
        assert of_jobs({job: None}, accounting, controller, sought) == ({job: facts}, ())
        assert len(accounting.jobs) <= 4


def test_a_record_of_more_than_one_line_is_left_out_as_a_whole() -> None:
    # Given somebody's job whose name has a line break in it, before one that is sought
    text = (
        "JobId=8 JobName=a\nb JobId=9 \n c UserId=eve(1001) GroupId=u(1) JobState=RUNNING\n"
        "JobId=9 JobName=mine UserId=ada(1000) GroupId=u(1) JobState=FAILED\n"
    )
    found = [*job_rows(text.split("\n"), Sought.of(["9"]).takes_record)]
    assert [(row["JobId"], row["JobName"], row["JobState"]) for row in found] == [("9", "mine", "FAILED")]


def record(job: int, user: str, state: str = "RUNNING") -> str:
    return (
        f"JobId={job} JobName=work UserId={user} GroupId=u(1) JobState={state} Reason=None ExitCode=1:0 "
        f"SubmitTime={SUBMITTED} EndTime={SUBMITTED} WorkDir=/"
    )


def test_two_jobs_among_everybodys_are_found(site: Site) -> None:
    # Given a controller that answers about everybody's jobs, and no accounting
    me = f"{pwd.getpwuid(0).pw_name}(0)"
    others = "".join(f"{record(number, 'eve(1001)')}\n" for number in range(100, 2100))
    text = others + f"{record(9, me, 'FAILED')}\n" + others.replace("JobId=", "JobId=1") + f"{record(10, me)}\n"
    (site.folder / "jobs.txt").write_text(text)
    site.commands.env = {"PATH": f"{site.folder}:/usr/bin:/bin"}
    site.has("scontrol", f"exec cat {site.folder}/jobs.txt")
    site.has("sacct", DISABLED)
    found = site.scheduler.facts([attempt("9"), attempt("10"), attempt("11")])
    assert {job: facts.state for job, facts in found.items()} == {"9": JobState.FAILED, "10": JobState.RUNNING}


def facts_of(user: str) -> Told:
    return by_controller(job_rows([record(9, user, "FAILED")]))


@pytest.mark.parametrize(
    ("user", "known"),
    [("daemon(1)", True), ("root(0)", False), ("nobody-here(4242)", True), ("1", True), ("0", False)],
)
def test_another_users_job_of_the_same_id_is_not_ours(user: str, known: bool) -> None:
    # Given a job that heal followed, of the user with the uid 1, and a record under its id
    when = datetime(2026, 11, 24, 15, tzinfo=UTC) - timedelta(hours=1)
    found, missing = of_jobs({"9": when}, Told(refusal="away"), facts_of(user), me=1)
    assert (list(found), missing) == ((["9"], ()) if known else ([], ("9",)))
    # But who asks about a job may ask about anybody's, and root submits for others
    assert list(of_jobs({"9": None}, Told(refusal="away"), facts_of(user), me=1)[0]) == ["9"]
    assert list(of_jobs({"9": when}, Told(refusal="away"), facts_of(user), me=0)[0]) == ["9"]


ELEMENTS = (
    'case "$*" in *helpformat*) echo "JobID State Submit"; exit;; esac\n'
    f"for n in 1 2 3; do printf '9_%s\\037FAILED\\037{SUBMITTED}\\n' $n; done"
)


def told(found: dict[str, JobFacts]) -> list[str]:
    return sorted(found)


def test_elements_that_need_not_be_told_are_left_out(site: Site) -> None:
    site.has("sacct", ELEMENTS)
    site.has("scontrol", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1")
    assert told(site.scheduler.facts([attempt("9")], {"9_1", "9_2"})) == ["9_3"]
    # But for one that is asked for by its own id
    assert told(site.scheduler.facts([attempt("9"), attempt("9_1")], {"9_1", "9_2"})) == ["9_1", "9_3"]


def test_of_an_array_that_one_side_may_know_more_of_nothing_is_told(site: Site) -> None:
    # Given a controller that knows an element of an array, and accounting that is down
    element = record(30, "root(0)", "FAILED").replace("JobId=30 ", "JobId=30 ArrayJobId=9 ArrayTaskId=1 ")
    site.has("scontrol", f"echo '{element}'")
    site.has("sacct", DOWN)
    # Then a person is told of it
    assert told(site.scheduler.facts([attempt("9")])) == ["9_1"]
    # And whoever would take it for the whole array is not, whether anything is left to be told or not
    for besides in ((), {"9_1"}):
        with pytest.raises(SchedulerUnreachable, match=r"not all can be said of an array: .*Connection refused"):
            site.scheduler.facts([attempt("9")], besides)
    # Where there is no accounting, the controller is all there is
    site.has("sacct", DISABLED)
    assert told(site.scheduler.facts([attempt("9")], ())) == ["9_1"]


def test_jobs_that_are_known_are_not_told_again(site: Site) -> None:
    site.has("sacct", ELEMENTS)
    since = NOW - timedelta(days=1)
    known = {"9_1": SUBMITTED, "9_2": "2026-11-24T14:00:00"}
    assert [one.job for one in site.scheduler.recent(since, known)] == ["9_2", "9_3"]
    # by the controller alone neither
    mine = record(9, "root(0)") + "\n" + record(10, "root(0)")
    site.has("scontrol", f"echo '{mine}'")
    site.has("sacct", DISABLED)
    assert [one.job for one in site.scheduler.recent(since - timedelta(days=9), {"9": SUBMITTED})] == ["10"]
