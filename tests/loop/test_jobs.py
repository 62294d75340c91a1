"""Jobs submitted by hand, from their failure home: on a real store and the real sbatch engine, with a scripted SLURM."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.fakes.scheduler import FakeScheduler

from heal.engines.sbatch import Sbatch
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.jobs import JobFacts, JobState, Limits, Step
from heal.journal import Body, Delayed, Dependent, Diagnosed, GaveUp, Observed, Proposed, State, state_of
from heal.knowledge.patterns import Library
from heal.loop import Loop, Parts
from heal.loop.earlier import changes_before
from heal.records import Event, Fix, FixKind, Incident, Outcome, RunRef, TaskRef
from heal.settings import Settings
from heal.store import Scope, Store, Warned

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUN = RunRef("r1", "sbatch", "/data", ("/usr/bin/sbatch", "--mem=100M", "job.sh"))


def registered(path: str, at: datetime) -> Event:
    """What `heal init` says in a folder."""
    facts = {"path": path}
    return Event(f"e:{path}:{at}", "project", at, "person", facts=facts, body=json.dumps({"facts": facts}))


class Cluster:
    """A user's jobs on a scripted SLURM, and a heal that follows them."""

    def __init__(self, folder: Path, store: Store, library: Library, reader: Scanner) -> None:
        self.now = START
        self.folder = folder
        self.settings = Settings(home=folder)
        self.store = store
        self.slurm = FakeScheduler()
        self.slurm.now = lambda: self.now
        self.told: list[Body] = []
        self.parts = Parts(
            store=store,
            spools=list,
            engines={"sbatch": Sbatch(self.slurm, changed=partial(changes_before, store))},
            slurm=self.slurm,
            submitter=self.slurm,
            local=FakeScheduler(),
            library=library,
            reader=reader,
            settings_for=lambda _folder: self.settings,
            alive=lambda _run: False,
            clock=lambda: self.now,
            tell=self.hear,
            machine=Looker(),
            history=History(),
        )
        self.loop = Loop(self.parts, Scope)

    def hear(self, incident: Incident, body: Body) -> None:
        self.told.append(body)

    def submitted(self, *jobs: str, array: str | None = None) -> None:
        """What the shim says of a submission; the jobs are running."""
        self.store.take(Event("e:run", "run_started", self.now, "runner", RUN))
        base = jobs[0].split("_")[0]
        task = TaskRef("plink", base, 1, base, "/data")
        facts = {"process": "plink", "asked": {"memory_mb": 100}, "array": array}
        self.store.take(Event("e:task", "task_submitted", self.now, "runner", RUN, task, facts))
        for job in jobs:
            self.run(job)

    def run(self, job: str) -> None:
        self.slurm.put(
            JobFacts(job, JobState.RUNNING, "RUNNING", asked_mb=100, name="plink", submitted="2026-11-24T12:00:00")
        )

    def array(self, count: int) -> list[str]:
        """An array of so many elements, all running."""
        jobs = [f"100_{index}" for index in range(1, count + 1)]
        self.submitted(*jobs, array=f"1-{count}")
        return jobs

    def waits(self, job: str, dependency: str, reason: str = "Dependency") -> None:
        """A job of the user's that waits for others."""
        self.slurm.put(
            JobFacts(
                job,
                JobState.PENDING,
                "PENDING",
                reason=reason,
                asked_mb=100,
                name="report",
                submitted="2026-11-24T12:00:00",
                dependency=dependency,
            )
        )

    def come_home(self, *jobs: str) -> None:
        for job in jobs:
            self.slurm.end(job, JobState.COMPLETED, 0)

    def killed(self, job: str, asked: float, peak: float) -> None:
        """SLURM killed it for memory: the steps say so."""
        self.slurm.put(
            JobFacts(
                job,
                JobState.OUT_OF_MEMORY,
                "OUT_OF_MEMORY",
                signal=9,
                asked_mb=asked,
                peak_mb=peak,
                name="plink",
                submitted="2026-11-24T12:00:00",
                source="sacct",
            )
        )

    def watched(self, job: str) -> None:
        """Another job of the same run that heal heard of."""
        task = TaskRef("report", job, 1, job, "/data")
        self.store.take(Event(f"e:{job}", "task_submitted", self.now, "runner", RUN, task, {"process": "report"}))

    def ask_first(self) -> None:
        self.settings = Settings(home=self.folder, policy={"resources": "ask"})

    def pass_time(self, seconds: float = 40) -> None:
        self.now += timedelta(seconds=seconds)
        self.loop.turn()

    def states(self) -> list[State]:
        return [state_of(bodies) for _one, bodies in reversed(self.store.newest(100))]

    def sizes(self) -> list[object]:
        """The memory of each submission so far."""
        return [submission.fix.changes[0].new for submission in self.slurm.submissions]


