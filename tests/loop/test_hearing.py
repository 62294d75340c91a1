"""What hooks say of jobs: merged with what the scheduler says, never counted twice, and enough where it is silent."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.engine import FakeEngine
from tests.fakes.scheduler import FakeScheduler
from tests.loop.test_jobs import START, Cluster, registered

from heal.errors import SchedulerUnreachable
from heal.evidence.scan import Scanner
from heal.home.site import SiteSpool
from heal.home.spool import Spool
from heal.jobs import JobFacts, JobState
from heal.journal import State
from heal.knowledge.patterns import Library
from heal.loop import Loop
from heal.records import Attempt, Event, RunRef, TaskRef
from heal.store import Scope, Store

SUBMITTED = int(START.timestamp())
SNAKEMAKE = RunRef("r1", "snakemake", "/data", ("snakemake", "-j50"), 17)


class Site(Cluster):
    """A cluster whose SLURM has heal's hooks, with a folder for this user."""

    def __init__(self, folder: Path, store: Store, library: Library, reader: Scanner) -> None:
        super().__init__(folder, store, library, reader)
        (folder / "site").mkdir(mode=0o711)
        (folder / "site" / "ada").mkdir(mode=0o700)
        self.own = Spool(folder / "spool")
        self.own.create()
        self.site = SiteSpool(folder / "site", folder / "spool" / "bad", "ada")
        self.heal()
        self.written = 0

    def heal(self, scope: Scope | None = None) -> Loop:
        """A heal of this user's that starts now."""
        self.parts = replace(self.parts, site=self.site, spools=lambda: [self.own], discovers=scope is None)
        self.loop = Loop(self.parts, lambda: scope or Scope())
        return self.loop

    def hook(self, job: str, workdir: str = "/data", **facts: object) -> Path:
        """What one of SLURM's hooks says, now."""
        self.written += 1
        path = self.folder / "site" / "ada" / f"{self.written}.json"
        said = {"user": "ada", "by": "epilog", **facts}
        path.write_text(json.dumps(self._line("job_ended", "slurm-hook", job, said, workdir)))
        return path

    def jobcomp(self, job: str, state: str, **facts: object) -> Path:
        return self.hook(job, state=state, submitted=SUBMITTED, **{"exit": 1, "by": "jobcomp", **facts})

    def wrapper(self, kind: str, job: str, **facts: object) -> Path:
        """What a wrapped job says in the user's own spool, now."""
        self.written += 1
        path = self.own.folder / f"{self.written:020d}-1-1.json"
        path.write_text(json.dumps(self._line(kind, "runner", job, facts, "/elsewhere")))
        return path

    def _line(self, kind: str, source: str, job: str, facts: Mapping[str, object], workdir: str) -> dict[str, object]:
        task = {"name": "plink", "key": job, "native_id": job, "workdir": workdir}
        return {"v": 1, "kind": kind, "time": self.now.isoformat(), "source": source, "task": task, "facts": facts}

    def left(self) -> int:
        return len(list((self.folder / "site" / "ada").iterdir()))

    def ends(self) -> list[tuple[str, bool | None]]:
        """Job and outcome of all attempts that have ended."""
        found = self.store.beside("r1", 100_000)
        return sorted((one.job, one.ok) for one in found if one.ended is not None)

    def told_of(self, event: str) -> bool:
        """True when an event of that id is in the store."""
        return not self.store.take(Event(event, "nothing", self.now, "poll"))

    def project(self, path: str) -> None:
        self.store.take(registered(path, self.now))


@pytest.fixture
def site(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Site]:
    with Store.open(tmp_path / "heal.db") as store:
        yield Site(tmp_path, store, *reader)


# --- a scheduler that answers --------------------------------------------------------------------


def test_a_word_makes_the_scheduler_be_asked_at_once(site: Site):
    # Given a job that ran when SLURM was last asked, so that it would not be asked again for ten seconds
    site.submitted("100")
    site.pass_time(1)
    site.killed("100", 100, 110)
    site.pass_time(3)
    assert site.states() == []
    # When a hook says that it has ended
    site.hook("100", exit=0, signal=9)
    site.pass_time(1)
    site.pass_time(2)
    # Then it is healed with what SLURM knows, and the word is gone
    assert (site.sizes(), site.states(), site.left()) == ([170.0], [State.OBSERVING], 0)


