"""What one job may ask for: what its partition allows, and of each kind of limit what a QOS or an association says."""

from __future__ import annotations

import pytest

from heal.jobs import JobFacts, JobState, Limits
from heal.schedulers.slurm_limits import rules

PARTITIONS = (
    "PartitionName=short AllowGroups=ALL Default=YES MaxTime=01:00:00 MaxMemPerNode=UNLIMITED\n"
    "PartitionName=long AllowGroups=ALL Default=NO MaxTime=UNLIMITED MaxMemPerNode=UNLIMITED\n"
    "PartitionName=tiny AllowGroups=ALL Default=NO MaxTime=1-00:02:00 MaxMemPerNode=600\n"
    "PartitionName=each AllowGroups=ALL Default=NO MaxTime=00:02:00 MaxMemPerCPU=1000\n"
    "PartitionName=guarded AllowGroups=ALL Default=NO QoS=brief MaxTime=UNLIMITED\n"
)
NODES = "short|21694|2\nshort|64000|4\nlong|21694|2\ntiny|21694|2\neach|21694|2\n"
# sacctmgr -nP show qos|associations of SLURM 22.05.8
QOS = "normal|||||||\nbrief||mem=500M||||00:02:00|\nshared||cpu=4,mem=8G|||||cpu=8,mem=2G\n"
ASSOCIATIONS = (
    "heal|lab||brief,normal|normal|cpu=10,mem=10G||2-00:00:00||ada|\n"
    "heal|lab|long|normal|normal||||mem=16G|ada|\n"
    "heal|poor||normal|normal|||00:30:00||ada|\n"
    "heal|shares||normal|normal|||||ada|\n"
    "other|lab||normal|normal|mem=1M||00:01:00||ada|\n"
    # accounts as a whole; what one job of theirs may have stands in the user's own rows
    "heal|root|||normal||||||\n"
    "heal|above|||normal||||mem=3G||root\n"
    "heal|shares|||normal|mem=1M|||cpu=1,mem=5G||above\n"
)
SITE = rules(PARTITIONS, NODES, QOS, ASSOCIATIONS)


def job(partition: str | None, account: str | None = None, qos: str | None = None) -> JobFacts:
    return JobFacts(
        "1", JobState.FAILED, partition=partition, account=account, qos=qos, cluster="heal" if account else None
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (None, Limits(64000.0, 60.0, "partition short", "partition short")),
        (job("long"), Limits(21694.0, None, "partition long", "partition long")),
        (job("tiny,long"), Limits(600.0, 1442.0, "partition tiny", "partition tiny")),
        (job("each"), Limits(2000.0, 2.0, "partition each", "partition each")),
        (job("nowhere"), Limits(closed="there is no partition nowhere here")),
        # the tightest counts, and is named
        (job("short", "lab"), Limits(10240.0, 60.0, "the association of account lab", "partition short")),
        (job("short", "lab", "brief"), Limits(500.0, 2.0, "QOS brief", "QOS brief")),
        # what a whole group may ever have bounds each of its jobs
        (job("short", "lab", "shared"), Limits(2048.0, 60.0, "QOS shared", "partition short")),
        # an association that is made for the partition counts before one for all
        (job("long", "lab"), Limits(16384.0, None, "the association of account lab", "partition long")),
        (job("long", "poor"), Limits(21694.0, 30.0, "partition long", "the association of account poor")),
        # and that of an account above it
        (job("short", "shares"), Limits(3072.0, 60.0, "account above", "partition short")),
        # a partition may have a QOS of its own
        (
            job("guarded", "poor"),
            Limits(500.0, 2.0, "QOS brief of partition guarded", "QOS brief of partition guarded"),
        ),
        (job("long", "unheard of", "of this"), Limits(21694.0, None, "partition long", "partition long")),
    ],
)
def test_the_tightest_limit_counts_and_is_named(one: JobFacts | None, expected: Limits) -> None:
    assert SITE.limits(one) == expected


