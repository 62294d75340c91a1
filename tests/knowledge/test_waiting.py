"""Which reasons to wait no waiting will end, and which pass."""

from __future__ import annotations

import pytest

from heal.jobs import JobFacts, JobState
from heal.knowledge.waiting import Never, never_starts, reason_word


def waits(reason: str, state_text: str = "PENDING", ceiling: str = "") -> JobFacts:
    return JobFacts("7", JobState.PENDING, state_text, reason=reason, ceiling=ceiling)


@pytest.mark.parametrize(
    ("reason", "because", "certain"),
    [
        ("DependencyNeverSatisfied", "a job that it depends on has failed", True),
        ("PartitionTimeLimit", "its time limit is above what the partition allows", True),
        (
            "PartitionNodeLimit",
            "it asks for more nodes than the partition gives one job, or some of them are down",
            False,
        ),
        ("PartitionConfig", "it asks for more than the partition gives one job", False),
        ("BadConstraints", "no node is as its constraints ask", True),
        ("AssocMaxWallDurationPerJobLimit", "it asks for more than its account gives one job", True),
        ("AssocMaxGRESPerNode", "it asks for more than its account gives one job", True),
        ("QOSMaxMemoryPerJob", "it asks for more than its QOS gives one job", True),
        ("QOSMaxCpuMinutesPerJobLimit", "it asks for more than its QOS gives one job", True),
        ("QOSMinCpuNotSatisfied", "it asks for less than its QOS wants of one job", True),
        ("MaxMemPerLimit", "it asks for more memory than one job may have on a node or a cpu", True),
        ("InvalidAccount", "its account may not be used there", True),
        (
            "Job's account not permitted to use this partition (gpu allows a,b not c)",
            "its account may not be used there",
            True,
        ),
        ("Job's_QOS_not_permitted_to_use_this_partition_(gpu_allows_x_not_y)", "its QOS may not be used there", True),
        ("QOSNotAllowed", "its QOS may not be used there", True),
        ("ReservationDeleted", "its reservation is gone", True),
        ("launch_failed_requeued_held", "SLURM could not start it on its node, and holds it since", True),
        # 25.05 and later
        (
            "user env retrieval failed requeued held",
            "SLURM could not read its user's environment, and holds it since",
            True,
        ),
        ("launch failed requeued held", "SLURM could not start it on its node, and holds it since", True),
        ("JobHoldMaxRequeue", "it was requeued as often as SLURM allows, and is held", True),
        ("JobHeldAdmin", "an administrator holds it", False),
    ],
)
def test_a_reason_that_no_waiting_ends(reason: str, because: str, certain: bool) -> None:
    never = never_starts(waits(reason))
    assert never
    assert (never.because, never.certain, "{" in never.advice) == (because, certain, False)


@pytest.mark.parametrize(
    "reason",
    [
        "Priority",
        "Resources",
        "Dependency",
        "BeginTime",
        "Licenses",
        "PartitionDown",
        "PartitionInactive",
        "NodeDown",
        "ReqNodeNotAvail,_UnavailableNodes:node01",
        "Reservation",
        "JobHeldUser",
        "JobArrayTaskLimit",
        "QOSMaxJobsPerUserLimit",
        "QOSMaxCpuPerUserLimit",
        "QOSMaxMemoryPerUser",
        "AssocMaxJobsLimit",
        "AssocGrpCpuLimit",
        "QOSGrpNodeLimit",
        "QOSGrpMemLimit",
        "MaxMemoryPerAccount",
        "QOSUsageThreshold",
        "ABrandNewReason",
        "",
    ],
)
def test_what_may_pass_is_waited_for(reason: str) -> None:
    assert never_starts(waits(reason)) is None


def test_a_groups_limit_is_in_vain_where_the_job_alone_is_above_it() -> None:
    said = "account little gives 1 cpu to all its jobs together, and this one asks for 2"
    assert never_starts(waits("AssocGrpCpuLimit", ceiling=said)) == Never(
        said, "Ask for less: scontrol update JobId=7 …, or cancel it and submit it again with a request that fits."
    )
    # a limit that is lower than the request says nothing while another reason holds
    assert never_starts(waits("Priority", ceiling=said)) is None


@pytest.mark.parametrize("word", ["SPECIAL_EXIT", "REQUEUE_HOLD"])
def test_a_job_that_failed_and_is_held_waits_for_a_person(word: str) -> None:
    never = never_starts(waits("JobHeldUser", word))
    assert never
    assert never.because == "it failed, and the site's rules put it back and hold it"
    assert never.advice == "scontrol release 7, once what failed is understood; or cancel it."


def test_a_job_that_runs_waits_for_nothing() -> None:
    assert never_starts(JobFacts("7", JobState.RUNNING, "RUNNING", reason="BadConstraints")) is None


def test_the_word_of_a_reason_stands_before_what_it_tells_of_nodes() -> None:
    assert [reason_word(text) for text in ("(Priority)", "ReqNodeNotAvail,_UnavailableNodes:n[1-3]", "None")] == [
        "Priority",
        "ReqNodeNotAvail",
        "None",
    ]