def test_a_job_that_lacked_memory_is_submitted_again_and_comes_home(cluster: Cluster):
    # Given a job that SLURM killed for memory
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    # Then it is submitted again with what it was seen to need and a half more
    assert (cluster.sizes(), cluster.states()) == ([170.0], [State.OBSERVING])
    # When the new job ends well
    cluster.slurm.end("1001", JobState.COMPLETED, 0)
    cluster.pass_time()
    # Then the incident is healed and nothing is left to do
    assert cluster.states() == [State.HEALED]
    assert not cluster.loop.busy()


def test_what_its_like_needed_in_earlier_runs_counts(cluster: Cluster):
    # Given earlier submissions: in the same folder, in another one, of another name, and one that failed
    for job, folder, name, state, peak in (
        ("90", "/data", "plink", JobState.COMPLETED, 390.0),
        ("91", "/data", "plink", JobState.COMPLETED, 300.0),
        ("92", "/elsewhere", "plink", JobState.COMPLETED, 9000.0),
        ("93", "/data", "bwa", JobState.COMPLETED, 8000.0),
        ("94", "/data", "plink", JobState.CANCELLED, 7000.0),
    ):
        run = RunRef(f"r{job}", "sbatch", folder, ("/usr/bin/sbatch", "job.sh"))
        cluster.store.take(Event(f"e:{job}:run", "run_started", cluster.now, "runner", run))
        facts = {"process": name, "asked": {"memory_mb": 1000}}
        task = TaskRef(name, job, 1, job, folder)
        cluster.store.take(Event(f"e:{job}", "task_submitted", cluster.now, "runner", run, task, facts))
        at = "2026-11-24T12:00:00"
        cluster.slurm.put(
            JobFacts(job, state, state.name, 0, asked_mb=1000, peak_mb=peak, name=name, submitted=at, source="sacct")
        )
    cluster.pass_time()
    # When one of them fails for its memory a week later, alone in its run
    cluster.now += timedelta(days=7)
    cluster.submitted("100")
    cluster.killed("100", 100, 99)
    cluster.pass_time()
    # Then it gets what the largest of its like needed there, and half of it more
    assert cluster.sizes() == [590.0]
    [why] = [body.fix.why for body in cluster.told if isinstance(body, Proposed) and body.fix.changes]
    assert why == "asked 100 MB, peaked at 99 MB; the other 2 peaked at 300-390 MB"


def test_what_its_siblings_needed_counts_for_an_element(cluster: Cluster):
    # Given an array of which two elements came home, and one was killed holding less than they did
    cluster.submitted("100_1", "100_2", "100_3")
    for job, peak in (("100_1", 150.0), ("100_2", 190.0)):
        cluster.slurm.put(
            JobFacts(job, JobState.COMPLETED, "COMPLETED", exit_code=0, peak_mb=peak, submitted="2026-11-24T12:00:00")
        )
    cluster.killed("100_3", 100, 99)
    cluster.pass_time()
    # Then it gets what the larger one needed, and half of it more, and that is said
    assert cluster.sizes() == [290.0]
    [why] = [body.fix.why for body in cluster.told if isinstance(body, Proposed)]
    assert why == "asked 100 MB, peaked at 99 MB; the other 2 peaked at 150-190 MB"


def test_memory_that_is_needed_twice_is_given_twice(cluster: Cluster):
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    cluster.killed("1001", 170, 180)
    cluster.pass_time()
    assert cluster.sizes() == [170.0, 340.0]


def test_a_lost_reply_is_looked_up_and_nothing_is_submitted_twice(cluster: Cluster):
    # Given a SLURM that takes a submission but whose reply never arrives
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.loses = True
    cluster.pass_time()
    assert cluster.states() == [State.APPLYING]
    # When it answers again
    cluster.slurm.loses = False
    cluster.pass_time()
    # Then the job that was taken is found by its token
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.OBSERVING])


def test_why_it_is_not_known_whether_a_job_was_submitted_is_told_once(cluster: Cluster):
    # Given a SLURM whose reply to a submission is lost, and that does not say for a while what came of it
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.loses = True
    cluster.pass_time()
    cluster.slurm.mute = True
    for _ in range(90):
        cluster.pass_time(10)
    # Then each thing that stands in the way is told once, the newest last, and the remedy is still under way
    whys = [body.why for body in cluster.told if isinstance(body, Delayed)]
    assert (whys, cluster.states()) == (["no reply", "no token is looked up now"], [State.APPLYING])
    # When it says so
    cluster.slurm.mute = False
    for _ in range(90):
        cluster.pass_time(10)
    # Then the job that was taken is found, and nothing more is told of what stood in the way
    assert [body.why for body in cluster.told if isinstance(body, Delayed)] == whys
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.OBSERVING])


