"""heal run stands between a user and a command and cannot be felt: code, output, signals, and heal's own trouble."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.place import ASK, GREEDY, SNAKEMAKE, Place

MARK = "heal │ ".encode()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("true",), 0),
        (("bash", "-c", "exit 7"), 7),
        (("bash", "-c", "kill -KILL $$"), 137),
        (("no-such-command",), 127),
        (("./not-executable",), 126),
    ],
)
def test_the_code_is_the_commands_own(place: Place, command: tuple[str, ...], code: int):
    place.file("not-executable", "")
    assert place.tells("run", "--", *command).returncode == code


def test_the_output_is_untouched(place: Place):
    # Given a command that prints every byte there is, and reads what it is given
    every = bytes(range(256))
    place.file("bytes", "").write_bytes(every)
    # When it runs under heal
    ended = place.tells("run", "--", "bash", "-c", "cat bytes -; echo mine >&2", said=b"\xffgiven\r\n")
    # Then each stream holds what the command wrote, and nothing else
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, every + b"\xffgiven\r\n", b"mine\n")


@pytest.mark.snakemake
def test_what_heal_says_goes_to_stderr_and_is_marked(place: Place):
    # Given a pipeline that fails where heal has to ask
    place.file("heal.toml", ASK)
    place.file("Snakefile", GREEDY)
    # When it runs under heal without a terminal
    ended = place.tells("run", "--", *SNAKEMAKE)
    # Then the code is Snakemake's, the incident waits, and heal's lines are on stderr alone
    assert (ended.returncode, place.states()) == (1, ["waiting"])
    assert b"heal" not in ended.stdout
    told = [line for line in ended.stderr.splitlines() if line.startswith(MARK)]
    assert told[0].startswith(MARK + b"greedy failed")
    assert told[-1] == MARK + b"run finished: 1 task, 1 incident, 0 healed, 1 waiting \xc2\xb7 heal status"


def test_a_timeout_ends_the_command(place: Place):
    ended = place.tells(
        "run", "--timeout", "1", "--", "bash", "-c", "trap 'echo asked; exit 5' TERM; while :; do sleep 0.1; done"
    )
    assert (ended.returncode, ended.stdout) == (124, b"asked\n")
    assert ended.stderr.startswith(MARK + b"stopped waiting after 1 s")


@pytest.mark.parametrize(("number", "to_all"), [(signal.SIGTERM, False), (signal.SIGHUP, False), (signal.SIGINT, True)])
def test_signals_are_the_commands_to_answer(place: Place, number: signal.Signals, to_all: bool):
    # Given a command that answers signals in its own way
    script = f"trap 'echo asked; exit 9' {number.name[3:]}; echo ready; while :; do sleep 0.1; done"
    with place.begins("run", "--", "bash", "-c", script) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        # When one is sent: to heal alone, or, as a terminal does, to all
        (os.killpg if to_all else os.kill)(ran.pid, number)
        # Then it reaches the command, whose end is heal's
        assert (ran.stdout.read(), ran.wait(30)) == (b"asked\n", 9)


def test_without_a_home_the_command_runs_all_the_same(place: Place):
    place.file("file", "")
    place.more = {"HEAL_HOME": str(place.work / "file" / "home")}
    ended = place.tells("run", "--", "bash", "-c", "echo x; exit 3")
    assert (ended.returncode, ended.stdout, ended.stderr.count(b"\n")) == (3, b"x\n", 1)
    assert ended.stderr.startswith(MARK + b"cannot use ")
    assert ended.stderr.endswith(b"Set HEAL_HOME to a folder of yours; the command runs without heal\n")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB with nothing left; only root can have one made."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0 and os.environ.get("CI") != "true":
        pytest.skip(f"no small file system here: {mounted.stderr}")
    assert mounted.returncode == 0, mounted.stderr
    (folder / "home").mkdir()
    fill(folder)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, but_for_kb: int = 0) -> None:
    """Leave so much room and no more."""
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    os.truncate(folder / "filler", max(0, (folder / "filler").stat().st_size - but_for_kb * 1024))


# in each of these another part of heal's own is the first that finds no room
@pytest.mark.parametrize("room_kb", [0, 8, 64, 150, 300])
def test_a_full_disk_does_not_stop_the_command(place: Place, full_disk: Path, room_kb: int):
    fill(full_disk, room_kb)
    place.more = {"HEAL_HOME": str(full_disk / "home")}
    ended = place.tells("run", "--", "bash", "-c", "echo x; exit 3")
    assert (ended.returncode, ended.stdout) == (3, b"x\n")
    assert [line for line in ended.stderr.splitlines() if not line.startswith((MARK, b"heal: "))] == []


def test_a_full_disk_is_said_once(place: Place, full_disk: Path):
    # Given a command under heal
    fill(full_disk, but_for_kb=3600)
    place.more = {"HEAL_HOME": str(full_disk / "home")}
    script = "echo ready; until test -e go; do sleep 0.1; done; exit 3"
    with place.begins("run", "--", "bash", "-c", script, stderr=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        assert ran.stdout.readline() == b"ready\n"
        # When the disk fills up before it ends
        fill(full_disk)
        place.file("go", "")
        # Then it ends as it would have
        assert ran.wait(60) == 3
        assert ran.stderr.read().count(b"\n") <= 2


def test_where_no_answer_can_be_written_no_engine_is_made_to_wait(place: Place):
    # Given a folder that heal cannot put an answer into
    place.file(".heal", "in the way")
    ended = place.tells("run", "--", "bash", "-c", "echo $HEAL_IN_FLIGHT")
    # Then nobody is to ask, and that is said once
    assert (ended.returncode, ended.stdout) == (0, b"0\n")
    assert ended.stderr.count(MARK + b"cannot write .heal/answers here") == 1


def test_what_is_tried_out_leaves_nothing_behind(place: Place):
    ended = place.tells("run", "--", "bash", "-c", "echo $HEAL_IN_FLIGHT")
    assert (ended.returncode, ended.stderr, (place.work / ".heal").exists()) == (0, b"", False)
    assert float(ended.stdout) > 0
