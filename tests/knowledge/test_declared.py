"""Which step of a workflow declares an environment that has what another one lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.cases import Case, Citation, Evidence, Finding, Passage, Sight
from heal.cli.desk import Desk
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.knowledge.declared import brought_elsewhere, folders
from heal.knowledge.patterns import load
from heal.knowledge.surroundings import Surroundings
from heal.records import Diagnosis, Label
from heal.shipped import shipped
from heal.steps.look import look

INCIDENT = Path(__file__).parents[1] / "incidents" / "eng-smk-env-of-another"
RULES = """\
rule align:
    output: "a.bam"
    {declares}
    shell:
        "bwa mem ref.fa {{input}} | "
        "samtools sort -o {{output}}"

rule stats:
    input: "a.bam"
    {own}
    shell: "samtools flagstat {{input}}"
"""
PROCESSES = """\
process ALIGN {{
    {declares}
    script:
    \"\"\"
    samtools sort x.bam
    \"\"\"
}}
process STATS {{
    {own}
    script:
    \"\"\"
    samtools flagstat x.bam
    \"\"\"
}}
"""


def rules(declares: str = "", own: str = "") -> dict[str, str]:
    return {"/w/Snakefile": RULES.format(declares=declares, own=own)}


def processes(declares: str = "", own: str = "") -> dict[str, str]:
    return {"/w/main.nf": PROCESSES.format(declares=declares, own=own)}


def told(step: str, other: str, declares: str, has: str = "it declares no environment") -> str:
    return f"samtools is not there for {step}: {has}; {other}, which runs it too, declares {declares}."


@pytest.mark.parametrize(
    ("sources", "process", "text"),
    [
        (rules('conda: "envs/map.yaml"'), "stats", told("rule stats", "rule align", "conda envs/map.yaml")),
        (rules('container: "docker://x/y:1"'), "stats", told("rule stats", "rule align", "container docker://x/y:1")),
        (
            rules('envmodules:\n        "bio/samtools/1.9"'),
            "stats",
            told("rule stats", "rule align", "envmodules bio/samtools/1.9"),
        ),
        (
            rules('conda: "envs/map.yaml"', 'conda: "envs/py.yaml"') | {"/w/envs/py.yaml": "dependencies:\n - pandas"},
            "stats",
            told(
                "rule stats",
                "rule align",
                "conda envs/map.yaml",
                "its conda envs/py.yaml is not said to have it",
            ),
        ),
        (
            processes("conda 'bioconda::samtools=1.9'"),
            "WF:STATS",
            told("process STATS", "process ALIGN", "conda bioconda::samtools=1.9"),
        ),
        (processes("module 'samtools/1.9'"), "STATS", told("process STATS", "process ALIGN", "module samtools/1.9")),
        (
            processes() | {"/w/nextflow.config": "process {\n withName: 'ALI.*' { container = 'x/y:1' }\n}"},
            "STATS",
            told("process STATS", "process ALIGN", "container x/y:1"),
        ),
    ],
    ids=["conda", "container", "modules", "another conda", "nextflow conda", "nextflow module", "nextflow config"],
)
def test_another_step_declares_what_this_one_lacks(sources: dict[str, str], process: str, text: str) -> None:
    found = brought_elsewhere("samtools", process, sources)

    assert found is not None
    assert (found.sight, found.subject, found.text) == (Sight.DECLARED, "samtools", text)


@pytest.mark.parametrize(
    ("sources", "process"),
    [
        (rules(), "stats"),
        (rules('conda: "envs/map.yaml"', 'conda: "envs/map.yaml"'), "stats"),
        (
            rules('conda: "envs/map.yaml"', 'conda: "envs/own.yaml"') | {"/w/envs/own.yaml": "- samtools=1.9"},
            "stats",
        ),
        (rules('conda: "envs/map.yaml"'), "unknown"),
        (processes("conda 'x'", "module 'samtools/1.9'"), "STATS"),
    ],
    ids=["nobody does", "the same", "its own has it", "no such step", "its own module has it"],
)
def test_no_other_step_has_more(sources: dict[str, str], process: str) -> None:
    assert brought_elsewhere("samtools", process, sources) is None


PLAIN = 'conda: "envs/map.yaml"'
OF_PROCESS = "conda 'bioconda::samtools=1.9'"


@pytest.mark.parametrize(
    ("sources", "process"),
    [
        (rules(PLAIN, 'conda: config["x"]'), "stats"),
        (rules(PLAIN, "conda: None"), "stats"),
        (rules(PLAIN, 'wrapper: "v3.0.0/bio/samtools/stats"'), "stats"),
        (rules(PLAIN, 'conda: "envs/{wildcards.x}.yaml"'), "stats"),
        (rules(PLAIN, "container: IMAGES['stats']"), "stats"),
        (rules('conda: config["x"]'), "stats"),
        (rules('container: "docker://me:secret@x.org/y"'), "stats"),
        ({"/w/Snakefile": 'container: "docker://x/y"\n' + rules(PLAIN)["/w/Snakefile"]}, "stats"),
        (processes(OF_PROCESS, 'conda "${moduleDir}/environment.yml"'), "STATS"),
        (processes(OF_PROCESS, "container params.img"), "STATS"),
        (processes(OF_PROCESS, "container workflow.x ? 'a/b' : 'c/d'"), "STATS"),
        (processes(OF_PROCESS, "container { params.img }"), "STATS"),
        (processes("container 'https://me:secret@x.org/y'"), "STATS"),
        (processes(OF_PROCESS) | {"/w/nextflow.config": "process.container = 'x/y:1'"}, "STATS"),
        (processes(OF_PROCESS) | {"/w/nextflow.config": "process {\n withLabel: a { conda = 'x' }\n}"}, "STATS"),
        (
            processes(OF_PROCESS)
            | {"/w/nextflow.config": "process {\n withName: 'STATS' {\n ext { a = 1 }\n container = 'x' }\n}"},
            "STATS",
        ),
    ],
)
def test_nothing_is_said_where_what_is_declared_is_not_plain(sources: dict[str, str], process: str) -> None:
    assert brought_elsewhere("samtools", process, sources) is None


def test_a_module_that_only_the_list_of_another_environment_names() -> None:
    sources = rules('conda: "envs/map.yaml"') | {"/w/envs/map.yaml": "dependencies:\n  - conda-forge::pysam=0.22\n"}

    found = brought_elsewhere("pysam", "stats", sources)

    assert found == Finding(
        Sight.DECLARED,
        "pysam",
        "pysam is not there for rule stats: it declares no environment; rule align, whose environment lists it, "
        "declares conda envs/map.yaml.",
        "Declare conda envs/map.yaml for rule stats as well.",
    )


def test_a_folder_that_is_declared_is_an_environment() -> None:
    assert folders(rules('conda: "/sw/envs/map"', 'conda: "envs/py.yaml"')) == ("/sw/envs/map",)


def test_a_program_in_a_declared_folder_is_found_there(tmp_path: Path) -> None:
    # Given a workflow whose other rule uses an environment that is a folder
    place = tmp_path / "sw" / "map" / "bin" / "zorktool"
    place.parent.mkdir(parents=True)
    place.write_text("#!/bin/sh\n", encoding="utf-8")
    place.chmod(0o755)
    text = RULES.replace("samtools", "zorktool").format(declares=f'conda: "{tmp_path}/sw/map"', own="")
    (tmp_path / "Snakefile").write_text(text, encoding="utf-8")
    line = "/bin/bash: line 1: zorktool: command not found"
    case = Case("snakemake", (Evidence("log", (Passage(1, line),)),), process="stats")
    # When what the line names is looked up
    around = Surroundings(cwd=str(tmp_path), path=("/nowhere",))
    cited = Diagnosis(Label.MISSING_DEPENDENCY, "", 0.9, Citation("log", 1, line))
    found = look(case, cited, around, Looker(), History())
    # Then the declaration is told first, and where the program is
    assert [one.sight for one in found] == [Sight.DECLARED, Sight.ABSENT, Sight.ELSEWHERE]
    assert str(place) in found[2].text


def test_a_real_run_in_which_another_rule_has_the_environment(cache: Path) -> None:
    library = load([shipped("patterns")], cache_dir=cache)

    answer = Desk(library, Scanner(library, cache)).answer(str(INCIDENT))

    assert answer["label"] == "missing_dependency"
    assert answer["cause"] == (
        "bwa-mem2 is not there for rule counts: it declares no environment; rule index, which runs it too, declares "
        "conda envs/map.yaml."
    )
    assert answer["fix"] == {"kind": "advice", "text": "Declare conda envs/map.yaml for rule counts as well."}
