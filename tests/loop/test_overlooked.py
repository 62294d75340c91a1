"""Jobs that somebody cancelled, for which their Snakemake waits all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from tests.fakes.scheduler import FakeScheduler
from tests.loop.test_turn import START, World, world

from heal.jobs import JobFacts, JobState
from heal.journal import Diagnosed, Dismissed, State, state_of
from heal.records import Label
from heal.settings import Settings, Slurm

__all__ = ["world"]


class Site(NamedTuple):
    """A Snakemake at work on a scripted SLURM, with one job."""

    world: World
    slurm: FakeScheduler

    def reads(self, rules: Slurm) -> None:
        """The user's settings."""
        self.world.settings = Settings(home=self.world.folder, slurm=rules)

    def cancels(self) -> None:
        """Somebody cancels the job, a second after its submission."""
        at = (START + timedelta(seconds=6)).astimezone().replace(tzinfo=None).isoformat()
        self.slurm.put(JobFacts("81", JobState.CANCELLED, "CANCELLED by 1000", submitted=at, ended=at))

    def told(self) -> list[list[Label | State | str]]:
        """Of each incident: its label, where it stands, and by whom it was ended."""
        found = [bodies for _one, bodies in reversed(self.world.store.newest(5))]
        return [
            [
                *(body.diagnosis.label for body in bodies if isinstance(body, Diagnosed)),
                state_of(bodies),
                *(f"{body.by}: {body.why}" for body in bodies if isinstance(body, Dismissed)),
            ]
            for bodies in found
        ]


@pytest.fixture
def site(world: World) -> Site:
    slurm = FakeScheduler()
    world.parts = replace(world.parts, slurm=slurm)
    world.reborn()
    world.starts("r1")
    world.say("task_submitted", "r1", "align:s=A", job="81")
    world.pass_time()
    return Site(world, slurm)


def test_a_snakemake_that_waits_for_a_cancelled_job_is_told_of(site: Site) -> None:
    # Given a job that somebody cancelled; when Snakemake would have seen that by now, nothing is said yet
    site.cancels()
    site.world.pass_time(300)
    site.world.pass_time(200)
    assert site.told() == []
    # And when it still has not, a person is told, once, and nothing is touched
    for _ in range(3):
        site.world.pass_time(400)
    assert (site.told(), site.world.engine.launches) == ([[Label.TOOL_CRASH, State.WAITING]], {})


def test_how_long_it_may_take_is_the_users_to_say(site: Site) -> None:
    # Given a user whose Snakemake looks at its jobs every few seconds
    site.reads(Slurm(overlooked_after_s=20, poll_seconds=5))
    site.cancels()
    # When it has had so long to see the end, a person is told, and not before
    site.world.pass_time(15)
    assert (site.told(), site.world.loop.rest()) == ([], 5.0)
    site.world.pass_time(10)
    assert site.told() == [[Label.TOOL_CRASH, State.WAITING]]


@pytest.fixture
def overlooked(site: Site) -> Site:
    """The same, and a person was told."""
    site.reads(Slurm(overlooked_after_s=20, poll_seconds=5))
    site.cancels()
    site.world.pass_time(30)
    return site


def test_where_snakemake_sees_it_after_all_nothing_waits_for_a_person(overlooked: Site) -> None:
    # Given one that looks at its jobs less often than its user thinks
    overlooked.world.say("task_failed", "r1", "align:s=A", job="81", will_retry=True)
    overlooked.world.pass_time()
    assert overlooked.told() == [[Label.TOOL_CRASH, State.DISMISSED, "snakemake: snakemake has seen the end of job 81"]]


def test_when_the_run_is_over_nothing_waits_for_a_person(overlooked: Site) -> None:
    # When its user ends it, as was advised
    overlooked.world.ends("r1", ok=False)
    overlooked.world.pass_time()
    over = "snakemake: its run is over, and waits for it no longer"
    assert overlooked.told() == [[Label.TOOL_CRASH, State.DISMISSED, over]]


@pytest.mark.parametrize(("rules", "seconds"), [(Slurm(), 300), (Slurm(overlooked_after_s=1), 40)])
def test_slurm_is_asked_seldom_about_jobs_that_just_take_long(site: Site, rules: Slurm, seconds: int) -> None:
    # Given any such setting: what is asked often enough for other questions is often enough for this one
    site.reads(rules)
    site.slurm.put(JobFacts("81", JobState.RUNNING, "RUNNING"))
    for _ in range(60):
        site.world.pass_time(20)
    assert site.told() == []
    assert site.slurm.questions <= 1 + 60 * 20 // seconds