def test_both_hooks_and_the_poll_are_one_end(site: Site):
    site.submitted("100")
    site.pass_time(1)
    site.killed("100", 100, 110)
    site.hook("100", exit=0, signal=9)
    site.jobcomp("100", "FAILED")
    for _ in range(20):
        site.pass_time(5)
    assert (site.ends(), site.sizes(), site.left()) == ([("100", False)], [170.0], 0)
    assert site.told_of("slurm:100:2026-11-24T12:00:00:1:end")


def test_a_word_that_comes_after_the_poll_changes_nothing(site: Site):
    site.submitted("100")
    site.killed("100", 100, 110)
    site.pass_time(40)
    assert site.ends() == [("100", False)]
    site.jobcomp("100", "COMPLETED", exit=0)
    site.pass_time(5)
    assert (site.ends(), len(site.slurm.submissions), site.left()) == ([("100", False)], 1, 0)


def test_a_job_that_slurm_still_cleans_up_is_asked_about_again(site: Site):
    # Given a hook that is faster than the controller's own word
    site.submitted("100")
    site.pass_time(1)
    site.hook("100", exit=1)
    for _ in range(5):
        site.pass_time(2)
    assert (site.ends(), site.left()) == ([], 1)
    site.killed("100", 100, 110)
    for _ in range(10):
        site.pass_time(2)
    assert (site.ends(), site.left()) == ([("100", False)], 0)


def test_elements_of_an_array_are_told_one_by_one(site: Site):
    site.array(4)
    site.pass_time(1)
    site.slurm.end("100_2", JobState.COMPLETED, 0)
    site.hook("100_2", exit=0)
    site.pass_time(1)
    site.pass_time(2)
    assert (site.ends(), site.left()) == ([("100_2", True)], 0)
    # and the second hook's word for the same element is of no more use
    site.jobcomp("100_2", "COMPLETED", exit=0)
    site.pass_time(1)
    assert site.left() == 0


def test_a_requeued_job_has_not_ended_and_its_word_goes(site: Site):
    site.submitted("100")
    site.hook("100", exit=0, restarts=1)
    for _ in range(80):
        site.pass_time(10)
    assert (site.ends(), site.states(), site.left()) == ([], [], 0)


@pytest.mark.parametrize(("cluster", "believed"), [("big", False), ("Lab", True), ("", True)])
def test_a_word_about_a_job_of_another_cluster_is_refused_and_said(site: Site, cluster: str, believed: bool):
    # Given a job on the cluster lab, whose SLURM has fallen silent
    site.parts = replace(site.parts, cluster="lab")
    site.heal()
    site.submitted("100")
    site.pass_time(1)
    site.slurm.down = True
    # When a hook says that a job of that number has failed, of this cluster or another one with the same spool
    site.jobcomp("100", "FAILED", cluster=cluster)
    for _ in range(30):
        site.pass_time(10)
    # Then only what is surely not about it changes nothing, and is kept with the reason
    assert (site.ends(), site.left()) == ([("100", False)] if believed else [], 0)
    refused = [path.read_text() for path in (site.folder / "spool" / "bad").glob("*.why")]
    why = (
        "it is about a job of cluster big, and this heal looks after lab: each cluster needs a HEAL_HOME and a hooks' "
        "spool of its own\n"
    )
    assert refused == ([] if believed else [why])


def test_a_wrapped_job_of_another_cluster_is_not_followed(site: Site):
    # Given two clusters with one home, and a job on the other one whose number a job here has as well
    site.parts = replace(site.parts, cluster="lab")
    site.heal()
    site.run("100")
    site.wrapper("job_started", "100", cluster="big")
    site.wrapper("job_ended", "100", cluster="big", exit=1)
    for _ in range(10):
        site.pass_time(10)
    # Then nobody follows the job here on its account, and both are kept with the reason
    assert not site.store.last_submitted(["100"])
    assert len(list((site.own.folder / "bad").glob("*.why"))) == 2


