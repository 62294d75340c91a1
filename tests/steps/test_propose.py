"""A diagnosis becomes a change as data: sized from what was seen, capped by what there is, stopped without progress."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.jobs import JobFacts, JobState, Limits
from heal.knowledge.patterns import FixSpec
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Label, Outcome
from heal.settings import Settings
from heal.steps.propose import Others, Situation, Stop, propose

SETTINGS = Settings(home=Path("/home/ada/.local/state/heal"))
MEMORY = Diagnosis(Label.OUT_OF_MEMORY, "it needed more memory", 0.97)
TIME = Diagnosis(Label.TIME_LIMIT, "its time ran out", 0.99)
NODE = Diagnosis(Label.NETWORK, "a server did not answer", 0.9)


def attempt(**asked: float) -> Attempt:
    return Attempt(1, "r1", "r1", "snakemake", "align:sample=S7", "align (sample=S7)", "align", asked=asked)


def job(**facts: float | None) -> JobFacts:
    return JobFacts("81723", JobState.FAILED, **facts)


def situation(
    *jobs: JobFacts,
    asked: dict[str, float] | None = None,
    tried: tuple[tuple[Fix, Outcome | None], ...] = (),
    limits: Limits | None = None,
    elsewhere: dict[str, Limits] | None = None,
    spec: FixSpec | None = None,
    supported: bool = True,
    peaks: tuple[float, ...] = (),
    earlier: tuple[float, ...] = (),
    repeats: int = 0,
) -> Situation:
    return Situation(
        attempts=(attempt(**(asked or {})),),
        jobs=jobs,
        tried=tried,
        limits=lambda partition: (elsewhere or {}).get(partition or "", limits or Limits()),
        spec=spec,
        supports=lambda _fix: supported,
        others=lambda: Others(peaks, earlier),
        repeats=lambda: repeats,
    )


def memory(old: float, new: float) -> Fix:
    return Fix(FixKind.RESOURCES, "align", (Change("memory_mb", old, new),))


def test_where_nothing_is_known_of_the_memory_that_is_said_alone():
    # Given an engine that could be told, and one that could not
    for supported in (True, False):
        fix = propose(MEMORY, situation(supported=supported), SETTINGS)
        why = "it needs more memory, but neither what it was given nor what it used is known"
        assert fix == Fix(FixKind.ADVICE, "align", (), why)


def test_memory_is_never_less_than_its_siblings_need():
    # Given a job that died early, with less than others of its process that ended well
    died = job(asked_mb=2000, peak_mb=1950)
    fix = propose(MEMORY, situation(died, peaks=(3174.4, 3900.0, 3993.6)), SETTINGS)
    # Then it gets what the largest of them needs, and half of it more
    assert fix == memory(2000, 6000)
    assert fix.why == "asked 2.0 GB, peaked at 1.9 GB; the other 3 peaked at 3.1-3.9 GB"
    # And where it needs more than they did, its own peak counts
    large = propose(MEMORY, situation(job(asked_mb=4000, peak_mb=4096), peaks=(900.0, 1100.0)), SETTINGS)
    assert large == memory(4000, 6200)
    assert large.why == "asked 3.9 GB, peaked at 4.0 GB; the other 2 peaked at 900 MB-1.1 GB"
    alone = propose(MEMORY, situation(job(asked_mb=4000, peak_mb=4096), peaks=(900.0,)), SETTINGS)
    assert alone.why == "asked 3.9 GB, peaked at 4.0 GB; another one peaked at 900 MB"
    # But never more than there is
    capped = propose(MEMORY, situation(died, peaks=(3993.6,), limits=Limits(memory_mb=5000)), SETTINGS)
    assert capped == memory(2000, 5000)


def test_memory_is_never_less_than_earlier_jobs_needed():
    # Given a job that died early, and earlier ones of which the scheduler's books tell
    died = job(asked_mb=2000, peak_mb=1950)
    fix = propose(MEMORY, situation(died, earlier=(3174.4, *[3200.0] * 10, 3481.6)), SETTINGS)
    # Then it gets what the largest of them needs, and half of it more
    assert fix == memory(2000, 5300)
    assert fix.why == "asked 2.0 GB, peaked at 1.9 GB; 12 earlier ones peaked at 3.1-3.4 GB"
    # And those of its run are told apart from them, and by the size of what they read
    both = propose(MEMORY, situation(died, peaks=(4096.0,), earlier=(3481.6,)), SETTINGS)
    assert both == memory(2000, 6200)
    alike = replace(situation(died), others=lambda: Others((1946.0, 2000.0, 2048.0), of_its_size=True))
    sized = propose(MEMORY, alike, SETTINGS)
    assert sized == memory(2000, 3100)
    assert sized.why == "asked 2.0 GB, peaked at 1.9 GB; the other 3 with inputs of its size peaked at 1.9-2.0 GB"
    assert both.why == ("asked 2.0 GB, peaked at 1.9 GB; another one peaked at 4.0 GB; an earlier one peaked at 3.4 GB")


@given(
    asked=st.floats(1, 1e6),
    peak=st.none() | st.floats(1, 2e6),
    others=st.lists(st.floats(1, 2e6), max_size=4),
    state=st.sampled_from((JobState.FAILED, JobState.OUT_OF_MEMORY)),
    most=st.none() | st.floats(1, 4e6),
)
def test_a_raise_is_more_than_all_that_was_seen_or_all_that_there_is(
    asked: float, peak: float | None, others: list[float], state: JobState, most: float | None
):
    # Given a job that lacked memory, whatever it and its like were seen to hold
    seen = replace(job(asked_mb=asked, peak_mb=peak), state=state)
    fix = propose(MEMORY, situation(seen, peaks=tuple(others), limits=Limits(memory_mb=most)), SETTINGS)
    # Then it gets more than any of that, or all that the site gives, or heal says that this is all
    if isinstance(fix, Stop):
        assert most is not None
        assert asked >= 0.99 * most
    else:
        new = float(fix.changes[0].new or 0)
        assert new > asked or new == math.floor(most or 0)
        assert new >= max([asked, peak or 0, *others]) or new == math.floor(most or 0)


def test_memory_is_sized_from_the_observed_peak():
    # Given a job that was killed at its limit
    seen = situation(job(asked_mb=4000, peak_mb=4096))
    # When a fix is sought
    fix = propose(MEMORY, seen, SETTINGS)
    # Then it gets one and a half times what it was seen to use
    assert fix == memory(4000, 6200)
    assert fix.why == "asked 3.9 GB, peaked at 4.0 GB"


def test_memory_is_doubled_where_no_peak_was_seen():
    assert propose(MEMORY, situation(asked={"memory_mb": 400}), SETTINGS) == memory(400, 800)


def test_a_peak_far_below_the_limit_does_not_shrink_the_request():
    # a single allocation larger than the limit fails before it is ever resident
    assert propose(MEMORY, situation(job(asked_mb=4000, peak_mb=300)), SETTINGS) == memory(4000, 8000)


def test_a_second_step_is_never_a_careful_one():
    tried = ((memory(4000, 6200), Outcome.SAME_FAILURE),)
    assert propose(MEMORY, situation(job(asked_mb=6200, peak_mb=6300), tried=tried), SETTINGS) == memory(6200, 12400)


def test_the_partition_caps_the_request():
    limits = Limits(memory_mb=5000, memory_by="partition short")
    assert propose(MEMORY, situation(job(asked_mb=4000, peak_mb=4100), limits=limits), SETTINGS) == memory(4000, 5000)


def test_at_the_cap_heal_stops_and_says_so():
    limits = Limits(memory_mb=4000, memory_by="partition short")
    assert propose(MEMORY, situation(job(asked_mb=4000, peak_mb=4100), limits=limits), SETTINGS) == Stop(
        "asked 3.9 GB, peaked at 4.0 GB, which is the most that partition short allows: another partition may allow more "
        "(slurm.partitions names those heal may use), or the site raises it"
    )


def test_a_partition_that_fits_is_taken_where_the_settings_allow_it():
    limits = Limits(memory_mb=4000, memory_by="partition short")
    elsewhere = {"small": Limits(memory_mb=2000), "big": Limits(memory_mb=5000, memory_by="partition big")}
    full = job(asked_mb=4000, peak_mb=4100, partition="short")
    there = situation(full, limits=limits, elsewhere=elsewhere)
    assert propose(MEMORY, there, _allowing("short", "small", "big")) == Fix(
        FixKind.RESOURCES, "align", (Change("memory_mb", 4000, 5000), Change("partition", "short", "big"))
    )
    assert isinstance(propose(MEMORY, there, _allowing("short", "small")), Stop)


def test_a_partition_that_takes_no_such_job_is_passed_over_and_named():
    limits = Limits(memory_mb=4000, memory_by="partition short")
    elsewhere = {"gpu": Limits(closed="partition gpu is not for account lab"), "big": Limits(memory_mb=9000)}
    full = job(asked_mb=4000, peak_mb=4100, partition="short")
    there = situation(full, limits=limits, elsewhere=elsewhere)
    moved = propose(MEMORY, there, _allowing("gpu", "big"))
    assert isinstance(moved, Fix)
    assert moved.changes[1] == Change("partition", "short", "big")
    assert propose(MEMORY, there, _allowing("gpu")) == Stop(
        "asked 3.9 GB, peaked at 4.0 GB, which is the most that partition short allows: another partition may allow more "
        "(slurm.partitions names those heal may use), or the site raises it; partition gpu is not for account lab"
    )


def _allowing(*partitions: str) -> Settings:
    return SETTINGS.model_copy(update={"slurm": SETTINGS.slurm.model_copy(update={"partitions": partitions})})


def test_what_the_association_allows_is_said_with_who_can_raise_it():
    limits = Limits(time_min=60, time_by="the association of account lab")
    assert propose(TIME, situation(job(limit_s=3600), limits=limits), SETTINGS) == Stop(
        "was given 60 min, which is the most that the association of account lab allows: "
        "the site's SLURM administrators can raise it"
    )


def test_the_settings_cap_holds_too():
    capped = SETTINGS.model_copy(update={"memory": SETTINGS.memory.model_copy(update={"max_mb": 4500})})
    assert propose(MEMORY, situation(job(asked_mb=4000, peak_mb=4100)), capped) == memory(4000, 4500)


def test_more_memory_that_was_not_used_is_no_progress():
    tried = ((memory(400, 800), Outcome.SAME_FAILURE),)
    assert propose(MEMORY, situation(job(asked_mb=800, peak_mb=120), tried=tried), SETTINGS) == Stop(
        "more memory did not change how it fails: it used 120 MB of the 800 MB it was given"
    )


def test_without_any_sign_of_progress_two_steps_are_enough():
    tried = ((memory(400, 800), Outcome.SAME_FAILURE), (memory(800, 1600), Outcome.SAME_FAILURE))
    assert propose(MEMORY, situation(asked={"memory_mb": 1600}, tried=tried), SETTINGS) == Stop(
        "it failed the same way 3 times, with up to 1.6 GB: more memory is not what it lacks"
    )


def test_memory_of_a_task_nobody_knows_anything_about_is_for_a_person():
    fix = propose(MEMORY, situation(), SETTINGS)
    assert (fix.kind, fix.changes) == (FixKind.ADVICE, ())


@pytest.mark.parametrize(
    ("jobs", "asked", "expected"),
    [
        ((job(limit_s=600),), {"time_min": 5}, Change("time_min", 10, 20)),
        ((), {"time_min": 5}, Change("time_min", 5, 10)),
        ((job(limit_s=90),), {}, Change("time_min", 1.5, 3)),
    ],
)
def test_time_is_doubled(jobs: tuple[JobFacts, ...], asked: dict[str, float], expected: Change):
    assert propose(TIME, situation(*jobs, asked=asked), SETTINGS) == Fix(FixKind.RESOURCES, "align", (expected,))


def test_a_retry_waits_longer_each_time_and_ends_with_its_budget():
    spec = FixSpec(FixKind.RETRY, delay_s=10)
    first = propose(NODE, situation(spec=spec), SETTINGS)
    tried = ((first, Outcome.SAME_FAILURE),)
    second = propose(NODE, situation(spec=spec, tried=tried), SETTINGS)
    third = propose(NODE, situation(spec=spec, tried=(*tried, (second, Outcome.SAME_FAILURE))), SETTINGS)
    assert first == Fix(FixKind.RETRY, "align", (Change("delay_s", None, 10.0),))
    assert second == Fix(FixKind.RETRY, "align", (Change("delay_s", None, 40.0),))
    assert third == Stop("tried again 2 times and it failed the same way: this does not pass by itself")


def test_what_others_tried_again_comes_out_of_the_same_budget():
    spec = FixSpec(FixKind.RETRY, delay_s=10)
    once = (Fix(FixKind.RETRY, "align", (Change("delay_s", None, 10.0),)), Outcome.SAME_FAILURE)
    # Given a task that its engine tried again once, or as often as the budget allows, or once after heal
    assert propose(NODE, situation(spec=spec, repeats=1), SETTINGS) == Fix(
        FixKind.RETRY, "align", (Change("delay_s", None, 40.0),)
    )
    spent = "tried again {} times ({} of them not by heal) and it failed the same way: this does not pass by itself"
    assert propose(NODE, situation(spec=spec, repeats=3), SETTINGS) == Stop(spent.format(3, 3))
    assert propose(NODE, situation(spec=spec, repeats=1, tried=(once,)), SETTINGS) == Stop(spent.format(2, 1))
    # and a job that SLURM ran again: it does so for a lost node, and not for what else may have ended the last try
    lost = Diagnosis(Label.NODE_FAILURE, "the node failed", 0.96)
    requeued = situation(job(restarts=2), spec=spec)
    assert propose(lost, requeued, SETTINGS) == Stop(spent.format(2, 2))
    assert propose(NODE, requeued, SETTINGS) == once[0]
    # But more memory is no repetition, however often it was tried with less
    assert propose(MEMORY, situation(job(asked_mb=4000, restarts=5), repeats=5), SETTINGS) == memory(4000, 8000)


def test_a_bad_node_is_left_out():
    spec = FixSpec(FixKind.EXCLUDE_NODE)
    seen = situation(replace(job(), nodes="n017"), spec=spec)
    assert propose(NODE, seen, SETTINGS) == Fix(FixKind.EXCLUDE_NODE, "align", (Change("node", None, "n017"),))


@pytest.mark.parametrize("label", [label for label in Label if label is not Label.UNKNOWN])
def test_of_every_kind_of_cause_it_is_said_what_to_do(label: Label):
    found = propose(Diagnosis(label, "read by its words", 0.6), situation(job()), SETTINGS)
    assert isinstance(found, Fix)
    assert "heal knows no fix" not in found.why


def test_of_an_unknown_cause_there_is_no_advice():
    found = propose(Diagnosis(Label.UNKNOWN, "nobody knows", 0.1), situation(job()), SETTINGS)
    assert found == Fix(FixKind.ADVICE, "align", (), "heal knows no fix for this; see the cited line")


def test_what_the_engine_cannot_change_becomes_advice():
    fix = propose(MEMORY, situation(asked={"memory_mb": 400}, supported=False), SETTINGS)
    assert fix == Fix(FixKind.ADVICE, "align")
    assert fix.why == "asked 400 MB, but this run gives heal no way to change that by itself"


def test_a_cause_without_a_known_fix_is_for_a_person():
    bug = Diagnosis(Label.SCRIPT_ERROR, "a name that does not exist", 0.95)
    assert propose(bug, situation(), SETTINGS).kind is FixKind.ADVICE


def test_a_low_sample_refutes_nothing_where_slurm_says_that_memory_was_full():
    # Given a job whose memory was given more and was full again by SLURM's own word, between two samples
    full = replace(job(asked_mb=140, peak_mb=93), state=JobState.OUT_OF_MEMORY)
    seen = situation(full, tried=((memory(100, 140), Outcome.SAME_FAILURE),))
    # Then it is not held against it
    assert propose(MEMORY, seen, SETTINGS) == memory(140, 280)


WAITS = Diagnosis(Label.SCHEDULER_REJECTED, "The job waits and can never start.", 0.95)
BY_QOS = Limits(memory_mb=500, memory_by="QOS strict", time_min=60, time_by="partition short")


@pytest.mark.parametrize(
    ("reason", "asked", "limits", "ceiling"),
    [
        (
            "QOSMaxMemoryPerJob",
            {"asked_mb": 600.0},
            BY_QOS,
            (
                " It asks for 600 MB, and the most that QOS strict allows is 500 MB: "
                "the site's SLURM administrators can raise it, or allow another QOS."
            ),
        ),
        (
            "AssocMaxWallDurationPerJobLimit",
            {"limit_s": 7200},
            Limits(time_min=60, time_by="account lab"),
            (
                " It asks for 2.0 h, and the most that account lab allows is 60 min: "
                "the site's SLURM administrators can raise it."
            ),
        ),
        # what is below it, not known, or not what the reason is about
        ("PartitionTimeLimit", {"limit_s": 1800}, BY_QOS, ""),
        ("PartitionTimeLimit", {"limit_s": 7200}, Limits(), ""),
        ("PartitionTimeLimit", {}, BY_QOS, ""),
        ("BadConstraints", {"limit_s": 7200, "asked_mb": 600.0}, BY_QOS, ""),
    ],
)
def test_of_a_job_that_can_never_start_the_ceiling_is_told(
    reason: str, asked: dict[str, Any], limits: Limits, ceiling: str
) -> None:
    waits = replace(attempt(), facts={"advice": "Ask for less.", "reason": reason})
    known = JobFacts("7", JobState.PENDING, **asked)
    found = propose(WAITS, replace(situation(), attempts=(waits,), in_vain=lambda: (known, limits)), SETTINGS)
    assert isinstance(found, Fix)
    assert (found.kind, found.why) == (FixKind.ADVICE, f"Ask for less.{ceiling}")
    # and where nobody tells it now, the rest is told all the same
    found = propose(WAITS, replace(situation(), attempts=(waits,)), SETTINGS)
    assert isinstance(found, Fix)
    assert found.why == "Ask for less."