def test_a_scheduler_that_goes_away_before_a_job_is_submitted_again_is_told_once(cluster: Cluster):
    # Given a fix that is said yes to while SLURM does not answer
    cluster.ask_first()
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    cluster.slurm.down = True
    cluster.loop.turn()
    [incident] = [one for one, _bodies in cluster.store.newest(1)]
    cluster.loop.answer(incident, accept=True, by="ada")
    for _ in range(30):
        cluster.pass_time(10)
    # Then that is told, and nothing was done
    whys = [body.why for body in cluster.told if isinstance(body, Delayed)]
    assert (whys, cluster.states()) == (["the fake cluster is down"], [State.APPLYING])
    # When it answers
    cluster.slurm.down = False
    for _ in range(90):
        cluster.pass_time(10)
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.OBSERVING])


def test_a_ceiling_of_heal_s_own_is_no_reason_to_tell(cluster: Cluster):
    # Given a minute in which heal may ask no more
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.spent = True
    cluster.pass_time()
    # Then the remedy is under way without a word, and goes on when the minute has passed
    assert ([body for body in cluster.told if isinstance(body, Delayed)], cluster.states()) == ([], [State.APPLYING])
    cluster.slurm.spent = False
    cluster.pass_time()
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.OBSERVING])


def test_a_failure_is_not_explained_before_heal_may_ask_what_it_was(cluster: Cluster):
    # Given a job that failed, while heal's own ceiling leaves no room for a question about it, for long
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.crowded = True
    for _ in range(10):
        cluster.pass_time(60)
    assert (cluster.states(), cluster.told) == ([], [])
    # When there is room, then it is known what it was
    cluster.slurm.crowded = False
    for _ in range(3):
        cluster.pass_time()
    assert [submission.fix.changes[0].new for submission in cluster.slurm.submissions] == [170.0]


def test_what_cannot_be_told_of_a_job_now_is_asked_at_the_next_turn(cluster: Cluster):
    # Given a yes to the fix of a job that may have been put back since, and no room for the question whether it was
    cluster.ask_first()
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    for _ in range(3):
        cluster.pass_time()
    cluster.slurm.jobs.clear()
    cluster.slurm.crowded = True
    [incident] = cluster.loop.waiting()
    assert cluster.loop.answer(incident, accept=True, by="ada")
    cluster.now += timedelta(minutes=5)
    for _ in range(3):
        cluster.pass_time()
    # Then nothing is done, and nothing ends the loop
    assert (cluster.slurm.submissions, cluster.loop.busy()) == ([], True)
    cluster.killed("100", 100, 110)
    cluster.slurm.crowded = False
    cluster.pass_time(120)
    assert len(cluster.slurm.submissions) == 1


def test_a_refused_submission_is_told_and_not_repeated(cluster: Cluster):
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.refuses = "sbatch: error: Memory specification can not be satisfied"
    cluster.pass_time()
    cluster.pass_time()
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.UNHEALED])


def test_what_is_not_taken_now_is_tried_ever_more_seldom_and_not_lost(cluster: Cluster):
    # Given a site that takes no more jobs of the user's for now
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.busy = True
    # When two hours pass
    tried: list[datetime] = []
    for _ in range(720):
        before = cluster.slurm.turned_away
        cluster.pass_time(10)
        tried += [cluster.now] * (cluster.slurm.turned_away - before)
    # Then it was tried some times, ever more seldom, and the remedy still stands
    assert 8 <= cluster.slurm.turned_away <= 25
    # And by chance a little sooner or later, once it waits no longer from one time to the next: not in step with others
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(tried)]
    longest = [wait for wait in waits if wait >= 0.75 * 600]
    assert len(longest) >= 5
    assert len(set(longest)) > 1, longest
    assert cluster.states() == [State.APPLYING]
    # And it is told once, in the site's words
    assert [body.why for body in cluster.told if isinstance(body, Delayed)] == ["job submit limit"]
    # And when there is room, it is submitted once
    cluster.slurm.busy = False
    for _ in range(90):
        cluster.pass_time(10)
    assert (len(cluster.slurm.submissions), cluster.states()) == (1, [State.OBSERVING])


def test_what_is_not_taken_for_two_weeks_is_given_up_in_the_sites_words(cluster: Cluster):
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.busy = True
    cluster.pass_time()
    cluster.pass_time(15 * 86400)
    last = cluster.told[-1]
    assert isinstance(last, Observed)
    assert (last.outcome, last.detail) == (Outcome.LOST, "for two weeks: job submit limit")
    assert (cluster.slurm.submissions, cluster.states()) == ([], [State.UNHEALED])


def test_a_scheduler_that_does_not_answer_is_unknown_and_nothing_is_done(cluster: Cluster):
    # Given a job that failed while SLURM does not answer
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.slurm.down = True
    before = cluster.slurm.questions
    # When an hour passes
    for _ in range(120):
        cluster.pass_time(30)
    # Then nothing was concluded, and it was asked ever more seldom
    assert (cluster.states(), cluster.slurm.submissions) == ([], [])
    assert cluster.slurm.questions - before <= 30
    # And when it answers again, the job is healed
    cluster.slurm.down = False
    for _ in range(25):
        cluster.pass_time(30)
    assert cluster.sizes() == [170.0]


