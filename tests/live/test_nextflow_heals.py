"""The promise of heal for Nextflow on a real SLURM: what SLURM killed, and what it does not take."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.pipelines import DEPOT, EAT, outcomes
from tests.nextflow.heals.folder import ON_SLURM, UNDER_HEAL, Folder, heals_words
from tests.nextflow.launches import FAST

pytestmark = [pytest.mark.nextflow, pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

# of forty the second needs so much that one raise is not enough; LONG has a minute and takes longer, once it has the
# memory; a download fails once; of two that SLURM kills the pipeline ignores one and tries the other again by itself;
# one ends before its first line, as where a site's own set-up fails, and of one the exit code stays on its way
KILLED = """
process BEFORE {
    output: path 'b.txt'
    script: "echo BEFORE >> \\$RAN; touch b.txt"
}
process GREEDY {
    tag "$s"
    input: val s; path b
    output: path 'o.txt'
    script: "echo GREEDY-$s >> \\$RAN; ${s == 2 ? 'eat.py 330 3' : 'true'}; touch o.txt"
}
process LONG {
    time '1m'
    input: path b
    output: path 'o.txt'
    script: "echo LONG >> \\$RAN; eat.py 120 2; [ ${task.time.toMinutes()} -gt 1 ] || sleep 100; touch o.txt"
}
process FETCH {
    input: path b
    output: path 'o.txt'
    script:
    \"\"\"
    echo FETCH >> \\$RAN
    [ -e $launchDir/tried ] || { touch $launchDir/tried; echo 'the depot is busy' >&2; exit 6; }
    touch o.txt
    \"\"\"
}
process IGNORED {
    errorStrategy 'ignore'
    input: path b
    script: "echo IGNORED >> \\$RAN; eat.py 120 3"
}
process NEVER {
    clusterOptions "--export=ALL,BASH_ENV=$launchDir/site.sh"
    errorStrategy 'ignore'
    input: path b
    script: "echo NEVER >> \\$RAN"
}
process LATE {
    errorStrategy 'ignore'
    input: path b
    script: "echo LATE >> \\$RAN; ln -s /dev/null .exitcode"
}
process AGAIN {
    errorStrategy 'retry'
    memory { 60.MB * task.attempt }
    input: path b
    script: "echo AGAIN >> \\$RAN; ${task.attempt == 1 ? 'eat.py 120 3' : 'true'}"
}
process REPORT {
    input: path 'o*.txt'
    script: "echo REPORT >> \\$RAN"
}
workflow {
    BEFORE()
    GREEDY(channel.of(1..40), BEFORE.out)
    LONG(BEFORE.out)
    FETCH(BEFORE.out); IGNORED(BEFORE.out); NEVER(BEFORE.out); LATE(BEFORE.out); AGAIN(BEFORE.out)
    REPORT(GREEDY.out.mix(LONG.out, FETCH.out).collect())
}
"""


@pytest.fixture
def folder(nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Folder:
    return Folder(tmp_path, nextflow)


def test_jobs_that_slurm_killed_come_home_in_one_run(folder: Folder) -> None:
    # Given a job that needs more memory twice, one that needs memory and then time, and what else fails in a run
    folder.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    folder.knows("network/depot", DEPOT)
    folder.file("site.sh", "exit 5\n")
    folder.prepare(KILLED, ON_SLURM)
    ended = folder.run(*UNDER_HEAL)
    # Then all of it comes home in the run it was started as, and what did not fail ran once
    assert (ended.returncode, ended.stdout.count("Launching ")) == (0, 1), ended.stdout
    found = {(one["process"], one["label"]): one for one in folder.incidents()}
    # And what Nextflow made good by itself is nothing to tell; what the pipeline ignores is told, and left alone
    ignored, network = found.pop(("IGNORED", "out_of_memory")), found.pop(("FETCH", "network"))
    assert (ignored["state"], ignored["remedies"], outcomes(network)) == ("dismissed", [], ["healed"])
    # And a job without a first line, or whose exit code does not come, is known for that by the books and its folder
    lost = [("LATE", "filesystem_transient"), ("NEVER", "node_failure")]
    assert [found.pop(key)["state"] for key in lost] == ["dismissed", "dismissed"]
    assert sorted(found) == [("GREEDY", "out_of_memory"), ("LONG", "out_of_memory"), ("LONG", "time_limit")]
    greedy, memory, time = (found[key] for key in sorted(found))
    assert [outcomes(greedy)[0], *outcomes(greedy)[-1:]] == ["same_failure", "healed"]
    # on a busy machine its time is over before its memory
    first, then = (memory, time) if outcomes(memory)[-1] == "other_failure" else (time, memory)
    assert (outcomes(first)[-1], then["state"], outcomes(then)[-1]) == ("other_failure", "healed", "healed")
    assert time["fix"]["changes"] == [{"name": "time_min", "old": 1.0, "new": 2.0}]
    tries = {one: len(found[one]["remedies"]) for one in found}
    once = dict.fromkeys(("BEFORE", *(f"GREEDY-{n}" for n in range(1, 41)), "IGNORED", "LATE", "REPORT"), 1)
    greedy_tries = 1 + tries["GREEDY", "out_of_memory"]
    long_tries = 1 + tries["LONG", "out_of_memory"] + tries["LONG", "time_limit"]
    twice = {"AGAIN": 2, "FETCH": 2}
    assert folder.times_run() == {**once, **twice, "GREEDY-2": greedy_tries, "LONG": long_tries}
    # And each raise begins where the one before ended and doubles it; the first is less where SLURM saw the peak in time
    raises = [remedy["fix"]["changes"][0] for remedy in greedy["remedies"]]
    assert [one["old"] for one in raises] == [60, *(one["new"] for one in raises[:-1])]
    assert raises[0]["new"] > 60
    assert all(one["new"] >= 2 * one["old"] for one in raises[1:])
    assert any("exceeded memory limit" in line for line in folder.cited("GREEDY"))
    last = heals_words(ended.stdout)[-1]
    assert last == (
        "run finished: 48 tasks, 7 incidents, 3 healed, 0 waiting, 1 followed by another, 3 dismissed · heal status"
    )


REFUSED = """
process FINE {
    output: path 'b.txt'
    script: "echo FINE >> \\$RAN; touch b.txt"
}
process ODD {
    clusterOptions '__OPTION__'
    input: path b
    script: "echo ODD >> \\$RAN"
}
workflow { FINE(); ODD(FINE.out) }
"""


@pytest.mark.parametrize(
    ("option", "said", "plugin"),
    [
        ("--constraint=volta", "Invalid feature specification", True),
        ("--nodelist=nosuch", "Invalid node name specified", False),
    ],
)
def test_an_option_that_the_site_refuses_waits_for_a_person(
    folder: Folder, option: str, said: str, plugin: bool
) -> None:
    if not plugin:
        folder.leave_to_the_log()
    folder.prepare(REFUSED.replace("__OPTION__", option), ON_SLURM)
    ended = folder.run(*UNDER_HEAL)
    assert (ended.returncode, folder.told()) == (1, [("ODD", "scheduler_rejected", "waiting", 1)]), ended.stdout
    assert folder.times_run() == {"FINE": 1}
    assert said in folder.cited("ODD")[0]


LEFT = """
process BEFORE {
    output: path 'b.txt'
    script: "echo BEFORE >> \\$RAN; touch b.txt"
}
process LEFT {
    input: path b
    output: path 'x.txt'
    script: "echo LEFT >> \\$RAN; while [ -e \\$RAN.hold ]; do sleep 0.2; done; touch x.txt"
}
workflow { BEFORE(); LEFT(BEFORE.out) }
"""


@pytest.mark.parametrize("by_its_log", [False, True])
def test_a_killed_nextflow_is_started_again_once_the_jobs_it_left_are_over(
    folder: Folder, until: Callable[..., bool], by_its_log: bool
) -> None:
    # Given a Nextflow that is killed while a job of it runs, and has kept what is finished
    if by_its_log:
        folder.leave_to_the_log()
    folder.prepare(LEFT, ON_SLURM)
    folder.hold.touch()
    run = folder.start(*UNDER_HEAL)
    assert until(lambda: "LEFT" in folder.times_run() and folder.cached(), 90)
    [nextflow] = folder.engines()
    folder.kill(nextflow)
    assert until(folder.told, 60)
    # Then it is not started beside that job, which would do the same task twice at once
    assert not until(lambda: run.poll() is not None or folder.engines(), 6)
    folder.hold.unlink()
    said, _ = run.communicate(timeout=180)
    assert run.returncode == 0, said
    # And it finds nothing locked, and does again only what was not finished
    assert "Unable to acquire lock" not in said
    assert folder.times_run() == {"BEFORE": 1, "LEFT": 2}
    assert folder.told() == [("nextflow", "node_failure", "healed", 1)]


SILENT = """
process CRUNCH {
    output: path 'x.txt'
    script: "echo CRUNCH >> \\$RAN; ( eat.py 200 2 && touch x.txt ) & wait; echo done"
}
process HIDES {
    output: path 'y.txt'
    script: "echo HIDES >> \\$RAN; ( eat.py 200 2 ) & wait; touch y.txt"
}
workflow { CRUNCH(); HIDES() }
"""


@pytest.mark.xdist_group("endings")
def test_a_result_that_is_missing_because_slurm_killed_a_part_of_its_job(folder: Folder, pair: str) -> None:
    # Given a cluster with limits by cgroups, which end the process that is too large and not its job: that ends with 0
    folder.more["SLURM_CONF"] = pair
    folder.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    folder.prepare(SILENT, ON_SLURM)
    ended = folder.run(*UNDER_HEAL)
    # Then it is known for what it is, and comes home with more
    assert ended.returncode == 0, ended.stdout
    [incident] = folder.incidents()
    assert (incident["label"], incident["state"]) == ("out_of_memory", "healed")
    assert folder.times_run() == {"CRUNCH": 1 + len(incident["remedies"]), "HIDES": 1}
    assert ended.stdout.count("Launching ") == 1
    # And of the one that made its result all the same that is told, and no failure
    said = "nextflow has its results, but SLURM says that the job is OUT_OF_MEMORY"
    assert f"): {said} · heal status" in ended.stdout


# a part of it is killed and it ends with 0, without its result or with it; one has a minute and takes longer
UNSEEN = """
process CRUNCH {
    memory '100 MB'
    output: path 'x.txt'
    script: "echo CRUNCH >> \\$RAN; ( eat.py 110 2 && touch x.txt ) & wait; echo done"
}
process HIDES {
    output: path 'y.txt'
    script: "echo HIDES >> \\$RAN; ( eat.py 110 2 ) & wait; touch y.txt"
}
process LONG {
    time '1m'
    output: path 'z.txt'
    script: "echo LONG >> \\$RAN; [ ${task.time.toMinutes()} -gt 1 ] || sleep 200; touch z.txt"
}
process REPORT {
    input: path 'o*.txt'
    script: "echo REPORT >> \\$RAN"
}
workflow { CRUNCH(); HIDES(); LONG(); REPORT(CRUNCH.out.mix(HIDES.out, LONG.out).collect()) }
"""


@pytest.mark.xdist_group("endings")
def test_in_the_background_and_by_its_log_what_slurm_killed_comes_home(folder: Folder, pair: str) -> None:
    # Given the same cluster, a launcher that ends before its Nextflow, and heal that may not load its plugin
    folder.more["SLURM_CONF"] = pair
    folder.leave_to_the_log()
    folder.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    folder.prepare(UNSEEN, ON_SLURM + "process.errorStrategy = 'finish'\n")
    ended = folder.run(*folder.in_the_background())
    # Then heal stays until all has come home in one more launch, the missing result by more memory, the other by time
    assert (ended.returncode, ended.stdout.count("Launching ")) == (0, 2), ended.stdout
    assert folder.told() == [("CRUNCH", "out_of_memory", "healed", 1), ("LONG", "time_limit", "healed", 1)]
    [long] = [one for one in folder.incidents() if one["process"] == "LONG"]
    assert long["fix"]["changes"] == [{"name": "time_min", "old": 1.0, "new": 2.0}]
    assert folder.times_run() == {"CRUNCH": 2, "HIDES": 1, "LONG": 2, "REPORT": 1}
    # And of the one that made its result all the same that is told, and no failure; nobody is left at work
    said = "nextflow has its results, but SLURM says that the job is OUT_OF_MEMORY"
    assert f"): {said} · heal status" in ended.stdout
    assert folder.engines() == []


# one job needs more memory than one raise gives, one needs memory and then time
TWICE = """
process GREEDY {
    output: path 'g.txt'
    script: "echo GREEDY >> \\$RAN; eat.py 330 3; touch g.txt"
}
process LONG {
    time '1m'
    output: path 'o.txt'
    script: "echo LONG >> \\$RAN; eat.py 120 2; [ ${task.time.toMinutes()} -gt 1 ] || sleep 100; touch o.txt"
}
process REPORT {
    input: path 'o*.txt'
    script: "echo REPORT >> \\$RAN"
}
workflow { GREEDY(); LONG(); REPORT(GREEDY.out.mix(LONG.out).collect()) }
"""


def test_by_its_log_what_needs_two_raises_or_memory_and_time_comes_home(folder: Folder) -> None:
    # Given heal that may not load its plugin, and so heals once a launch has ended
    folder.leave_to_the_log()
    folder.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    folder.prepare(TWICE, ON_SLURM + "process.errorStrategy = 'finish'\n")
    ended = folder.run(*UNDER_HEAL)
    # Then all of it comes home, each after its own raises, and nothing else ran twice
    assert ended.returncode == 0, ended.stdout
    found = {(one["process"], one["label"]): one for one in folder.incidents()}
    assert sorted(found) == [("GREEDY", "out_of_memory"), ("LONG", "out_of_memory"), ("LONG", "time_limit")]
    tries = {one: len(found[one]["remedies"]) for one in found}
    assert tries["GREEDY", "out_of_memory"] >= 2
    assert outcomes(found["GREEDY", "out_of_memory"])[-1] == "healed"
    long = sorted(outcomes(found["LONG", label])[-1] for label in ("out_of_memory", "time_limit"))
    assert long == ["healed", "other_failure"]
    ran = {"GREEDY": 1 + tries["GREEDY", "out_of_memory"], "REPORT": 1}
    assert folder.times_run() == ran | {"LONG": 1 + tries["LONG", "out_of_memory"] + tries["LONG", "time_limit"]}


# what a user of a pipeline in the shape of nf-core's adds for the site, with a word of its own for one process
SITE = (
    FAST
    + """
