"""job.sh: the command runs as if nobody stood between, and heal hears when it began and how it ended."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.hooks.conftest import HOOKS, events

JOB = HOOKS / "job.sh"


@dataclass
class Node:
    """A place where a job of SLURM's runs, with a spool that somebody reads."""

    folder: Path
    shell: str
    more: dict[str, str] = field(default_factory=lambda: {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "plink"})

    @property
    def spool(self) -> Path:
        return self.folder / "a home" / "spool"

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HEAL_HOME": str(self.folder / "a home"), **self.more}

    def argv(self, *words: str) -> list[str]:
        return [self.shell, str(JOB), *words]

    def run(self, *words: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.argv(*words), env=self.env, capture_output=True, timeout=30, cwd=self.folder, check=False, **more
        )

    def starts(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.argv("--", *words), env=self.env, stdout=subprocess.PIPE, **more)

    def said(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, job and facts of what was told, in the order of kinds."""
        told = ((event["kind"], event["task"]["native_id"], event["facts"]) for event in events(self.spool))
        return sorted(told, key=str)


@pytest.fixture(params=["sh", "bash"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    made = Node(tmp_path, request.param)
    made.spool.mkdir(parents=True)
    return made


ENDED, STARTED = "job_ended", "job_started"


def test_a_command_runs_and_its_job_is_told(node: Node, until: Callable[..., bool]):
    ran = node.run("--", "sh", "-c", 'printf "%s|" "$@"; cat; exit 5', "sh", "a b", "", "--", input=b"given")
    assert (ran.returncode, ran.stdout, ran.stderr) == (5, b"a b||--|given", b"")
    assert until(lambda: node.said() == [(ENDED, "7", {"exit": 5}), (STARTED, "7", {})], 10)


def test_an_element_is_told_as_people_name_it(node: Node, until: Callable[..., bool]):
    node.more |= {"SLURM_ARRAY_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "0", "SLURM_RESTART_COUNT": "2"}
    node.more |= {"HEAL_RUN": "r1", "HEAL_TOKEN": "t0k3n"}
    assert node.run("--ended", "3").returncode == 0
    assert node.said() == [(ENDED, "9_0", {"exit": 3, "restarts": 2, "run": "r1", "token": "t0k3n"})]


def test_two_lines_in_a_script_tell_the_same_and_keep_its_exit_code(node: Node):
    node.more |= {"JOB": str(JOB)}
    lines = 'sh "$JOB" --started || :\ntrap \'sh "$JOB" --ended $? || :\' EXIT\n'
    for options, last in (("set -eu", "false"), ("", "exit 4")):
        script = f"{options}\n{lines}echo out\n{last}\n"
        ran = subprocess.run([node.shell, "-c", script], env=node.env, capture_output=True, timeout=30, check=False)
        assert (ran.returncode, ran.stdout, ran.stderr) == (1 if options else 4, b"out\n", b"")
    assert [facts for _kind, _job, facts in node.said()] == [{"exit": 1}, {"exit": 4}, {}, {}]


def test_two_lines_that_lead_nowhere_cost_nothing(node: Node):
    lines = "sh /nowhere/job.sh --started || :\ntrap 'sh /nowhere/job.sh --ended $? || :' EXIT\n"
    script = f"set -e\n{lines}exit 4\n"
    assert subprocess.run([node.shell, "-c", script], capture_output=True, timeout=30, check=False).returncode == 4


@pytest.mark.parametrize(("name", "code"), [("no-such-program", 127), ("/etc/passwd", 126)])
def test_what_cannot_be_started_ends_as_in_a_shell(node: Node, name: str, code: int):
    assert node.run("--", name).returncode == code


def test_a_command_that_is_killed_ends_as_in_a_shell(node: Node):
    ran = node.run("--", "sh", "-c", "kill -9 $$")
    assert ran.returncode == 137
    # (where the command is gone before it is waited for, bash says so of any command)
    assert ran.stderr == b"" or b" Killed " in ran.stderr
    assert node.said()[0] == (ENDED, "7", {"exit": 137})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_reaches_the_command_which_answers_as_it_likes(node: Node, number: signal.Signals):
    name = number.name.removeprefix("SIG")
    script = f"trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    with node.starts("sh", "-c", script) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        ran.send_signal(number)
        assert (ran.stdout.read(), ran.wait(30)) == (f"got {name}\n".encode(), 9)


def test_a_command_that_goes_on_after_a_signal_is_waited_for(node: Node):
    script = "trap 'echo kept' USR1; echo ready; n=0; while [ $n -lt 20 ]; do sleep 0.05; n=$((n+1)); done; exit 6"
    with node.starts("sh", "-c", script) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        ran.send_signal(signal.SIGUSR1)
        assert (ran.stdout.read(), ran.wait(30)) == (b"kept\n", 6)


def test_an_interrupt_at_a_terminal_reaches_the_command_once(node: Node):
    script = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done"
    with node.starts("bash", "-c", script, start_new_session=True) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        os.killpg(ran.pid, signal.SIGINT)
        assert (ran.stdout.read(), ran.wait(30)) == (b"interrupted\n", 9)


def test_what_was_ignored_stays_ignored(node: Node):
    ran = subprocess.run(
        [
            node.shell,
            "-c",
            "trap '' INT HUP; exec \"$@\"",
            "sh",
            *node.argv("--", "grep", "SigIgn", "/proc/self/status"),
        ],
        env=node.env,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert int(ran.stdout.split()[1], 16) & 0b11 == 0b11


def test_nothing_more_is_open_ignored_or_set_than_without_it(node: Node):
    # what every shell sets for what it starts
    tells = """import os, signal
print(sorted(os.listdir("/proc/self/fd")), os.getcwd())
print(sorted(item for item in os.environ.items() if item[0] not in ("PWD", "OLDPWD", "SHLVL", "_")))
print([number for number in signal.valid_signals() if signal.getsignal(number) is signal.SIG_IGN])
"""
    words = [sys.executable, "-c", tells]
    plain = subprocess.run(words, env=node.env, cwd=node.folder, capture_output=True, timeout=30, check=True, input=b"")
    assert node.run("--", *words, input=b"").stdout == plain.stdout


def test_a_descriptor_of_the_users_goes_through(node: Node, tmp_path: Path):
    script = 'exec 9> nine 8> eight; exec "$@"'
    words = ["sh", "-c", "echo there >&9; echo too >&8; cat"]
    argv = ["sh", "-c", script, "sh", *node.argv("--", *words)]
    ran = subprocess.run(argv, env=node.env, cwd=tmp_path, input=b"in", capture_output=True, timeout=30, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"in", b"")
    assert ((tmp_path / "nine").read_text(), (tmp_path / "eight").read_text()) == ("there\n", "too\n")


def test_the_terminal_stays_the_commands_own(node: Node):
    main, side = pty.openpty()
    argv = node.argv("--", sys.executable, "-c", "import os; print(os.isatty(0), os.isatty(1))")
    with subprocess.Popen(argv, env=node.env, stdin=side, stdout=side, stderr=side) as ran:
        assert ran.wait(30) == 0
    os.close(side)
    assert os.read(main, 65536).split() == [b"True", b"True"]
    os.close(main)


def test_outside_a_job_it_only_runs_the_command(node: Node):
    node.more.clear()
    assert node.run("--", "sh", "-c", "exit 3").returncode == 3
    assert node.run("--started").returncode == 0
    assert node.said() == []


@pytest.mark.parametrize("spool", ["not there", "a file", "read only"])
def test_a_broken_spool_costs_its_events_and_nothing_else(node: Node, spool: str):
    node.spool.rmdir()
    if spool == "a file":
        node.spool.write_text("")
    elif spool == "read only":
        # root writes everywhere but here
        node.more |= {"HEAL_SPOOL": "/proc/self"}
    ran = node.run("--", "sh", "-c", "echo x; exit 3")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"x\n", b"")


def test_where_an_interrupt_could_not_be_left_alone_it_only_tells_the_beginning(
    node: Node, tmp_path: Path, until: Callable[..., bool]
):
    # Given an env from before coreutils 8.31
    (tmp_path / "bin").mkdir()
    old = tmp_path / "bin" / "env"
    old.write_text("#!/bin/sh\necho \"env: unrecognized option '$1'\" >&2\nexit 125\n")
    old.chmod(0o755)
    node.more |= {"PATH": f"{old.parent}:{os.environ['PATH']}"}
    ran = node.run("--", "sh", "-c", "echo x; exit 3")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"x\n", b"")
    assert until(lambda: node.said() == [(STARTED, "7", {})], 10)


def test_heal_hook_job_becomes_it(node: Node, until: Callable[..., bool]):
    heal = [str(Path(sys.executable).parent / "heal"), "hook", "job"]
    for words in (["--", "sh", "-c", "exit 3"], ["sh", "-c", "exit 3"]):
        ran = subprocess.run([*heal, *words], env=node.env, capture_output=True, timeout=60, check=False)
        assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"", b"")
    assert until(lambda: len(node.said()) == 4, 10)


def test_the_name_of_a_job_is_told_whatever_is_in_it(node: Node):
    node.more |= {"SLURM_JOB_NAME": 'a "b" \\ ü\n'}
    node.run("--ended", "0")
    [event] = [json.loads(path.read_text()) for path in node.spool.glob("*.json")]
    assert event["task"]["name"] == 'a "b" \\ ü\n'