def test_a_cancelled_job_stays_cancelled(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts(
            "100",
            JobState.CANCELLED,
            "CANCELLED by 1000",
            cancelled_by="ada",
            asked_mb=100,
            submitted="2026-11-24T12:00:00",
        )
    )
    cluster.pass_time()
    assert (cluster.states(), cluster.slurm.submissions) == ([State.DISMISSED], [])


def test_of_an_array_only_the_failed_elements_run_again(cluster: Cluster):
    # Given an array of four of which two were killed for memory
    cluster.submitted("100_1", "100_2", "100_3", "100_4", array="1-4")
    cluster.slurm.end("100_1", JobState.COMPLETED, 0)
    cluster.slurm.end("100_3", JobState.COMPLETED, 0)
    cluster.killed("100_2", 100, 110)
    cluster.killed("100_4", 100, 120)
    cluster.pass_time()
    # Then they are one incident, submitted again as one array of two
    [submission] = cluster.slurm.submissions
    assert (submission.array, cluster.sizes(), cluster.states()) == ((2, 4), [180.0], [State.OBSERVING])
    # When both come home
    cluster.slurm.end("1001_2", JobState.COMPLETED, 0)
    cluster.slurm.end("1001_4", JobState.COMPLETED, 0)
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]
    assert not cluster.loop.busy()


def test_a_job_that_nobody_knows_any_more_is_unknown_and_waits_for_a_person(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.jobs.clear()
    for _ in range(12):
        cluster.pass_time(60)
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])


def test_a_job_that_can_never_start_is_told_and_not_waited_for(cluster: Cluster):
    # Given a job that waits for one that has failed
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts("100", JobState.PENDING, "PENDING", reason="DependencyNeverSatisfied", submitted="2026-11-24T12:00:00")
    )
    # When it has waited long enough that nothing else can be meant
    cluster.pass_time(30)
    assert cluster.loop.busy()
    cluster.pass_time(60)
    cluster.pass_time(60)
    # Then a person is told, and nobody waits for it
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])
    assert not cluster.loop.busy()


# --- arrays ------------------------------------------------------------------------------------


def test_of_many_that_failed_one_runs_again_first(cluster: Cluster):
    # Given an array of twenty that SLURM killed for memory, the seventh with the highest peak
    jobs = cluster.array(20)
    for job in jobs:
        cluster.killed(job, 100, 130 if job == "100_7" else 110)
    cluster.pass_time()
    # Then only the one that needs most is submitted again
    assert [submission.array for submission in cluster.slurm.submissions] == [(7,)]
    # When it comes home
    cluster.come_home("1001_7")
    cluster.pass_time()
    # Then the rest follows, with the same change, as one submission
    rest = tuple(index for index in range(1, 21) if index != 7)
    assert [submission.array for submission in cluster.slurm.submissions] == [(7,), rest]
    assert (cluster.sizes(), cluster.states()) == ([200.0, 200.0], [State.OBSERVING])
    # And when all of it is home, there was one incident, and it is healed
    cluster.come_home(*(f"1002_{index}" for index in rest))
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]
    assert not cluster.loop.busy()


def test_a_canary_that_fails_again_holds_the_rest_back(cluster: Cluster):
    # Given a canary that needs still more
    for job in cluster.array(20):
        cluster.killed(job, 100, 110)
    cluster.pass_time()
    [first] = cluster.slurm.submissions
    cluster.killed(f"1001_{first.array[0]}", 170, 180)
    cluster.pass_time()
    # Then the next step is tried on one again
    assert [len(submission.array) for submission in cluster.slurm.submissions] == [1, 1]
    assert cluster.sizes() == [170.0, 340.0]
    # And what helped goes to all
    cluster.come_home(f"1002_{first.array[0]}")
    cluster.pass_time()
    assert [len(submission.array) for submission in cluster.slurm.submissions] == [1, 1, 19]
    assert cluster.sizes()[-1] == 340.0


def test_a_canary_that_fails_otherwise_does_not_leave_the_rest_behind(cluster: Cluster):
    # Given an array of twenty whose canary had the memory, and then lost its node
    for job in cluster.array(20):
        cluster.killed(job, 100, 110)
    cluster.pass_time()
    [first] = cluster.slurm.submissions
    cluster.slurm.end(f"1001_{first.array[0]}", JobState.NODE_FAIL)
    cluster.pass_time()
    cluster.pass_time()
    # Then the canary is tried again for that, and the change on another one
    tried = [one.array for one in cluster.slurm.submissions[1:]]
    assert (first.array in tried, len(set(tried)), [len(one) for one in tried]) == (True, 2, [1, 1])
    # And when that one comes home, the rest follows
    cluster.come_home(*(f"{1002 + at}_{one[0]}" for at, one in enumerate(tried)))
    cluster.pass_time()
    cluster.pass_time()
    assert [len(one.array) for one in cluster.slurm.submissions] == [1, 1, 1, 18]


