"""What is looked up, and what successes say, before a diagnosis is written down."""

from __future__ import annotations

from tests.evidence.test_history import commit, git
from tests.loop.test_turn import World, world

from heal.cases import Evidence, Sight
from heal.journal import Diagnosed
from heal.records import Diagnosis, Label

__all__ = ["world"]

NOISE = "cache: /var/cache/peaks: Permission denied"
CAUSE = "ValueError: no peaks above the threshold"


def diagnosed(world: World) -> Diagnosed:
    """The newest diagnosis of the newest incident."""
    ((incident, _bodies),) = world.store.newest(1)
    return next(e.body for e in reversed(world.store.journal(incident.id)) if isinstance(e.body, Diagnosed))


def fails(world: World, text: str) -> Diagnosis:
    world.log("S3", text)
    world.say("task_failed", "r1", "call:s=S3", log="S3", exit=1)
    world.pass_time()
    return diagnosed(world).diagnosis


def test_what_successful_tasks_say_too_is_not_the_cause(world: World) -> None:
    # Given two tasks of a process that went well, with an alarming line in their logs
    world.starts("r1")
    for task in ("S1", "S2"):
        world.log(task, f"begin\n{NOISE}\n{task}: 12 peaks\n")
        world.say("task_finished", "r1", f"call:s={task}", log=task)
    world.pass_time()
    # When a third fails, with the same line and another
    found = fails(world, f"begin\n{NOISE}\n{CAUSE}\n")
    # Then the other line is the cause, and the ledger says why
    assert (found.label, found.root.text if found.root else "") == (Label.SCRIPT_ERROR, CAUSE)
    whys = [weight.why for row in found.ledger if row.citation.text == NOISE for weight in row.weights]
    assert "successful tasks of this process say the same" in whys


def test_what_successful_tasks_say_too_is_not_read_as_the_cause_where_no_pattern_knows_it(world: World) -> None:
    # Given five tasks that went well, and said a line that reads like a missing file and names one that is not there
    usual = f"note: error rate is 0.5 and cannot open cache {world.folder}/cache.idx, continuing"
    own = "zorb: failed to read header in row 3"
    world.starts("r1")
    for task in ("S1", "S2", "S4", "S5", "S6"):
        world.log(task, f"begin\n{usual}\ndone\n")
        world.say("task_finished", "r1", f"call:s={task}", log=task)
    world.pass_time()
    # When another says it too and fails with words of its own
    found = fails(world, f"begin\n{usual}\n{own}\n")
    # Then those are read as the cause, and what the usual line names was not looked up
    assert (found.label, found.by, found.root and found.root.text) == (Label.BAD_INPUT_DATA, "words", own)
    assert [one for one in diagnosed(world).findings if "cache.idx" in one.subject] == []


def test_without_successes_the_line_counts(world: World) -> None:
    world.starts("r1")

    assert fails(world, f"begin\n{NOISE}\n{CAUSE}\n").label is Label.PERMISSION


def test_what_successes_said_is_remembered_in_the_next_run_of_the_folder(world: World) -> None:
    # Given a run that went well
    world.starts("r0")
    world.log("S1", f"begin\n{NOISE}\nS1: 12 peaks\n")
    world.say("task_finished", "r0", "call:s=S1", log="S1")
    world.log("S3", f"begin\n{CAUSE}\n")
    world.say("task_failed", "r0", "call:s=S3", log="S3", exit=1)
    world.pass_time()
    world.ends("r0", ok=False)
    # When a task of the next run fails, which has no successes of its own
    world.starts("r1")

    assert fails(world, f"begin\n{NOISE}\n{CAUSE}\n").root.text == CAUSE  # type: ignore[union-attr]


def test_what_changed_since_the_task_went_well_in_an_earlier_run_of_the_folder_is_told(world: World) -> None:
    # Given a run in which the task went well, and a commit after it
    git(world.folder, "init", "-q")
    rule = "rule call:\n    shell: 'wc -l prep/{wildcards.s}.fq'\n"
    commit(world.folder, 20, "begin", Snakefile=rule)
    world.starts("r0")
    world.log("S3", "begin\n")
    world.say("task_finished", "r0", "call:s=S3", log="S3")
    world.ends("r0", ok=True)
    world.pass_time()
    identity = commit(world.folder, 25, "longer names", Snakefile=rule.replace(".fq", ".fastq"))
    # When it fails in the next run, in which nothing has gone well yet
    world.pass_time(3 * 86400)
    world.starts("r1")
    fails(world, "wc: prep/S3.fastq: No such file or directory\n")
    seen = [one.text for one in diagnosed(world).findings if one.sight is Sight.CHANGED]
    # Then the change is told, though it does not name the file, and since when
    when = "2026-11-25, after this task last succeeded on 2026-11-24 12:00 UTC"
    lines = "- shell: 'wc -l prep/{wildcards.s}.fq' + shell: 'wc -l prep/{wildcards.s}.fastq'"
    assert seen == [f"Snakefile:2 changed in {identity} 'longer names' ({when}): {lines}"]


def test_a_missing_file_is_walked_back_to_the_task_that_should_have_made_it(world: World) -> None:
    # Given a task that failed before it made a file
    world.starts("r1")
    world.log("align", "Segmentation fault (core dumped)\n")
    world.say("task_failed", "r1", "align:s=S3", exit=139, output=["S3.bam"])
    # When another task misses the file
    found = fails(world, "reading\nsamtools: cannot open S3.bam: No such file or directory\n")
    # Then its maker is named
    assert found.label is Label.MISSING_INPUT
    whys = " ".join(weight.why for row in found.ledger for weight in row.weights)
    assert "S3.bam is what align:s=S3 makes; it failed" in whys
    # and it is kept with the diagnosis, for whoever is told of it later
    assert (Sight.UNMADE, "S3.bam") in [(one.sight, one.subject) for one in diagnosed(world).findings]


def test_of_a_huge_log_no_more_is_kept_than_is_read(world: World) -> None:
    world.starts("r1")
    fails(world, "".join(f"step {n}: residual {1 / (n + 1)}\n" for n in range(40_000)) + CAUSE + "\n")

    kept: tuple[Evidence, ...] = diagnosed(world).evidence

    assert sum(len(one.text) for one in kept) < 16_000
    assert CAUSE in kept[0].text
