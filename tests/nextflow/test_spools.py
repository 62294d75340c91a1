"""Whatever is wrong with the spool or the settings: the pipeline runs as without heal, and the log has one line of it."""

from __future__ import annotations

import re

import pytest
from tests.conftest import DISKS, Disk
from tests.nextflow.launches import Launch

pytestmark = pytest.mark.nextflow

TWO_TASKS = """
    process A { input: val x; output: path 'made'; script: "echo $x > made; exit $x" }
    workflow { A(channel.of(0, 0)) }
"""


def told(launch: Launch) -> list[str]:
    return [said["kind"] for said in launch.events()]


def test_a_spool_that_is_not_there_is_made(launch: Launch):
    launch.env = {"HEAL_SPOOL": str(launch.folder / "some" / "where")}
    assert launch.run(TWO_TASKS) == 0
    assert len(list((launch.folder / "some" / "where").glob("*.json"))) == 6
    assert launch.warnings() == []


def test_a_spool_that_cannot_be_made(launch: Launch):
    # Given a file where the spool should be, and where the run's environment should be kept
    (launch.folder / "spool").write_text("in the way")
    (launch.folder / "home").write_text("in the way")
    # Then the run is what it is without heal, and the log has one line of it
    assert launch.run(TWO_TASKS) == 0
    [line] = launch.warnings()
    assert "cannot tell all of this run" in line
    assert launch.run(TWO_TASKS.replace("of(0, 0)", "of(0, 7)")) == 1


def test_a_spool_whose_name_can_be_no_path(launch: Launch):
    # Given a name that no file system takes
    launch.env = {"HEAL_SPOOL": ""}
    assert launch.run(TWO_TASKS, config="heal.spool = 'a\\u0000b'\n") == 0
    # Then the run is what it is without heal, and the log has one line of it
    [line] = launch.warnings()
    assert "cannot follow this run" in line
    assert "unwatched by heal" in line
    assert told(launch) == []


@pytest.mark.parametrize("disk", DISKS, indirect=True)
def test_a_spool_on_a_disk_that_takes_nothing(launch: Launch, disk: Disk):
    launch.env = {"HEAL_SPOOL": str(disk.folder)}
    assert launch.run(TWO_TASKS) == 0
    [line] = launch.warnings()
    assert disk.trouble in line
    # And nothing half written is left behind
    assert [path.name for path in disk.folder.iterdir() if path.name.endswith(".tmp")] == []


def test_a_spool_that_hangs(launch: Launch):
    # Given a pipeline in which the thread that writes to the spool does not come back from its first write
    hang = """
        workflow.session.observersV2.find { it.class.name == 'heal.nextflow.HealObserver' }.writer.tell {
            Thread.sleep(Long.MAX_VALUE)
        }
    """
    many = TWO_TASKS.replace("of(0, 0)", "of(0, 0, 0, 0, 0, 0, 0, 0)")
    # Then its tasks are submitted, watched and ended as without heal
    assert launch.run(hang + many) == 0
    assert len(list(launch.folder.glob("work/*/*/made"))) == 8
    # And what was told before is there
    assert told(launch) == ["run_started"]


@pytest.mark.parametrize("scope", ["heal { spool = 5 }", "heal = 'nonsense'", "heal { spool = ''; enabled = 'maybe' }"])
def test_settings_that_make_no_sense_count_as_not_given(launch: Launch, scope: str):
    assert launch.run("workflow { }", config=scope) == 0
    assert told(launch) == ["run_started", "run_finished"]


def test_heal_can_be_switched_off(launch: Launch):
    assert launch.run("workflow { }", config="heal.enabled = false") == 0
    assert told(launch) == []


def test_the_setting_names_a_spool_where_the_environment_does_not(launch: Launch):
    launch.env = {"HEAL_SPOOL": ""}
    assert launch.run("workflow { }", config=f"heal.spool = '{launch.folder}/own'") == 0
    assert len(list((launch.folder / "own").glob("*.json"))) == 2


def test_the_settings_are_known_to_the_checker_of_configurations(launch: Launch):
    # Given the strict parser, which speaks of options that nobody declares
    launch.env = {"NXF_SYNTAX_PARSER": "v2"}
    config = f"heal.enabled = true\nheal.spool = '{launch.spool}'\nheal.nope = 1\n"
    assert launch.run("workflow {\n    println 1\n}\n", config=config) == 0
    log = (launch.folder / ".nextflow.log").read_text(encoding="utf-8")
    assert re.findall(r"Unrecognized config option '(.*?)'", log) == ["heal.nope"]
