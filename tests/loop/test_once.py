"""Whatever a scheduler does between two looks: no job runs twice for one failure, and no failure is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.loop.test_jobs import RUN, START, Cluster, registered

from heal.errors import SubmissionRefused
from heal.jobs import JobFacts, JobState
from heal.journal import Diagnosed, Dismissed, Observed, Proposed, State
from heal.loop import Loop
from heal.records import Event, Fix, FixKind, Label, Outcome, RunRef, TaskRef
from heal.seams import Submission
from heal.store import Scope


def run_again(cluster: Cluster, job: str) -> None:
    """SLURM starts a job that was submitted again."""
    cluster.slurm.end(job, JobState.RUNNING)


def test_a_task_that_runs_again_is_not_submitted_beside_itself(cluster: Cluster) -> None:
    # Given two elements that were submitted again together, of which one still runs and one fails the same way again
    for job in cluster.array(2):
        cluster.killed(job, 100, 110)
    cluster.pass_time()
    [first] = cluster.slurm.submissions
    assert first.array == (1, 2)
    run_again(cluster, "1001_1")
    cluster.killed("1001_2", 170, 180)
    # When time passes, more than is waited for others of an array
    for _ in range(5):
        cluster.pass_time()
    # Then only the one that failed runs once more
    assert [submission.array for submission in cluster.slurm.submissions] == [(1, 2), (2,)]
    # And the one that ran all the time counts when it comes home
    cluster.come_home("1001_1", "1002_2")
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]
    assert len(cluster.slurm.submissions) == 2


def test_one_that_fails_while_another_is_tried_once_more_is_not_forgotten(cluster: Cluster) -> None:
    for job in cluster.array(2):
        cluster.killed(job, 100, 110)
    cluster.pass_time()
    run_again(cluster, "1001_1")
    cluster.killed("1001_2", 170, 180)
    cluster.pass_time()
    cluster.pass_time()
    # Given that the first one fails too, while the second one is tried with more
    cluster.killed("1001_1", 170, 190)
    cluster.pass_time()
    cluster.come_home("1002_2")
    for _ in range(3):
        cluster.pass_time()
    # Then it is tried with more as well
    assert [submission.array for submission in cluster.slurm.submissions] == [(1, 2), (2,), (1,)]
    cluster.come_home("1003_1")
    cluster.pass_time()
    assert set(cluster.states()) == {State.HEALED}


def two_runs(cluster: Cluster) -> None:
    """Two jobs of one script under heal run: two submissions, one lineage; both were killed for memory."""
    script = RunRef("script", "", "/data", ("bash", "submit.sh"))
    cluster.store.take(Event("e:script", "run_started", cluster.now, "runner", script))
    for job, run_id in (("100", "r1"), ("200", "r2")):
        run = RunRef(run_id, "sbatch", "/data", ("/usr/bin/sbatch", "--mem=100M", "job.sh"))
        cluster.store.take(Event(f"e:{run_id}", "run_started", cluster.now, "runner", run, None, {"parent": "script"}))
        task = TaskRef("plink", job, 1, job, "/data")
        facts = {"process": "plink", "asked": {"memory_mb": 100}}
        cluster.store.take(Event(f"e:{job}", "task_submitted", cluster.now, "runner", run, task, facts))
        cluster.run(job)
        cluster.killed(job, 100, 110)


def refuse(cluster: Cluster, job: str, error: Exception) -> None:
    """SLURM takes all but this one."""
    taken = cluster.slurm.resubmit

    def resubmit(submission: Submission) -> str:
        if submission.job == job:
            raise error
        return taken(submission)

    cluster.slurm.resubmit = resubmit  # type: ignore[method-assign]


def test_what_was_submitted_before_another_was_refused_is_followed(cluster: Cluster) -> None:
    # Given two jobs of one incident, of which SLURM takes the first and refuses the second
    two_runs(cluster)
    refuse(cluster, "200", SubmissionRefused("sbatch: error: Job violates accounting/QOS policy"))
    cluster.pass_time()
    assert [submission.job for submission in cluster.slurm.submissions] == ["100"]
    # When the first fails in another way
    cluster.slurm.end("1001", JobState.TIMEOUT)
    for _ in range(3):
        cluster.pass_time()
    # Then that is seen, as a failure of its own
    labels = [body.diagnosis.label for body in cluster.told if isinstance(body, Diagnosed)]
    assert labels == [Label.OUT_OF_MEMORY, Label.TIME_LIMIT]
    assert not cluster.loop.busy()


def test_a_refusal_is_told_with_what_came_of_the_others(cluster: Cluster) -> None:
    two_runs(cluster)
    refuse(cluster, "200", SubmissionRefused("sbatch: error: Job violates accounting/QOS policy"))
    cluster.pass_time()
    cluster.come_home("1001")
    for _ in range(3):
        cluster.pass_time()
    [observed] = [body for body in cluster.told if isinstance(body, Observed)]
    assert (observed.outcome, observed.detail) == (
        Outcome.LOST,
        "200 did not run again: submitted again as 1001; sbatch: error: Job violates accounting/QOS policy",
    )


def test_of_two_jobs_of_one_run_the_refused_one_is_told(cluster: Cluster) -> None:
    # Given the same with two jobs of one submission
    cluster.submitted("100")
    task = TaskRef("plink", "200", 1, "200", "/data")
    cluster.store.take(Event("e:200", "task_submitted", cluster.now, "runner", RUN, task, {"process": "plink"}))
    cluster.run("200")
    for job in ("100", "200"):
        cluster.killed(job, 100, 110)
    refuse(cluster, "200", SubmissionRefused("sbatch: error: Invalid qos specification"))
    cluster.pass_time()
    cluster.come_home("1001")
    for _ in range(3):
        cluster.pass_time()
    assert cluster.states() == [State.UNHEALED]
    [observed] = [body for body in cluster.told if isinstance(body, Observed)]
    assert (observed.outcome, observed.detail) == (
        Outcome.LOST,
        "200 did not run again: submitted again as 1001; sbatch: error: Invalid qos specification",
    )


def test_a_job_that_was_put_back_by_somebody_else_is_left_to_them(cluster: Cluster) -> None:
    # Given a job that failed and waits for a person's yes
    cluster.ask_first()
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    assert cluster.states() == [State.WAITING]
    # When somebody requeues it, and then heal's fix is accepted
    cluster.slurm.put(
        JobFacts(
            "100", JobState.RUNNING, "RUNNING", asked_mb=100, name="plink", submitted="2026-11-24T12:01:00", restarts=1
        )
    )
    cluster.pass_time(3600)
    [incident] = cluster.store.unsettled()
    assert cluster.loop.answer(incident, accept=True, by="ada")
    cluster.pass_time()
    # Then nothing is submitted beside it
    assert cluster.slurm.submissions == []
    # And when it comes home, nothing is left to do
    cluster.come_home("100")
    for _ in range(3):
        cluster.pass_time()
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.DISMISSED])
    assert [body.why for body in cluster.told if isinstance(body, Dismissed)] == [
        "it came home at a later attempt of its own"
    ]


def test_a_job_that_was_put_back_and_failed_again_is_healed(cluster: Cluster) -> None:
    cluster.ask_first()
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    cluster.slurm.put(
        JobFacts(
            "100", JobState.RUNNING, "RUNNING", asked_mb=100, name="plink", submitted="2026-11-24T12:01:00", restarts=1
        )
    )
    cluster.pass_time(3600)
    [incident] = cluster.store.unsettled()
    cluster.loop.answer(incident, accept=True, by="ada")
    cluster.pass_time()
    # When it fails the same way
    cluster.killed("100", 100, 120)
    for _ in range(3):
        cluster.pass_time()
    # Then heal's turn has come
    assert [submission.job for submission in cluster.slurm.submissions] == ["100"]
    cluster.come_home("1001")
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]


def test_a_job_of_heal_s_own_that_is_not_looked_up_yet_is_no_stranger(cluster: Cluster) -> None:
    # Given a project whose jobs are found, and a job of heal's of which nobody knows yet that it is heal's
    cluster.parts = replace(cluster.parts, discovers=True)
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.store.take(registered("/data", START - timedelta(days=30)))
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.loses = True
    cluster.pass_time()
    cluster.slurm.mute = True
    taken = cluster.slurm.jobs["1001"]
    # accounting keeps no comments, and fails to say what sbatch was asked for
    cluster.slurm.put(replace(taken, comment="", submitted=cluster.now.isoformat(timespec="seconds")))
    for _ in range(4):
        cluster.pass_time()
    assert (cluster.states(), len(cluster.slurm.submissions)) == ([State.APPLYING], 1)
    # When SLURM can be asked about it again, and it fails
    cluster.slurm.mute = cluster.slurm.loses = False
    cluster.slurm.put(taken)
    cluster.pass_time(600)
    assert cluster.states() == [State.OBSERVING]
    cluster.killed("1001", 170, 180)
    for _ in range(3):
        cluster.pass_time()
    # Then it was one failure of one task, which runs once more
    assert (cluster.sizes(), cluster.states()) == ([170.0, 340.0], [State.OBSERVING])


@pytest.mark.parametrize(("by", "state"), [(None, State.OBSERVING), ("ada", State.DISMISSED)])
def test_a_waiting_job_that_its_owner_cancelled_stays_cancelled(cluster: Cluster, by: str | None, state: State) -> None:
    # Given a job that waits for one that failed and is healed
    cluster.submitted("100")
    cluster.watched("200")
    cluster.waits("200", "afterok:100")
    cluster.killed("100", 100, 110)
    # When it is cancelled, by SLURM for what it waits for or by a person, before it could be re-pointed
    gone = replace(cluster.slurm.jobs["200"], state=JobState.CANCELLED, state_text="CANCELLED", cancelled_by=by)
    cluster.slurm.put(replace(gone, reason="DependencyNeverSatisfied", dependency="afterok:100(failed)"))
    for _ in range(3):
        cluster.pass_time()
    # Then it runs after the healed one only if it was SLURM
    jobs = [submission.job for submission in cluster.slurm.submissions]
    assert jobs == (["100", "200"] if by is None else ["100"])
    assert cluster.states()[1] is state


# --- ids that are used again -------------------------------------------------------------------


def another(cluster: Cluster, job: str, state: JobState, restarts: int | None = 0) -> None:
    """A job of the user's under an id that heal follows, submitted an hour later than what heal follows."""
    later = (START + timedelta(hours=1)).astimezone().replace(tzinfo=None).isoformat()
    cluster.slurm.put(
        JobFacts(
            job,
            state,
            state.name,
            asked_mb=100,
            peak_mb=110,
            name="other",
            submitted=later,
            restarts=restarts,
            workdir="/else",
        )
    )


