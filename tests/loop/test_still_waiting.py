"""A yes to an incident about a job that can never start, while that job still waits, may start, or is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.loop.test_jobs import START, Cluster

from heal.jobs import JobFacts, JobState
from heal.journal import Decided, Diagnosed, Dismissed, State
from heal.loop import Loop
from heal.records import Label, Verdict
from heal.store import Scope

# when the yes comes: right after the incident, when SLURM was last asked a moment ago, and some minutes later
LATER = pytest.mark.parametrize("later_s", [1, 600])
UNKNOWN = "SLURM no longer knows job 100, nor whether it ran: accept once more to submit it again"


def still(job: str, who: str = "") -> str:
    """What is said of jobs that still wait, the first of which is this one."""
    return (
        f"SLURM job {who or f'{job} still waits'}, PartitionTimeLimit, and nothing is submitted beside it: "
        f"change it (scontrol update JobId={job} …) or cancel it (scancel {job}), then accept"
    )


def put(cluster: Cluster, state: JobState, reason: str | None = None, job: str = "100") -> None:
    """SLURM says this of the job."""
    cluster.slurm.put(
        JobFacts(
            job,
            state,
            state.name,
            0 if state is JobState.COMPLETED else None,
            reason=reason,
            asked_mb=100,
            name="plink",
            submitted="2026-11-24T12:00:00",
        )
    )


def told_in_vain(cluster: Cluster, *jobs: str, later_s: float = 1) -> None:
    """Jobs of which a person was told that they can never start."""
    cluster.submitted(*jobs, array="1-2" if len(jobs) > 1 else None)
    for job in jobs:
        put(cluster, JobState.PENDING, "PartitionTimeLimit", job)
    cluster.pass_time(120)
    assert cluster.states() == [State.WAITING]
    cluster.now += timedelta(seconds=later_s)


def accept(cluster: Cluster) -> None:
    """A person says yes, and time passes: more than is waited before a job counts as stuck."""
    [incident] = cluster.loop.waiting()
    assert cluster.loop.answer(incident, accept=True, by="ada")
    for _ in range(5):
        cluster.pass_time()


def jobs(cluster: Cluster) -> list[str]:
    """The jobs that were submitted again so far."""
    return [submission.job for submission in cluster.slurm.submissions]


def asked(cluster: Cluster) -> list[str]:
    """What a person was asked, but for the advice itself."""
    said = [body.why for body in cluster.told if isinstance(body, Decided) and body.verdict is Verdict.ASK]
    return [why for why in said if not why.startswith("advice")]


@LATER
def test_nothing_is_submitted_beside_a_job_that_still_waits(cluster: Cluster, later_s: float) -> None:
    told_in_vain(cluster, "100", later_s=later_s)
    # When a person says yes, twice, while the job still stands in the queue
    accept(cluster)
    accept(cluster)
    # Then each time it is said what to do, the incident waits, and so does nobody else
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [still("100"), still("100")], [State.WAITING])
    assert not cluster.loop.busy()
    # And once the limit was raised and it ran, nothing is left to do
    cluster.come_home("100")
    accept(cluster)
    assert (jobs(cluster), cluster.states()) == ([], [State.DISMISSED])


@LATER
def test_a_cancelled_one_is_submitted_again_exactly_once(cluster: Cluster, later_s: float) -> None:
    told_in_vain(cluster, "100", later_s=later_s)
    # When a person cancels it and says yes
    put(cluster, JobState.CANCELLED)
    accept(cluster)
    # Then it runs once more, and when that comes home, it is healed
    assert (jobs(cluster), cluster.states()) == (["100"], [State.OBSERVING])
    cluster.come_home("1001")
    cluster.pass_time(240)
    assert (jobs(cluster), asked(cluster), cluster.states()) == (["100"], [], [State.HEALED])


def test_one_that_only_accounting_remembers_as_cancelled_is_submitted_again(cluster: Cluster) -> None:
    told_in_vain(cluster, "100")
    put(cluster, JobState.CANCELLED)
    cluster.slurm.books["100"] = replace(cluster.slurm.jobs.pop("100"), source="sacct")
    accept(cluster)
    assert (jobs(cluster), asked(cluster), cluster.states()) == (["100"], [], [State.OBSERVING])


@LATER
@pytest.mark.parametrize(
    ("state", "reason"), [(JobState.PENDING, "Priority"), (JobState.RUNNING, None), (JobState.COMPLETED, None)]
)
def test_one_that_could_start_after_all_is_followed(
    cluster: Cluster, later_s: float, state: JobState, reason: str | None
) -> None:
    told_in_vain(cluster, "100", later_s=later_s)
    # When its limit was raised before the yes: it may start now, runs, or ran
    put(cluster, state, reason)
    accept(cluster)
    cluster.come_home("100")
    cluster.pass_time(120)
    # Then it is the one that counts, and nothing else ran
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [], [State.DISMISSED])
    assert [body.why for body in cluster.told if isinstance(body, Dismissed)] == [
        "it came home at a later attempt of its own"
    ]
    assert [(one.job, one.ok) for one in cluster.store.attempts("r1", "100")] == [("100", False), ("100", True)]


def test_one_that_could_start_after_all_and_failed_is_healed_for_that(cluster: Cluster) -> None:
    told_in_vain(cluster, "100")
    cluster.killed("100", 100, 110)
    accept(cluster)
    labels = [body.diagnosis.label for body in cluster.told if isinstance(body, Diagnosed)]
    assert labels == [Label.SCHEDULER_REJECTED, Label.OUT_OF_MEMORY]
    assert (cluster.sizes(), cluster.states()) == ([170.0], [State.DISMISSED, State.OBSERVING])


def test_one_that_waits_in_vain_once_more_is_told_in_the_same_incident(cluster: Cluster) -> None:
    told_in_vain(cluster, "100")
    put(cluster, JobState.PENDING, "Priority")
    accept(cluster)
    # Given that it is followed, and the limit is lowered again
    put(cluster, JobState.PENDING, "PartitionTimeLimit")
    for _ in range(5):
        cluster.pass_time()
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [still("100")], [State.WAITING])
    # And a yes after it was cancelled submits it
    put(cluster, JobState.CANCELLED)
    accept(cluster)
    assert (jobs(cluster), cluster.states()) == (["100"], [State.OBSERVING])


def test_whether_it_ran_is_not_guessed_where_slurm_knows_it_no_more(cluster: Cluster) -> None:
    # Given a site without accounting, whose controller has forgotten the job
    told_in_vain(cluster, "100")
    del cluster.slurm.jobs["100"]
    accept(cluster)
    # Then that is said, and a yes to just that is enough
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [UNKNOWN], [State.WAITING])
    accept(cluster)
    assert (jobs(cluster), asked(cluster), cluster.states()) == (["100"], [UNKNOWN], [State.OBSERVING])


def test_another_job_that_has_its_id_by_now_is_not_it(cluster: Cluster) -> None:
    told_in_vain(cluster, "100")
    cluster.now = START + timedelta(days=9)
    later = cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    put(cluster, JobState.RUNNING)
    cluster.slurm.put(replace(cluster.slurm.jobs["100"], submitted=later, restarts=0))
    accept(cluster)
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [UNKNOWN], [State.WAITING])


def test_nothing_is_submitted_while_slurm_does_not_answer(cluster: Cluster) -> None:
    told_in_vain(cluster, "100")
    cluster.slurm.down = True
    accept(cluster)
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [], [State.DIAGNOSED])
    # And what it is by then decides
    cluster.slurm.down = False
    cluster.pass_time()
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [still("100")], [State.WAITING])


def test_of_an_array_those_that_were_cancelled_run_and_those_that_wait_are_told(cluster: Cluster) -> None:
    told_in_vain(cluster, "100_1", "100_2")
    accept(cluster)
    put(cluster, JobState.CANCELLED, job="100_1")
    accept(cluster)
    # Then only the one that is gone runs again, and when it came home the other is told once more
    assert [submission.array for submission in cluster.slurm.submissions] == [(1,)]
    cluster.come_home("1001_1")
    cluster.pass_time(240)
    both = still("100_1", "100_1 and 1 more still wait")
    assert (asked(cluster), cluster.states()) == ([both, still("100_2")], [State.WAITING])


def test_a_heal_that_starts_after_the_yes_looks_as_well(cluster: Cluster) -> None:
    told_in_vain(cluster, "100")
    [incident] = cluster.loop.waiting()
    cluster.loop.answer(incident, accept=True, by="ada")
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.pass_time()
    assert (jobs(cluster), asked(cluster), cluster.states()) == ([], [still("100")], [State.WAITING])
