"""heal run before what calls an engine: a Makefile, a script that calls two, a Python or a Java that is the engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.place import Place
from tests.live.pipelines import DEPOT, GREEDY_HERE
from tests.nextflow.heals.folder import HOLD
from tests.nextflow.launches import FAST

GREEDY_NF = """
process BEFORE { output: path 'b.txt'; script: "echo BEFORE >> \\$RAN; touch b.txt" }
process GREEDY {
    input: path b
    output: path 'g.txt'
    script: "echo GREEDY >> \\$RAN; __HOLD__; touch g.txt"
}
process REPORT { input: path g; script: "echo REPORT >> \\$RAN" }
workflow { BEFORE(); GREEDY(BEFORE.out); REPORT(GREEDY.out) }
""".replace("__HOLD__", HOLD)
AT_THE_END = "[in_flight]\nwait_seconds = 0\n"
SNAKEMAKES = {"before": 1, "greedy": 2, "report": 1}
NEXTFLOWS = {"BEFORE": 1, "GREEDY": 2, "REPORT": 1}


@pytest.fixture
def place(place: Place) -> Place:
    place.file("Snakefile", GREEDY_HERE)
    return place


@pytest.fixture
def both(place: Place, nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Place:
    """With a Nextflow pipeline as well, and a Nextflow on PATH."""
    place.file("main.nf", GREEDY_NF)
    place.file("nextflow.config", FAST + "process.memory = '100 MB'\n")
    (place.bin / "nextflow").symlink_to(nextflow)
    place.more = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(tmp_path / "nxf")}
    return place


def told(place: Place) -> list[tuple[str, str, str, int]]:
    return sorted((one["process"], one["label"], one["state"], one["tasks"]) for one in place.incidents())


def java(nextflow: Path) -> tuple[str, ...]:
    """What is typed by whoever has the jars and no launcher: nothing in it lets Nextflow write its cache."""
    return ("java", "-cp", f"{nextflow.parent}/lib/*", "nextflow.cli.Launcher")


@pytest.mark.snakemake
def test_a_makefile(place: Place) -> None:
    place.file("Makefile", "all: report.txt\n\techo after >> $$RAN\nreport.txt:\n\tsnakemake --cores=1 $@\n")
    ended = place.heal("run", "--", "make")
    # Then make never knew that something failed, and went on
    assert ended.returncode == 0, ended.stdout
    assert place.times_run() == {**SNAKEMAKES, "after": 1}
    assert told(place) == [("greedy", "out_of_memory", "healed", 1)]
    assert ended.stdout.count("Building DAG of jobs") == 1


@pytest.mark.snakemake
@pytest.mark.nextflow
def test_a_script_that_calls_both_engines(both: Place) -> None:
    both.file("run.sh", "set -e\nsnakemake --cores=1\nnextflow run main.nf\necho after >> $RAN\n")
    ended = both.heal("run", "--", "bash", "run.sh")
    assert ended.returncode == 0, ended.stdout
    assert both.times_run() == {**SNAKEMAKES, **NEXTFLOWS, "after": 1}
    assert told(both) == [("GREEDY", "out_of_memory", "healed", 1), ("greedy", "out_of_memory", "healed", 1)]
    assert [ended.stdout.count(said) for said in ("Building DAG of jobs", "Launching ")] == [1, 1]


@pytest.mark.snakemake
def test_python_m_snakemake_is_started_again_as_it_was(place: Place) -> None:
    place.file("heal.toml", AT_THE_END)
    ended = place.heal("run", "--", "python", "-m", "snakemake", "--cores=1")
    assert ended.returncode == 0, ended.stdout
    assert place.times_run() == SNAKEMAKES
    assert told(place) == [("greedy", "out_of_memory", "healed", 1)]
    assert ended.stdout.count("Building DAG of jobs") == 2


@pytest.mark.nextflow
def test_a_java_that_is_nextflow_is_started_again_as_it_was(both: Place, nextflow: Path) -> None:
    # Given no nextflow on PATH, and a Java that is told nothing of what the launcher tells it
    (both.bin / "nextflow").unlink()
    both.file("heal.toml", AT_THE_END)
    ended = both.heal("run", "--", *java(nextflow), "run", "main.nf")
    assert ended.returncode == 0, ended.stdout
    assert both.times_run() == NEXTFLOWS
    assert told(both) == [("GREEDY", "out_of_memory", "healed", 1)]
    assert ended.stdout.count("Launching ") == 2


FETCH = """
process BEFORE { output: path 'b.txt'; script: "echo BEFORE >> \\$RAN; touch b.txt" }
process FETCH { input: path b; script: "echo FETCH >> \\$RAN; echo the depot is busy, come again >&2; exit 6" }
workflow { BEFORE(); FETCH(BEFORE.out) }
"""


@pytest.mark.nextflow
def test_a_java_that_keeps_nothing_is_not_started_again_to_compute_all_of_it(both: Place, nextflow: Path) -> None:
    # Given a download that is worth another try, and a site that does not allow heal's plugin
    both.file("main.nf", FETCH)
    both.more["NXF_PLUGINS_ALLOWED"] = ""
    both.knows("network/depot", DEPOT)
    ended = both.heal("run", "--", *java(nextflow), "run", "main.nf")
    # Then heal knows of it from the log, and says why it is not tried again
    assert ended.returncode == 1, ended.stdout
    assert both.times_run() == {"BEFORE": 1, "FETCH": 1}
    assert told(both) == [("FETCH", "network", "unhealed", 1)]
    assert "a Java without --add-opens keeps nothing" in ended.stdout
