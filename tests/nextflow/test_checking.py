"""A change to a pipeline, checked by a real Nextflow before anybody runs it."""

from __future__ import annotations

import os
import select
import shutil
import socket
from pathlib import Path

import pytest

from heal.engines.nextflow_checking import Pipeline, check
from heal.engines.nextflow_findings import Checked, Finding, still
from heal.proving.enclosure import enclosure

pytestmark = pytest.mark.nextflow

MODULE = """\
process A {
    input:
    val x

    script:
    \"\"\"
    echo $x
    \"\"\"
}
"""
MAIN = """\
include { A } from './modules/a.nf'

workflow {
    A(file(params.reads, checkIfExists: true))
}
"""
CONFIG = """\
params.reads = 'none'
params.outdir = 'results'
report.enabled = true
profiles {
    small { process.memory = '100 MB' }
}
"""
# as most scripts once were: without the labels that the strict parser wants
OLD = "process A { script: 'echo old' }\nworkflow { A() }\n"


class Place:
    """A pipeline beside the folder that it is launched in, and a copy to change."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder, self.changed, self.launch = folder / "pipeline", folder / "copy", folder / "launch"
        (self.folder / "modules").mkdir(parents=True)
        self.launch.mkdir()
        (self.launch / "reads.fq").write_text("@r\nA\n+\nI\n")
        (self.launch / "more.config").write_text("process.cpus = 1\n")
        self.write(self.folder, main=MAIN, module=MODULE, config=CONFIG)
        known = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "JAVA_CMD") if name in os.environ}
        self.env = known | {"NXF_OFFLINE": "true", "NXF_HOME": str(folder / "nxf"), "NXF_WORK": str(folder / "wrk")}
        self.argv = [str(program), "-log", "run.log", "run", str(self.folder / "main.nf"), "-profile", "small"]
        self.argv += ["-c", "more.config", "--reads", "reads.fq", "-with-trace", "trace.txt", "-resume"]

    def write(self, folder: Path, *, main: str = "", module: str = "", config: str = "") -> None:
        texts = {"main.nf": main, "modules/a.nf": module, "nextflow.config": config}
        for name, text in texts.items():
            if text:
                (folder / name).write_text(text)

    def check(self, *, enclosed: bool = True, **texts: str) -> Checked:
        shutil.copytree(self.folder, self.changed)
        self.write(self.changed, **texts)
        before = self.everything()
        pipeline = Pipeline(self.folder, "main.nf", tuple(self.argv), self.launch, self.env)
        found = check(pipeline, self.changed, within=enclosure(self.env) if enclosed else None)
        # whatever came of it, nothing was written where the user or the change is
        assert self.everything() == before
        return found

    def everything(self) -> dict[Path, bytes]:
        folders = (self.folder, self.changed, self.launch)
        return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def place(nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Place:
    return Place(tmp_path, nextflow)


@pytest.mark.parametrize("enclosed", [True, False])
def test_a_good_edit_passes_with_the_arguments_of_the_launch(place: Place, enclosed: bool):
    # Given a launch that names its reads by a path of its own folder, without which it does not start
    assert place.check(enclosed=enclosed, module=MODULE.replace("echo $x", "wc -l $x")) == Checked()
    assert not (place.folder.parent / "wrk").exists()


@pytest.mark.parametrize("enclosed", [True, False])
def test_only_outside_of_an_enclosure_code_that_builds_the_pipeline_can_write_and_reach_others(
    place: Place, tmp_path: Path, enclosed: bool
):
    # Given a change whose code runs as the pipeline is built
    if enclosed and enclosure(place.env) is None:
        pytest.skip("no bubblewrap here")
    mark = tmp_path / "mark"
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = place.check(
            enclosed=enclosed,
            main=f"""