def test_a_canary_that_its_owner_cancels_is_the_last(cluster: Cluster):
    for job in cluster.array(20):
        cluster.killed(job, 100, 110)
    cluster.pass_time()
    [first] = cluster.slurm.submissions
    cancelled = f"1001_{first.array[0]}"
    cluster.slurm.put(
        replace(
            cluster.slurm.jobs[cancelled], state=JobState.CANCELLED, state_text="CANCELLED by 7", cancelled_by="ada"
        )
    )
    for _ in range(5):
        cluster.pass_time()
    assert len(cluster.slurm.submissions) == 1


def test_elements_that_fail_one_after_the_other_go_together(cluster: Cluster):
    # Given an array of which one element has failed while the others run
    jobs = cluster.array(4)
    cluster.killed(jobs[0], 100, 110)
    cluster.pass_time(10)
    assert cluster.slurm.submissions == []
    # When a second fails before the first was waited for long enough, and the rest comes home
    cluster.killed(jobs[2], 100, 110)
    cluster.come_home(jobs[1], jobs[3])
    cluster.pass_time(20)
    # Then they are submitted again together
    assert [submission.array for submission in cluster.slurm.submissions] == [(1, 3)]


def test_an_element_whose_accounting_comes_late_goes_with_the_others(cluster: Cluster):
    # Given two elements that heal found one by one and that have failed; accounting has not heard of the second's end
    cluster.store.take(Event("e:run", "run_started", cluster.now, "poll", RUN))
    facts = {"process": "plink", "asked": {"memory_mb": 100}}
    for job in ("100_1", "100_2"):
        task = TaskRef("plink", job, 1, job, "/data")
        cluster.store.take(Event(f"e:{job}", "task_submitted", cluster.now, "poll", RUN, task, facts))
        cluster.killed(job, 100, 110)
    cluster.slurm.books["100_2"] = replace(cluster.slurm.jobs["100_2"], state=JobState.RUNNING, state_text="RUNNING")
    cluster.pass_time(10)
    assert (cluster.states(), len(cluster.store.unexplained()), cluster.slurm.submissions) == ([State.DIAGNOSED], 1, [])
    # When it has
    cluster.slurm.books.clear()
    cluster.pass_time(10)
    # Then both are submitted again together
    assert [submission.array for submission in cluster.slurm.submissions] == [(1, 2)]


def test_a_job_that_the_controller_forgot_before_accounting_heard_of_its_end_is_asked_about_again(cluster: Cluster):
    # Given a job that has left the queue, and that accounting still calls running
    cluster.submitted("100")
    cluster.slurm.books["100"] = cluster.slurm.jobs.pop("100")
    cluster.pass_time()
    assert len(cluster.store.watched()) == 1
    # When accounting hears of its end, Then heal does at the next look
    cluster.slurm.books["100"] = replace(cluster.slurm.books["100"], state=JobState.COMPLETED, exit_code=0)
    cluster.pass_time()
    assert list(cluster.store.watched()) == []


def test_an_element_that_fails_while_others_are_being_healed_is_healed_after_them(cluster: Cluster):
    # Given an element that is healed while another still runs
    first, second = cluster.array(2)
    cluster.killed(first, 100, 110)
    for _ in range(3):
        cluster.pass_time()
    assert [submission.array for submission in cluster.slurm.submissions] == [(1,)]
    # When the other fails the same way, and then the first comes home
    cluster.killed(second, 100, 110)
    cluster.pass_time()
    cluster.come_home("1001_1")
    cluster.pass_time()
    # Then the same change goes to the other, in the same incident
    assert [submission.array for submission in cluster.slurm.submissions] == [(1,), (2,)]
    cluster.come_home("1002_2")
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]


def test_jobs_that_need_very_different_amounts_get_them(cluster: Cluster):
    # Given an array of twelve, of which one was seen to need far more than the others
    jobs = cluster.array(12)
    for job in jobs:
        cluster.killed(job, 100, 4000 if job == "100_5" else 110)
    cluster.pass_time()
    cluster.killed("1001_5", 6000, 6100)
    cluster.pass_time()
    cluster.come_home("1002_5")
    cluster.pass_time()
    # Then, once that one is home, the others get what they need and not what it needed
    assert [(len(one.array), one.fix.changes[0].new) for one in cluster.slurm.submissions] == [
        (1, 6000.0),
        (1, 12000.0),
        (11, 170.0),
    ]


# --- jobs that wait for others -----------------------------------------------------------------


