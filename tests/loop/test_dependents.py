"""Jobs that SLURM cancelled for one that failed: the yes to the failed one's fix holds for them, late as it may come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.consultant import FakeConsultant, draft
from tests.loop.test_jobs import Cluster

from heal.evidence.scan import Scanner
from heal.jobs import JobState
from heal.journal import Approved, Consulted, Decided, State
from heal.knowledge.patterns import Library
from heal.loop import Loop
from heal.records import Event, RunRef, TaskRef, Verdict
from heal.settings import Settings
from heal.store import Scope, Store

NEVER = "DependencyNeverSatisfied"


@pytest.fixture
def cluster(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Cluster]:
    with Store.open(tmp_path / "heal.db") as store:
        made = Cluster(tmp_path, store, *reader)
        made.settings = Settings(home=tmp_path, policy={"resources": "ask", "retry": "ask"})
        yield made


def cancelled(cluster: Cluster, job: str, waits_for: str) -> None:
    """SLURM gives a watched job up for what it waits for (kill_invalid_depend, --kill-on-invalid-dep)."""
    run, task = RunRef(f"r{job}", "sbatch", "/data"), TaskRef("report", job, 1, job, "/data")
    cluster.store.take(Event(f"e:{job}:run", "run_started", cluster.now, "runner", run))
    cluster.store.take(Event(f"e:{job}", "task_submitted", cluster.now, "runner", run, task, {"process": "report"}))
    cluster.waits(job, f"afterok:{waits_for}(failed)", NEVER)
    cluster.slurm.end(job, JobState.CANCELLED)


def failed(cluster: Cluster) -> None:
    cluster.submitted("100")
    cluster.killed("100", 100, 110)


def accept(cluster: Cluster) -> None:
    [incident] = cluster.loop.waiting()
    assert cluster.loop.answer(incident, accept=True, by="ada")


def submissions(cluster: Cluster) -> list[tuple[str, str, object]]:
    """Which job was submitted again, and with what."""
    return [(one.job, one.fix.changes[0].name, one.fix.changes[0].new) for one in cluster.slurm.submissions]


@pytest.mark.parametrize("names", [["200"], ["200_[1-2]"], ["200_1", "200_2"]])
def test_a_job_is_not_told_to_wait_in_vain_before_what_it_waits_for_is_told(cluster: Cluster, names: list[str]) -> None:
    """Both are seen at one look: the failure, and that what waits for it can never start."""
    # Given two jobs, of which one waits for the other, alone or as an array, when heal has followed them for long
    cluster.submitted("100")
    run, task = RunRef("r2", "sbatch", "/data"), TaskRef("report", "200", 1, "200", "/data")
    cluster.store.take(Event("e:r2", "run_started", cluster.now, "runner", run))
    cluster.store.take(Event("e:200", "task_submitted", cluster.now, "runner", run, task, {"process": "report"}))
    for name in names:
        cluster.waits(name, "afterok:100(unfulfilled)")
    for _ in range(4):
        cluster.pass_time()
    # When the first is killed for its memory, which heal hears of at its next look, or only at a later one
    cluster.killed("100", 100, 110)
    for name in names:
        cluster.waits(name, "afterok:100(failed)", NEVER)
    for _ in range(4):
        cluster.pass_time()
    # Then that is what a person is asked about, and nothing else
    assert [one.process for one in cluster.loop.waiting()] == ["plink"]


def test_one_yes_holds_for_the_jobs_that_were_named_with_it(cluster: Cluster) -> None:
    # Given A -> B -> C, where SLURM cancels B and C as soon as A has failed, and a heal that asks before anything
    failed(cluster)
    cancelled(cluster, "200", "100")
    cancelled(cluster, "300", "200")
    for _ in range(3):
        cluster.pass_time()
    assert (len(cluster.loop.waiting()), cluster.slurm.submissions) == (1, [])
    # (until it is answered nothing moves)
    assert not cluster.loop.busy()
    # When a person says yes to the fix of A, with which B and C were named
    accept(cluster)
    for _ in range(4):
        cluster.pass_time()
    # Then each of them runs again behind the other, and nobody was asked twice
    assert submissions(cluster) == [
        ("100", "memory_mb", 170.0),
        ("200", "dependency", "afterok:1001"),
        ("300", "dependency", "afterok:1002"),
    ]
    assert [body.by for body in cluster.told if isinstance(body, Approved)] == ["ada"]
    of_a, of_b, _of_c = (incident.id for incident, _bodies in reversed(cluster.store.newest(3)))
    alone = [body.why for body in cluster.told if isinstance(body, Decided) and body.verdict is Verdict.AUTO]
    assert alone == [f"approved with the fix of incident {one}, which named it" for one in (of_a, of_b)]


def test_a_yes_to_an_edited_patch_holds_for_them_too(cluster: Cluster) -> None:
    # Given A -> B, where SLURM cancels B, and a proposal for A with which B was named
    cluster.parts = replace(cluster.parts, consultant=FakeConsultant())
    cluster.loop = Loop(cluster.parts, Scope)
    failed(cluster)
    cancelled(cluster, "200", "100")
    for _ in range(3):
        cluster.pass_time()
    # When a person makes a patch of their own of it, and says yes to that
    [incident] = cluster.loop.waiting()
    edited = Consulted("edited by ada", draft("edited"))
    assert cluster.loop.amend(incident, edited, by="ada")
    for _ in range(4):
        cluster.pass_time()
    # Then B runs again behind A, and nobody was asked about it
    assert submissions(cluster)[1:] == [("200", "dependency", "afterok:1001")]
    assert (submissions(cluster)[0][:1], cluster.loop.waiting()) == (("100",), [])


def test_who_was_not_named_is_asked_about(cluster: Cluster) -> None:
    # Given a failure that a person said yes to, and that nothing waited for
    failed(cluster)
    cluster.pass_time()
    accept(cluster)
    # When a job turns up that SLURM cancelled for it
    cancelled(cluster, "200", "100")
    for _ in range(3):
        cluster.pass_time()
    # Then that yes was none for this one
    assert (submissions(cluster), len(cluster.loop.waiting())) == ([("100", "memory_mb", 170.0)], 1)


def test_who_never_repeats_anything_has_nothing_repeated(cluster: Cluster) -> None:
    cluster.settings = Settings(home=cluster.folder, policy={"resources": "ask", "retry": "refuse"})
    failed(cluster)
    cancelled(cluster, "200", "100")
    for _ in range(2):
        cluster.pass_time()
    accept(cluster)
    for _ in range(3):
        cluster.pass_time()
    assert (submissions(cluster), cluster.states()) == (
        [("100", "memory_mb", 170.0)],
        [State.OBSERVING, State.GIVEN_UP],
    )


def test_a_no_leaves_what_waits_as_it_is(cluster: Cluster) -> None:
    failed(cluster)
    cancelled(cluster, "200", "100")
    for _ in range(2):
        cluster.pass_time()
    [incident] = cluster.loop.waiting()
    assert cluster.loop.answer(incident, accept=False, by="ada")
    for _ in range(3):
        cluster.pass_time()
    assert (submissions(cluster), cluster.states()) == ([], [State.DISMISSED, State.DISMISSED])


def test_a_yes_of_the_next_morning_is_not_too_late(cluster: Cluster) -> None:
    # Given a failure that waits for a person, and a job that SLURM cancelled for it
    failed(cluster)
    cancelled(cluster, "200", "100")
    for _ in range(2):
        cluster.pass_time()
    # When the controller has forgotten both, and accounting, which knows no dependencies, is all that is left
    for job in ("100", "200"):
        cluster.slurm.books[job] = replace(
            cluster.slurm.jobs.pop(job), dependency="", reason=None, source="sacct", comment=""
        )
    # And another heal goes on, and the person says yes
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.pass_time(8 * 3600)
    accept(cluster)
    for _ in range(3):
        cluster.pass_time()
    # Then it runs again behind the healed one
    assert submissions(cluster) == [("100", "memory_mb", 170.0), ("200", "dependency", "afterok:1001")]


def test_a_waiting_job_keeps_nobody_while_a_person_is_asked(cluster: Cluster) -> None:
    # Given a job that waits in the queue for one whose fix a person is asked about
    cluster.watched("200")
    cluster.waits("200", "afterok:100(failed)", NEVER)
    failed(cluster)
    cluster.pass_time()
    # Then nothing moves before the answer, unless another job still runs
    assert (len(cluster.loop.waiting()), cluster.loop.busy()) == (1, False)
    cluster.watched("300")
    cluster.run("300")
    assert cluster.loop.busy()
    # And after it the job is watched again
    cluster.come_home("300")
    accept(cluster)
    cluster.pass_time()
    cluster.come_home("1001")
    cluster.pass_time()
    assert (cluster.slurm.repointed, cluster.loop.busy()) == ([("200", "afterok:1001")], True)
