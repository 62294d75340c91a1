"""The same without heal's plugin, which a site's list of plugins does not allow: heal reads Nextflow's log instead."""

from __future__ import annotations

import pytest
from tests.live.pipelines import DEPOT, EAT
from tests.nextflow.heals.folder import HOLD, ON_SLURM, RUN, UNDER_HEAL, Folder, heals_words, nextflows_words

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

SOME = """
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
    script: "echo PLOT >> \\$RAN"
}
workflow {
    GOOD(channel.of('S1', 'S2'))
    GREEDY(GOOD.out.collect())
    PLOT(GREEDY.out)
}
""".replace("__HOLD__", HOLD)
# fails the first time
ONCE = "[ -e $launchDir/tried ] || { touch $launchDir/tried; echo 'the depot is busy' >&2; exit 6; }"


@pytest.fixture
def followed(folder: Folder) -> Folder:
    folder.leave_to_the_log()
    return folder


def test_a_run_that_goes_well_is_not_spoken_of(followed: Folder) -> None:
    followed.prepare(SOME, "process.memory = '900 MB'\n")
    alone = followed.run(*RUN)
    ended = followed.run(*UNDER_HEAL)
    assert (alone.returncode, ended.returncode) == (0, 0)
    assert heals_words(ended.stdout) == []
    assert nextflows_words(ended.stdout) == nextflows_words(alone.stdout)
    assert followed.told() == []


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_what_failed_on_slurm_is_healed_when_the_run_has_ended(followed: Folder) -> None:
    # Given a task on SLURM that is killed for its memory, and one that waits for it and fails once
    followed.program_file("eat.py", f"#!/usr/bin/env python3\n{EAT}")
    followed.knows("network/depot", DEPOT)
    failing = SOME.replace(HOLD, "eat.py 120 3").replace("echo PLOT", f"{ONCE}; echo PLOT")
    followed.prepare(failing, ON_SLURM + "process.errorStrategy = 'finish'\n")
    ended = followed.run(*UNDER_HEAL)
    # Then the one comes home with more and the other as it was, and only what failed and what hangs on it runs in what is started again
    assert ended.returncode == 0, ended.stdout
    assert followed.told() == [("GREEDY", "out_of_memory", "healed", 1), ("PLOT", "network", "healed", 1)]
    [greedy] = [one for one in followed.incidents() if one["process"] == "GREEDY"]
    granted = int(greedy["fix"]["changes"][0]["new"])
    ran = followed.times_run()
    tries = [name for name in ran if name.startswith("GREEDY-")]
    assert ran == dict.fromkeys(("GOOD-S1", "GOOD-S2", "PLOT", *tries), 1)
    # it may have been killed so early that what it really needs was not seen yet
    assert {"GREEDY-60", f"GREEDY-{granted}"} <= set(tries)
    assert len(tries) + 1 == ended.stdout.count("Launching ") <= 4