def test_another_job_of_the_same_id_is_never_taken_for_the_one_that_is_followed(cluster: Cluster) -> None:
    # Given a job that heal follows, and a heal that hears of nothing while SLURM loses its state and begins anew
    cluster.submitted("100")
    cluster.slurm.down = True
    cluster.pass_time(3600)
    cluster.slurm.down = False
    # When another job has the id, runs and fails
    another(cluster, "100", JobState.RUNNING)
    cluster.pass_time(120)
    another(cluster, "100", JobState.OUT_OF_MEMORY)
    for _ in range(4):
        cluster.pass_time(120)
    # Then nothing is known of the first one's end, and nothing was done about the other
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.WAITING])
    [diagnosed] = [body for body in cluster.told if isinstance(body, Diagnosed)]
    assert diagnosed.diagnosis.label is Label.UNKNOWN


def test_a_new_job_of_a_project_under_an_id_that_was_used_before_is_found(cluster: Cluster) -> None:
    # Given a job of a project that was healed, or ended well, long ago
    cluster.parts = replace(cluster.parts, discovers=True)
    cluster.loop = Loop(cluster.parts, Scope)
    cluster.store.take(registered("/else", cluster.now))
    cluster.submitted("100")
    cluster.slurm.end("100", JobState.COMPLETED, 0)
    cluster.pass_time(120)
    assert not cluster.store.watched()
    # When SLURM gives its id to another one, which fails
    cluster.pass_time(3600)
    another(cluster, "100", JobState.OUT_OF_MEMORY)
    for _ in range(4):
        cluster.pass_time(120)
    # Then that is healed like any other
    assert [submission.job for submission in cluster.slurm.submissions] == ["100"]
    assert [one.ok for one in cluster.store.of_job("100")] == [True, False]


