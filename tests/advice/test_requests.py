"""What is asked of SLURM against what it gives, as a site's own answers tell it."""

from __future__ import annotations

import pytest

from heal.advice.job_scripts import options
from heal.advice.requests import Node, Request, Site, checked, limit_min, nodes_of, of_sbatch
from heal.schedulers.slurm_limits import rules

PARTITIONS = (
    "PartitionName=short Default=YES MaxTime=01:00:00 MaxMemPerNode=UNLIMITED MaxMemPerCPU=UNLIMITED\n"
    "PartitionName=gpu Default=NO MaxTime=2-00:00:00 MaxMemPerNode=UNLIMITED MaxMemPerCPU=UNLIMITED\n"
)
NODES = "short|16000|8\nshort|64000|16\ngpu|256000|64\n"
GRES = "short|8|(null)\nshort|16|\ngpu|64|gpu:a100:4(S:0-1),gpu:h200:2\n"
SITE = Site(rules(PARTITIONS, NODES, "", ""), nodes_of(GRES))


def said(**asked: object) -> list[str]:
    return [issue.what for issue in checked([Request("rule a", "Snakefile", 3, **asked)], SITE)]


def test_the_largest_node_of_each_partition():
    gpus = {"a100": 4, "h200": 2, "": 6}
    assert nodes_of(GRES) == {"short": Node(16, {"": 0}), "gpu": Node(64, gpus)}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"memory_mb": 64000.0, "time_min": 60.0, "cpus": 16}, []),
        ({"memory_mb": 65536.0}, ["rule a asks for 64.0 GB of memory; partition short gives 62.5 GB"]),
        ({"time_min": 90.0}, ["rule a asks for 90 min; partition short gives 60 min"]),
        ({"cpus": 32}, ["rule a asks for 32 cpus on a node; the largest of partition short has 16"]),
        ({"partition": "gpus"}, ["rule a names partition gpus, and there is none of that name here"]),
        ({"gpus": ("", 1)}, ["rule a asks for 1 gpus on a node; partition short has 0"]),
        ({"gpus": ("h200", 4), "partition": "gpu"}, ["rule a asks for 4 h200 gpus on a node; partition gpu has 2"]),
        # one of several is enough
        ({"time_min": 90.0, "partition": "short,gpu"}, []),
    ],
)
def test_what_can_never_be_had(asked: dict[str, object], expected: list[str]):
    assert said(**asked) == expected


def test_limits_of_the_account_count():
    own = "c|lab|||normal|mem=8G||00:30:00||ada|\n"
    site = Site(rules(PARTITIONS, NODES, "", own), {})
    asked = Request("it", "run.sh", 1, memory_mb=9000.0, time_min=45.0)
    assert [issue.what for issue in checked([asked], site)] == [
        "it asks for 8.8 GB of memory; the association of account lab gives 8.0 GB",
        "it asks for 45 min; the association of account lab gives 30 min",
    ]


def test_a_script_asks_by_node():
    text = "#!/bin/bash\n#SBATCH -N 1 -n 4 -c 2 --mem-per-cpu=2G -t 90 -p gpu --gres=gpu:a100:2\n"
    assert of_sbatch(options(text), "it", "run.sh", 1) == Request(
        "it", "run.sh", 1, memory_mb=16384.0, time_min=90.0, cpus=8, partition="gpu", gpus=("a100", 2)
    )


def test_tasks_that_may_be_on_many_nodes_are_not_added_up():
    asked = of_sbatch(options("#!/bin/bash\n#SBATCH -n 400 --mem-per-cpu=2G\n"), "it", "run.sh")
    assert (asked.cpus, asked.memory_mb) == (None, 2048.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("1:30", 1.5), ("1:30:00", 90), ("2-12", 3600), ("1-00:30", 1470), ("2h", None), ("", None)],
)
def test_time_limits(text: str, expected: float | None):
    assert limit_min(text) == expected
