"""What the folder of a task says of it, as Nextflow 23.10 to 25.04 write it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heal.engines.nextflow_workdir import WorkDir, workdir

RUN = """#!/bin/bash
#SBATCH -J nf-ALIGN_(S1)
#SBATCH -o /w/ab/cd/.command.log
#SBATCH --no-requeue
#SBATCH --signal B:USR2@30
#SBATCH -c 4
#SBATCH -t 26:30:30
#SBATCH --mem 6144M
NXF_CHDIR=/w/ab/cd
### ---
### name: 'ALIGN (S1)'
### outputs:
### - 'S1.bam'
### - '*.log'
### ...
set -e
nxf_stage() {
    true
    # stage input files
    rm -f S1.fq
    rm -f 'odd name.fa'
    ln -s /data/S1.fq S1.fq
    ln -s '/data/odd name.fa' 'odd name.fa'
    mkdir -p ref && cp -fRL /data/ref.idx ref/ref.idx
}
nxf_unstage_outputs() {
    ln -s /not/an/input x
}
"""
SCRIPT = "#!/bin/bash -ue\nbwa mem -t 4 ref.fa S1.fq | samtools sort -m 6144M\n"


def test_what_a_task_of_slurm_asked_for_reads_and_makes():
    assert workdir("/w/ab/cd", RUN, SCRIPT) == WorkDir(
        "/w/ab/cd",
        script="bwa mem -t 4 ref.fa S1.fq | samtools sort -m 6144M",
        inputs=("/data/S1.fq", "/data/odd name.fa", "/data/ref.idx"),
        # a pattern is no file
        outputs=("/w/ab/cd/S1.bam",),
        asked={"cpus": 4, "memory_mb": 6144, "time_min": 1590.5},
    )


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("", {}),
        ("#SBATCH -J nf-A\n", {"cpus": 1}),
        ("#SBATCH -c 2\n#SBATCH --mem-per-cpu 500M\n", {"cpus": 2, "memory_mb": 1000}),
        ("#SBATCH --mem 50M\n#SBATCH --mem=8G\n", {"cpus": 1}),
        ("#SBATCH -t 2-00:00:00\n", {"cpus": 1, "time_min": 2880}),
    ],
)
def test_only_what_nextflow_itself_writes_is_taken_for_what_was_asked(header: str, asked: dict[str, float]):
    assert workdir("/w", f"#!/bin/bash\n{header}", "").asked == asked


@pytest.mark.parametrize("cut", range(0, len(RUN), 97))
def test_a_wrapper_that_is_cut_short_says_less(cut: int):
    whole, found = workdir("/w/ab/cd", RUN, SCRIPT), workdir("/w/ab/cd", RUN[:cut], SCRIPT)
    assert set(found.outputs) <= set(whole.outputs)
    assert len(found.inputs) <= len(whole.inputs)


def test_a_try_that_asks_for_more_is_the_same_task_and_one_with_another_value_is_not():
    first = workdir("/w/ab/cd", RUN, SCRIPT)
    second = workdir("/w/ef/gh", RUN.replace("6144M", "9216M"), SCRIPT.replace("6144M", "9216M"))
    assert first.made_from() == second.made_from()
    assert first.made_from() != replace(first, script=first.script.replace("S1.fq", "S2.fq")).made_from()
    assert first.made_from() != replace(first, inputs=first.inputs[1:]).made_from()
    # A number that is not what was asked for is a value
    assert first.made_from() != replace(first, script=first.script + " 7").made_from()
