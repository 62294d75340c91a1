"""launch.py: at most once, and as if nobody stood between."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hooks.conftest import HOOKS, events

LAUNCH = (sys.executable, "-I", str(HOOKS / "launch.py"))


def launch(home: Path, launch_id: str, *argv: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    words = [*LAUNCH, "--id", launch_id, "--home", str(home), *options, "--", *argv]
    return subprocess.run(words, capture_output=True, check=False, timeout=60, cwd=home)


def test_a_command_is_started_told_and_ended(tmp_path: Path) -> None:
    ran = launch(
        tmp_path, "i1", "sh", "-c", 'printf "%s|" "$HEAL_RUN" "$HEAL_SPOOL" "$@"; exit 5', "sh", "a b", "", "--"
    )
    assert ran.returncode == 5
    assert ran.stdout.decode() == f"i1|{tmp_path}/spool|a b||--|"
    started, finished = events(tmp_path / "spool")
    run = started["run"]
    assert run == {
        "id": "i1",
        "engine": "command",
        "cwd": str(tmp_path),
        "argv": ["sh", "-c", 'printf "%s|" "$HEAL_RUN" "$HEAL_SPOOL" "$@"; exit 5', "sh", "a b", "", "--"],
        "pid": run["pid"],
    }
    assert (started["kind"], started["source"]) == ("run_started", "runner")
    assert started["facts"] == {"parent": None, "host": socket.gethostname()}
    assert (finished["kind"], finished["run"], finished["facts"]) == ("run_finished", run, {"ok": False, "exit": 5})
    claim = json.loads((tmp_path / "launches" / "i1.json").read_text())
    assert claim == {
        "pid": claim["pid"],
        "host": socket.gethostname(),
        "started": claim["started"],
        "child": run["pid"],
    }


def test_a_launch_happens_at_most_once(tmp_path: Path) -> None:
    script = ("sh", "-c", "echo once >> count")
    assert launch(tmp_path, "i1", *script).returncode == 0
    second = launch(tmp_path, "i1", *script)
    assert second.returncode == 111
    assert b"launched before" in second.stderr
    assert (tmp_path / "count").read_text() == "once\n"


def test_of_many_at_once_one_starts(tmp_path: Path) -> None:
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "sh", "-c", "echo once >> count"]
    many = [subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.DEVNULL) for _ in range(8)]
    assert sorted(one.wait(60) for one in many) == [0] + [111] * 7
    assert (tmp_path / "count").read_text() == "once\n"


@pytest.mark.parametrize(("name", "code"), [("no-such-program", 127), ("/etc/passwd", 126)])
def test_what_cannot_be_started_ends_as_in_a_shell(tmp_path: Path, name: str, code: int) -> None:
    ran = launch(tmp_path, "i1", name)
    assert (ran.returncode, ran.stderr.count(b"\n")) == (code, 1)
    assert [event["facts"].get("exit") for event in events(tmp_path / "spool")] == [None, code]


def test_a_script_without_a_first_line_is_a_shells(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text('echo "$1"\n')
    script.chmod(0o755)
    assert launch(tmp_path, "i1", str(script), "a b").stdout == b"a b\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command_and_its_end_is_ours(tmp_path: Path, number: signal.Signals) -> None:
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "sh", "-c", "echo ready; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        ran.send_signal(number)
        assert ran.wait(30) == -number
    assert events(tmp_path / "spool")[-1]["facts"] == {"ok": False, "exit": 128 + number}


def test_an_interrupt_is_left_to_the_terminal(tmp_path: Path) -> None:
    script = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.1; done"
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "bash", "-c", script]
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        os.killpg(ran.pid, signal.SIGINT)
        assert (ran.stdout.read(), ran.wait(30)) == (b"interrupted\n", 9)
    assert events(tmp_path / "spool")[-1]["facts"] == {"ok": False, "exit": 9}


def test_what_was_ignored_stays_ignored(tmp_path: Path) -> None:
    words = ["nohup", *LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "sh", "-c", "kill -HUP $$; echo alive"]
    assert subprocess.run(words, capture_output=True, check=True, timeout=60).stdout == b"alive\n"


def test_a_broken_spool_never_stops_the_command(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = launch(tmp_path, "i1", "echo", "x", options=("--spool", str(tmp_path / "file" / "spool")))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"x\n", b"")


def test_without_a_claim_a_users_own_command_runs_and_a_remedy_does_not(tmp_path: Path) -> None:
    (tmp_path / "launches").write_text("a file where the folder should be")
    assert launch(tmp_path, "i1", "echo", "x").stdout == b"x\n"
    refused = launch(tmp_path, "i1", "echo", "x", options=("--must-claim", "--parent", "r0"))
    assert (refused.returncode, refused.stdout) == (111, b"")
