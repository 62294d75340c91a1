"""The same without heal's plugin, which a site's list of plugins does not allow: heal reads Nextflow's log instead."""

from __future__ import annotations

import pytest
from tests.live.pipelines import EAT
from tests.nextflow.heals.folder import HOLD, ON_SLURM, RUN, UNDER_HEAL, Folder, heals_words, nextflows_words

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

SOME = """
params.bug = false
process GOOD {
    tag "$s"
    input: val s
    output: path 'o.txt'
    script: "echo GOOD-$s >> \\$RAN; touch o.txt"
}
process GREEDY {
    input: path 'o*.txt'
    output: path 'g.txt'
    script: "echo GREEDY-${task.memory.toMega()} >> \\$RAN; __HOLD__; touch g.txt"
}
process PLOT {
    input: path 'g.txt'
    script: "echo PLOT >> \\$RAN; plot.py ${params.bug}"
}
workflow {
    GOOD(channel.of('S1', 'S2'))
    GREEDY(GOOD.out.collect())
    PLOT(GREEDY.out)
}
""".replace("__HOLD__", HOLD)
PLOT = """#!/usr/bin/env python3
import sys
print(figure if sys.argv[1] == "true" else "")
"""


@pytest.fixture
def followed(folder: Folder) -> Folder:
    folder.leave_to_the_log()
    folder.program_file("plot.py", PLOT)
    return folder


def test_a_run_that_goes_well_is_not_spoken_of(followed: Folder) -> None:
    followed.prepare(SOME, "process.memory = '900 MB'\n")
    alone = followed.run(*RUN)
    ended = followed.run(*UNDER_HEAL)
    assert (alone.returncode, ended.returncode) == (0, 0)
    assert heals_words(ended.stdout) == []
    assert nextflows_words(ended.stdout) == nextflows_words(alone.stdout)
    assert followed.told() == []


def test_a_bug_waits_for_a_person(followed: Folder) -> None:
    followed.prepare(SOME, "process.memory = '900 MB'\n")
    ended = followed.run(*UNDER_HEAL, "--bug")
    assert (ended.returncode, followed.told()) == (1, [("PLOT", "script_error", "waiting", 1)]), ended.stdout
    assert followed.times_run() == {"GOOD-S1": 1, "GOOD-S2": 1, "GREEDY-900": 1, "PLOT": 1}
    assert any('bin/plot.py", line 3' in line for line in followed.cited("PLOT"))


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_what_slurm_killed_is_healed_when_the_run_has_ended(followed: Folder) -> None:
    # Given a task on SLURM that is killed for its memory
    followed.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    followed.prepare(SOME.replace(HOLD, "eat.py 120 3"), ON_SLURM + "process.errorStrategy = 'finish'\n")
    ended = followed.run(*UNDER_HEAL)
    # Then it comes home with more, and only what failed and what hangs on it runs in what is started again
    assert ended.returncode == 0, ended.stdout
    [greedy] = followed.incidents()
    granted = int(greedy["fix"]["changes"][0]["new"])
    assert (greedy["process"], greedy["label"], greedy["state"]) == ("GREEDY", "out_of_memory", "healed")
    ran = followed.times_run()
    tries = [name for name in ran if name.startswith("GREEDY-")]
    assert ran == dict.fromkeys(("GOOD-S1", "GOOD-S2", "PLOT", *tries), 1)
    # it may have been killed so early that what it really needs was not seen yet
    assert {"GREEDY-60", f"GREEDY-{granted}"} <= set(tries)
    assert len(tries) == ended.stdout.count("Launching ") <= 3
