"""heal run -- snakemake: what Ctrl-C does, and what becomes of its words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.place import Place

pytestmark = pytest.mark.snakemake

WAITS = """
rule all:
    input: "after.txt"
rule waits:
    output: "waits.txt"
    shell: "echo waits >> $RAN; sleep 120; touch {output}"
rule after:
    input: "waits.txt"
    output: "after.txt"
    shell: "echo after >> $RAN; touch {output}"
"""
SNAKEMAKE = ("snakemake", "--cores=1")


def interrupted(place: Place, until: Callable[..., bool], *words: str) -> tuple[int, str]:
    """Start it, and once its first task is at work let Ctrl-C reach the group, once: exit code and all it said."""
    place.ran.write_text("")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        words, cwd=place.work, env=place.env, start_new_session=True, stdout=pipe, stderr=subprocess.STDOUT, text=True
    ) as ran:
        assert until(lambda: place.times_run() == {"waits": 1}, 60)
        os.killpg(ran.pid, signal.SIGINT)
        said, _ = ran.communicate(timeout=60)
    return ran.returncode, said


def test_an_interrupt_ends_it_once_and_nothing_follows(place: Place, until: Callable[..., bool]) -> None:
    # Given a pipeline that waits, interrupted alone and under heal
    place.file("Snakefile", WAITS)
    alone = interrupted(place, until, *SNAKEMAKE)
    healed = interrupted(place, until, "heal", "run", "--", *SNAKEMAKE)
    # Then it ends as it does alone
    assert healed[0] == alone[0] == 1
    for _, said in (alone, healed):
        assert "Terminating processes on user request" in said
    # And heal starts nothing, and says so
    assert (healed[1].count("Building DAG of jobs"), place.times_run()) == (1, {"waits": 1})
    assert "heal │ interrupted: heal starts nothing more in this run" in healed[1]
    assert [incident["state"] for incident in place.incidents()] in ([], ["dismissed"])


LOGS = Path(__file__).parents[1] / "engines/snakemake_logs"


@pytest.mark.parametrize(("version", "failed"), [("7.32.4", {"b", "m"}), ("8.30.0", {"b", "m", "d"})])
def test_an_old_snakemake_that_failed_was_not_killed(place: Place, version: str, failed: set[str]) -> None:
    # Given a Snakemake that takes no plugin, keeps the log that one really kept, and ends
    log = ".snakemake/log/$(date +%Y-%m-%dT%H%M%S.%6N).snakemake.log"
    place.program("snakemake", f"mkdir -p .snakemake/log; exec 9> {log}; cat {LOGS}/{version}.log >&9; exit 1")
    # When it is run
    ran = place.heal("run", "--", "snakemake", "-j1")
    # Then its tasks have failed, and nothing is said of itself
    assert "reads the log of this run instead" in ran.stdout
    assert {incident["process"] for incident in place.incidents()} == failed, ran.stdout


QUOTED = """
import json, os, sys
with open("words.jsonl", "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
rule report:
    output: "my report.txt"
    log: "report.log"
    resources: mem_mb=200
    shell:
        "ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output:q}"
"""
# what one shell, or one splitting at blanks, more would change
CONFIG = ("blanks=b  c", "glob=*", "shell=$HOME `id` & \\ ~", "single=it's so", 'double=a "b"', "lines=x\ny")
OPTIONS = ("--cores=1", "--config", *CONFIG, "--default-storage-prefix", "")


def test_what_a_shell_has_quoted_reaches_the_engine_unchanged(place: Place) -> None:
    # Given a task that only a second launch heals
    place.file("Snakefile", QUOTED)
    place.more = {"HEAL_IN_FLIGHT__WAIT_SECONDS": "0"}
    # When it is started under heal, with its own -- among the words
    ran = place.heal("run", "--", "snakemake", *OPTIONS, "--", "my report.txt")
    assert ran.returncode == 0, ran.stdout
    # Then both launches got each word as it was, and none besides heal's own
    launches = [json.loads(line) for line in (place.work / "words.jsonl").read_text().splitlines()]
    again = ("--rerun-incomplete", "--set-resources", "report:mem_mb=400")
    assert launches == [
        ["--logger=heal", *OPTIONS, "--", "my report.txt"],
        ["--logger=heal", *OPTIONS, *again, "--", "my report.txt"],
    ]


PLOTS = """
rule plot:
    input: "counts.json"
    output: "plot.txt"
    log: notebook="logs/plot.ipynb"
    notebook: "notebooks/plot.py.ipynb"
"""
CELLS = (
    "import json\nprint('reading', snakemake.input[0])",
    "counts = json.load(open(snakemake.input[0]))\nprint(counts['S7'])",
    "open(snakemake.output[0], 'w').write('done')",
)


def notebook(*cells: str) -> str:
    code = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": text}
        for n, text in enumerate(cells)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": code, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def test_what_a_cell_of_a_notebook_raised_is_the_cause(place: Place) -> None:
    # Given a rule whose notebook fails in its second cell
    place.file("Snakefile", PLOTS)
    place.file("counts.json", '{"S1": 3}')
    place.file("notebooks/plot.py.ipynb", notebook(*CELLS))
    # When it is run
    ran = place.heal("run", "--", *SNAKEMAKE)
    # Then what the cell raised is the cause, in the notebook that the rule keeps
    assert ran.returncode != 0, ran.stdout
    [incident] = place.incidents()
    root = place.show(incident["id"])["diagnosis"]["root"]
    assert (incident["process"], incident["label"]) == ("plot", "script_error")
    assert (root["source"], root["text"]) == ("logs/plot.ipynb", "KeyError: 'S7'")


AT_ONCE = """
rule all:
    input: "one.txt", "two.txt", "three.txt"
rule one:
    output: "one.txt"
    shell: "kill -9 $$"
rule two:
    output: "two.txt"
    run:
        known = {}
        known["missing_in_two"]
rule three:
    output: "three.txt"
    shell: "exit 3"
"""


# what tells of whom
MARKS = {
    "one": ("SIGKILL", "rule one", "line 6"),
    "two": ("missing_in_two", "rule two", "line 11"),
    "three": ("exit 3", "rule three", "line 14"),
}


@pytest.mark.parametrize("words", [("-c1",), ("-c3",), ("-c3", "--force-use-threads")])
def test_no_job_is_told_by_what_another_one_said(place: Place, words: tuple[str, ...]) -> None:
    # Given three jobs that fail each for itself, one after the other or at once, one of them in a run: block, whose
    # words another Snakemake says on the terminal alone, unless it is let use threads
    place.file("Snakefile", AT_ONCE)
    place.heal("run", "--", "snakemake", "--keep-going", *words)
    # When their causes are told
    told = {one["process"]: place.show(one["id"])["diagnosis"]["citations"] for one in place.incidents()}
    # Then each is shown by its own lines
    assert {
        of: {rule for rule, marks in MARKS.items() for line in lines if any(mark in line["text"] for mark in marks)}
        for of, lines in told.items()
    } == {"one": {"one"}, "two": {"two"}, "three": {"three"}}


WILD = 'rule one:\n    output: "{n}.txt"\n    shell: "touch {output}"\n'


@pytest.mark.parametrize(
    ("value", "place_of"), [("plain", ["Snakefile:1"]), ("[plain, other]", []), ("", ["Snakefile:1"])]
)
def test_a_line_of_the_snakefile_is_cited_only_where_no_profile_names_another(
    place: Place, value: str, place_of: list[str]
) -> None:
    # Given two Snakefiles of which each asks for what has wildcards, and profiles in the environment
    place.file("Snakefile", WILD)
    place.file("other.smk", f"\n\n{WILD}")
    place.file("plain/config.yaml", "cores: 1\n")
    place.file("other/config.yaml", "snakefile: other.smk\n")
    place.more = {"SNAKEMAKE_PROFILE": value} if value else {}
    # When Snakemake has nothing to make
    place.heal("run", "--", "snakemake", "--cores=1")
    # Then the line is cited where it is known to be that one
    [told] = place.incidents()
    cited = place.show(told["id"])["diagnosis"]["citations"]
    assert "Target rules may not contain" in " ".join(one["text"] for one in cited)
    assert [f"{one['source']}:{one['line']}" for one in cited if one["source"] == "Snakefile"] == place_of
