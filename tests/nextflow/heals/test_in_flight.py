"""A user's Nextflow under heal run: what fails is healed while the run goes on, and all else is as without heal."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from tests.live.pipelines import DEPOT, outcomes
from tests.nextflow.heals.folder import HOLD, RUN, UNDER_HEAL, Folder, heals_words, nextflows_words

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

# forty of which one needs more; a download that fails once; what the pipeline ignores; what it tries again by itself
MANY = (
    """
process CALL {
    tag "$s"
    input: val s
    output: path 'x.txt'
    script: "echo CALL-$s >> \\$RAN; [ $s != 17 ] || { __HOLD__; }; touch x.txt"
}
process FETCH {
    input: val after
    output: path 'f.txt'
    script:
    \"\"\"
    echo FETCH >> \\$RAN
    [ -e \\$RAN.tried ] || { touch \\$RAN.tried; echo 'the depot is busy' >&2; exit 6; }
    touch f.txt
    \"\"\"
}
process IGNORED {
    tag "$s"
    errorStrategy 'ignore'
    input: val s
    script: "echo IGNORED-$s >> \\$RAN; [ $s = 1 ] || { echo MemoryError >&2; exit 1; }"
}
process AGAIN {
    errorStrategy 'retry'
    memory { 100.MB * task.attempt }
    output: val true
    script: "echo AGAIN >> \\$RAN; [ ${task.memory.toMega()} -gt 150 ] || { echo MemoryError >&2; exit 1; }"
}
process MERGE {
    input: path 'x*.txt'
    script: "echo MERGE >> \\$RAN"
}
workflow {
    AGAIN()
    CALL(AGAIN.out.flatMap { 1..40 })
    FETCH(AGAIN.out); IGNORED(AGAIN.out.flatMap { 1..2 })
    MERGE(CALL.out.mix(FETCH.out).collect())
}
"""
).replace("__HOLD__", HOLD)


ONCE = {f"CALL-{n}": 1 for n in range(1, 41)} | {"IGNORED-1": 1, "MERGE": 1}


def test_only_what_failed_runs_twice(folder: Folder) -> None:
    folder.knows("network/depot", DEPOT)
    folder.prepare(MANY, "process.memory = '100 MB'\n")
    # When it runs under heal
    ended = folder.run(*UNDER_HEAL)
    # Then all came home in one run, and only what failed was started twice
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Launching ") == 1
    assert folder.times_run() == ONCE | {"CALL-17": 2, "FETCH": 2, "AGAIN": 2, "IGNORED-2": 1}
    # And what Nextflow made good by itself is nothing to tell; what the pipeline ignores is told, and left alone
    assert folder.told() == [
        ("CALL", "out_of_memory", "healed", 1),
        ("FETCH", "network", "healed", 1),
        ("IGNORED", "out_of_memory", "dismissed", 1),
    ]
    [call] = [one for one in folder.incidents() if one["process"] == "CALL"]
    assert (call["fix"]["changes"], outcomes(call)) == ([{"name": "memory_mb", "old": 100, "new": 200.0}], ["healed"])
    told = heals_words(ended.stdout)
    assert "run finished: 45 tasks, 3 incidents, 2 healed, 0 waiting, 1 dismissed · heal status" in told
    assert "  MemoryError      work/" in "\n".join(told)


@pytest.mark.parametrize("folder", ["log"], indirect=True)
def test_where_only_the_log_tells_it_is_so_at_the_end_of_each_launch(folder: Folder) -> None:
    # Given the same, where heal waits for the run's end, and what was begun comes to its own before that
    folder.knows("network/depot", DEPOT)
    folder.prepare(MANY, "process { withName: CALL { memory = '100 MB' }; errorStrategy = 'finish' }\n")
    ended = folder.run(*UNDER_HEAL)
    # Then a launch or two later all came home; what is ignored is cached by nobody
    assert ended.returncode == 0, ended.stdout
    launches = ended.stdout.count("Launching ")
    assert launches in {2, 3}
    ran = Counter(folder.times_run())
    assert 1 <= ran.pop("IGNORED-2") <= launches
    expected = Counter(ONCE | {"CALL-17": 2, "FETCH": 2, "AGAIN": 2})
    assert expected <= ran <= expected + cut_off(folder)
    told = folder.told()
    assert [one for one in told if one[0] != "IGNORED"] == [
        ("CALL", "out_of_memory", "healed", 1),
        ("FETCH", "network", "healed", 1),
    ]
    assert {one for one in told if one[0] == "IGNORED"} == {("IGNORED", "out_of_memory", "dismissed", 1)}


def cut_off(folder: Folder) -> Counter[str]:
    """What Nextflow itself killed at the end of a launch: with 'finish' it may begin a task that it then does not await."""
    killed: Counter[str] = Counter()
    for log in folder.work.glob(".nextflow.log*"):
        said = log.read_text(encoding="utf-8")
        begun = set(re.findall(r"Submitted process > (.+)", said))
        killed.update(begun - set(re.findall(r"Task completed > TaskHandler\[id: \d+; name: ([^;]+);", said)))
    return Counter({re.sub(r" \((\d+)\)", r"-\1", name): times for name, times in killed.items()})


BUG = """
process PLOT {
    output: path 'x.png'
    script: "echo PLOT >> \\$RAN; plot.py; touch x.png"
}
process FINE {
    output: path 'x.txt'
    script: "echo FINE >> \\$RAN; sleep 3; touch x.txt"
}
workflow { FINE(); PLOT() }
"""
PLOT = """#!/usr/bin/env python3
def main():
    print(figure)


