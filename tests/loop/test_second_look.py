"""Tasks that their engine calls done and in which SLURM saw something, for both engines, on a scripted SLURM."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.loop.test_in_vain import Site, local, site

from heal.jobs import JobState, Step
from heal.records import Event

__all__ = ["site"]

BY_MEMORY = Step("7.0", JobState.OUT_OF_MEMORY, "OUT_OF_MEMORY", None, 125)
SAID = "its script ended with 0, but its step 0 was killed for its memory"


def ends(site: Site, job: str, state: JobState = JobState.COMPLETED, *steps: Step, final: bool = True) -> None:
    """SLURM's word, then the engine's: it found all that the task was to make."""
    known = replace(site.slurm.jobs[job], state=state, state_text=state.name, steps=steps, final=final, reason=None)
    site.slurm.put(replace(known, exit_code=0, ended=local(site.now), source="scontrol and sacct"))
    site.says("task_finished", job)


def over(site: Site) -> None:
    """The run ends well, and so does its process."""
    said = {"ok": True, "exit": 0}
    site.store.take(Event("e:end", "run_finished", site.now, site.engine, site.run, None, said))
    site.alive = False
    site.loop.turn()


def told(site: Site) -> list[tuple[str, str, str]]:
    """What is told of tasks that ended well: task, job, what of it."""
    return [(one.task, one.job, one.said) for one in reversed(site.store.warnings(10)[1])]


@pytest.mark.parametrize(
    ("state", "steps", "said"),
    [
        (JobState.COMPLETED, (BY_MEMORY,), SAID),
        (
            JobState.COMPLETED,
            (Step("7.0", JobState.FAILED, "FAILED", 3, None),),
            "its script ended with 0, but its step 0 failed with exit code 3",
        ),
        (JobState.OUT_OF_MEMORY, (), "{engine} has its results, but SLURM says that the job is OUT_OF_MEMORY"),
        (JobState.COMPLETED, (Step("7.0", JobState.COMPLETED, "COMPLETED", 0, None),), ""),
        (JobState.COMPLETED, (Step("7.extern", JobState.OUT_OF_MEMORY, "OUT_OF_MEMORY", None, 125),), ""),
        (JobState.UNKNOWN, (), ""),
    ],
)
def test_what_slurm_saw_in_a_task_that_its_engine_calls_done_is_told(
    site: Site, state: JobState, steps: tuple[Step, ...], said: str
) -> None:
    site.submitted("7")
    ends(site, "7", state, *steps)
    over(site)
    # Then it is told, and it is no failure: nothing is done, and nobody is waited for
    assert told(site) == ([("align (7)", "7", said.format(engine=site.engine))] if said else [])
    assert (site.states(), site.slurm.submissions) == ([], [])
    site.pass_time(minutes=1)
    assert (site.loop.busy(), [one.ok for one in site.store.attempts("r1", "align:7")]) == (False, [True])


def test_it_is_told_while_the_run_goes_on_by_one_question_for_all(site: Site) -> None:
    jobs = [str(number) for number in range(100, 160)]
    site.submitted(*jobs, "7")
    site.pass_time(minutes=1)
    for job in jobs:
        ends(site, job, JobState.COMPLETED, replace(BY_MEMORY, id=f"{job}.0"))
    before = site.slurm.questions
    site.pass_time(minutes=6)
    assert site.store.warnings(3)[0] == len(jobs)
    # of each of the twelve turns one question at most, and one or two more
    assert site.slurm.questions - before <= 14
    # And it is told once, whatever is killed
    site.reborn()
    site.pass_time(minutes=6)
    assert site.store.warnings(3)[0] == len(jobs)


def test_books_that_are_behind_when_the_run_ends_are_waited_for_a_little(site: Site) -> None:
    site.submitted("7")
    ends(site, "7", final=False)
    over(site)
    assert (told(site), site.loop.busy()) == ([], True)
    # When accounting has it
    known = site.slurm.jobs["7"]
    site.slurm.put(replace(known, steps=(BY_MEMORY,), final=True))
    site.pass_time(minutes=1)
    assert (told(site), site.loop.busy()) == ([("align (7)", "7", SAID)], False)


@pytest.mark.parametrize("silent", [True, False])
def test_nobody_waits_for_books_that_do_not_come(site: Site, *, silent: bool) -> None:
    site.submitted("7")
    ends(site, "7", final=False)
    site.slurm.down = silent
    over(site)
    site.pass_time(minutes=1)
    assert (told(site), site.loop.busy()) == ([], False)


def test_what_nobody_answered_is_asked_again_and_nobody_waits_for_it(site: Site) -> None:
    site.submitted("7")
    ends(site, "7", JobState.COMPLETED, BY_MEMORY)
    # Given a heal that may not ask just now, or is not answered, when the run is over
    site.slurm.down = True
    over(site)
    site.pass_time(minutes=2)
    assert (told(site), site.loop.busy()) == ([], False)
    # When it may again, then it is told to whoever looks then
    site.slurm.down = False
    site.pass_time(minutes=2)
    assert told(site) == [("align (7)", "7", SAID)]


def test_a_healthy_run_is_asked_about_once_when_it_is_over(site: Site) -> None:
    site.submitted("7")
    ends(site, "7")
    before = site.slurm.questions
    over(site)
    site.pass_time(minutes=20)
    assert (site.store.warnings(1), site.slurm.questions - before) == ((0, ()), 1)
