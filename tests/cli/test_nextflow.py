"""heal run -- nextflow: what a user sees of it, and what Ctrl-C does."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.cli.place import Place

pytestmark = pytest.mark.nextflow

WAITS = "process WAITS { script: 'echo > $BEGAN; sleep 120' }\nworkflow { WAITS() }\n"
FINE = "process FINE { output: stdout\n script: 'echo fine' }\nworkflow { FINE().view() }\n"


@pytest.fixture
def place(place: Place, nextflow: Path, nextflow_plugin: Path, tmp_path: Path) -> Place:
    """A folder for a pipeline, with a Nextflow on PATH; the plugin is built, so it is attached."""
    (place.bin / "nextflow").symlink_to(nextflow)
    place.more = {"NXF_OFFLINE": "true", "NXF_HOME": str(tmp_path / "nxf"), "BEGAN": str(tmp_path / "began")}
    return place


def on_terminal(words: list[str], place: Place, env: Mapping[str, str]) -> tuple[int, str]:
    """Run it on a terminal of its own: exit code and all that was seen."""
    ours, theirs = pty.openpty()
    command = ["setsid", "--ctty", "--wait", *words]
    with subprocess.Popen(command, cwd=place.work, env=dict(env), stdin=theirs, stdout=theirs, stderr=theirs) as ran:
        os.close(theirs)
        seen, end = b"", time.monotonic() + 180
        while select.select([ours], [], [], max(0.0, end - time.monotonic()))[0]:
            try:
                read = os.read(ours, 65536)
            except OSError:
                break
            seen += read
        os.close(ours)
        return ran.wait(30), seen.decode(errors="replace")


def launches(place: Place) -> list[str]:
    """What Nextflow's history says of the launches in this folder."""
    return [line.split("\t")[-1] for line in (place.work / ".nextflow" / "history").read_text().splitlines()]


def test_on_a_terminal_it_draws_as_it_does_alone(place: Place):
    place.file("main.nf", FINE)
    words = ["nextflow", "run", "main.nf"]
    alone = on_terminal(words, place, place.env)
    healed = on_terminal(["heal", "run", "--", *words], place, place.env)
    assert alone[0] == healed[0] == 0
    # its lines are drawn over, in colour, with the task's
    for seen in (alone[1], healed[1]):
        assert "\x1b[" in seen
        assert "executor >" in seen
        assert "fine" in seen
    assert "heal" not in healed[1].replace(str(place.home), "")


def test_an_exit_code_is_nextflows_own(place: Place):
    place.file("main.nf", "workflow { System.exit(7) }\n")
    assert place.tells("run", "--", "nextflow", "run", "main.nf").returncode == 7
    assert place.tells("run", "--", "nextflow", "config", "gone").returncode == 1


def test_an_interrupt_ends_it_once_and_nothing_follows(place: Place):
    # Given a pipeline that waits, alone and under heal
    place.file("main.nf", WAITS)
    began = Path(place.more["BEGAN"])
    codes = []
    for words in (["nextflow", "run", "main.nf"], ["heal", "run", "--", "nextflow", "run", "main.nf"]):
        began.unlink(missing_ok=True)
        with subprocess.Popen(
            words, cwd=place.work, env=place.env, stdout=subprocess.DEVNULL, start_new_session=True
        ) as ran:
            end = time.monotonic() + 120
            while not began.exists() and time.monotonic() < end:
                assert ran.poll() is None
                select.select([], [], [], 0.2)
            # When Ctrl-C reaches the group, once
            os.killpg(ran.pid, signal.SIGINT)
            codes.append(ran.wait(90))
    # Then it ends as it does alone, and heal starts nothing
    assert codes[0] == codes[1]
    assert len(launches(place)) == 2
    assert [incident["state"] for incident in place.incidents()] in ([], ["dismissed"])