def test_thousands_of_words_are_a_handful_of_questions(site: Site):
    # Given an array of which every element ends within two minutes
    jobs = site.array(1200)
    site.pass_time(1)
    before = site.slurm.questions
    for at in range(0, 1200, 20):
        for job in jobs[at : at + 20]:
            site.slurm.end(job, JobState.COMPLETED, 0)
            site.hook(job, exit=0)
        site.pass_time(2)
    for _ in range(10):
        site.pass_time(2)
    # Then all are known, the spool is empty, and SLURM was asked no more than politeness allows
    assert ({ok for _job, ok in site.ends()}, site.left()) == ({True}, 0)
    assert len(site.ends()) == 1201
    assert site.slurm.questions - before <= 18


# --- a job that an engine's plugin tells of -------------------------------------------------------


def by_snakemake(site: Site) -> None:
    """A job of a Snakemake that runs in a registered project, and whose plugin has told of it."""
    site.project("/data")
    site.parts = replace(site.parts, engines={**site.parts.engines, "snakemake": FakeEngine()}, alive=lambda _run: True)
    site.heal()
    site.store.take(Event("s:run", "run_started", site.now, "snakemake", SNAKEMAKE, facts={"host": "here"}))
    plugin(site, "task_submitted")
    site.run("100")
    line = "sbatch --wrap 'python -m snakemake --executor slurm-jobstep'"
    site.slurm.put(replace(site.slurm.jobs["100"], submit_line=line, workdir="/data"))
    site.pass_time(1)


def plugin(site: Site, kind: str) -> None:
    """What the plugin says of the job."""
    task = TaskRef("align S7", "align:S7", 1, "100", "/data")
    facts = {"process": "align", "asked": {"memory_mb": 100}, "exit": 1, "message": "MemoryError"}
    site.store.take(Event(f"s:{kind}", kind, site.now, "snakemake", SNAKEMAKE, task, facts))


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("first", ["hooks", "plugin"])
def test_a_hooks_word_about_a_plugins_job_is_one_end(site: Site, first: str, silent: bool) -> None:
    # Given a job that fails, while SLURM answers or does not, and of which both hooks and the plugin tell
    by_snakemake(site)
    site.slurm.put(replace(site.slurm.jobs["100"], state=JobState.FAILED, state_text="FAILED", exit_code=1))
    site.slurm.down = silent
    if first == "plugin":
        plugin(site, "task_failed")
    site.hook("100", exit=1)
    site.jobcomp("100", "FAILED")
    for _ in range(12):
        site.pass_time(10)
    if first == "hooks":
        plugin(site, "task_failed")
    for _ in range(12):
        site.pass_time(10)
    # Then it is one try of Snakemake's, one end and one incident, and nobody submits it beside Snakemake
    assert [(one.engine, one.name, one.ok) for one in site.store.of_job("100")] == [("snakemake", "align S7", False)]
    assert [(incident.engine, incident.tasks) for incident, _bodies in site.store.newest(10)] == [("snakemake", 1)]
    assert (site.left(), site.slurm.submissions) == (0, [])


# --- a scheduler that does not -------------------------------------------------------------------


def test_where_slurm_is_silent_the_word_is_what_is_known(site: Site):
    # Given a job whose failure jobcomp tells of while SLURM does not answer
    site.submitted("100")
    site.pass_time(1)
    site.slurm.down = True
    site.jobcomp("100", "OUT_OF_MEMORY", exit=0, signal=125)
    site.pass_time(5)
    assert site.ends() == []
    # When the silence lasts
    for _ in range(20):
        site.pass_time(5)
    # Then the failure is known, as the event that the poll would have made, and nothing is submitted
    assert (site.ends(), site.left(), site.slurm.submissions) == ([("100", False)], 0, [])
    assert site.told_of("slurm:100:2026-11-24T12:00:00:1:end")
    # And when SLURM answers again it is healed once
    site.slurm.down = False
    site.killed("100", 100, 110)
    for _ in range(40):
        site.pass_time(30)
    assert (site.ends()[0], len(site.slurm.submissions)) == (("100", False), 1)


def test_a_word_that_does_not_say_how_is_never_taken_for_a_failure(site: Site):
    site.submitted("100")
    site.pass_time(1)
    site.slurm.down = True
    site.hook("100", exit=1)
    for _ in range(60):
        site.pass_time(30)
    assert (site.ends(), site.states(), site.left()) == ([], [], 1)
    site.slurm.down = False
    site.killed("100", 100, 110)
    for _ in range(40):
        site.pass_time(30)
    assert (site.ends()[0], site.left()) == (("100", False), 0)


