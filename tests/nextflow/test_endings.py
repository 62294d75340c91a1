"""What the plugin tells of runs of a real Nextflow, for each way that tasks and runs end."""

from __future__ import annotations

import json
import signal

import pytest
from tests.conftest import until
from tests.nextflow.launches import Launch, ends

pytestmark = pytest.mark.nextflow

TERMINATED = {"error_action": "TERMINATE", "will_retry": False}
LOST = ("run_finished", {"exit": 1, "ok": False})
WON = ("run_finished", {"exit": 0, "ok": True})


def kinds(launch: Launch) -> list[str]:
    return [said["kind"] for said in launch.events()]


def messages(launch: Launch) -> list[str | None]:
    return [said["facts"].get("message") for said in launch.events() if said["kind"] == "task_failed"]


def test_a_run_that_goes_well(launch: Launch):
    # Given two processes, one with a tag, and samples whose files have the same name
    script = """
        process A { tag "$x"; memory '100 MB'; time '90s'; input: val x; output: path 'o.txt'; script: "echo $x > o.txt" }
        process B { input: path x; output: path 'b.txt'; script: "cp $x b.txt" }
        workflow W { A(channel.of('S1', 'S2')); B(A.out) }
        workflow { W() }
    """
    # When it runs, called with words that a shell would take apart
    assert launch.run(script, "--x", "a  'b' $c", "--e", "") == 0
    # Then each task is told of by a key of its own, and the run by the words it was called with
    events = launch.events()
    assert sorted(kinds(launch)) == ["run_finished", "run_started", *["task_finished"] * 4, *["task_submitted"] * 4]
    assert events[0]["run"]["argv"] == [str(launch.program), "run", "main.nf", "--x", "a  'b' $c", "--e", ""]
    keys = {said["task"]["key"] for said in events if "task" in said}
    assert {"W:A (S1)", "W:A (S2)"} < keys
    assert len(keys) == 4
    assert ends(events)[-1] == WON
    # And a resumed run, in which nothing has to run, tells of no task, and has a name of its own
    assert launch.run(script, "-resume") == 0
    again = launch.events()[len(events) :]
    assert [said["kind"] for said in again] == ["run_started", "run_finished"]
    assert again[0]["facts"]["resume"] is True
    session, name = events[0]["run"]["id"].split(".")
    assert again[0]["run"]["id"].split(".")[0] == session
    assert again[0]["run"]["id"].split(".")[1] != name


def test_the_environment_is_kept_for_its_owner_alone(launch: Launch):
    launch.env = {"ODD": "a=b 'c'\nd ü"}
    assert launch.run("workflow { }") == 0
    kept = launch.folder / "home" / "env" / f"{launch.events()[0]['run']['id']}.json"
    assert launch.events()[0]["facts"]["env_file"] == str(kept)
    assert [place.stat().st_mode & 0o777 for place in (kept, kept.parent, launch.spool)] == [0o600, 0o700, 0o700]
    assert {path.stat().st_mode & 0o777 for path in launch.spool.iterdir()} == {0o600}
    assert json.loads(kept.read_text(encoding="ascii")).items() >= launch.environment().items()


def test_a_task_that_fails_for_good(launch: Launch):
    script = """
        process A { script: "sleep 1; echo boom >&2; exit 3" }
        process B { script: "sleep 60" }
        workflow { A(); B() }
    """
    assert launch.run(script) == 1
    # The task that is killed because of it failed on nobody's account
    assert ends(launch.events()) == [
        ("task_failed", "A", 1, {"state": "FAILED", "exit": 3, **TERMINATED}),
        ("task_failed", "B", 1, {"state": "ABORTED", "aborted": True, "will_retry": False}),
        LOST,
    ]
    [why, nothing] = messages(launch)
    assert why is not None
    assert "terminated with an error exit status (3)" in why
    assert "Command error:\n  boom\n" in why
    assert nothing is None


def test_a_task_that_nextflow_tries_again_by_itself(launch: Launch):
    script = """
        process A { tag 'S7'; errorStrategy 'retry'; maxRetries 1; script: "exit 4" }
        workflow { A() }
    """
    assert launch.run(script) == 1
    assert ends(launch.events()) == [
        ("task_failed", "A (S7)", 1, {"state": "FAILED", "exit": 4, "error_action": "RETRY", "will_retry": True}),
        ("task_failed", "A (S7)", 2, {"state": "FAILED", "exit": 4, **TERMINATED}),
        LOST,
    ]
    first = "Process `A (S7)` terminated with an error exit status (4)"
    assert [first in str(message) for message in messages(launch)] == [True, True]


def test_a_missing_output_that_the_pipeline_ignores(launch: Launch):
    script = """
        process A { errorStrategy 'ignore'; output: path 'never.txt'; script: "true" }
        workflow { A() }
    """
    assert launch.run(script) == 0
    ignored = {"state": "FAILED", "exit": 0, "error_action": "IGNORE", "will_retry": False, "ignored": True}
    assert ends(launch.events()) == [("task_failed", "A", 1, ignored), WON]
    assert messages(launch) == ["Missing output file(s) `never.txt` expected by process `A`"]


def test_an_ignored_failure_that_is_held_against_the_run(launch: Launch):
    script = "process A { errorStrategy 'ignore'; script: 'exit 5' }\nworkflow { A() }"
    assert launch.run(script, config="workflow.failOnIgnore = true\n") == 1
    ignored = {"state": "FAILED", "exit": 5, "error_action": "IGNORE", "will_retry": False, "ignored": True}
    assert ends(launch.events()) == [("task_failed", "A", 1, ignored), LOST]


