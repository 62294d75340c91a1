"""The launcher: a token is started at most once, and what came of it can be found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from heal.engines.launcher import Launcher
from heal.errors import CannotApply, SchedulerUnreachable
from heal.journal import Applied

ENV = {"PATH": os.environ["PATH"], "MINE": "a b"}


@pytest.fixture
def launcher(tmp_path: Path) -> Launcher:
    return Launcher(tmp_path / "home", tmp_path / "spool", foreground=False, log_dir=tmp_path / "logs")


def finished(tmp_path: Path) -> list[str]:
    return [path.read_text() for path in (tmp_path / "spool").glob("[0-9]*.json") if "run_finished" in path.read_text()]


def test_what_was_never_launched_is_not_found(launcher: Launcher) -> None:
    assert launcher.find("t1") is None


def test_a_launch_runs_apart_with_its_environment(
    launcher: Launcher, tmp_path: Path, until: Callable[..., bool]
) -> None:
    script = 'echo "$MINE|$HEAL_RUN|$HEAL_SPOOL|$(pwd)"; cat; ps -o sid= -p $$ | tr -d " "; echo $PPID >&2'
    applied = launcher.start("t1", ["sh", "-c", script], cwd=str(tmp_path), env=ENV, parent="r0")
    assert until(lambda: finished(tmp_path))
    assert applied == Applied("t1", pid=applied.pid, detail=f"its output goes to {tmp_path}/logs/t1.log")
    told = (tmp_path / "logs" / "t1.log").read_text().splitlines()
    assert told == [f"a b|t1|{tmp_path}/spool|{tmp_path}", str(applied.pid), str(applied.pid)]
    claim = json.loads((tmp_path / "home" / "launches" / "t1.json").read_text())
    assert launcher.find("t1") == Applied("t1", pid=claim["child"], detail=applied.detail)


def test_a_token_is_started_once(launcher: Launcher, tmp_path: Path, until: Callable[..., bool]) -> None:
    for _ in range(2):
        launcher.start("t1", ["sh", "-c", "echo once >> count"], cwd=str(tmp_path), env=ENV, parent="r0")
        assert until(lambda: finished(tmp_path))
    assert (tmp_path / "count").read_text() == "once\n"


def test_a_claim_that_was_cut_short_is_a_launch(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "home" / "launches").mkdir(parents=True)
    (tmp_path / "home" / "launches" / "t1.json").write_text('{"pid": 1')
    assert launcher.find("t1") == Applied("t1", detail=f"its output goes to {tmp_path}/logs/t1.log")


def test_a_claim_that_cannot_be_read_is_unknown(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "home" / "launches" / "t1.json").mkdir(parents=True)
    with pytest.raises(SchedulerUnreachable):
        launcher.find("t1")


def test_a_folder_that_is_gone_cannot_be_started_in(launcher: Launcher, tmp_path: Path) -> None:
    with pytest.raises(CannotApply):
        launcher.start("t1", ["true"], cwd=str(tmp_path / "gone"), env=ENV, parent="r0")
    assert launcher.find("t1") is None


def test_no_zombie_stays_behind(launcher: Launcher, tmp_path: Path, until: Callable[..., bool]) -> None:
    applied = launcher.start("t1", ["true"], cwd=str(tmp_path), env=ENV, parent="r0")
    assert until(lambda: not Path(f"/proc/{applied.pid}").exists(), seconds=20)
