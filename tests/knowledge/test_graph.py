"""Missing files, walked back to who should have made them."""

from __future__ import annotations

from heal.cases import Finding, Sight
from heal.knowledge.graph import KnownTask, from_nextflow, from_snakefile, from_snakemake, staged, task_folder, unmade

LOG = """
[Fri Nov 20 11:58:10 2026]
rule align:
    input: reads/a.fq
    output: results/a.bam, results/a.bai
    log: logs/a.log
    jobid: 1
    reason: Missing output files: results/a.bam
    wildcards: sample=a
    resources: tmpdir=/tmp, mem_mb=400
[Fri Nov 20 11:58:10 2026]
localrule stat:
    input: results/b.bam
    output: stat.txt
    jobid: 2
[Fri Nov 20 11:58:11 2026]
Finished jobid: 2 (Rule: stat)
1 of 4 steps (25%) done
[Fri Nov 20 11:58:51 2026]
Error in rule align:
    message: SLURM-job '81' failed
    jobid: 1
    input: reads/a.fq
    output: results/a.bam, results/a.bai
    log: logs/a.log (check log file(s) for error details)
    shell:
        bwa mem input: x
"""
SNAKEFILE = """
rule all:
    input: expand("stats/{s}.txt", s=S)
rule trim:
    input: "raw/{s}.fq"
    output: "reads/{s}.fq"
    shell: "trim {input} > {output}"
rule align:
    input: "reads/{s}.fq"
    output:
        bam="results/{s}.bam",
    shell: "bwa"
"""


def told(path: str, *tasks: KnownTask, own: str = "") -> str:
    found = unmade(path, tasks, own=own)
    assert found is None or found == Finding(Sight.UNMADE, path, found.text)
    return found.text if found else ""


def test_snakemakes_log_tells_tasks_and_their_ends():
    align, stat = from_snakemake(LOG)
    assert align == KnownTask(
        "align (sample=a)", ("results/a.bam", "results/a.bai"), ("reads/a.fq",), ok=False, job="1"
    )
    assert stat == KnownTask("stat", ("stat.txt",), ("results/b.bam",), ok=True, job="2")


def test_a_task_that_failed_did_not_make_it():
    text = "results/a.bam is what align (sample=a) makes; it failed."
    assert told("results/a.bam", *from_snakemake(LOG)) == text
    assert told("/d/run/results/a.bam", *from_snakemake(LOG)).endswith("it failed.")


def test_a_task_that_ended_well_made_what_was_lost_later():
    assert "it ended well, so the file was moved or removed later" in told("./stat.txt", *from_snakemake(LOG))


def test_a_rule_that_never_ran_is_found_in_the_snakefile():
    rules = from_snakefile(SNAKEFILE, "Snakefile")
    assert told("results/x.bam", *rules).startswith(
        "results/x.bam is what rule align (Snakefile:8) makes; it never ran"
    )
    assert told("nobody/x.txt", *rules) == ""


def test_the_walk_goes_on_to_what_kept_a_task_from_running():
    trim = KnownTask("trim (s=a)", ("reads/a.fq",), ("raw/a.fq",), ok=False)
    align = KnownTask("align (s=a)", ("results/a.bam",), ("reads/a.fq",), ran=False)
    expected = (
        "results/a.bam is what align (s=a) makes; it never ran: reads/a.fq, which it reads, is made by trim (s=a), "
        "and it failed."
    )
    assert told("results/a.bam", trim, align) == expected


def test_tasks_that_wait_for_each_other_do_not_hold_the_walk():
    one, other = KnownTask("a", ("a",), ("b",), ran=False), KnownTask("b", ("b",), ("a",), ran=False)
    assert "it never ran" in told("a", one, other)


def test_the_task_that_reads_it_is_not_the_one_that_makes_it():
    assert told("x.txt", KnownTask("me", ("x.txt",)), own="me") == ""


def test_nextflow_tells_tasks_by_their_folders():
    folder = "/d/work/70/724822b5791016fa2d9cfd25052cf2"
    log = (
        "Nov-20 [Task monitor] DEBUG n.processor.TaskPollingMonitor - Task completed > TaskHandler[jobId: 103; id: 1; "
        f"name: SPLIT (1); status: COMPLETED; exit: 1; error: -; workDir: {folder} started: 17; exited: 2026; ]"
    )
    tasks = from_nextflow(log)
    assert tasks == (KnownTask("SPLIT (1)", ok=False, folder=folder),)
    assert task_folder(f"{folder}/x.fq") == folder
    assert task_folder("/d/work/x.fq") == ""
    goal = staged(f"nxf_stage() {{\n    rm -f x.fq\n    ln -s {folder}/x.fq x.fq\n}}\n")["x.fq"]
    assert told(goal, *tasks) == f"{folder}/x.fq is what SPLIT (1) makes; it failed."
