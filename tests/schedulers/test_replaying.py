"""A replay's job: written down first, asked for as the failed task was, followed by its files, cancelled when it must be."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.errors import NotReplayable, SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.proving.replay import Act, Failed, Ran
from heal.records import Attempt, Run
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import CallBook
from heal.schedulers.replaying import Pace, SlurmReplays, sbatch

RUN = Run("r", "r", "snakemake", "/data", ("snakemake",), datetime(2026, 1, 2, tzinfo=UTC))
FACTS = JobFacts(
    "81723",
    JobState.FAILED,
    asked_mb=900.0,
    cpus=2,
    limit_s=600,
    partition="short",
    account="lab",
    qos="normal",
    submit_line="sbatch --parsable -J x --gres=gpu:1 -C avx2 --dependency=afterok:1 --mem 900 job.sh",
)
ATTEMPT = Attempt(
    1, "r", "r", "snakemake", "align", "align", "align", native_id="81723", asked={"memory_mb": 1000, "cpus": 2}
)
FAILED = Failed("7f3a", RUN, ATTEMPT, job=FACTS)


class Site:
    """Programs that stand for SLURM's; ``calls`` is what they were called with."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "calls"
        self.log.touch()
        self.has("scancel", "exit 0")
        self.has("squeue", "exit 0")

    def has(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n{body}\n', encoding="utf-8")
        path.chmod(0o755)

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": f"{self.bin}:{os.defpath}"}

    @property
    def calls(self) -> list[str]:
        return [line.split()[0] for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def act(tmp_path: Path, site: Site) -> Act:
    folder = tmp_path / "replay" / "tok"
    folder.mkdir(parents=True)
    return Act(folder, ("sh", "-c", "echo hello; exit 3"), folder, site.env)


class Time:
    """Seconds that pass by being waited for; ``during`` is done at each wait."""

    def __init__(self, during: object = None) -> None:
        self.now = 1_000_000.0
        self.during = during

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if callable(self.during):
            self.during()

    def clock(self) -> float:
        return self.now


def replays(site: Site, time: Time, most_mb: int = 20_000, **more: object) -> SlurmReplays:
    commands = Commands(env=site.env, **more)
    return SlurmReplays(commands, most_mb=most_mb, wait=time.wait, clock=time.clock, pace=Pace(3, 60, 600))


def test_the_job_asks_for_what_the_failed_task_had(act: Act):
    words = sbatch(act, FAILED, "tok", 600, "/x/replay.sh")
    assert words == (
        "sbatch", "--parsable", "--job-name=heal-replay", "--comment=heal:tok", f"--chdir={act.folder}",
        f"--output={act.folder}/slurm.log", "--export=ALL", "--no-requeue", "--ntasks=1", "--cpus-per-task=2",
        "--time=10", "--mem=1000M", "--partition=short", "--account=lab", "--qos=normal", "--gres=gpu:1",
        "--constraint=avx2", "/x/replay.sh",
    )  # fmt: skip


def test_its_time_is_that_of_the_task_and_never_more_than_allowed(site: Site, act: Act):
    site.has("sbatch", f"bash {act.folder}/replay.sh; echo 4711")
    replays(site, Time()).run(act, FAILED, "tok", 1800)
    assert "--time=10" in site.log.read_text(encoding="utf-8")
    replays(site, Time()).run(act, replace(FAILED, job=None), "tok", 1800)
    assert "--time=30" in site.log.read_text(encoding="utf-8")


def test_how_it_ended_is_read_from_its_file_and_slurm_is_not_asked(site: Site, act: Act):
    # Given a job that runs when it is waited for
    site.has("sbatch", "echo 4711")
    note = act.folder.parent / "tok.asked"
    seen = []

    def runs() -> None:
        seen.append(json.loads(note.read_bytes()))
        subprocess.run(["bash", act.folder / "replay.sh"], env=site.env, check=True)

    ran = replays(site, Time(runs)).run(act, FAILED, "tok", 600)
    assert replace(ran, seconds=0.0) == Ran(3)
    assert (act.folder / "replay.log").read_text(encoding="utf-8") == "hello\n"
    # Then it was submitted once, written down meanwhile, and nothing of that is left
    assert (site.calls, seen, note.exists()) == (["sbatch"], [{"job": "4711"}], False)


def test_a_job_that_does_not_end_is_cancelled(site: Site, act: Act):
    site.has("sbatch", "echo 4711")
    site.has("squeue", "echo RUNNING")
    ran = replays(site, Time((act.folder / "started").touch)).run(act, FAILED, "tok", 120)
    assert (ran.code, ran.said) == (None, "it did not end within 2 minutes")
    # one question a minute, and the job by its number
    assert site.calls == ["sbatch", "squeue", "squeue", "squeue", "scancel"]
    assert "scancel 4711" in site.log.read_text(encoding="utf-8")


def test_a_file_that_grows_without_end_is_cut_off_in_a_job_too(site: Site, act: Act):
    site.has("sbatch", f"bash {act.folder}/replay.sh; echo 4711")
    endless = replace(act, words=("bash", "-c", "yes > large"))
    ran = replays(site, Time(), most_mb=5).run(endless, FAILED, "tok", 600)
    assert (replace(ran, seconds=0.0), (act.folder / "large").stat().st_size) == (Ran(153), 5 << 20)


def test_a_job_whose_files_together_are_too_much_is_cancelled(site: Site, act: Act):
    # Given a job that writes a file of 200 KB each time it is waited for
    site.has("sbatch", "echo 4711")
    site.has("squeue", "echo RUNNING")
    (act.folder / "started").touch()

    def writes() -> None:
        (act.folder / f"part{len(list(act.folder.iterdir()))}").write_bytes(b"x" * 200_000)

    # Then it goes on while they are few, and ends with the next look at them
    ran = replays(site, Time(writes), most_mb=6).run(act, FAILED, "tok", 600)
    assert (ran.code, ran.said) == (None, "it wrote more than 6 MB")
    assert site.calls == ["sbatch", "squeue", "squeue", "scancel"]
    assert not (act.folder.parent / "tok.asked").exists()


def test_a_job_that_does_not_start_is_taken_back(site: Site, act: Act):
    site.has("sbatch", "echo 4711")
    site.has("squeue", "echo PENDING")
    assert replays(site, Time()).run(act, FAILED, "tok", 60).said == "its job 4711 did not start within 10 minutes"
    assert site.calls[-1] == "scancel"


def test_a_job_that_is_over_without_a_word_says_nothing(site: Site, act: Act):
    site.has("sbatch", "echo 4711")
    site.has("squeue", "echo OUT_OF_MEMORY")
    ran = replays(site, Time()).run(act, FAILED, "tok", 600)
    assert (ran.code, ran.said) == (None, "its job 4711 is over (OUT_OF_MEMORY) and left no word")


def test_a_slurm_that_does_not_answer_is_no_end(site: Site, act: Act):
    site.has("sbatch", "echo 4711")
    site.has("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    assert replays(site, Time()).run(act, FAILED, "tok", 600).said == "its job 4711 did not start within 10 minutes"


def test_a_refusal_leaves_nothing_behind(site: Site, act: Act):
    site.has("sbatch", "echo 'sbatch: error: Invalid account' >&2; exit 1")
    with pytest.raises(NotReplayable, match="SLURM takes no job for a replay: sbatch: error: Invalid account"):
        replays(site, Time()).run(act, FAILED, "tok", 600)
    assert not (act.folder.parent / "tok.asked").exists()


def test_the_ceiling_of_calls_is_waited_for(site: Site, act: Act, tmp_path: Path):
    # Given a book that allows one call a minute, and one was just made
    time = Time((act.folder / "result").touch)
    book = CallBook(tmp_path / "book", 1, time.clock)
    book.enter("squeue")
    site.has("sbatch", f"bash {act.folder}/replay.sh; echo 4711")
    began = time.now
    assert replays(site, time, book=book).run(act, FAILED, "tok", 600).code == 3
    assert (site.calls, 60 <= time.now - began < 70) == (["sbatch"], True)


# --- after a crash -----------------------------------------------------------------------------


def test_what_was_never_asked_for_costs_no_question(site: Site, tmp_path: Path):
    replays(site, Time()).settle(tmp_path, "tok")
    assert site.calls == []


def test_the_job_of_a_heal_that_was_killed_is_found_by_its_mark_and_cancelled(site: Site, tmp_path: Path):
    # Given a note without a number, and a job with the token among others
    (tmp_path / "tok.asked").write_text("{}", encoding="ascii")
    site.has("squeue", "echo '12|heal:tok2'; echo '4711|mine heal:tok'; echo '13|'")
    replays(site, Time()).settle(tmp_path, "tok")
    assert "scancel 4711\n" in site.log.read_text(encoding="utf-8")
    assert (site.calls, (tmp_path / "tok.asked").exists()) == (["squeue", "scancel"], False)


def test_a_number_that_is_another_jobs_by_now_is_left_alone(site: Site, tmp_path: Path):
    (tmp_path / "tok.asked").write_text('{"job": "4711"}', encoding="ascii")
    site.has("squeue", "echo '4711|'")
    replays(site, Time()).settle(tmp_path, "tok")
    assert (site.calls, (tmp_path / "tok.asked").exists()) == (["squeue"], False)


def test_while_it_may_still_come_nothing_is_run(site: Site, tmp_path: Path):
    note = tmp_path / "tok.asked"
    note.write_text("{}", encoding="ascii")
    time = Time()
    os.utime(note, (time.now - 100, time.now - 100))
    with pytest.raises(NotReplayable, match="may still come"):
        replays(site, time).settle(tmp_path, "tok")
    time.now += 300
    replays(site, time).settle(tmp_path, "tok")
    assert not note.exists()


def test_a_slurm_that_cannot_tell_stops_the_replay(site: Site, tmp_path: Path):
    (tmp_path / "tok.asked").write_text('{"job": "4711"}', encoding="ascii")
    site.has("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(SchedulerUnreachable):
        replays(site, Time()).settle(tmp_path, "tok")
    assert (tmp_path / "tok.asked").exists()
