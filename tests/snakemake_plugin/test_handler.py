"""The handler in its host: it never raises, and a broken spool costs one line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.snakemake_plugin.conftest import error, job_error, job_info, record

from snakemake_logger_plugin_heal import LogHandler
from snakemake_logger_plugin_heal.process import runs_jobs
from snakemake_logger_plugin_heal.spool import Spool, spool_folder

interface = pytest.importorskip("snakemake_interface_logger_plugins.tests")
JobScheduler = pytest.importorskip("snakemake.scheduling.job_scheduler").JobScheduler


@pytest.fixture(autouse=True)
def _own_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAL_SPOOL", str(tmp_path / "state" / "spool"))
    monkeypatch.setenv("HEAL_RUN", "r1")
    # what these tests are started as is no snakemake
    monkeypatch.setattr(sys, "argv", ["snakemake", "-j2"])
    # a handler that is not closed leaves Snakemake as it wrapped it
    monkeypatch.setattr(JobScheduler, "error_callback", JobScheduler.error_callback)


class TestInterface(interface.TestLogHandlerBase):
    """The interface's own test of a handler."""

    __test__ = True

    def get_log_handler_cls(self) -> type[LogHandler]:
        return LogHandler

    def get_log_handler_settings(self) -> Any:
        return None


def handler(**settings: Any) -> LogHandler:
    common = interface.MockOutputSettings()
    for name, value in settings.items():
        setattr(common, name, value)
    return LogHandler(common, None)


def events(spool: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(spool.glob("[0-9]*.json"))]


def test_a_run_is_told_from_its_start_to_its_end(tmp_path: Path) -> None:
    made = handler()
    made.emit(record("workflow_started", snakemake_version="9.27.1"))
    made.emit(job_info(1, "align"))
    made.close()
    made.close()
    started, submitted, finished = events(tmp_path / "state" / "spool")
    run = started["run"]
    assert run == {
        "id": run["id"],
        "engine": "snakemake",
        "cwd": str(Path.cwd()),
        "pid": os.getpid(),
        "argv": [word.decode() for word in Path("/proc/self/cmdline").read_bytes().split(b"\0")[:-1]],
    }
    assert (started["kind"], started["facts"]["parent"], started["facts"]["version"]) == ("run_started", "r1", "9.27.1")
    env_file = tmp_path / "state" / "env" / f"{run['id']}.json"
    assert (started["facts"]["env_file"], env_file.stat().st_mode & 0o777) == (str(env_file), 0o600)
    assert json.loads(env_file.read_text())["PATH"]
    assert (submitted["kind"], submitted["run"]["id"]) == ("task_submitted", run["id"])
    assert (finished["kind"], finished["facts"]) == ("run_finished", {"ok": True, "exit": 0})
    assert (tmp_path / "state" / "spool").stat().st_mode & 0o777 == 0o700


def test_a_failure_before_the_start_is_told_with_its_run(tmp_path: Path) -> None:
    made = handler()
    made.emit(error("SyntaxError in file Snakefile, line 2:\nUnexpected keyword"))
    made.close()
    told = events(tmp_path / "state" / "spool")
    assert [event["kind"] for event in told] == ["run_started", "task_failed", "run_finished"]
    assert (told[1]["task"]["key"], told[1]["task"]["name"]) == ("", "snakemake")


def test_a_dry_run_tells_nothing(tmp_path: Path) -> None:
    made = handler(dryrun=True)
    made.emit(record("workflow_started"))
    made.emit(job_info(1, "align"))
    made.close()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("-j2 out", True),
        ("--unlock", False),
        ("--lint=json", False),
        ("--report x", False),
        ("-j2 -np", True),
        ("--mode remote", False),
    ],
)
def test_invocations_that_run_no_job_are_known(words: str, runs: bool) -> None:
    assert runs_jobs(words.split()) is runs


def test_a_broken_spool_costs_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    made = handler()
    for number in range(5):
        made.emit(job_info(number, "align"))
    made.close()
    assert capsys.readouterr().err.count("\n") == 1


def test_a_full_disk_costs_one_line_and_leaves_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    class Full(dict[str, Any]):
        def items(self) -> Any:
            raise OSError(28, "No space left on device")

    spool = Spool(tmp_path / "spool")
    spool.event({"v": 1})
    spool.event(Full(v=1))
    spool.event(Full(v=1))
    assert capsys.readouterr().err.count("\n") == 1
    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_records_out_of_shape_never_raise(tmp_path: Path) -> None:
    made = handler()
    for event in ("job_info", "job_error", "job_finished", "group_error", "error", "job_started", "run_info"):
        made.emit(record(event))
    made.emit(record("job_info", jobid=object(), rule_name=None, wildcards=3))
    made.close()


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        ({"HEAL_SPOOL": "/a", "HEAL_HOME": "/b"}, "/a"),
        ({"HEAL_HOME": "/b", "XDG_STATE_HOME": "/c"}, "/b/spool"),
        ({"XDG_STATE_HOME": "/c"}, "/c/heal/spool"),
        ({}, str(Path.home() / ".local/state/heal/spool")),
    ],
)
def test_the_spool_is_found_by_the_environment(env: dict[str, str], folder: str) -> None:
    assert spool_folder(env) == Path(folder)


def test_jobs_that_failed_are_told_within_a_moment(tmp_path: Path, until: Any) -> None:
    made = handler()
    made.emit(job_info(1, "align"))
    made.emit(job_error(1, "align"))
    spool = tmp_path / "state" / "spool"
    assert until(lambda: [event for event in events(spool) if event["kind"] == "task_failed"], seconds=10)
    made.close()