# of each kind: what the whole job, one node, and all jobs together may have
RANKED = rules(
    "PartitionName=plain Default=YES MaxTime=01:00:00\nPartitionName=ruled QoS=ruling MaxTime=01:00:00\n",
    "plain|90000|4\nruled|90000|4\n",
    "normal|||||||\n"
    "roomy|DenyOnLimit|mem=20G||||02:00:00|mem=9G\n"
    "ruling||mem=6G|||||\n"
    "mighty|OverPartQOS,PartitionTimeLimit|mem=8G||||03:00:00|\n",
    "heal|lab||normal|normal|mem=10G|mem=7G|00:30:00|mem=3G|ada|\nheal|lab|||normal||||mem=2G||\n",
)
LABS = "the association of account lab"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (job("plain", "lab"), Limits(2048.0, 30.0, "account lab", LABS)),
        # a QOS that sets a kind of limit speaks for the association and the account above it, and for no other kind
        (job("plain", "lab", "roomy"), Limits(7168.0, 60.0, LABS, "partition plain")),
        # nor does the job's own QOS count where the partition's has said it
        (job("ruled", "lab", "roomy"), Limits(6144.0, 60.0, "QOS ruling of partition ruled", "partition ruled")),
        # but where its flag puts it before; and one lifts the partition's time
        (job("ruled", "lab", "mighty"), Limits(2048.0, 180.0, "account lab", "QOS mighty")),
        (job("ruled", None, "mighty"), Limits(8192.0, 180.0, "QOS mighty", "QOS mighty")),
    ],
)
def test_a_limit_that_a_qos_sets_counts_before_an_associations_of_its_kind(one: JobFacts, expected: Limits) -> None:
    assert RANKED.limits(one) == expected


def test_another_partition_is_asked_about_for_the_same_job() -> None:
    assert SITE.limits(job("tiny", "poor"), "long") == Limits(
        21694.0, 30.0, "partition long", "the association of account poor"
    )


def test_a_site_that_shows_only_its_partitions_is_taken_by_them() -> None:
    assert rules(PARTITIONS, NODES, "", "").limits(job("short", "lab", "brief")) == Limits(
        64000.0, 60.0, "partition short", "partition short"
    )


# scontrol show partition of SLURM 22.05.8: Deny… stands in the place of Allow… where it is set
DOORS = """\
PartitionName=open AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL State=UP
PartitionName=groups AllowGroups=daemon,chem AllowAccounts=ALL AllowQos=ALL State=UP
PartitionName=accounts AllowGroups=ALL AllowAccounts=poor,Lab AllowQos=ALL State=UP
PartitionName=denied AllowGroups=ALL DenyAccounts=lab,poor AllowQos=ALL State=UP
PartitionName=qos AllowGroups=ALL AllowAccounts=ALL AllowQos=brief State=UP
PartitionName=down AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL State=DOWN
"""
LAB = job("open", "lab", "normal")


@pytest.mark.parametrize(
    ("one", "partition", "groups", "closed"),
    [
        (LAB, "open", ["bio"], ""),
        (LAB, "groups", ["chem", "bio"], ""),
        (LAB, "groups", ["bio"], "partition groups is for groups daemon,chem alone"),
        # no group keeps root out
        (LAB, "groups", None, ""),
        (LAB, "accounts", ["bio"], ""),
        (job("open", "rich"), "accounts", ["bio"], "partition accounts is for account poor,Lab alone"),
        (LAB, "denied", ["bio"], "partition denied is not for account lab,poor"),
        (LAB, "qos", ["bio"], "partition qos is for QOS brief alone"),
        (job("open", "lab", "brief"), "qos", ["bio"], ""),
        (LAB, "down", ["bio"], "partition down is down"),
        (LAB, "misspelt", ["bio"], "there is no partition misspelt here"),
        # what is not known of the job keeps it nowhere out
        (job("open"), "denied", None, ""),
        (None, "qos", None, ""),
    ],
)
def test_why_a_partition_takes_no_such_job_is_said(
    one: JobFacts | None, partition: str, groups: list[str] | None, closed: str
) -> None:
    assert rules(DOORS, "", "", "", groups).limits(one, partition).closed == closed
