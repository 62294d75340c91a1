"""Whatever shape a workflow gives its tasks, a failure is told under one name, the same in every launch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.snakemake_plugin.test_real import events, snakemake

pytestmark = pytest.mark.snakemake

OTHER = """
rule align:
    output: "aligned.txt"
    log: "align.log"
    shell: "echo in a module > {log}; exit 3"
"""
SNAKEFILE = """
scattergather:
    split=2,

localrules: here

rule all:
    input:
        "aligned.txt", "a/b c,d.deep", "gathered.txt", "counted.txt", "scripted.txt", "wrapped.txt", "here.txt",

module other:
    snakefile: "other/rules.smk"

use rule * from other as other_*

rule here:
    output: "here.txt"
    benchmark: "here.tsv"
    shell: "exit 4"

rule deep:
    output: "{sample}.deep"
    log: "logs/{sample}.log"
    shell: "echo '{wildcards.sample}' > '{log}'; exit 5"

rule part:
    output: touch("part/{scatteritem}.txt")
    shell: "case {wildcards.scatteritem} in 2-of-2) exit 6 ;; esac"

rule gathered:
    input: gather.split("part/{scatteritem}.txt")
    output: touch("gathered.txt")

checkpoint chosen:
    output: directory("chosen")
    shell: "mkdir {output}; touch {output}/x {output}/y"

rule count:
    input: "chosen/{name}"
    output: "counted/{name}.txt"
    shell: "test {wildcards.name} = x && touch {output}"

def counted(wildcards):
    folder = checkpoints.chosen.get().output[0]
    return expand("counted/{name}.txt", name=["x", "y"])

rule counted:
    input: counted
    output: touch("counted.txt")

rule scripted:
    output: "scripted.txt"
    log: "scripted.log"
    script: "scripts/made.py"

rule wrapped:
    output: "wrapped.txt"
    log: "wrapped.log"
    wrapper: "file:wrappers/tool"
"""
BROKEN = 'import sys\n\nsys.stderr = open(snakemake.log[0], "w")\nraise KeyError("its own words")\n'


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    """The failed tasks of one run in a folder of its own, by their key."""
    folder = tmp_path_factory.mktemp("shapes")
    work = folder / "work"
    for name, text in {
        "flow/Snakefile": SNAKEFILE,
        "flow/other/rules.smk": OTHER,
        "flow/scripts/made.py": BROKEN,
        "work/wrappers/tool/wrapper.py": BROKEN,
        # without it Snakemake ends the whole run when it records what some other job made
        "work/wrappers/tool/environment.yaml": "dependencies: []\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    ran = snakemake(folder, "-s", "flow/Snakefile", "--directory", "work", "-j2", "-k")
    assert ran.returncode == 1, ran.stderr
    return work, {event["task"]["key"]: event for event in events(folder) if event["kind"] == "task_failed"}


def test_each_failed_task_has_a_name_of_its_own(failures: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    _work, told = failures
    assert {key: (event["facts"]["process"], event["facts"]["exit"]) for key, event in told.items()} == {
        "other_align": ("other_align", 3),
        "here": ("here", 4),
        "deep:sample=a/b c,d": ("deep", 5),
        "part:scatteritem=2-of-2": ("part", 6),
        "count:name=y": ("count", 1),
        "scripted": ("scripted", 1),
        "wrapped": ("wrapped", 1),
    }


def test_its_logs_lie_in_the_folder_that_the_run_was_sent_to(
    failures: tuple[Path, dict[str, dict[str, Any]]],
) -> None:
    work, told = failures
    logs = {key: event["task"]["log_paths"] for key, event in told.items() if event["task"]["log_paths"]}
    assert logs == {
        "other_align": [f"{work}/align.log"],
        "deep:sample=a/b c,d": [f"{work}/logs/a/b c,d.log"],
        "scripted": [f"{work}/scripted.log"],
        "wrapped": [f"{work}/wrapped.log"],
    }
    assert {key: Path(paths[0]).read_text().splitlines()[-1] for key, paths in logs.items()} == {
        "other_align": "in a module",
        "deep:sample=a/b c,d": "a/b c,d",
        "scripted": "KeyError: 'its own words'",
        "wrapped": "KeyError: 'its own words'",
    }