def test_a_good_end_waits_for_a_better_word_and_is_then_believed(site: Site):
    site.submitted("100")
    site.pass_time(1)
    site.slurm.down = True
    site.jobcomp("100", "COMPLETED", exit=0)
    for _ in range(40):
        site.pass_time(5)
    assert site.ends() == []
    for _ in range(40):
        site.pass_time(5)
    assert (site.ends(), site.left()) == ([("100", True)], 0)


def test_of_an_array_only_the_element_is_believed(site: Site):
    site.array(3)
    site.pass_time(1)
    site.slurm.down = True
    site.jobcomp("100_2", "FAILED", exit=3)
    for _ in range(20):
        site.pass_time(10)
    assert (site.ends(), [one.job for one in site.store.watched()]) == ([("100_2", False)], ["100"])


def test_a_job_that_ended_while_no_heal_ran_is_not_forgotten(site: Site):
    # Given a site without accounting, whose controller has forgotten a job that a hook told of
    site.submitted("100")
    site.jobcomp("100", "COMPLETED", exit=0)
    site.slurm.jobs.clear()
    site.now += (site.now - START) + (datetime(2026, 11, 24, 18, tzinfo=UTC) - START)
    # When heal starts hours later
    site.heal()
    site.pass_time(1)
    # Then it has ended well, and is not a job that nobody knows
    assert (site.ends(), site.states(), site.left()) == ([("100", True)], [], 0)


# --- jobs of no interest, of others, of nobody ---------------------------------------------------


def test_a_job_of_no_interest_leaves_nothing(site: Site):
    site.hook("777", exit=1)
    site.pass_time(1)
    assert site.left() == 1
    site.pass_time(90)
    assert (site.left(), site.slurm.questions, site.store.last_submitted(["777"]), site.loop.busy()) == (
        0,
        0,
        {},
        False,
    )


def test_an_older_job_of_the_same_number_is_another_job(site: Site):
    site.submitted("100")
    site.hook("100", state="FAILED", exit=1, submitted=SUBMITTED - 90 * 86_400)
    site.slurm.down = True
    for _ in range(30):
        site.pass_time(10)
    assert (site.ends(), site.left()) == ([], 0)


def test_a_job_that_another_heal_follows_is_left_to_it(site: Site):
    site.submitted("100")
    site.heal(Scope(only=frozenset({"another run"})))
    site.hook("100", exit=1)
    site.pass_time(120)
    assert site.left() == 1
    # When its own heal looks
    site.killed("100", 100, 110)
    site.heal()
    site.pass_time(1)
    site.pass_time(3)
    assert (site.ends(), site.left()) == ([("100", False)], 0)


def test_a_job_in_a_project_is_found_as_soon_as_nobody_can_be_about_to_tell_of_it(site: Site):
    # Given a registered project in which nothing happens, so that strangers are looked for now and then
    site.project("/data")
    site.pass_time(1)
    site.pass_time(1)
    before = site.slurm.questions
    site.pass_time(5)
    assert site.slurm.questions == before
    # When a hook tells of a job there that nobody announced
    site.slurm.put(
        JobFacts(
            "55",
            JobState.OUT_OF_MEMORY,
            "OUT_OF_MEMORY",
            asked_mb=100,
            peak_mb=110,
            name="plink",
            workdir="/data/run",
            submitted="2026-11-24T12:00:05",
        )
    )
    site.jobcomp("55", "OUT_OF_MEMORY", workdir="/data/run")
    before = site.slurm.questions
    for _ in range(3):
        site.pass_time(3)
    assert (site.slurm.questions, site.store.of_job("55"), site.left()) == (before, (), 1)
    for _ in range(3):
        site.pass_time(3)
    # Then it is followed, understood and submitted again
    assert (site.sizes(), site.left()) == ([170.0], 0)


class Unlisted(FakeScheduler):
    """Accounting lists none of the jobs, and the first question about them is lost."""

    lost = False

    def recent(self, since: datetime, known: Mapping[str, str] = {}) -> tuple[JobFacts, ...]:
        return ()

    def facts(self, attempts: Sequence[Attempt], besides: Collection[str] | None = None) -> Mapping[str, JobFacts]:
        if not self.lost:
            self.lost = True
            raise SchedulerUnreachable("lost")
        return super().facts(attempts, besides)


