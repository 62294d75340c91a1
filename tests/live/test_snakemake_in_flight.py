"""A job that SLURM killed is healed while its Snakemake goes on; somebody answers in heal's place."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.live.pipelines import EAT, SNAKEMAKE_SLURM
from tests.snakemake_plugin.flight import Event, Listener, events, failures, questions, ran, retry, snakemake

pytestmark = [pytest.mark.slurm, pytest.mark.snakemake, pytest.mark.usefixtures("slurm")]

PIPELINE = """
rule all:
    input: "report.txt", "side_2.txt"
rule greedy:
    output: "greedy.txt"
    resources: mem_mb=450
    shell: "echo greedy {resources.mem_mb} >> $RAN; python3 eat.py 420 4; touch {output}"
rule report:
    input: "greedy.txt"
    output: "report.txt"
    resources: mem_mb=400
    shell: "echo report >> $RAN; touch {output}"
rule side:
    input: lambda wildcards: ["side_1.txt"] if wildcards.n == "2" else []
    output: "side_{n}.txt"
    resources: mem_mb=400
    shell: "echo side {wildcards.n} >> $RAN; touch {output}"
"""

GROUP = """
rule all:
    input: "second.txt"
rule first:
    output: "first.txt"
    group: "both"
    resources: mem_mb=400
    shell: "echo first {resources.mem_mb} >> $RAN; touch {output}"
rule second:
    input: "first.txt"
    output: "second.txt"
    group: "both"
    resources: mem_mb=450
    shell: "echo second {resources.mem_mb} >> $RAN; python3 eat.py 420 4; touch {output}"
"""


def pipeline(folder: Path, text: str) -> None:
    (folder / "Snakefile").write_text(text)
    (folder / "eat.py").write_text(EAT)
    (folder / "ran.log").touch()


def tries(folder: Path, task: str) -> list[tuple[str, str, float]]:
    """Of each try of a task: SLURM's id, what became of it, and the memory asked for."""
    ends = [event for event in events(folder) if event["kind"] in ("task_failed", "task_finished") and "task" in event]
    return [
        (event["task"]["native_id"], event["kind"], event["facts"]["asked"]["memory_mb"])
        for event in ends
        if event["task"]["key"] == task
    ]


def test_a_job_out_of_memory_is_healed_in_flight(tmp_path: Path) -> None:
    # Given a job that SLURM kills for its memory, beside others that have nothing to do with it
    pipeline(tmp_path, PIPELINE)

    def when_the_others_are_through(_event: Event) -> object:
        return retry(memory_mb=1000) if "side 2" in ran(tmp_path) else None

    # When heal answers while the run goes on
    with Listener(tmp_path, when_the_others_are_through):
        code, said = snakemake(tmp_path, *SNAKEMAKE_SLURM[1:], seconds=300)
    # Then the one run that was launched ends well, and only that job was started twice
    assert (code, said.count("Building DAG of jobs")) == (0, 1), said
    assert sorted(ran(tmp_path)) == ["greedy 1000", "greedy 450", "report", "side 1", "side 2"]
    first, second = tries(tmp_path, "greedy")
    assert (first[1:], second[1:]) == (("task_failed", 450), ("task_finished", 1000))
    assert first[0] != second[0]
    # And what was asked tells all that heal needs
    (failed,) = failures(tmp_path)
    slurm_log = Path(failed["task"]["log_paths"][-1])
    assert "exceeded memory limit" in slurm_log.read_text()


def test_a_group_is_tried_again_as_a_whole(tmp_path: Path) -> None:
    # Given two jobs in one SLURM job, the second of which takes too much memory
    pipeline(tmp_path, GROUP)
    # When heal answers for the one that failed
    with Listener(tmp_path, lambda _event: retry(memory_mb=1000)):
        code, said = snakemake(tmp_path, *SNAKEMAKE_SLURM[1:], seconds=300)
    # Then the group runs again in the same run, in an allocation that is large enough
    assert (code, said.count("Building DAG of jobs")) == (0, 1), said
    assert ran(tmp_path) == ["first 400", "second 450", "first 400", "second 1000"]
    assert questions(tmp_path) == [("second", 1)]
    assert [end[1:] for end in tries(tmp_path, "second")] == [("task_failed", 450), ("task_finished", 1000)]
