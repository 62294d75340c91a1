"""One site in the formats of four SLURM versions: the same limits, and the same ceilings, of all of them.

``recorded/<version>/`` names in its first lines where the format comes from.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.jobs import JobFacts, JobState, Limits
from heal.schedulers.slurm_ceilings import ceiling_of, parse_caps
from heal.schedulers.slurm_limits import Rules, rules
from heal.schedulers.slurm_rules import sacctmgr_associations, sacctmgr_qos
from heal.schedulers.slurm_values import node_count

RECORDED = Path(__file__).parent / "recorded"
VERSIONS = ("22.05", "23.11", "24.11", "25.11")


def printed(version: str, file: str) -> str:
    """What the command printed, without the remarks at the head of the file."""
    lines = (RECORDED / version / f"{file}.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("# "))


def site(version: str) -> Rules:
    return rules(*(printed(version, file) for file in ("partition", "sinfo", "sacctmgr_qos", "sacctmgr_associations")))


def job(partition: str | None, account: str = "pair", qos: str | None = "normal", nodes: str = "node01") -> JobFacts:
    return JobFacts("1", JobState.FAILED, partition=partition, account=account, qos=qos, cluster="lab", nodes=nodes)


ASSOCIATION = "the association of account"
LIMITS: tuple[tuple[JobFacts | None, Limits], ...] = (
    (None, Limits(8000, 60, "partition normal", "partition normal")),
    (job(None), Limits(8000, 60, "partition normal", "partition normal")),
    (job("normal", qos="brief"), Limits(500, 2, "QOS brief", "QOS brief")),
    (job("normal", "little"), Limits(300, 60, f"{ASSOCIATION} little", "partition normal")),
    # what one node of a job may have, and all of its nodes together
    (job("normal", "capped"), Limits(7000, 60, f"{ASSOCIATION} capped", "partition normal")),
    (job("normal", "capped", nodes="node[01-02]"), Limits(5120, 60, f"{ASSOCIATION} capped", "partition normal")),
    # what all jobs of an account, and of a user, may have at once
    (job("normal", qos="crowded"), Limits(2048, 60, "QOS crowded", "partition normal")),
    # a partition's QOS holds for all of its jobs, but for those of a QOS that goes before it
    (job("guest"), Limits(4096, 1442, "QOS guests of partition guest", "partition guest")),
    (job("guest", qos="mighty"), Limits(5000, 600, "QOS mighty", "QOS mighty")),
    (job("each"), Limits(2048, None, f"{ASSOCIATION} pair", "partition each")),
    (job("each", "nobodys"), Limits(6000, None, "partition each", "partition each")),
)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_same_limits(version: str) -> None:
    there = site(version)
    assert [there.limits(one) for one, _ in LIMITS] == [expected for _, expected in LIMITS]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_same_ceilings(version: str) -> None:
    caps = parse_caps(printed(version, "assoc_mgr"))
    asked = ("cpu=2,mem=100M,node=1", "cpu=1,mem=400M,node=1", "cpu=1,mem=100M,node=3", "cpu=1,mem=100M,node=1")
    # users are told by name and number where their own association is
    told = [
        ceiling_of({"Account": "little", "QOS": "brief", "UserId": "ada(1000)", "ReqTRES": tres}, caps)
        for tres in asked
    ]
    of_qos = ceiling_of({"Account": "open", "QOS": "crowded", "UserId": "ada(1000)", "ReqTRES": "cpu=9,mem=1M"}, caps)
    assert [*told, of_qos] == [
        "account little gives 1 cpu to all its jobs together, and this one asks for 2 cpus",
        "account little gives 300 MB of memory to all its jobs together, and this one asks for 400 MB of memory",
        "account little gives 2 nodes to all jobs of this user together, and this one asks for 3 nodes",
        "",
        "QOS crowded gives 8 cpus to all its jobs together, and this one asks for 9 cpus",
    ]


def test_what_is_asked_for_is_what_was_recorded() -> None:
    for version in VERSIONS:
        for file, argv in (("sacctmgr_qos", sacctmgr_qos()), ("sacctmgr_associations", sacctmgr_associations("ada"))):
            assert argv[-1] in (RECORDED / version / f"{file}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "file", ["partition", "sinfo", "sacctmgr_qos", "sacctmgr_associations", "assoc_mgr", "squeue", "sacct", "scontrol"]
)
def test_each_file_names_its_version(version: str, file: str) -> None:
    assert f"SLURM {version}" in (RECORDED / version / f"{file}.txt").read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("node01", 1), ("node[01-03,07],big1", 5), ("a,b", 2), ("rack1n[1-10]", 10)],
)
def test_nodes_are_counted(text: str, count: int) -> None:
    assert node_count(text) == count
