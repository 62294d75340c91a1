"""heal validate: what is wrong with a pipeline's folder, by a real Snakemake and real shells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.advice.asked import tells
from tests.cli.place import Place

pytestmark = pytest.mark.snakemake

GOOD = """\
configfile: "config.yaml"
rule all:
    input: "out/S1.txt"
rule align:
    input: "data/{s}.fq", ref=config["ref"]
    output: "out/{s}.txt"
    log: "logs/{s}.log"
    conda: "env.yaml"
    resources: mem_mb=4000, runtime=30, slurm_partition="short"
    threads: 2
    shell: "cat {input} > {output} 2> {log}"
"""
PARTITIONS = "PartitionName=short Default=YES MaxTime=01:00:00 MaxMemPerNode=UNLIMITED MaxMemPerCPU=UNLIMITED"


@pytest.fixture
def pipeline(place: Place) -> Place:
    """A pipeline with nothing wrong, on a SLURM with one small partition."""
    place.file("Snakefile", GOOD)
    place.file("config.yaml", "ref: ref.fa\n")
    place.file("env.yaml", "dependencies: [samtools]\n")
    place.file("ref.fa", ">r\nA\n")
    place.file("data/S1.fq", "@r\nA\n+\nI\n")
    place.program("scontrol", f"echo '{PARTITIONS}'")
    place.program("sinfo", 'case "$*" in *%G*) echo "short|8|(null)";; *) echo "short|16000|8";; esac')
    place.program("sacctmgr", "exit 1")
    return place


def findings(place: Place) -> tuple[int, list[dict[str, Any]]]:
    ended = tells(place, "validate", "--json")
    assert ended.stderr == ""
    return ended.returncode, json.loads(ended.stdout)["findings"]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_pipeline_with_nothing_wrong(pipeline: Place):
    before = snapshot(pipeline.work)
    ended = tells(pipeline, "validate")
    assert (ended.returncode, ended.stderr) == (0, "")
    looked, model = ended.stdout.splitlines()
    assert looked == (
        "nothing wrong · looked at: 3 files, Snakemake's dry run, snakemake --lint, "
        "2 requests against SLURM's partitions"
    )
    assert model.startswith("with a model ([model] in heal.toml): ")
    # and nothing was made or changed, Snakemake's own folder included
    assert snapshot(pipeline.work) == before


def test_what_no_partition_gives(pipeline: Place):
    pipeline.file(
        "Snakefile", GOOD.replace("mem_mb=4000, runtime=30", "mem_mb=40000, runtime=90").replace("2\n", "16\n")
    )
    code, found = findings(pipeline)
    assert (code, [(one["severity"], one["file"], one["line"], one["by"]) for one in found]) == (
        1,
        [("error", "Snakefile", 4, "slurm")] * 3,
    )
    assert [one["what"] for one in found] == [
        "rule align asks for 16 cpus on a node; the largest of partition short has 8",
        "rule align asks for 39.1 GB of memory; partition short gives 15.6 GB",
        "rule align asks for 90 min; partition short gives 60 min",
    ]


def test_slurm_is_asked_at_most_five_questions(pipeline: Place):
    for name in ("scontrol", "sinfo", "sacctmgr"):
        path = pipeline.bin / name
        path.write_text(path.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\necho {name} $* >> {pipeline.ran}\n"))
    assert tells(pipeline, "validate").returncode == 0
    asked = [line.split()[0] for line in pipeline.ran.read_text().splitlines() if "show config" not in line]
    # besides what Snakemake's own SLURM plugin asks at each of its two starts
    assert asked == ["scontrol", "sinfo", "sacctmgr", "sacctmgr", "sinfo"]


def test_a_missing_input_is_told_as_snakemake_tells_it(pipeline: Place):
    (pipeline.work / "ref.fa").unlink()
    assert findings(pipeline) == (
        1,
        [
            {
                "severity": "error",
                "file": "Snakefile",
                "line": 4,
                "what": "MissingInputException: Missing input files for rule align: output: out/S1.txt; wildcards: s=S1; "
                "affected files: ref.fa",
                "do": "bring these files, correct the path, or add the rule that makes them",
                "by": "snakemake",
            }
        ],
    )


def test_every_kind_of_mistake_at_once(pipeline: Place):
    # Given a pipeline in which much is wrong
    pipeline.file("Snakefile", GOOD + 'rule old:\n    output: "b"\n    version: "1.0"\n    script: "scripts/no.py"\n')
    pipeline.file("config.yaml", "ref: [ref.fa\n")
    pipeline.file("profiles/default/config.yaml", 'cluster: "sbatch"\n')
    pipeline.file(
        "run.sh", "#!/bin/bash\n#SBATCH --time=2h\nset -eu\necho $DATA_DIR\n#SBATCH --mem=1G\nif true; then\n"
    )
    pipeline.file("bin/tool.py", "print(1)\n")
    pipeline.file("heal.toml", '[polcy]\nresources = "ask"\n')
    pipeline.file("x.json", '{"a": }\n')
    # When it is checked
    code, found = findings(pipeline)
    # Then each is told with its line, errors first
    assert code == 1
    assert [(one["severity"], one["file"], one["line"], one["by"]) for one in found] == [
        # it does not even start: the profile names an option that it does not have
        ("error", "", 0, "snakemake"),
        ("error", "Snakefile", 14, "heal"),
        ("error", "Snakefile", 15, "heal"),
        ("error", "bin/tool.py", 0, "heal"),
        ("error", "bin/tool.py", 1, "heal"),
        ("error", "config.yaml", 2, "yaml"),
        ("error", "heal.toml", 1, "heal"),
        ("error", "profiles/default/config.yaml", 1, "heal"),
        ("error", "run.sh", 2, "heal"),
        ("error", "run.sh", 5, "heal"),
        ("error", "run.sh", 7, "bash -n"),
        ("error", "x.json", 1, "json"),
        ("warning", "run.sh", 4, "heal"),
    ]


def test_without_an_engine_and_without_slurm_it_says_what_it_could_not_check(pipeline: Place):
    # Given the text of a pipeline, on a machine that has neither Snakemake nor SLURM
    for name in ("scontrol", "sinfo", "sacctmgr"):
        (pipeline.bin / name).unlink()
    pipeline.more["PATH"] = str(pipeline.bin)
    pipeline.file("job.sh", "#!/bin/bash\n#SBATCH --mem=1G\ntrue\n")
    pipeline.file("Snakefile", GOOD.replace('ref=config["ref"]', '"gone.txt"'))
    ended = tells(pipeline, "validate", "--json")
    said = json.loads(ended.stdout)
    # Then what the text shows is told, and the rest is named
    assert ("warning", 5, "input gone.txt of rule align is not there, and no rule makes it") in [
        (one["severity"], one["line"], one["what"]) for one in said["findings"]
    ]
    unchecked = {one["what"]: one["why"] for one in said["unchecked"]}
    assert unchecked["Snakemake"] == "snakemake is not on your PATH: activate its environment, then again"
    assert "scontrol is not on the PATH" in unchecked["what is asked of SLURM"]


def test_a_folder_that_is_not_there_is_bad_input(place: Place):
    ended = tells(place, "validate", "nowhere")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "heal: nowhere is no folder: name the one your pipeline lies in\n"


def test_a_folder_without_a_workflow_is_said_to_have_none(place: Place):
    ended = tells(place, "validate", "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {
        "ok": True,
        "findings": [],
        "checked": ["0 files"],
        "unchecked": [
            {"what": "a workflow", "why": "no Snakefile, no main.nf and no script with #SBATCH lines lies here"}
        ],
    }
