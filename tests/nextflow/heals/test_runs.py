"""A user's Nextflow runs under heal run as wholes: started again, killed, locked out, and two at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.pipelines import outcomes
from tests.nextflow.heals.folder import HOLD, RUN, SLOW, UNDER_HEAL, Folder, heals_words

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

# S2 needs what it says, and the pipeline's own configuration says in three places what it gets
RANKS = """
process BEFORE { output: path 'b.txt'; script: "echo BEFORE >> \\$RAN; touch b.txt" }
process GREEDY {
    tag "$s"
    label 'big'
    memory '80 MB'
    input: val s; path b
    output: path 'o.txt'
    script: "echo GREEDY-$s-${task.memory.toMega()} >> \\$RAN; [ $s = S1 ] || { sleep 3; __HOLD__; }; touch o.txt"
}
process REPORT { input: path 'o*.txt'; script: "echo REPORT >> \\$RAN" }
workflow {
    BEFORE()
    GREEDY(channel.of('S1', 'S2'), BEFORE.out)
    REPORT(GREEDY.out.collect())
}
""".replace("__HOLD__", HOLD)
OWN = """
process {
    memory = '70 MB'
    withLabel: big { memory = '90 MB' }
    withName: 'GRE.*' { memory = '100 MB' }
}
"""


@pytest.fixture
def slow(folder: Folder) -> Iterator[Folder]:
    """A folder with a pipeline whose second task waits for a file to go."""
    folder.prepare(SLOW)
    folder.hold.touch()
    yield folder
    folder.end_all()


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_a_run_is_started_again_with_what_outranks_the_pipelines_own_words(folder: Folder) -> None:
    # Given a pipeline with several words on the memory of a process, and heal that may not answer while it runs
    folder.prepare(RANKS, OWN)
    folder.file("heal.toml", "[in_flight]\nwait_seconds = 0\n")
    ended = folder.run(*UNDER_HEAL)
    # Then a second launch has what heal gave, and only what failed, and what hangs on it, runs in it
    assert ended.returncode == 0, ended.stdout
    assert folder.times_run() == {"BEFORE": 1, "GREEDY-S1-100": 1, "GREEDY-S2-100": 1, "GREEDY-S2-200": 1, "REPORT": 1}
    assert folder.told() == [("GREEDY", "out_of_memory", "healed", 1)]
    assert outcomes(folder.incidents()[0]) == ["healed"]
    assert ended.stdout.count("Launching ") == 2
    assert "  → started again; what is finished stays" in heals_words(ended.stdout)


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_a_nextflow_that_is_killed_goes_on_where_it_stood(slow: Folder, until: Callable[..., bool]) -> None:
    # Given a run at work, which has kept what is finished
    run = slow.start(*UNDER_HEAL)
    assert until(lambda: "B" in slow.times_run() and slow.cached(), 90)
    # When the whole of Nextflow is killed
    [nextflow] = slow.engines()
    slow.kill(nextflow)
    slow.hold.unlink()
    said, _ = run.communicate(timeout=120)
    # Then it is started again, and what was finished stays
    assert run.returncode == 0, said
    assert slow.times_run() == {"A": 1, "B": 2}
    assert slow.told() == [("nextflow", "node_failure", "healed", 1)]
    assert "nextflow: it goes on where it stood, once it is proven that nobody works there" in said


@pytest.mark.parametrize("folder", [pytest.param("slurm", marks=pytest.mark.slurm), "log"], indirect=True)
def test_a_session_in_use_is_waited_for(slow: Folder, until: Callable[..., bool]) -> None:
    # Given a run at work, or one that waits for its jobs, and somebody who thinks that it is dead and resumes it
    first = slow.start(*RUN)
    assert until(lambda: "B" in slow.times_run(), 90)
    second = slow.start(*UNDER_HEAL, "-resume")
    # When Nextflow finds its session locked
    assert until(slow.told, 90)
    # Then it is left in peace as long as it works
    assert not until(lambda: first.poll() is not None or second.poll() is not None or len(slow.engines()) > 1, 4)
    slow.hold.unlink()
    said = [process.communicate(timeout=120)[0] for process in (first, second)]
    # And both end well, with each task run once
    assert (first.returncode, second.returncode) == (0, 0), said
    assert slow.times_run() == {"A": 1, "B": 1}
    assert slow.told() == [("nextflow", "locked", "healed", 1)]


GREEDY = """
params.as = 'x'
process GREEDY {
    output: path 'o.txt'
    script: "echo ${params.as}-${task.memory.toMega()} >> \\$RAN; __HOLD__; touch o.txt"
}
workflow { GREEDY() }
""".replace("__HOLD__", HOLD)


def test_a_nextflow_in_the_background_is_waited_for_and_started_again(folder: Folder) -> None:
    # Given a launcher that ends before its Nextflow does, and heal that may not answer while it runs
    folder.prepare(GREEDY, "process.memory = '100 MB'\n")
    folder.file("heal.toml", "[in_flight]\nwait_seconds = 0\n")
    ended = folder.run(*folder.in_the_background())
    # Then heal stays for the run, and for the one that it starts in its place
    assert ended.returncode == 0, ended.stdout
    assert folder.times_run() == {"x-100": 1, "x-200": 1}
    assert folder.told() == [("GREEDY", "out_of_memory", "healed", 1)]
    assert heals_words(ended.stdout)[-1] == "run finished: 1 task, 1 incident, 1 healed, 0 waiting · heal status"
    assert folder.engines() == []


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_two_runs_in_one_folder_and_one_beside_them_keep_apart(folder: Folder) -> None:
    # Given one pipeline that is started twice in one folder, and once in another one, by one user at one time
    folder.prepare(GREEDY, "process { withName: GREEDY { memory = '100 MB' } }\n")
    beside = folder.work.parent / "beside"
    beside.mkdir()
    for name in ("main.nf", "nextflow.config"):
        (beside / name).write_bytes((folder.work / name).read_bytes())
    runs = [
        folder.start(*UNDER_HEAL, "-name", "one", "--as", "one"),
        folder.start(*UNDER_HEAL, "-name", "two", "--as", "two"),
        folder.start(*UNDER_HEAL[:-1], str(beside / "main.nf"), "-w", str(beside / "work"), "--as", "three"),
    ]
    said = [run.communicate(timeout=300)[0] for run in runs]
    # Then each has one incident of its own, and tells of no other
    assert [run.returncode for run in runs] == [0, 0, 0], said
    assert folder.times_run() == {f"{name}-{mb}": 1 for name in ("one", "two", "three") for mb in (100, 200)}
    assert folder.told() == [("GREEDY", "out_of_memory", "healed", 1)] * 3
    ends = [heals_words(text)[-1] for text in said]
    assert ends == ["run finished: 1 task, 1 incident, 1 healed, 0 waiting · heal status"] * 3
    told = [[line for line in heals_words(text) if " came home " in line] for text in said]
    assert sorted(line.split("incident ")[1].split()[0] for [line] in told) == sorted(
        one["id"] for one in folder.incidents()
    )


def test_no_file_of_the_pipeline_is_touched(folder: Folder) -> None:
    folder.prepare(GREEDY, "process.memory = '100 MB'\n")
    before = {path: path.read_bytes() for path in folder.work.iterdir() if path.is_file()}
    assert folder.run(*UNDER_HEAL).returncode == 0
    assert {path: path.read_bytes() for path in before} == before
    made = {path.name for path in folder.work.iterdir()} - {path.name for path in before}
    assert made == {".heal", ".nextflow", ".nextflow.log", "work"}
    assert not list(Path(folder.work, ".heal", "answers").glob("*"))
