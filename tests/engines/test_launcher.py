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


def test_what_was_never_launched_is_not_found(token: str, launcher: Launcher) -> None:
    assert launcher.find(token) is None


def test_a_launch_runs_apart_with_its_environment(
    token: str, launcher: Launcher, tmp_path: Path, until: Callable[..., bool]
) -> None:
    script = 'echo "$MINE|$HEAL_RUN|$HEAL_SPOOL|$(pwd)"; cat; ps -o sid= -p $$ | tr -d " "; echo $PPID >&2'
    applied = launcher.start(token, ["sh", "-c", script], cwd=str(tmp_path), env=ENV, parent="r0")
    assert until(lambda: finished(tmp_path))
    assert applied == Applied(token, pid=applied.pid, detail=f"its output goes to {tmp_path}/logs/{token}.log")
    told = (tmp_path / "logs" / f"{token}.log").read_text().splitlines()
    assert told == [f"a b|{token}|{tmp_path}/spool|{tmp_path}", str(applied.pid), str(applied.pid)]
    claim = json.loads((tmp_path / "home" / "launches" / f"{token}.json").read_text())
    assert launcher.find(token) == Applied(token, pid=claim["child"], detail=applied.detail)


def test_a_token_is_started_once(token: str, launcher: Launcher, tmp_path: Path, until: Callable[..., bool]) -> None:
    for _ in range(2):
        launcher.start(token, ["sh", "-c", "echo once >> count"], cwd=str(tmp_path), env=ENV, parent="r0")
        assert until(lambda: finished(tmp_path))
    assert (tmp_path / "count").read_text() == "once\n"


def test_a_claim_that_was_cut_short_is_a_launch(token: str, launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "home" / "launches").mkdir(parents=True)
    (tmp_path / "home" / "launches" / f"{token}.json").write_text('{"pid": 1')
    assert launcher.find(token) == Applied(token, detail=f"its output goes to {tmp_path}/logs/{token}.log")


def test_a_claim_that_cannot_be_read_is_unknown(token: str, launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "home" / "launches" / f"{token}.json").mkdir(parents=True)
    with pytest.raises(SchedulerUnreachable):
        launcher.find(token)


def test_a_folder_that_is_gone_cannot_be_started_in(token: str, launcher: Launcher, tmp_path: Path) -> None:
    with pytest.raises(CannotApply):
        launcher.start(token, ["true"], cwd=str(tmp_path / "gone"), env=ENV, parent="r0")
    assert launcher.find(token) is None


def test_no_zombie_stays_behind(token: str, launcher: Launcher, tmp_path: Path, until: Callable[..., bool]) -> None:
    applied = launcher.start(token, ["true"], cwd=str(tmp_path), env=ENV, parent="r0")
    assert until(lambda: not Path(f"/proc/{applied.pid}").exists(), seconds=20)


def test_a_run_that_was_driven_from_a_job_is_not_started_beside_it(
    token: str, launcher: Launcher, tmp_path: Path
) -> None:
    env = {**ENV, "HEAL_SUBMITTED": "1", "SLURM_JOB_ID": "4711"}
    with pytest.raises(CannotApply, match="driven from SLURM job 4711: submit that job again"):
        launcher.start(token, ["true"], cwd=str(tmp_path), env=env, parent="r0")
    assert launcher.find(token) is None


@pytest.mark.parametrize(("told", "waits"), [("90", "90"), ("soon", "0"), (None, "unset")])
def test_a_launch_may_be_attached_again(
    token: str, tmp_path: Path, until: Callable[..., bool], told: str | None, waits: str
) -> None:
    # Given a Nextflow that was called by its path, and the environment that its run had
    program = tmp_path / "nextflow"
    program.write_text('#!/bin/sh\necho "$0|$*|$HEAL_SHIM|${HEAL_IN_FLIGHT-unset}|$HEAL_REAL"\n')
    program.chmod(0o755)
    env = {**ENV, "HEAL_SHIM": "nextflow", **({"HEAL_IN_FLIGHT": told} if told else {})}
    home, logs = tmp_path / "home", tmp_path / "logs"
    launcher = Launcher(home, tmp_path / "spool", foreground=False, log_dir=logs, attached=True)
    # When it is started again
    launcher.start(token, [str(program), "run", "a b"], cwd=str(tmp_path), env=env, parent="r0")
    assert until(lambda: finished(tmp_path))
    # Then it is that very program, and heal is told where its log will be
    assert (logs / f"{token}.log").read_text() == f"{program}|run a b|nextflow|{waits}|\n"
    told = [path.read_text() for path in sorted((tmp_path / "spool").glob("[0-9]*.json"))]
    assert [json.loads(text)["kind"] for text in told] == ["run_started", "nextflow_log", "run_finished"]
