"""heal validate and heal test-for on pipelines of a real Nextflow."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.advice.asked import tells
from tests.cli.place import Place

pytestmark = pytest.mark.nextflow

MAIN = """\
include { ALIGN } from './modules/align'

workflow {
    ALIGN(channel.fromPath(params.reads))
}
"""
ALIGN = """\
process ALIGN {
    cpus 2
    publishDir 'out', mode: 'copy'

    input:
    path reads

    output:
    path 'x.txt'

    script:
    \"\"\"
    tool.py ${reads} > x.txt
    \"\"\"
}
"""
TOOL = "#!/usr/bin/env python3\nimport sys\nprint(len(open(sys.argv[1]).read()) + %s)\n"
SLURM = "process.executor = 'slurm'\nprocess.queue = 'short'\nprocess { withName: ALIGN { memory = '%d GB' } }\n"
PARTITIONS = "PartitionName=short Default=YES MaxTime=01:00:00 MaxMemPerNode=UNLIMITED MaxMemPerCPU=UNLIMITED"


@pytest.fixture
def place(tmp_path: Path, nextflow: Path, nextflow_plugin: Path) -> Iterator[Place]:
    """A pipeline with nothing wrong, a Nextflow on PATH, and a SLURM with one partition; heal has its plugin."""
    place = Place(tmp_path)
    place.home.mkdir(mode=0o700)
    place.more = {"NXF_OFFLINE": "true", "NXF_HOME": str(tmp_path / "nxf"), "NXF_ANSI_LOG": "false"}
    place.more["PATH"] = f"{place.bin}:{nextflow.parent}:{place.env['PATH']}"
    place.file("main.nf", MAIN)
    place.file("modules/align.nf", ALIGN)
    place.file("nextflow.config", "params.reads = 'data/reads.fq'\n")
    place.file("data/reads.fq", "@r\nA\n+\nI\n")
    place.file("bin/tool.py", TOOL % 1).chmod(0o755)
    place.program("scontrol", f"echo '{PARTITIONS}'")
    place.program("sinfo", 'case "$*" in *%G*) echo "short|8|(null)";; *) echo "short|16000|8";; esac')
    place.program("sacctmgr", "exit 1")
    return place


def findings(place: Place) -> tuple[list[tuple[str, str, int, str, str]], dict[str, str]]:
    said = json.loads(tells(place, "validate", "--json").stdout)
    found = [(one["severity"], one["file"], one["line"], one["by"], one["what"]) for one in said["findings"]]
    return found, {one["what"]: one["why"] for one in said["unchecked"]}


def test_a_pipeline_with_nothing_wrong(place: Place):
    before = sorted(place.work.rglob("*"))
    ended = tells(place, "validate")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.splitlines()[0] == (
        "nothing wrong · looked at: 4 files, Nextflow's strict parser, Nextflow's configuration, Nextflow's preview"
    )
    # and nothing was left there
    assert sorted(place.work.rglob("*")) == before


def test_what_the_strict_parser_and_the_text_find(place: Place):
    place.file("main.nf", MAIN.replace("ALIGN(channel", "ALIGNED(Channel").replace("'./", "'./old/"))
    place.file("modules/align.nf", ALIGN.replace("'copy'", "'copi'"))
    (place.work / "bin/tool.py").chmod(0o644)
    found, unchecked = findings(place)
    assert found == [
        ("error", "bin/tool.py", 0, "heal", "it is no executable file"),
        ("error", "main.nf", 1, "nextflow", "Invalid include source: 'old/modules/align.nf'"),
        ("error", "main.nf", 4, "nextflow", "`ALIGNED` is not defined"),
        ("error", "modules/align.nf", 3, "heal", "publishDir has no mode 'copi'"),
        ("remark", "main.nf", 4, "heal", "the strict parser wants channel in small letters"),
    ]
    assert unchecked == {"Nextflow's preview": "something else was found"}


def test_what_only_shows_when_the_pipeline_is_built(place: Place):
    # Given a workflow that parses, with an operator that there is not
    place.file("main.nf", MAIN.replace("params.reads)", "params.reads).sorted()"))
    found, unchecked = findings(place)
    assert [(severity, by) for severity, _file, _line, by, _what in found] == [("error", "nextflow")]
    assert "sorted" in found[0][4]
    assert unchecked == {}


def test_what_the_configuration_asks_of_slurm(place: Place):
    place.file("nextflow.config", "params.reads = 'data/reads.fq'\n" + SLURM % 90)
    found, unchecked = findings(place)
    said = "withName:ALIGN asks for 90.0 GB of memory; partition short gives 15.6 GB"
    assert found == [("error", "nextflow.config", 0, "slurm", said)]
    assert unchecked == {}
    place.file("nextflow.config", "params.reads = 'data/reads.fq'\n" + SLURM % 9)
    assert findings(place) == ([], {})


def test_a_failed_task_is_run_again_alone(place: Place):
    # Given a pipeline that failed under heal for a bug in its bin/
    place.file("bin/tool.py", TOOL % "nothing").chmod(0o755)
    assert place.tells("run", "--", "nextflow", "run", "main.nf").returncode != 0
    [incident] = place.incidents()
    # When a test is written for it
    ended = tells(place, "test-for", incident["id"], "--write", "--json")
    assert ended.returncode == 0, ended.stderr
    made = json.loads(ended.stdout)
    file, *more = [one["path"] for one in made["files"]]
    assert more == [f"tests/heal_{incident['id']}/command.run", f"tests/heal_{incident['id']}/command.sh"]
    assert [(one["path"], one["kept"]) for one in made["inputs"]] == [
        (str(place.work / "data/reads.fq"), f"tests/heal_{incident['id']}/inputs/0/reads.fq")
    ]
    # Then it fails before the bug is mended, and passes after, on the input that was kept
    (place.work / "data/reads.fq").unlink()
    before = place.run("bash", file)
    assert (before.returncode, before.stdout.splitlines()[-1]) == (1, "FAILED: exit code 1")
    assert "name 'nothing' is not defined" in before.stdout
    place.file("bin/tool.py", TOOL % 1).chmod(0o755)
    after = place.run("bash", file)
    assert (after.returncode, after.stdout) == (0, "ok\n")
    # and nothing was written into the task's own folder
    [task] = [folder for folder in place.work.glob("work/??/*") if folder.is_dir()]
    assert not (task / "x.txt").exists() or os.path.getsize(task / "x.txt") == 0  # noqa: PTH202


def test_a_mended_script_block_is_filled_in_again(place: Place):
    # Given a pipeline whose script block names an option that its tool does not have
    place.file("modules/align.nf", ALIGN.replace("tool.py ${reads}", "tool.py --gone ${reads}"))
    assert place.tells("run", "--", "nextflow", "run", "main.nf").returncode != 0
    [incident] = place.incidents()
    made = json.loads(tells(place, "test-for", incident["id"], "--write", "--json").stdout)
    file = made["files"][0]["path"]
    assert made["notes"] == []
    # When the block is mended, the test that failed passes; a block that takes something new is no verdict
    before = place.run("bash", file)
    place.file("modules/align.nf", ALIGN)
    after = place.run("bash", file)
    place.file("modules/align.nf", ALIGN.replace("${reads}", "${reads} ${more}"))
    unknown = place.run("bash", file)
    assert (before.returncode, before.stdout.splitlines()[-1]) == (1, "FAILED: exit code 1")
    assert (after.returncode, after.stdout) == (0, "ok\n")
    assert (unknown.returncode, "takes what it did not take then: 'more'" in unknown.stdout) == (77, True)
