"""Whether a process that was once seen still runs."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from heal.engines.processes import command_lines, folder_of, process_alive

HOST = socket.gethostname()


def test_a_process_runs_until_it_ends() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        started = datetime.now(UTC)
        assert process_alive(process.pid, HOST, started) is True
        assert process_alive(process.pid, "", started) is True
        process.kill()
        # ended, and not yet taken in by its parent: a zombie
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_alive(process.pid, HOST, started) is False
    assert process_alive(process.pid, HOST, started) is False


def test_of_another_host_nothing_is_known() -> None:
    assert process_alive(os.getpid(), "elsewhere", datetime.now(UTC)) is None


def test_a_number_that_was_given_again_is_another_process() -> None:
    assert process_alive(os.getpid(), HOST, datetime.now(UTC) - timedelta(days=1)) is False


def test_processes_are_seen_with_their_words_and_folder(tmp_path: Path, until: Callable[..., bool]) -> None:
    with subprocess.Popen(["sleep", "61"], cwd=tmp_path) as process:
        # a moment passes between a program's start and its words being there
        seen = until(lambda: dict(command_lines()).get(process.pid) == ("sleep", "61"), seconds=10)
        where = folder_of(process.pid)
        process.kill()
    assert (seen, where) == (True, tmp_path)