def test_a_job_that_was_requeued_has_a_later_submission_and_is_the_same(cluster: Cluster) -> None:
    cluster.submitted("100")
    cluster.slurm.down = True
    cluster.pass_time(3600)
    cluster.slurm.down = False
    # Given a job that the site put back while nobody could be asked
    another(cluster, "100", JobState.PENDING, restarts=1)
    for _ in range(5):
        cluster.pass_time(120)
    assert (cluster.states(), cluster.slurm.submissions) == ([], [])
    # When it ends well
    another(cluster, "100", JobState.COMPLETED, restarts=1)
    cluster.pass_time(120)
    cluster.pass_time(120)
    # Then nothing is left to follow
    assert cluster.states() == []
    assert not cluster.loop.busy()


def test_elements_of_another_array_are_not_taken_for_the_one_that_is_followed(cluster: Cluster) -> None:
    cluster.array(2)
    cluster.slurm.jobs.clear()
    cluster.slurm.down = True
    cluster.pass_time(3600)
    cluster.slurm.down = False
    for job in ("100_1", "100_2"):
        another(cluster, job, JobState.OUT_OF_MEMORY)
    for _ in range(4):
        cluster.pass_time(120)
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.WAITING])


def test_what_waits_for_another_job_of_the_same_id_waits_for_that(cluster: Cluster) -> None:
    # Given a job that failed and was healed long ago
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    cluster.come_home("1001")
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]
    # When another job under its id fails, of which heal knows nothing, and one of the user's waits for that
    cluster.pass_time(90 * 86_400)
    later = cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
    cluster.waits("200", "afterok:100(failed)", "DependencyNeverSatisfied")
    cluster.slurm.put(replace(cluster.slurm.jobs["200"], submitted=later))
    cluster.watched("200")
    for _ in range(4):
        cluster.pass_time(120)
    # Then it is not told to go on without it
    assert cluster.slurm.repointed == []


