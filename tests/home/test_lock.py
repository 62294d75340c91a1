"""One holder at a time, named to whoever comes second, and gone with its process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from heal.errors import AlreadyRunning
from heal.home.lock import Holder, Lock, holder

HOLD = "import sys, pathlib; from heal.home.lock import Lock; Lock(pathlib.Path(sys.argv[1])).acquire(); print('held', flush=True); sys.stdin.read()"


def test_the_second_is_refused_with_host_and_pid_of_the_first(tmp_path: Path):
    path = tmp_path / "daemon.lock"
    with Lock(path, "daemon"), pytest.raises(AlreadyRunning) as refused:
        Lock(path).acquire()
    assert str(refused.value) == f"another heal holds {path}: daemon, pid {os.getpid()} on {socket.gethostname()}"


def test_a_released_lock_can_be_taken_again(tmp_path: Path):
    path = tmp_path / "daemon.lock"
    with Lock(path):
        assert holder(path) == Holder(socket.gethostname(), os.getpid(), "heal")
    assert holder(path) is None
    with Lock(path):
        pass


def test_a_killed_holder_leaves_nothing_to_clean_up(tmp_path: Path):
    # Given another process that holds the lock
    path = tmp_path / "daemon.lock"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert holder(path) == Holder(socket.gethostname(), other.pid, "heal")
    # When it is killed without a chance to clean up
    other.kill()
    other.wait()
    # Then the lock is free
    assert holder(path) is None
    with Lock(path):
        pass


def test_another_hosts_name_is_respected_where_locks_do_not_reach(tmp_path: Path):
    path = tmp_path / "daemon.lock"
    path.write_text(json.dumps({"host": "login2", "pid": 4711}), encoding="utf-8")
    assert holder(path) == Holder("login2", 4711, "heal")
    with pytest.raises(AlreadyRunning) as refused:
        Lock(path).acquire()
    assert str(refused.value) == (
        f"another heal holds {path}: heal, pid 4711 on login2. If that process is gone, remove {path}"
    )


def test_nobody_holds_a_lock_that_was_never_made(tmp_path: Path):
    assert holder(tmp_path / "nothing") is None