def test_a_job_that_waits_for_a_failed_one_waits_for_its_successor_instead(cluster: Cluster):
    # Given a job that failed, and one that waits for it and for another
    cluster.submitted("100")
    cluster.waits("200", "afterok:100(unfulfilled),afterany:90(unfulfilled)")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    # Then it waits for the job that was submitted instead, and for the other as before
    assert cluster.slurm.repointed == [("200", "afterok:1001,afterany:90")]
    # And it is said once, and kept
    cluster.pass_time()
    cluster.pass_time()
    assert len(cluster.slurm.repointed) == 1
    [kept] = cluster.store.repointed({"100"})
    assert (kept.job, kept.old, kept.new) == (
        "200",
        "afterok:100(unfulfilled),afterany:90(unfulfilled)",
        "afterok:1001,afterany:90",
    )
    assert cluster.store.repointed({"10", "1001"}) == ()


def test_many_jobs_that_wait_for_a_failed_one_are_re_pointed_by_few_requests(cluster: Cluster):
    # Given a job that failed, three hundred that wait for it, and an array of a thousand that does
    cluster.submitted("100")
    waiting = [*map(str, range(200, 500)), *(f"600_{index}" for index in range(1000))]
    for job in waiting:
        cluster.waits(job, "afterok:100(unfulfilled)")
    requests: list[int] = []
    repoint = cluster.slurm.repoint

    def counted(jobs: Sequence[str], dependency: str) -> None:
        requests.append(len(jobs))
        repoint(jobs, dependency)

    cluster.slurm.repoint = counted  # type: ignore[method-assign]
    # When it runs again
    cluster.killed("100", 100, 110)
    for _ in range(3):
        cluster.pass_time()
    # Then all of them wait for it, a hundred by one request, elements of one array as one
    assert sorted(cluster.slurm.repointed) == sorted((job, "afterok:1001") for job in waiting)
    assert requests == [100, 100, 100, 1000]


def test_what_waits_for_failed_jobs_is_named_with_the_proposal(cluster: Cluster):
    # Given two elements of three that failed, what waits for the array, and what waits for that; and others
    cluster.ask_first()
    elements = cluster.array(3)
    cluster.waits("200_1", "aftercorr:100_*(failed)", "DependencyNeverSatisfied")
    cluster.waits("200_2", "aftercorr:100_*(failed)", "DependencyNeverSatisfied")
    cluster.waits("400", "afterok:300(unfulfilled),afterany:90(unfulfilled)")
    cluster.waits("300", "afterok:200_*(failed)", "DependencyNeverSatisfied")
    cluster.slurm.end("300", JobState.CANCELLED)
    cluster.waits("500", "afterany:100_*(unfulfilled)")
    cluster.waits("600", "afterok:90(unfulfilled)")
    cluster.come_home(elements[2])
    cluster.killed(elements[0], 100, 110)
    cluster.killed(elements[1], 100, 110)
    for _ in range(3):
        cluster.pass_time()
    # Then it is told before anything is done, nearest first, an array as one
    [proposed] = [body for body in cluster.told if isinstance(body, Proposed)]
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])
    assert proposed.dependents == (
        Dependent("200", "report", "aftercorr:100_*(failed)"),
        Dependent("300", "report", "afterok:200_*(failed)", cancelled=True),
        Dependent("400", "report", "afterok:300(unfulfilled),afterany:90(unfulfilled)"),
    )


def test_who_waits_for_a_later_job_of_the_same_id_waits_for_no_failed_one(cluster: Cluster):
    cluster.ask_first()
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.waits("200", "afterok:100(unfulfilled)")
    cluster.slurm.put(replace(cluster.slurm.jobs["200"], submitted="2026-11-27T12:00:00"))
    cluster.pass_time()
    [proposed] = [body for body in cluster.told if isinstance(body, Proposed)]
    assert proposed.dependents == ()


def test_a_job_that_can_never_start_is_held_while_what_it_waits_for_is_healed(cluster: Cluster):
    # Given a watched job whose dependency has failed, and a failure that waits for a person's yes
    cluster.ask_first()
    cluster.submitted("100")
    cluster.watched("200")
    cluster.waits("200", "afterok:100(failed)", "DependencyNeverSatisfied")
    cluster.killed("100", 100, 110)
    for _ in range(20):
        cluster.pass_time(60)
    # Then there is one incident only, and nothing was changed
    assert (cluster.states(), cluster.slurm.repointed) == ([State.WAITING], [])
    # When the person agrees
    [(incident, _bodies)] = cluster.store.newest(1)
    cluster.loop.answer(incident, accept=True, by="ada")
    cluster.pass_time()
    # Then the waiting job follows
    assert cluster.slurm.repointed == [("200", "afterok:1001")]