main()
"""
# as many do who use their cores by hand: `wait` says nothing of how its children ended
SILENT = """
process CRUNCH {
    output: path 'x.txt'
    script: "echo CRUNCH >> \\$RAN; crunch.py ${task.memory.toMega()} & wait; echo done"
}
workflow { CRUNCH() }
"""
CRUNCH = """#!/usr/bin/env python3
import os, sys
if int(sys.argv[1]) < 150:
    os.kill(os.getpid(), 9)
open("x.txt", "w").close()
"""


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_a_bug_in_a_script_waits_for_a_person_and_the_run_ends_as_without_heal(folder: Folder) -> None:
    # Given a script with a bug, beside a task that is fine and not yet through
    folder.program_file("plot.py", PLOT)
    folder.prepare(BUG, "process.errorStrategy = 'finish'\n")
    # When it runs without heal, and under heal
    alone, beside = folder.run(*RUN), folder.run(*UNDER_HEAL)
    # Then Nextflow says and does the same
    assert (beside.returncode, nextflows_words(beside.stdout)) == (1, nextflows_words(alone.stdout))
    assert (alone.returncode, folder.times_run()) == (1, {"PLOT": 2, "FINE": 2})
    # And the line with the bug is named, and nothing was changed
    assert folder.told() == [("PLOT", "script_error", "waiting", 1)]
    cited = folder.cited("PLOT")
    assert cited[0].endswith("NameError: name 'figure' is not defined")
    assert any('bin/plot.py", line 3' in line for line in cited)


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_a_result_that_is_missing_because_a_child_was_killed(folder: Folder) -> None:
    # Given a task that ends with 0 although a part of it was killed: nothing but Nextflow misses the result
    folder.program_file("crunch.py", CRUNCH)
    folder.prepare(SILENT, "process { withName: CRUNCH { memory = '100 MB' } }\n")
    ended = folder.run(*UNDER_HEAL)
    # Then what the shell said of it is taken for what it is, and it comes home with more
    assert ended.returncode == 0, ended.stdout
    assert folder.told() == [("CRUNCH", "out_of_memory", "healed", 1)]
    assert folder.times_run() == {"CRUNCH": 2}
    assert " Killed " in folder.cited("CRUNCH")[0]
