"""What the rules and steps of an engine are asked for, and given, is not less than before."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules

SNAKEFILE = """SAMPLES = ["a", "b", "c"]

rule all:
    input: expand("out/{s}.txt", s=SAMPLES)

rule report:
    input: "in.csv"
    output: "out/{s}.txt"
    script: "scripts/report.py"

rule count:
    input: "in.csv"
    output: "{s}.n"
    run:
        with open(output[0], "w") as out:
            out.write(str(len(open(input[0]).readlines())))
"""
NEXTFLOW = """workflow {
    reads = Channel.fromFilePairs(params.reads)
    ALIGN(reads, file(params.ref))
    REPORT(ALIGN.out.bam.collect())
}
"""
STEP = "ALIGN(reads, file(params.ref))"
RUN = SNAKEFILE[SNAKEFILE.index("    run:") :]


def changed(path: str, text: str, old: str, new: str) -> list[str]:
    assert old in text
    return rules(judged({path: text}, {path: text.replace(old, new, 1)}))


@pytest.mark.parametrize(
    "now",
    [
        's=set(SAMPLES) - {"b"}',
        's=set(SAMPLES) & {"b"}',
        's=sorted(set(SAMPLES) - {"b"})',
        's=set(SAMPLES).difference("b")',
        "s=min(SAMPLES)",
        "s=next(iter(SAMPLES))",
        "s=SAMPLES[0]",
        "s=SAMPLES[-1]",
        "s=SAMPLES[1:]",
        's="a"',
        "s=(lambda a, *r: r)(*SAMPLES)",
        's=exists("data")',
    ],
)
def test_targets_for_fewer_samples_are_asked_about(now: str):
    assert "hide.skip" in changed("Snakefile", SNAKEFILE, "s=SAMPLES", now)


@pytest.mark.parametrize("now", ["s=sorted(SAMPLES)", "s=[*SAMPLES]", 's=config["samples"]', "s=SAMPLES, t=[1, 2]"])
def test_targets_for_all_samples_are_let_pass(now: str):
    assert "hide.skip" not in changed("Snakefile", SNAKEFILE, "s=SAMPLES", now)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('script: "scripts/report.py"', 'shell: "cp {input[0]} {output}"'),
        ('script: "scripts/report.py"', 'shell: "cat {input} > {output}"'),
        ('script: "scripts/report.py"', 'run: shell("cp {input[0]} {output}")'),
        (RUN, '    shell: "cp {input} {output}"\n'),
    ],
)
def test_a_rule_that_no_longer_runs_its_script_is_asked_about(old: str, new: str):
    assert "hide.command_gone" in changed("Snakefile", SNAKEFILE, old, new)


def test_a_rule_may_run_another_script():
    found = changed("Snakefile", SNAKEFILE, '"scripts/report.py"', '"scripts/reports.py"')
    assert "hide.command_gone" not in found


@pytest.mark.parametrize(
    ("now", "rule"),
    [
        ("ALIGN(reads, [])", "hide.fallback"),
        ("ALIGN([], file(params.ref))", "hide.fallback"),
        ("ALIGN(reads.ifEmpty([]), file(params.ref))", "hide.fallback"),
        ("ALIGN(reads.ifEmpty { [] }, file(params.ref))", "hide.fallback"),
        ("ALIGN(reads, Channel.fromPath(params.ref).ifEmpty(file('x.fa')))", "hide.fallback"),
        ("ALIGN(reads, file('x.fa'))", "hide.reference"),
        ('ALIGN(reads, file("x.fa"))', "hide.reference"),
    ],
)
def test_a_step_that_is_given_nothing_or_one_fixed_file_is_asked_about(now: str, rule: str):
    assert rule in changed("main.nf", NEXTFLOW, STEP, now)


@pytest.mark.parametrize(
    "now",
    [
        "ALIGN(reads, file(params.reference))",
        "ALIGN(reads, params.ref)",
        'ALIGN(reads, file("${projectDir}/x.fa"))',
        "ALIGN(reads.map { it[1] }, file(params.ref))",
        "ALIGN(reads.ifEmpty { error 'no reads' }, file(params.ref))",
    ],
)
def test_a_step_that_is_given_as_much_is_let_pass(now: str):
    assert not {"hide.fallback", "hide.reference"} & {*changed("main.nf", NEXTFLOW, STEP, now)}
