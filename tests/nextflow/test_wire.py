"""The Nextflow plugin's golden files are what real runs of Nextflow tell, in the shape that other writers have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.nextflow.golden import spoken
from tests.nextflow.launches import Launch
from tests.wire.test_golden import HERE, check, lines

pytestmark = pytest.mark.nextflow

PIPELINE = """
process ALIGN {
    tag "$sample"
    memory '600 MB'
    time '10m'
    input: tuple val(sample), path(reads)
    output: path "${sample}.txt"
    script: "[ $sample != S7 ] && cp $reads ${sample}.txt || { echo 'cannot open index' >&2; exit 3; }"
}
process REPORT { input: path parts; output: path 'report.txt'; script: "cat $parts > report.txt" }
workflow NF {
    ALIGN(channel.of(SAMPLES).map { [it, file("${launchDir}/reads_${it}.fq")] })
    REPORT(ALIGN.out.collect())
}
workflow { NF() }
"""


def pipeline(launch: Launch, *samples: str) -> str:
    for sample in samples:
        (launch.folder / f"reads_{sample}.fq").write_text("reads\n", encoding="utf-8")
    return PIPELINE.replace("SAMPLES", ", ".join(f"'{sample}'" for sample in samples))


def test_a_run_that_goes_well(launch: Launch):
    launch.env = {"HEAL_RUN": "run-0"}
    assert launch.run(pipeline(launch, "S1"), "-profile", "standard", "--note", "a b") == 0
    check("nextflow-success", spoken(launch))


def test_a_task_that_fails(launch: Launch):
    assert launch.run(pipeline(launch, "S7")) == 1
    check("nextflow-failure", spoken(launch))


def test_a_task_that_is_tried_again(launch: Launch):
    config = "process { errorStrategy = { task.attempt < 2 ? 'retry' : 'ignore' }; maxRetries = 2 }\n"
    assert launch.run(pipeline(launch, "S7"), config=config) == 0
    check("nextflow-retried", spoken(launch))


def test_a_script_that_is_wrong(launch: Launch):
    assert launch.run('workflow { error "no input given" }') == 1
    check("nextflow-engine-failure", spoken(launch))


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_task_that_fails_on_slurm(launch: Launch):
    assert launch.run(pipeline(launch, "S7"), config="process.executor = 'slurm'\nprocess.time = '5m'\n") == 1
    check("nextflow-slurm-failure", spoken(launch))


# --- the shape ------------------------------------------------------------------------------------


def shape(said: Any) -> Any:
    """What a value is made of: the fields of an object that are known, each with the kind of its value."""
    if isinstance(said, dict):
        return {name: shape(value) for name, value in said.items() if value is not None}
    if isinstance(said, bool):
        return "truth"
    return "number" if isinstance(said, int | float) else type(said).__name__


def first(name: str, kind: str) -> dict[str, Any]:
    return next(said for said in map(json.loads, lines(HERE / f"{name}.json")) if said["kind"] == kind)


def both(own: Any, other: Any) -> Any:
    """What is said by both, as this one says it."""
    if isinstance(own, dict) and isinstance(other, dict):
        return {name: both(own.get(name), each) for name, each in other.items()}
    return own


@pytest.mark.parametrize(
    ("case", "other", "kind"),
    [
        ("success", "sbatch-shim", "run_started"),
        ("success", "snakemake-local-success", "task_submitted"),
        ("success", "snakemake-local-success", "task_finished"),
        ("success", "snakemake-local-success", "run_finished"),
        ("failure", "snakemake-local-failure", "task_failed"),
        ("engine-failure", "snakemake-engine-failure", "task_failed"),
    ],
)
def test_it_says_what_other_writers_say_and_more(case: str, other: str, kind: str):
    others = shape(first(other, kind))
    assert both(shape(first(f"nextflow-{case}", kind)), others) == others
