"""pyslurm that dies, hangs, is for another SLURM or talks nonsense costs heal nothing but its speed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import until
from tests.fakes.pyslurm import PyslurmSite, record

from heal.errors import AskedEnough, SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.records import Attempt
from heal.schedulers.command import Commands, NoAnswer
from heal.schedulers.pyslurm_process import NoReply, PyslurmProcess
from heal.schedulers.slurm_pyslurm import interpreter, program

NOW = datetime.now(UTC).replace(microsecond=0)
QUEUE = {"ask": "queue", "uid": 0}


def facts(job: str, state: JobState = JobState.FAILED, **more: object) -> JobFacts:
    submitted = (NOW - timedelta(minutes=5)).astimezone().replace(tzinfo=None).isoformat()
    return JobFacts(job, state, state.name, submitted=submitted, **more)


def attempt(job: str) -> Attempt:
    return Attempt(1, "run", "run", "sbatch", "k", "n", "p", native_id=job, submitted=NOW - timedelta(minutes=5))


def row(job: str, code: str) -> str:
    return "\x1f".join(
        [job, job, "FAILED", code, (NOW - timedelta(minutes=5)).astimezone().strftime("%Y-%m-%dT%H:%M:%S")]
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PyslurmSite]:
    site = PyslurmSite(tmp_path)
    site.program(
        "sacct",
        'case "$*" in *helpformat*) exec echo "JobID JobIDRaw State ExitCode Submit";; esac\nexec cat "$HERE/sacct.txt"',
    )
    (tmp_path / "squeue.txt").write_text(f"7|RUNNING|None|{facts('7').submitted}|(null)\n")
    site.answers({"queue": {"jobs": [record(1, facts("8", JobState.RUNNING))]}, "jobs": {"jobs": []}})
    yield site
    site.process._end()


def test_one_process_answers_all_questions_and_is_told_the_version(site: PyslurmSite) -> None:
    for _ in range(3):
        assert {job: told.source for job, told in site.scheduler.queue().items()} == {"8": "pyslurm"}
    # what would keep pyslurm from reading slurm.conf is kept from it
    assert site.starts() == ["22.05.8 None"]
    assert site.asked() == ["sinfo", "pyslurm:queue", "pyslurm:queue", "pyslurm:queue"]


@pytest.mark.parametrize("mood", ["die", "nonsense", "error"])
def test_what_pyslurm_cannot_answer_the_commands_answer_and_then_it_is_tried_again(
    site: PyslurmSite, mood: str
) -> None:
    site.mood(mood)
    assert list(site.scheduler.queue()) == ["7"]
    site.mood("")
    assert list(site.scheduler.queue()) == ["8"]
    assert site.told == []


def test_a_process_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    site = PyslurmSite(tmp_path, timeout_s=1.0)
    site.scheduler.queue()
    site.mood("hang")
    hung = site.process._running.process
    assert dict(site.scheduler.queue()) == {}
    assert hung.returncode == -9
    site.mood("")
    site.scheduler.queue()
    assert len(site.starts()) == 2
    site.process._end()


def test_after_three_failures_in_a_row_it_is_given_up_for_good_and_that_is_said_once(site: PyslurmSite) -> None:
    site.mood("die")
    for _ in range(5):
        assert list(site.scheduler.queue()) == ["7"]
    assert len(site.starts()) == 3
    why = "pyslurm's process ended (signal 11): libslurm: fatal: malloc failed"
    said = f"pyslurm failed 3 times in a row, the last time: {why}; SLURM's commands are used instead"
    assert site.told == [said]
    assert site.asked() == ["sinfo", *["pyslurm:queue", "squeue"] * 3, "squeue", "squeue"]


def test_failures_between_good_answers_are_not_in_a_row(site: PyslurmSite) -> None:
    for mood in ("die", "error", "", "die", "nonsense", ""):
        site.mood(mood)
        site.scheduler.queue()
    assert site.told == []


@pytest.mark.parametrize(
    ("hello", "said"),
    [
        ('{"refused": "pyslurm 23.2.3 is not for SLURM 22.05.8"}', "pyslurm 23.2.3 is not for SLURM 22.05.8"),
        ('{"what": 1}', "its program says nothing of it"),
    ],
)
def test_one_for_another_slurm_is_never_asked(site: PyslurmSite, hello: str, said: str) -> None:
    (site.folder / "hello").write_text(hello)
    for _ in range(2):
        assert list(site.scheduler.queue()) == ["7"]
    assert site.told == [f"pyslurm is not used: {said}; SLURM's commands are used instead"]
    assert not (site.folder / "questions").exists()


def test_a_python_that_is_not_there_is_said_once(site: PyslurmSite) -> None:
    process = PyslurmProcess(program("/no/such/python"), site.commands, site.told.append)
    for _ in range(2):
        with pytest.raises(NoReply):
            process.ask(QUEUE)
    assert len(site.told) == 1
    assert site.told[0].startswith("/no/such/python cannot be run: ")


def the_real_program(path: Path, told: list[str]) -> PyslurmProcess:
    """The program that heal ships, where pyslurm is what lies in this folder, told that SLURM is 22.05.8."""
    commands = Commands(env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(path)})
    process = PyslurmProcess((sys.executable, "-S", program(sys.executable)[1]), commands, told.append)
    process._slurm = "22.05.8"
    return process


def pyslurm_on(path: Path, version: str, *, installed: str = "") -> None:
    """A package that says that it is loaded, and its version; ``installed`` is what the metadata beside it say."""
    (path / "pyslurm").mkdir()
    source = f"from pathlib import Path\nPath({str(path / 'loaded')!r}).touch()\n__version__ = {version!r}\n"
    (path / "pyslurm/__init__.py").write_text(source)
    if installed:
        info = path / f"pyslurm-{installed}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pyslurm\nVersion: {installed}\n")


def test_the_real_program_says_why_it_does_without_pyslurm(tmp_path: Path) -> None:
    told: list[str] = []
    process = the_real_program(tmp_path, told)
    with pytest.raises(NoReply):
        process.ask(QUEUE)
    assert told == ["pyslurm is not used: No module named 'pyslurm'; SLURM's commands are used instead"]


@pytest.mark.parametrize(("installed", "loaded"), [("23.2.3", False), ("", True), ("22.5.3", True)])
def test_the_real_program_refuses_a_pyslurm_of_another_release(tmp_path: Path, installed: str, loaded: bool) -> None:
    # Given one that is for SLURM 23.02, whose metadata say so, are missing, or say otherwise
    pyslurm_on(tmp_path, "23.2.3", installed=installed)
    told: list[str] = []
    process = the_real_program(tmp_path, told)
    with pytest.raises(NoReply):
        process.ask(QUEUE)
    # Then it is refused, and not even loaded where the metadata tell
    said = "pyslurm is not used: pyslurm 23.2.3 is not for SLURM 22.05.8; SLURM's commands are used instead"
    assert (told, (tmp_path / "loaded").exists()) == ([said], loaded)


def test_the_real_program_takes_a_pyslurm_of_the_release(tmp_path: Path) -> None:
    pyslurm_on(tmp_path, "22.5.3", installed="22.5.3")
    told: list[str] = []
    process = the_real_program(tmp_path, told)
    with suppress(NoReply):
        process.ask(QUEUE)
    assert (told, process.version) == ([], "22.5.3")
    process._end()


def test_a_slurm_that_refuses_is_unreachable_and_not_asked_twice(site: PyslurmSite) -> None:
    site.mood("refused")
    with pytest.raises(SchedulerUnreachable, match="Unable to contact slurm controller"):
        site.scheduler.queue()
    assert site.asked() == ["sinfo", "pyslurm:queue"]
    assert site.told == []


def test_of_accounting_that_refuses_sacct_says_what_is_wrong(site: PyslurmSite) -> None:
    site.mood("refused")
    site.program("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1")
    assert dict(site.scheduler.facts([attempt("9")])) == {}
    assert site.asked() == ["sinfo", "pyslurm:jobs", "scontrol"]


def test_one_call_too_many_is_refused_whoever_would_make_it(tmp_path: Path) -> None:
    site = PyslurmSite(tmp_path, per_minute=3)
    site.scheduler.queue()
    site.scheduler.queue()
    with pytest.raises(AskedEnough):
        site.scheduler.queue()
    with pytest.raises(SchedulerUnreachable):
        site.scheduler.facts([attempt("9")])
    assert len((site.folder / "questions").read_text().splitlines()) == 2
    site.process._end()


def test_a_heal_that_is_told_to_end_waits_no_longer(tmp_path: Path) -> None:
    site = PyslurmSite(tmp_path, timeout_s=60.0)
    ended = threading.Event()
    site.commands.stop = ended.is_set
    site.scheduler.queue()
    site.mood("hang")
    threading.Timer(0.2, ended.set).start()
    with pytest.raises(NoAnswer):
        site.scheduler.queue()
    assert site.process._running is None


def test_an_exception_in_the_middle_leaves_no_answer_behind_for_the_next_question(site: PyslurmSite) -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt

    site.scheduler.queue()
    site.mood("hang")
    site.commands.stop = interrupted
    with pytest.raises(KeyboardInterrupt):
        site.scheduler.queue()
    site.mood("")
    site.commands.stop = lambda: False
    assert list(site.scheduler.queue()) == ["8"]


def test_the_process_ends_with_who_started_it(site: PyslurmSite) -> None:
    process = PyslurmProcess(
        (sys.executable, str(Path(__file__).parents[1] / "fakes/pyslurm_child.py"), str(site.folder)), site.commands
    )
    process.ask(QUEUE)
    child = process._running.process
    del process
    assert until(lambda: child.poll() is not None, 10)


def test_squeue_is_asked_while_a_job_waits_for_others(site: PyslurmSite) -> None:
    waiting = facts("8", JobState.PENDING, dependency="afterok:5(unfulfilled),singleton(unfulfilled)")
    site.knows({"8": waiting})
    assert site.scheduler.queue()["8"].dependency == "afterok:5(unfulfilled),singleton(unfulfilled)"
    site.scheduler.queue()
    site.knows({"8": replace(waiting, state=JobState.RUNNING, dependency="")})
    site.scheduler.queue()
    site.scheduler.queue()
    assert site.asked() == ["sinfo", "pyslurm:queue", "squeue", "squeue", "squeue", "pyslurm:queue"]


def test_squeue_is_asked_for_an_hour_where_most_jobs_are_other_peoples(site: PyslurmSite) -> None:
    now = [NOW]
    site.scheduler._clock = lambda: now[0]
    reply = {"queue": {"jobs": [record(1, facts("8", JobState.RUNNING))], "others": 5000}}
    site.answers(reply)
    assert list(site.scheduler.queue()) == ["8"]
    assert list(site.scheduler.queue()) == ["7"]
    now[0] += timedelta(minutes=61)
    assert list(site.scheduler.queue()) == ["8"]


def test_the_exact_code_is_the_controllers(site: PyslurmSite) -> None:
    site.knows({"9": facts("9", exit_code=137)})
    assert json.loads((site.folder / "answers.json").read_text())["jobs"]["jobs"][0]["exit_code"] == 9
    (site.folder / "scontrol.txt").write_text(
        "JobId=9 JobName=x UserId=root(0) GroupId=root(0) JobState=FAILED Reason=NonZeroExitCode ExitCode=137:0 "
        f"SubmitTime={facts('9').submitted}\n"
    )
    assert site.scheduler.facts([attempt("9")])["9"].exit_code == 137
    assert site.asked() == ["sinfo", "pyslurm:jobs", "scontrol"]


@pytest.mark.parametrize(
    ("version", "code", "asked"),
    [
        # sacct takes the 128 away itself: there is nobody left to ask
        ("22.05.8", 9, ["sinfo", "pyslurm:jobs", "scontrol"]),
        ("25.11.2", 137, ["sinfo", "pyslurm:jobs", "sacct", "scontrol"]),
    ],
)
def test_a_code_the_controller_has_forgotten_is_sacct_s(
    site: PyslurmSite, version: str, code: int, asked: list[str]
) -> None:
    (site.folder / "version").write_text(version)
    site.knows({"9": facts("9", exit_code=137), "10": facts("10", JobState.COMPLETED)})
    (site.folder / "sacct.txt").write_text(row("9", "137:0") + "\n")
    found = site.scheduler.facts([attempt("9"), attempt("10")])
    assert {job: (told.state, told.exit_code) for job, told in found.items()} == {
        "9": (JobState.FAILED, code),
        "10": (JobState.COMPLETED, 0),
    }
    assert site.asked() == asked


def test_parts_of_a_heterogeneous_job_are_left_to_sacct(site: PyslurmSite) -> None:
    site.answers({"jobs": {"jobs": [record(1, facts("9")), record(1, facts("10")) | {"heterogeneous_id": 9}]}})
    (site.folder / "sacct.txt").write_text(f"{row('9+0', '1:0')}\n{row('9+1', '1:0')}\n")
    assert sorted(site.scheduler.facts([attempt("9")])) == ["9"]


def test_accounting_is_always_asked_with_a_start(site: PyslurmSite) -> None:
    site.program(
        "sacct", 'case "$*" in *helpformat*) exec echo "JobID State Submit";; esac; echo "$*" >> "$HERE/commands"'
    )
    site.scheduler.facts([attempt("9"), attempt("12_4")])
    site.scheduler.recent(NOW - timedelta(hours=2))
    # Then pyslurm was asked since a day before the jobs, and sacct for all of the user's as long as it was told
    since = int((NOW - timedelta(minutes=5) - timedelta(days=1)).timestamp())
    [asked] = (site.folder / "questions").read_text().splitlines()
    assert json.loads(asked) == {"ask": "jobs", "ids": [9, 12], "since": since}
    start = (NOW - timedelta(hours=2)).astimezone().strftime("--starttime=%Y-%m-%dT%H:%M:%S")
    [command] = (site.folder / "commands").read_text().splitlines()
    assert {start, "--endtime=now", "--allocations"} <= {*command.split()}


def test_where_much_is_to_be_left_out_sacct_s_rows_are_read_as_they_come(site: PyslurmSite) -> None:
    # Given an array of which three elements run, and one has ended
    (site.folder / "sacct.txt").write_text("".join(f"{row(f'9_{n}', '1:0')}\n" for n in range(4)))
    found = site.scheduler.facts([attempt("9")], {"9_0", "9_1", "9_2"})
    # Then only that one is told, and pyslurm, which would hold them all, was not asked
    assert list(found) == ["9_3"]
    assert site.asked() == ["sacct", "scontrol"]


def test_the_setting_says_which_python(tmp_path: Path) -> None:
    assert interpreter("never") is None
    assert interpreter("/opt/py/bin/python") == "/opt/py/bin/python"
    assert interpreter("~/py") == str(Path.home() / "py")


def test_pyslurm_is_never_imported_by_heal() -> None:
    # the program that does is a program: importing it does nothing
    code = "import sys, heal.wiring, heal.schedulers.pyslurm_child; sys.exit('pyslurm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