def test_a_run_that_finishes_what_is_under_way(launch: Launch):
    script = """
        process A { errorStrategy 'finish'; script: "exit 5" }
        process B { script: "sleep 4" }
        workflow { A(); B() }
    """
    assert launch.run(script) == 1
    finish = {"state": "FAILED", "exit": 5, "error_action": "FINISH", "will_retry": False}
    # What failed is told of at once, not when the run is over
    assert ends(launch.events()) == [("task_failed", "A", 1, finish), ("task_finished", "B", 1, {}), LOST]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("process A { script: 'x' \n workflow { A( }", "Script compilation error"),
        ("workflow { println nosuch }", "No such variable: nosuch -- Check script 'main.nf' at line: 1"),
        ('workflow { error "no input given" }', "no input given"),
        ('process A { script: "echo ${nosuch}" }\nworkflow { A() }', "No such variable: nosuch"),
        ("workflow { channel.of(1).map { it.nosuch() } }", "No signature of method: java.lang.Integer.nosuch()"),
    ],
    ids=["syntax", "script", "error", "block", "operator"],
)
def test_a_pipeline_that_is_wrong_itself(launch: Launch, script: str, message: str):
    assert launch.run(script) == 1
    assert ends(launch.events()) == [("task_failed", "", 1, {"will_retry": False}), LOST]
    [failed] = [said for said in launch.events() if said["kind"] == "task_failed"]
    assert message in failed["facts"]["message"]
    assert (failed["task"]["name"], failed["facts"]["process"]) == ("nextflow", "nextflow")
    assert failed["task"]["log_paths"] == [str(launch.folder / ".nextflow.log")]


def test_a_run_that_ends_itself_in_the_middle(launch: Launch):
    # Given a script that leaves with a code of its own: Nextflow tells the plugin nothing
    assert launch.run('workflow { exit 3, "no such sample" }') == 3
    # Then its end is told, and how it did is not known
    assert kinds(launch) == ["run_started", "run_finished"]
    assert launch.events()[-1]["facts"] == {"ok": None, "exit": None}


def test_a_run_that_is_stopped_by_a_signal(launch: Launch):
    with launch.start('process A { script: "sleep 60" }\nworkflow { A() }') as started:
        assert until(lambda: "task_submitted" in kinds(launch), seconds=60)
        started.send_signal(signal.SIGTERM)
        started.communicate(timeout=60)
    assert ends(launch.events()) == [
        ("task_failed", "A", 1, {"state": "ABORTED", "aborted": True, "will_retry": False}),
        ("run_finished", {"exit": 1, "ok": False, "interrupted": True}),
    ]


def test_a_preview_is_not_told_of(launch: Launch):
    assert launch.run('process A { script: "true" }\nworkflow { A() }', "-preview") == 0
    assert kinds(launch) == []


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_tasks_on_slurm_have_its_ids_and_a_refused_one_has_none(launch: Launch):
    script = """
        process A { output: val 1; script: "sleep 1" }
        process B { clusterOptions '--partition=nosuch'; input: val x; script: "true" }
        workflow { A | B }
    """
    assert launch.run(script, config="process.executor = 'slurm'\nprocess.memory = '50 MB'\nprocess.time = '5m'\n") == 1
    told = [said for said in launch.events() if "task" in said]
    assert [(said["kind"], said["task"]["name"]) for said in told] == [
        ("task_submitted", "A"),
        ("task_finished", "A"),
        ("task_failed", "B"),
    ]
    assert [str(said["task"]["native_id"]).isdigit() for said in told] == [True, True, False]
    assert told[0]["facts"]["asked"] == {"memory_mb": 50, "time_min": 5, "cpus": 1}
    # Then what sbatch said is the reason
    assert (told[2]["facts"]["exit"], told[2]["facts"]["state"], told[2]["facts"]["error_action"]) == (
        1,
        "FAILED",
        "TERMINATE",
    )
    assert "sbatch: error: invalid partition specified: nosuch" in told[2]["facts"]["message"]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_an_array_of_slurm_is_told_of_element_by_element(launch: Launch):
    script = """
        process A { array 2; tag "$x"; input: val x; script: "[ $x = 1 ]" }
        workflow { A(channel.of(1, 2)) }
    """
    config = "process { executor = 'slurm'; memory = '50 MB'; errorStrategy = 'finish' }\n"
    assert launch.run(script, config=config) == 1
    told = {(said["kind"], said["task"]["name"]): said["task"] for said in launch.events() if "task" in said}
    assert set(told) == {
        ("task_submitted", "A (1)"),
        ("task_submitted", "A (2)"),
        ("task_finished", "A (1)"),
        ("task_failed", "A (2)"),
    }
    job = told["task_submitted", "A (1)"]["native_id"].partition("_")[0]
    assert {task["native_id"] for task in told.values()} == {f"{job}_0", f"{job}_1"}


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_an_array_that_slurm_refuses_failed_once(launch: Launch):
    script = """
        process A { array 2; tag "$x"; clusterOptions '--partition=nosuch'; input: val x; script: "true" }
        workflow { A(channel.of(1, 2)) }
    """
    assert launch.run(script, config="process.executor = 'slurm'\n") == 1
    # Nextflow blames one element, and tells of both before or after the run is over; the other one never began
    found = ends(launch.events())
    [failed] = [end for end in found if end[0] == "task_failed" and end[-1]["state"] == "FAILED"]
    assert failed[-1] == {"state": "FAILED", "exit": 1, **TERMINATED}
    assert [end[-1] for end in found if end[0] == "task_failed" and end != failed] == [
        {"state": "NEW", "aborted": True, "will_retry": False}
    ]
    assert found.count(LOST) == 1
    assert "sbatch: error: invalid partition specified: nosuch" in str(messages(launch))