def test_a_job_that_waits_for_what_is_given_up_is_told(cluster: Cluster):
    cluster.ask_first()
    cluster.submitted("100")
    cluster.watched("200")
    cluster.waits("200", "afterok:100(failed)", "DependencyNeverSatisfied")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    [(incident, _bodies)] = cluster.store.newest(1)
    cluster.loop.answer(incident, accept=False, by="ada", why="not worth it")
    for _ in range(20):
        cluster.pass_time(60)
    assert (cluster.states(), cluster.slurm.repointed) == ([State.DISMISSED, State.WAITING], [])


def test_a_job_that_was_cancelled_for_its_dependency_is_submitted_again_after_its_successor(cluster: Cluster):
    # Given a job that SLURM cancels as soon as the one that it waits for has failed (--kill-on-invalid-dep)
    cluster.submitted("100")
    cluster.watched("200")
    cluster.waits("200", "afterok:100(unfulfilled)")
    cluster.pass_time(10)
    cluster.killed("100", 100, 110)
    cluster.waits("200", "afterok:100(failed)", "DependencyNeverSatisfied")
    cluster.slurm.end("200", JobState.CANCELLED)
    cluster.pass_time()
    cluster.pass_time()
    # Then both run again, the second after the first
    changes = [(one.job, one.fix.changes[0].name, one.fix.changes[0].new) for one in cluster.slurm.submissions]
    assert changes == [("100", "memory_mb", 170.0), ("200", "dependency", "afterok:1001")]
    # And both come home
    cluster.come_home("1001", "1002")
    cluster.pass_time()
    assert cluster.states() == [State.HEALED, State.HEALED]


def test_what_waits_for_a_whole_array_is_re_pointed_once_all_of_it_runs_again(cluster: Cluster):
    # Given an array of twelve that all failed, and a job that waits for it
    for job in cluster.array(12):
        cluster.killed(job, 100, 110)
    cluster.waits("200", "afterok:100_*(failed)", "DependencyNeverSatisfied")
    cluster.pass_time()
    # Then it waits while only the first of it runs again
    [first] = cluster.slurm.submissions
    assert cluster.slurm.repointed == []
    # And follows the rest
    cluster.come_home(f"1001_{first.array[0]}")
    cluster.pass_time()
    assert cluster.slurm.repointed == [("200", "afterok:1002")]


def test_a_job_that_hides_a_kill_for_memory_waits_for_a_person(cluster: Cluster):
    # Given a job whose script ended with 0 although SLURM killed a step of it for its memory
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts(
            "100",
            JobState.COMPLETED,
            "COMPLETED",
            exit_code=0,
            asked_mb=100,
            name="plink",
            submitted="2026-11-24T12:00:00",
            steps=(Step("100.0", JobState.OUT_OF_MEMORY, "OUT_OF_MEMORY", None, 125),),
            source="sacct",
        )
    )
    cluster.pass_time()
    # Then it is told, more memory is proposed, and nothing is submitted without a yes
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])
    [diagnosis] = [body.diagnosis for body in cluster.told if isinstance(body, Diagnosed)]
    assert diagnosis.cause == (
        "A suspected silent failure: its script ended with 0, but its step 0 was killed for its memory."
    )
    # And a yes is enough
    [incident] = cluster.loop.waiting()
    cluster.loop.answer(incident, accept=True, by="ada")
    cluster.pass_time()
    assert cluster.sizes() == [200.0]


def test_what_a_script_did_not_mind_is_no_incident(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts(
            "100",
            JobState.COMPLETED,
            "COMPLETED",
            exit_code=0,
            derived=(3, 0),
            submitted="2026-11-24T12:00:00",
        )
    )
    cluster.pass_time()
    assert (cluster.states(), cluster.loop.busy()) == ([], False)


def test_what_did_not_go_well_in_a_job_that_did_is_kept_to_be_told(cluster: Cluster):
    # Given two elements that ended well, in one of which a step failed
    jobs = cluster.array(2)
    cluster.come_home(*jobs)
    step = Step("100_2.0", JobState.FAILED, "FAILED", 3, None)
    cluster.slurm.put(replace(cluster.slurm.jobs["100_2"], steps=(step,)))
    cluster.pass_time(120)
    # Then that is told of it alone, once, and nobody has to do anything
    said = "its script ended with 0, but its step 0 failed with exit code 3"
    kept = Warned(cluster.now, "r1", "plink #2", "100_2", said)
    assert cluster.store.warnings(10) == (1, (kept,))
    assert cluster.store.warnings(10, lineage="another") == (0, ())
    assert (cluster.states(), cluster.loop.busy()) == ([], False)
    # And it is told for a while only
    assert cluster.store.warnings(10, since=cluster.now + timedelta(seconds=1)) == (0, ())


def test_a_person_is_told_what_to_do_about_a_job_that_can_never_start(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts("100", JobState.PENDING, "PENDING", reason="PartitionTimeLimit", submitted="2026-11-24T12:00:00")
    )
    for _ in range(4):
        cluster.pass_time(40)
    [proposed] = [body for body in cluster.told if isinstance(body, Proposed)]
    assert proposed.fix == Fix(FixKind.ADVICE, "plink")
    assert proposed.fix.why == ("Ask for less time (scontrol update JobId=100 TimeLimit=…) or for another partition.")
    assert (cluster.states(), cluster.slurm.submissions) == ([State.WAITING], [])


