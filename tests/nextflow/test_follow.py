"""What is told of runs of a real Nextflow without the plugin: by its log, and the same as the plugin tells."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import until
from tests.nextflow.followed import Followed, followed, now
from tests.nextflow.launches import Launch

from heal.engines.nextflow_follow import NextflowLogs
from heal.steps.intake import parse

pytestmark = pytest.mark.nextflow

TERMINATED = {"error_action": "TERMINATE", "will_retry": False}
ABORTED = {"state": "ABORTED", "aborted": True, "will_retry": False}
LOST = ("run_finished", {"exit": 1, "ok": False})
WON = ("run_finished", {"exit": 0, "ok": True})


@pytest.fixture
def here(nextflow: Path, tmp_path: Path) -> Iterator[Followed]:
    with followed(tmp_path, nextflow) as made:
        yield made


def test_a_run_that_goes_well(here: Followed):
    script = """
        process A { tag "$x"; input: val x; output: path 'o.txt'; script: "echo $x > o.txt" }
        process B { input: path x; output: path 'b.txt'; script: "cp $x b.txt" }
        workflow W { A(channel.of('S1', 'S2')); B(A.out) }
        workflow { W() }
    """
    assert here.run(script, "--x", "a  'b' $c") == 0
    # Then the run is told of first and as it was announced, and each task by a key of its own
    started = here.told[0]
    assert (started.kind, started.source, started.facts["resume"]) == ("run_started", "nextflow", False)
    assert started.run is not None
    assert started.run.argv == (str(here.program), "run", "main.nf", "--x", "a  'b' $c")
    assert started.facts["env_file"] == "/private/env.json"
    kinds = [event.kind for event in here.told]
    assert sorted(kinds) == ["run_finished", "run_started", *["task_finished"] * 4, *["task_submitted"] * 4]
    tasks = [event.task for event in here.told if event.task]
    assert {"W:A (S1)", "W:A (S2)"} < {task.key for task in tasks}
    assert len({task.key for task in tasks}) == 4
    assert all((Path(task.workdir or "") / ".command.run").is_file() for task in tasks)
    assert here.ends()[-1] == WON
    # And a resumed run, in which nothing has to run, tells of no task, and has a name of its own
    before = len(here.told)
    assert here.run(script, "-resume") == 0
    again = here.told[before:]
    assert [event.kind for event in again] == ["run_started", "run_finished"]
    assert again[0].run is not None
    assert again[0].run.id.split(".")[0] == started.run.id.split(".")[0]
    assert again[0].run.id != started.run.id
    assert again[0].facts["resume"] is True


def test_a_task_that_fails_for_good(here: Followed):
    script = """
        process A { script: "sleep 1; echo boom >&2; exit 3" }
        process B { script: "sleep 60" }
        workflow { A(); B() }
    """
    assert here.run(script) == 1
    assert here.ends() == [
        ("task_failed", "A", 1, {"state": "FAILED", "exit": 3, **TERMINATED}),
        ("task_failed", "B", 1, ABORTED),
        LOST,
    ]
    [why, nothing] = [event.facts.get("message") for event in here.told if event.kind == "task_failed"]
    assert why is not None
    assert "Command error:\n  boom\n" in why
    assert nothing is None


def test_a_task_that_nextflow_tries_again_by_itself(here: Followed):
    script = """
        process A { tag 'S7'; errorStrategy 'retry'; maxRetries 1; script: "exit 4" }
        workflow { A() }
    """
    assert here.run(script) == 1
    assert here.ends() == [
        ("task_failed", "A (S7)", 1, {"state": "FAILED", "exit": 4, "error_action": "RETRY", "will_retry": True}),
        ("task_failed", "A (S7)", 2, {"state": "FAILED", "exit": 4, **TERMINATED}),
        LOST,
    ]


def test_tasks_without_a_tag_keep_their_keys_from_try_to_try(here: Followed):
    script = """
        process A { errorStrategy 'retry'; maxRetries 1; input: val x
            script: "[ $x = 2 ] || [ ${task.attempt} = 2 ]" }
        workflow { A(channel.of(1, 2)) }
    """
    assert here.run(script) == 0
    ends = here.ends()
    [failed] = [end for end in ends if end[0] == "task_failed"]
    assert [end[2] for end in ends if end[0] == "task_finished" and end[1] == failed[1]] == [2]
    assert len({end[1] for end in ends[:-1]}) == 2


def test_a_missing_output_that_the_pipeline_ignores(here: Followed):
    script = """
        process A { errorStrategy 'ignore'; output: path 'never.txt'; script: "true" }
        workflow { A() }
    """
    assert here.run(script) == 0
    ignored = {"state": "FAILED", "exit": 0, "error_action": "IGNORE", "will_retry": False, "ignored": True}
    assert here.ends() == [("task_failed", "A", 1, ignored), WON]
    [failed] = [event for event in here.told if event.kind == "task_failed"]
    assert failed.facts["message"] == "Missing output file(s) `never.txt` expected by process `A`"


def test_a_run_that_finishes_what_is_under_way(here: Followed):
    script = """
        process A { errorStrategy 'finish'; script: "exit 5" }
        process B { script: "sleep 4" }
        workflow { A(); B() }
    """
    assert here.run(script) == 1
    finish = {"state": "FAILED", "exit": 5, "error_action": "FINISH", "will_retry": False}
    assert here.ends() == [("task_failed", "A", 1, finish), ("task_finished", "B", 1, {}), LOST]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("process A { script: 'x' \n workflow { A( }", "Script compilation error"),
        ("workflow { println nosuch }", "No such property: nosuch"),
        ('workflow { error "no input given" }', "no input given"),
        ('process A { script: "echo ${nosuch}" }\nworkflow { A() }', "No such variable: nosuch"),
        ("workflow { channel.of(1).map { it.nosuch() } }", "No signature of method: java.lang.Integer.nosuch()"),
    ],
    ids=["syntax", "script", "error", "block", "operator"],
)
def test_a_pipeline_that_is_wrong_itself(here: Followed, script: str, message: str):
    assert here.run(script) == 1
    assert here.ends() == [("task_failed", "", 1, {"will_retry": False}), LOST]
    [failed] = [event for event in here.told if event.kind == "task_failed"]
    assert message in failed.facts["message"]
    assert failed.task is not None
    assert (failed.task.name, failed.facts["process"]) == ("nextflow", "nextflow")
    assert failed.task.log_paths == (str(here.folder / ".nextflow.log"),)


def test_settings_that_nextflow_cannot_read(here: Followed):
    # Given a configuration that keeps Nextflow from having a session at all
    assert here.run("workflow { }", config="process { memory = ") == 1
    # Then that is told of under the name by which the launch was announced
    assert here.ends() == [("task_failed", "", 1, {"will_retry": False}), LOST]
    assert {event.run.id for event in here.told if event.run} == {here.told[0].run.id if here.told[0].run else ""}
    assert str(here.told[1].facts["message"]).startswith("Unable to parse config file")


def test_a_run_that_ends_itself_in_the_middle(here: Followed):
    assert here.run('workflow { exit 3, "no such sample" }') == 3
    assert [event.kind for event in here.told] == ["run_started", "run_finished"]
    assert here.told[-1].facts == {"ok": None, "exit": None}


def test_a_run_that_is_stopped_by_a_signal(here: Followed):
    with here.launch('process A { script: "sleep 60" }\nworkflow { A() }') as started:
        assert here.until("task_submitted")
        started.send_signal(signal.SIGTERM)
        assert here.until("run_finished")
    assert here.ends() == [
        ("task_failed", "A", 1, ABORTED),
        ("run_finished", {"exit": 1, "ok": False, "interrupted": True}),
    ]


def test_a_run_that_is_killed_without_a_word(here: Followed):
    with here.launch('process A { script: "sleep 20" }\nworkflow { A() }') as started:
        assert here.until("task_submitted")
        started.kill()
        started.wait()
        assert here.until("run_finished")
    # Then how it ended is not known, and nothing is said of the task, which may still run
    assert here.ends() == [("run_finished", {"ok": None, "exit": None})]


def test_a_preview_is_not_told_of(here: Followed):
    with here.launch('process A { script: "true" }\nworkflow { A() }', "-preview") as started:
        assert started.wait(timeout=60) == 0
        said = here.announced(started.pid, [])
        assert until(lambda: here.read_on() or here.logs.done(said))
    assert here.told == []


def test_two_runs_at_once_in_one_folder(here: Followed):
    # Given a run whose log is renamed while it is written, because another one begins beside it
    slow = 'process A { script: "sleep 8; exit 6" }\nworkflow { A() }'
    with here.launch(slow) as first:
        assert here.until("task_submitted")
        with here.launch('process B { script: "true" }\nworkflow { B() }') as second:
            assert (first.wait(timeout=90), second.wait(timeout=90)) == (1, 0)
    assert here.until("run_finished", 2)
    # Then each is told of to its end, under its own name
    runs = {event.task.name: event.run.id for event in here.told if event.task and event.run}
    ends = {event.run.id: event.facts["exit"] for event in here.told if event.kind == "run_finished" and event.run}
    assert (ends[runs["A"]], ends[runs["B"]]) == (1, 0)


def test_a_heal_that_comes_later_says_the_same_again(here: Followed):
    # Given a run that was followed to its end
    script = 'process A { tag "s$x"; input: val x; script: "exit $x" }\nworkflow { A(channel.of(0, 3)) }'
    with here.launch(script) as started:
        announced = here.announced(started.pid, [])
        started.wait(timeout=90)
    assert here.until("run_finished")
    count = here.store.events()
    # When another heal reads its log, which is an older one by now, from the beginning
    (here.folder / ".nextflow.log").rename(here.folder / ".nextflow.log.1")
    here.logs = NextflowLogs(here.store.run, now)
    assert here.logs.takes(announced)
    assert until(lambda: here.read_on() and here.logs.done(announced))
    # Then nothing of it is new
    assert here.store.events() == count
    assert {event.id for event in here.told[count:]} == {event.id for event in here.told[:count]}


def test_where_the_plugin_speaks_the_log_is_left_alone(here: Followed, nextflow_plugin: Path):
    # Given a run with the plugin, that was announced as one by the shim
    launch = Launch(here.folder, here.program, nextflow_plugin)
    with launch.start('process A { script: "exit 2" }\nworkflow { A() }') as started:
        announced = here.announced(started.pid, started.args, plugin=True)  # type: ignore[arg-type]  # a list it is
        here.logs.takes(announced)
        started.communicate(timeout=90)
    # When what the plugin told is taken in
    for path in sorted(launch.spool.glob("*.json")):
        here.store.take(parse(path.stem, json.dumps(json.loads(path.read_text(encoding="ascii")))))
    # Then the log adds nothing
    assert until(lambda: here.read_on() or here.logs.done(announced))
    assert here.told == []


def test_a_plugin_that_could_not_speak_is_stood_in_for(here: Followed, nextflow_plugin: Path):
    # Given a run with the plugin, whose spool cannot be written
    launch = Launch(here.folder, here.program, nextflow_plugin, {"HEAL_SPOOL": "/proc/nowhere"})
    with launch.start('process A { script: "exit 2" }\nworkflow { A() }') as started:
        here.logs.takes(here.announced(started.pid, started.args, plugin=True))  # type: ignore[arg-type]  # as above
        started.communicate(timeout=90)
    # Then heal hears of it all the same
    assert here.until("run_finished")
    assert here.ends() == [("task_failed", "A", 1, {"state": "FAILED", "exit": 2, **TERMINATED}), LOST]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_tasks_on_slurm_have_its_ids_and_a_refused_one_has_none(here: Followed):
    script = """
        process A { output: val 1; script: "sleep 1" }
        process B { clusterOptions '--partition=nosuch'; input: val x; script: "true" }
        workflow { A | B }
    """
    assert here.run(script, config="process.executor = 'slurm'\nprocess.memory = '50 MB'\nprocess.time = '5m'\n") == 1
    told = [event for event in here.told if event.task]
    assert [(event.kind, event.task.name) for event in told if event.task] == [
        ("task_submitted", "A"),
        ("task_failed", "B"),
        ("task_finished", "A"),
    ]
    assert [str(event.task.native_id).isdigit() for event in told if event.task] == [True, False, True]
    assert told[0].facts["asked"] == {"memory_mb": 50, "time_min": 5, "cpus": 1}
    refused = told[1].facts
    assert (refused["exit"], refused["state"], refused["error_action"]) == (1, "FAILED", "TERMINATE")
    assert "sbatch: error: invalid partition specified: nosuch" in refused["message"]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_an_array_of_slurm_is_told_of_element_by_element(here: Followed):
    script = """
        process A { array 2; tag "s$x"; input: val x; script: "[ $x = 1 ]" }
        workflow { A(channel.of(1, 2)) }
    """
    config = "process { executor = 'slurm'; memory = '50 MB'; errorStrategy = 'finish' }\n"
    assert here.run(script, config=config) == 1
    told = {(event.kind, event.task.name): event.task for event in here.told if event.task}
    assert set(told) == {
        ("task_submitted", "A (s1)"),
        ("task_submitted", "A (s2)"),
        ("task_finished", "A (s1)"),
        ("task_failed", "A (s2)"),
    }
    job = str(told["task_submitted", "A (s1)"].native_id).partition("_")[0]
    assert {task.native_id for task in told.values()} == {f"{job}_0", f"{job}_1"}
    assert told["task_submitted", "A (s2)"].native_id == told["task_failed", "A (s2)"].native_id