# --- what cannot be told -----------------------------------------------------------------------


def test_a_job_that_nobody_knows_for_a_moment_is_waited_for(cluster: Cluster) -> None:
    # Given a job that ran for hours, and that the controller forgot while accounting did not have its end
    cluster.submitted("100")
    for _ in range(3):
        cluster.pass_time(3600)
    job = cluster.slurm.jobs.pop("100")
    cluster.pass_time(200)
    cluster.pass_time(200)
    # When accounting has it
    cluster.slurm.put(job)
    cluster.come_home("100")
    for _ in range(3):
        cluster.pass_time(200)
    # Then it had ended well all the time
    assert cluster.states() == []
    assert not cluster.loop.busy()


def test_a_remedy_that_cannot_be_looked_up_for_two_weeks_is_lost_and_not_repeated(cluster: Cluster) -> None:
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.loses = True
    cluster.pass_time()
    cluster.slurm.mute = True
    cluster.pass_time(13 * 86_400)
    assert cluster.states() == [State.APPLYING]
    # When what was tried is not known anywhere any more
    cluster.pass_time(2 * 86_400)
    cluster.slurm.mute = cluster.slurm.loses = False
    cluster.slurm.jobs.clear()
    cluster.pass_time()
    # Then that is said, and nothing is submitted again
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.UNHEALED])


# --- two sides that do not say the same --------------------------------------------------------


def two_words(cluster: Cluster, job: str, controller: JobState, accounting: JobState) -> None:
    """A job of which the controller says the one and accounting the other; its log speaks of memory."""
    log = cluster.folder / f"{job}.log"
    log.write_text('Traceback (most recent call last):\n  File "work.py", line 9\nMemoryError\n', encoding="utf-8")
    said = JobFacts(
        job,
        controller,
        controller.name,
        exit_code=0 if controller is JobState.COMPLETED else 1,
        asked_mb=100,
        name="plink",
        submitted="2026-11-24T12:00:00",
        ended=cluster.now.astimezone().replace(tzinfo=None).isoformat(timespec="seconds"),
        log_paths=(str(log),),
        source="scontrol",
        # as squeue says it, see slurm_queue
        final=controller is not JobState.COMPLETED,
    )
    kept = replace(said, state=accounting, state_text=accounting.name, source="sacct", final=True)
    cluster.slurm.put(said)
    cluster.slurm.books[job] = kept


@pytest.mark.parametrize(
    ("controller", "accounting"),
    [(JobState.FAILED, JobState.COMPLETED), (JobState.COMPLETED, JobState.FAILED)],
)
def test_two_sides_that_disagree_are_told_and_nothing_is_done(
    cluster: Cluster, controller: JobState, accounting: JobState
) -> None:
    # Given a job that one side of SLURM calls failed and the other completed
    cluster.submitted("100")
    two_words(cluster, "100", controller, accounting)
    for _ in range(6):
        cluster.pass_time()
    # When the controller forgets it, and accounting is left alone
    del cluster.slurm.jobs["100"]
    for _ in range(6):
        cluster.pass_time(120)
    # Then that is what a person is told, once, and nothing is submitted
    [diagnosis] = [body.diagnosis for body in cluster.told if isinstance(body, Diagnosed)]
    said = f"SLURM contradicts itself: scontrol says {controller.name}, sacct says {accounting.name}."
    assert diagnosis.label is Label.UNKNOWN
    assert diagnosis.cause == f"{said} Whether the job went well is not known."
    [proposed] = [body.fix for body in cluster.told if isinstance(body, Proposed)]
    assert (proposed, proposed.why) == (
        Fix(FixKind.ADVICE, "plink"),
        "See whether its results are whole; where they are not, submit it again yourself.",
    )
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])
    assert not cluster.loop.busy()


def test_one_that_is_told_apart_is_not_healed_with_others_that_failed(cluster: Cluster) -> None:
    # Given thirty elements of one log that failed, of which the controller says that one went well
    jobs = cluster.array(30)
    for job in jobs:
        two_words(cluster, job, JobState.FAILED, JobState.FAILED)
    two_words(cluster, jobs[6], JobState.COMPLETED, JobState.FAILED)
    for _ in range(4):
        cluster.pass_time()
    # When the controller forgets it, and the others are healed, one of them first
    del cluster.slurm.jobs[jobs[6]]
    for _ in range(4):
        cluster.pass_time()
    [first] = cluster.slurm.submissions
    cluster.come_home(f"1001_{first.array[0]}")
    for _ in range(4):
        cluster.pass_time()
    # Then that one is left out
    again = sorted(index for submission in cluster.slurm.submissions for index in submission.array)
    assert again == [index for index in range(1, 31) if index != 7]