def test_a_job_that_the_site_runs_again_by_itself_is_left_to_the_site(cluster: Cluster):
    cluster.submitted("100")
    cluster.slurm.put(
        JobFacts("100", JobState.PENDING, "PENDING", reason="BeginTime", submitted="2026-11-24T12:00:40", restarts=1)
    )
    for _ in range(5):
        cluster.pass_time(60)
    assert (cluster.states(), cluster.slurm.submissions) == ([], [])
    # and when it fails for good, it is heal's turn
    cluster.killed("100", 100, 110)
    cluster.pass_time(180)
    assert cluster.sizes() == [170.0]


def test_a_job_at_its_partitions_cap_is_moved_where_the_settings_allow_it(cluster: Cluster):
    # Given a job that was killed with all that its partition gives one job, and a larger partition that heal may use
    cluster.settings = Settings(home=cluster.folder, slurm={"partitions": ["tiny", "big"]})
    cluster.slurm.allows = {
        "tiny": Limits(memory_mb=8000, memory_by="partition tiny"),
        "big": Limits(memory_mb=64000, memory_by="partition big"),
    }
    cluster.submitted("100")
    cluster.killed("100", 16000, 15900)
    cluster.slurm.put(replace(cluster.slurm.jobs["100"], partition="short"))
    cluster.pass_time()
    # Then it runs again there, with more
    asked = [{change.name: change.new for change in one.fix.changes} for one in cluster.slurm.submissions]
    assert asked == [{"memory_mb": 23900.0, "partition": "big"}]
    # And stays there when it needs more still, up to what that one gives
    cluster.killed("1001", 23900, 23800)
    cluster.slurm.put(replace(cluster.slurm.jobs["1001"], partition="big"))
    cluster.pass_time()
    [_first, second] = cluster.slurm.submissions
    assert {change.name: change.new for change in second.fix.changes} == {"memory_mb": 47800.0, "partition": "big"}
    cluster.come_home("1002")
    cluster.pass_time()
    assert cluster.states() == [State.HEALED]


def test_a_job_at_its_partitions_cap_is_told_where_the_settings_name_no_other(cluster: Cluster):
    cluster.slurm.allows = {"short": Limits(memory_mb=16000, memory_by="partition short")}
    cluster.submitted("100")
    cluster.killed("100", 16000, 15900)
    cluster.slurm.put(replace(cluster.slurm.jobs["100"], partition="short"))
    cluster.pass_time()
    assert (cluster.states(), cluster.slurm.submissions) == ([State.GIVEN_UP], [])
    [said] = [body.why for body in cluster.told if isinstance(body, GaveUp)]
    assert said == (
        "asked 15.6 GB, peaked at 15.5 GB, which is the most that partition short allows: another partition may allow more "
        "(slurm.partitions names those heal may use), or the site raises it"
    )


def test_what_was_changed_before_holds_when_something_else_is_changed(cluster: Cluster):
    # Given a job that came back with more memory, and then met a node that died, and then its time limit
    cluster.submitted("100")
    cluster.killed("100", 100, 110)
    cluster.pass_time()
    cluster.pass_time()
    facts = {"asked_mb": 170, "limit_s": 3600, "name": "plink", "submitted": "2026-11-24T12:00:00", "source": "sacct"}
    cluster.slurm.put(JobFacts("1001", JobState.NODE_FAIL, "NODE_FAIL", nodes="n1", **facts))
    for _ in range(4):
        cluster.pass_time()
    cluster.slurm.put(JobFacts("1002", JobState.TIMEOUT, "TIMEOUT", nodes="n2", **facts))
    for _ in range(4):
        cluster.pass_time()
    # Then it keeps the memory each time: its run's own command line asks for 100 MB
    asked = [{change.name: change.new for change in one.fix.changes} for one in cluster.slurm.submissions]
    assert asked == [
        {"memory_mb": 170.0},
        {"memory_mb": 170.0, "delay_s": 10.0},
        {"memory_mb": 170.0, "time_min": 120.0},
    ]


def test_an_array_whose_accounting_lags_is_asked_about_again_soon(cluster: Cluster) -> None:
    # Given an array that is over for the controller, and not yet for accounting
    cluster.array(1)
    cluster.slurm.end("100_1", JobState.FAILED, 1)
    cluster.slurm.put(replace(cluster.slurm.jobs["100_1"], final=False))
    cluster.pass_time(60)
    asked = cluster.slurm.questions
    # When accounting still lags a minute later
    cluster.pass_time(60)
    # Then both were asked again: the queue, and accounting
    assert cluster.slurm.questions - asked == 2