def test_a_job_that_only_the_queue_has_is_asked_about_until_there_is_an_answer(site: Site):
    site.parts = replace(site.parts, slurm=Unlisted(), discovers=True)
    site.loop = Loop(site.parts, Scope)
    site.project("/data")
    job = JobFacts("55", JobState.CANCELLED, "CANCELLED", workdir="/data", submitted="2026-11-24T12:00:05")
    site.parts.slurm.put(job)
    for _ in range(3):
        site.pass_time(200)
    assert site.parts.slurm.lost
    assert [one.job for one in site.store.of_job("55")] == ["55"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nonsense", "the line: "),
        (
            '{"v": 1, "kind": "approval", "time": "2026-01-01T00:00:00Z", "source": "person"}',
            "its kind is not job_ended",
        ),
    ],
)
def test_what_is_no_word_goes_to_the_users_own_folder(site: Site, text: str, why: str):
    (site.folder / "site" / "ada" / "1.json").write_text(text)
    site.pass_time(1)
    kept = [path for path in (site.own.folder / "bad").iterdir() if path.suffix == ".why"]
    assert (site.left(), [why in path.read_text() for path in kept]) == (0, [True])


def test_a_word_about_somebody_elses_job_is_refused(site: Site):
    site.submitted("100")
    site.hook("100", user="eve", state="FAILED", exit=1, submitted=SUBMITTED)
    site.slurm.down = True
    for _ in range(20):
        site.pass_time(10)
    assert (site.ends(), site.left()) == ([], 0)


# --- wrapped jobs, in the user's own spool -------------------------------------------------------


def test_the_end_of_a_wrapped_job_makes_the_scheduler_be_asked(site: Site):
    site.submitted("100")
    site.pass_time(1)
    site.killed("100", 100, 110)
    site.wrapper("job_ended", "100", exit=1)
    site.pass_time(1)
    site.pass_time(2)
    assert (site.ends()[0], site.own.waiting()) == (("100", False), [])


def stranger(job: str, **more: str) -> JobFacts:
    return JobFacts(
        job,
        JobState.RUNNING,
        "RUNNING",
        asked_mb=100,
        name="plink",
        workdir="/elsewhere",
        submitted="2026-11-24T12:00:00",
        **more,
    )


def test_a_wrapped_job_is_looked_after_wherever_it_lies(site: Site):
    site.slurm.put(stranger("55"))
    site.wrapper("job_started", "55")
    site.pass_time(1)
    assert site.store.watched() == ()
    # When nobody else has told of it for a while
    site.pass_time(15)
    site.pass_time(1)
    # Then it is followed, once
    assert ([one.job for one in site.store.watched()], site.own.waiting()) == (["55"], [])
    site.wrapper("job_started", "55")
    site.pass_time(60)
    site.pass_time(60)
    assert len(site.store.of_job("55")) == 1


@pytest.mark.parametrize(
    ("facts", "job"),
    [
        ({"run": "r0"}, stranger("55")),
        ({"token": "t0k3n"}, stranger("55")),
        ({}, stranger("55", submit_line="sbatch --wrap=python -m snakemake --executor slurm-jobstep")),
        ({}, stranger("55", comment="heal:t0k3n")),
    ],
)
def test_a_wrapped_job_that_somebody_looks_after_is_left_to_them(site: Site, facts: dict[str, str], job: JobFacts):
    site.slurm.put(job)
    site.wrapper("job_started", "55", **facts)
    site.pass_time(30)
    site.pass_time(90)
    assert (site.store.watched(), site.own.waiting()) == ((), [])


def test_a_wrapped_job_waits_for_a_scheduler_that_is_silent(site: Site):
    site.slurm.put(stranger("55"))
    site.slurm.down = True
    site.wrapper("job_started", "55")
    for _ in range(30):
        site.pass_time(30)
    assert len(site.own.waiting()) == 1
    assert site.slurm.questions <= 16
    site.slurm.down = False
    site.pass_time(90)
    assert [one.job for one in site.store.watched()] == ["55"]