def evil() {{
    try {{
        new File('{mark}').text = 'x'
    }} catch (Exception e) {{
        println e
    }}
    try {{
        new Socket('127.0.0.1', {server.getsockname()[1]})
    }} catch (Exception e) {{
        println e
    }}
}}
workflow {{
    evil()
    A(channel.of(1))
}}
{MODULE}
""",
        )
        heard = bool(select.select([server], [], [], 0)[0])
    # Then within an enclosure it left nothing, and nobody heard of it
    assert (found, mark.exists(), heard) == (Checked(), not enclosed, not enclosed)


def test_a_syntax_error_counts_and_is_told_by_its_line(place: Place):
    found = place.check(module=MODULE.replace("    val x\n", "    val x)\n"))
    # Then the file that takes from it is refused with it
    assert found.new == (
        Finding("parser", "Module could not be parsed: 'modules/a.nf'", "main.nf", 1, 1),
        Finding("parser", "`A` is not defined", "main.nf", 4, 5),
        Finding("parser", "Unexpected input: ')'", "modules/a.nf", 3, 10),
    )
    assert found.good is False


def test_an_undefined_process_counts(place: Place):
    found = place.check(main=MAIN.replace("    A(", "    B(1)\n    A("))
    assert found.new[0] == Finding("parser", "`B` is not defined", "main.nf", 4, 5)
    assert found.good is False


def test_a_broken_configuration_counts(place: Place):
    found = place.check(config=CONFIG.replace("small {", "small "))
    assert {finding.by for finding in found.new} == {"parser", "config"}
    assert found.good is False


def test_what_only_the_configuration_of_this_launch_shows_counts(place: Place):
    # Given a change to which the parser has no objection
    found = place.check(config=CONFIG.replace("small {", "tiny {"))
    assert [(finding.by, finding.message.splitlines()[0]) for finding in found.new] == [
        ("config", "Unknown configuration profile: 'small'")
    ]


def test_what_only_shows_when_the_pipeline_is_built_counts(place: Place):
    found = place.check(main=MAIN.replace("true))", "true).nosuch())"))
    assert [finding.by for finding in found.new] == ["preview"]


STUBBED = """\
process A {
    executor 'slurm'
    container 'none/such'

    input:
    val x

    output:
    path 'a.txt'

    script:
    \"\"\"
    touch $params.mark a.txt
    \"\"\"

    stub:
    \"\"\"
    touch a.txt
    \"\"\"
}
"""


def test_what_only_shows_when_the_stubs_run_counts(place: Place, tmp_path: Path):
    # Given a pipeline of SLURM's and in containers, each process of which has a stub
    if enclosure(place.env) is None:
        pytest.skip("no bubblewrap here")
    place.argv += ["-with-docker", "none/such", "--mark", str(tmp_path / "mark")]
    place.write(place.folder, module=STUBBED, config=CONFIG + "params.mark = null\n")
    # When a change lets the one say another file than the other makes
    found = place.check(module=STUBBED.replace("path 'a.txt'", "path 'b.txt'"))
    # Then the stub, which ran here, shows that; and no script was run
    assert [(finding.by, finding.message.splitlines()[0]) for finding in found.new] == [
        ("stub", "Error executing process > 'A'")
    ]
    assert "Missing output file(s) `b.txt`" in found.new[0].message
    assert not (tmp_path / "mark").exists()


def test_what_was_wrong_before_is_not_held_against_the_change(place: Place):
    # Given a script that runs, though the strict parser refuses it
    place.write(place.folder, main=OLD)
    assert place.check(main="\n" + OLD.replace("old", "new")) == Checked()


def test_a_pipeline_that_is_launched_in_its_own_folder_is_checked_as_it_is_changed(place: Place):
    # Given relative names for everything, and data that are not in the copy with the change
    shutil.copy(place.launch / "reads.fq", place.folder)
    (place.folder / "own.config").write_text("process.cpus = 1\n")
    shutil.copytree(place.folder, place.changed, ignore=shutil.ignore_patterns("reads.fq"))
    words = (*place.argv[:3], "run", "main.nf", "-c", "own.config", "--reads", "reads.fq")
    pipeline = Pipeline(place.folder, "main.nf", words, place.folder, place.env)
    before = place.everything()
    assert check(pipeline, place.changed) == Checked()
    # When the change is in a file that the launch names
    (place.changed / "own.config").write_text("process.cpus = nosuch(1)\n")
    found = check(pipeline, place.changed)
    # Then it is that one which is read
    assert "config" in {finding.by for finding in found.new}
    (place.changed / "own.config").write_text("process.cpus = 1\n")
    assert place.everything() == before


def test_where_a_preview_fails_before_and_after_it_says_nothing(place: Place):
    place.argv[place.argv.index("reads.fq")] = "gone.fq"
    found = place.check(module=MODULE.replace("echo", "cat"))
    assert (found.new, list(found.unchecked), found.good) == ((), ["preview"], None)
    assert "gone.fq" in found.unchecked["preview"]
    # but where that is what the launch failed with, the change is known not to help
    assert [still(found, said) for said in ("No such file or directory: gone.fq", "No such variable: reads", "")] == [
        True,
        False,
        False,
    ], found.unchecked


def test_a_nextflow_that_is_not_there_is_no_yes(place: Place):
    place.argv[0] = "/nowhere/nextflow"
    found = place.check()
    assert (found.new, list(found.unchecked), found.good) == ((), ["parser", "config", "preview"], None)


def test_a_launcher_that_starts_its_own_java_has_lint_read(place: Place, tmp_path: Path):
    # Given one that does not look at JAVA_CMD, and a file that lint of 25.04.4 gives up on: an error and no warning
    own = tmp_path / "nextflow"
    own.write_text(f'#!/bin/sh\nunset JAVA_CMD\nexec {place.argv[0]} "$@"\n')
    own.chmod(0o755)
    place.argv[0] = str(own)
    found = place.check(main=MAIN.replace("    A(", "    B(1)\n    A("))
    # Then its end says nothing of the parser, and the preview finds what is wrong
    assert "ErrorCollector.getWarnings()" in found.unchecked["parser"]
    assert [finding.by for finding in found.new] == ["preview"]
    assert "Missing process or function B" in found.new[0].message


def test_a_launch_that_does_not_end_in_time_is_no_yes(place: Place):
    shutil.copytree(place.folder, place.changed)
    pipeline = Pipeline(place.folder, "main.nf", tuple(place.argv), place.launch, place.env)
    found = check(pipeline, place.changed, seconds=0.05)
    assert found.good is None
    assert set(found.unchecked.values()) == {"it did not end within 0.05 s", "the configuration cannot be read"}