executor.exitReadTimeout = '300s'
process {
    executor = 'slurm'
    withName: 'LAB_DEMO:DEMO:ASSEMBLY:ASSEMBLE' { memory = '300 MB' }
}
"""
)
# as the pipeline's, but holds as much as its first argument says whatever it was given: SLURM ends it
ASSEMBLE = f"#!/usr/bin/env python3\n{EAT.replace('sys.argv[2]', '3')}print('>contig')\n"


def test_two_runs_at_once_of_a_pipeline_as_nf_cores(folder: Folder) -> None:
    # Given a pipeline that tries again by exit codes, in which one sample needs more than its users' own file gives it,
    # and that is run with a bug at the same time, without heal's plugin; heal may not answer while they run
    shutil.copytree(Path(__file__).parents[1] / "nextflow/nfcore-like", folder.work, dirs_exist_ok=True)
    folder.program_file("assemble.py", ASSEMBLE)
    folder.file("site.config", SITE)
    folder.file("heal.toml", "[in_flight]\nwait_seconds = 0\n")
    folder.file("few.csv", "sample,size\nS1,100\nS2,400\n")
    folder.file("bug.csv", "sample,size\nS9,100\n")
    folder.file("bug.json", json.dumps({"title": "long"}))
    words = ("-profile", "test", "-c", "site.config", "--input")
    few = folder.start(*UNDER_HEAL, "-name", "few", *words, "few.csv")
    folder.leave_to_the_log()
    bug = folder.start(*UNDER_HEAL, "-name", "bug", *words, "bug.csv", "-params-file", "bug.json")
    runs = [few, bug]
    said = [run.communicate(timeout=600)[0] for run in runs]
    # Then the one comes home, started again with what outranks the users' word; the other asks, and tries nothing
    assert [run.returncode for run in runs] == [0, 1], said
    assert folder.told() == [
        ("LAB_DEMO:DEMO:ASSEMBLY:ASSEMBLE", "out_of_memory", "healed", 1),
        ("LAB_DEMO:DEMO:REPORT", "script_error", "waiting", 1),
    ]
    # And the pipeline's own retry came first, and nothing that was finished ran again
    ran = folder.times_run()
    assert {name: ran.pop(name) for name in list(ran) if not name.startswith("ASSEMBLE-S2-")} == {
        **dict.fromkeys(("TRIM-S1", "TRIM-S2", "TRIM-S9", "ASSEMBLE-S1-300", "ASSEMBLE-S9-300"), 1),
        "REPORT": 2,
    }
    [greedy] = [one for one in folder.incidents() if one["label"] == "out_of_memory"]
    given = [f"ASSEMBLE-S2-{int(remedy['fix']['changes'][0]['new'])}" for remedy in greedy["remedies"]]
    # the first raise is less than twice where SLURM saw the peak in time, and then the pipeline's retry doubles it
    assert {"ASSEMBLE-S2-300", *given} <= set(ran)
    assert (ran["ASSEMBLE-S2-300"], outcomes(greedy)[-1]) == (2, "healed")
    assert [text.count("Launching ") for text in said] == [1 + len(given), 1]
