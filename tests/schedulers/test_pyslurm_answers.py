"""What pyslurm says and what SLURM's commands print, recorded at the same moment, are the same facts.

``recorded/pyslurm-22.5.3.json`` was taken from a real pyslurm on a real SLURM 22.05.8; 25.11's differences are from its
source (pyslurm 25.11.2, db/job.pyx).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from heal.jobs import JobFacts
from heal.schedulers.pyslurm_answers import doubtful, queue_text, rows, waits
from heal.schedulers.slurm_facts import from_accounting
from heal.schedulers.slurm_logs import tells_logs
from heal.schedulers.slurm_parsers import DELIMITER, parse_sacct
from heal.schedulers.slurm_queue import from_queue

RECORDED = json.loads((Path(__file__).parent / "recorded/pyslurm-22.5.3.json").read_text(encoding="utf-8"))
IDS = RECORDED["ids"]
UIDS = {"root": "0"}


@pytest.fixture(autouse=True)
def _in_the_zone_of_the_recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def accounted(jobs: list[dict]) -> dict[str, JobFacts]:
    return from_accounting(rows(jobs, lambda name: UIDS.get(name, name)), str)


def job(name: str, **changed: object) -> dict:
    return next(one for one in RECORDED["jobs"]["jobs"] if one["id"] == IDS[name]) | changed


def test_accounting_says_the_same_as_sacct() -> None:
    printed = "\n".join(RECORDED["sacct"]).replace("¦", DELIMITER)
    by_sacct = from_accounting(parse_sacct(printed, RECORDED["fields"]), str)
    # before 25.11 nothing says which of accounting's jobs are parts of a heterogeneous one
    parts = {f"{IDS['het']}+{n}": str(IDS["het"] + n) for n in (0, 1)}
    expected = {parts.get(key, key): replace(facts, job=parts.get(key, key)) for key, facts in by_sacct.items()}
    assert _placed(accounted(RECORDED["jobs"]["jobs"])) == _placed(expected)


def _placed(jobs: dict[str, JobFacts]) -> dict[str, JobFacts]:
    """The jobs, but for how many processors one asks for that never had any: only sacct tells that."""
    return {key: facts if facts.nodes else replace(facts, cpus=None) for key, facts in jobs.items()}


def test_the_controller_says_the_same_as_squeue_but_for_what_a_job_waits_for() -> None:
    told = from_queue(queue_text(RECORDED["queue"]["jobs"]))
    by_squeue = from_queue("\n".join(RECORDED["squeue"]))
    assert told == {key: replace(facts, dependency="") for key, facts in by_squeue.items()}
    waiting = [one["id"] for one in RECORDED["queue"]["jobs"] if waits(one)]
    assert sorted(waiting) == sorted(int(key) for key, facts in by_squeue.items() if facts.dependency)


def test_what_a_job_waits_for_is_not_taken_from_pyslurm_which_loses_singleton() -> None:
    mixed = next(one for one in RECORDED["queue"]["jobs"] if one["id"] == IDS["mixed"])
    printed = from_queue("\n".join(RECORDED["squeue"]))[str(IDS["mixed"])].dependency
    assert (mixed["dependencies"]["singleton"], "singleton" in printed) == (False, True)
    assert waits(mixed)


def test_task_zero_has_its_index() -> None:
    array = IDS["array"]
    records = [one for one in RECORDED["jobs"]["jobs"] if one.get("array_id") == array]
    assert ["array_task_id" in one for one in sorted(records, key=lambda one: one.get("array_task_id", 0))] == [
        False,
        True,
        True,
    ]
    assert sorted(accounted(records)) == [f"{array}_0", f"{array}_1", f"{array}_2"]


def test_an_array_without_indices_yet_is_not_its_task_zero() -> None:
    waiting = {"id": 7, "array_id": 7, "state": "PENDING"}
    assert sorted(accounted([waiting])) == ["7"]
    assert sorted(accounted([waiting | {"state": "FAILED"}])) == ["7_0"]


def test_a_mask_of_waiting_elements_is_told_one_by_one() -> None:
    array = IDS["held_array"]
    assert job("held_array")["array_tasks_waiting"] == "0x71"
    assert sorted(accounted([job("held_array")])) == [f"{array}_{index}" for index in (0, 4, 5, 6)]


@pytest.mark.parametrize(("name", "is_doubtful"), [("exit_137", True), ("exit_1", True), ("step_3", True)])
def test_a_code_that_may_be_128_too_low_is_known_for_doubtful(name: str, is_doubtful: bool) -> None:
    assert doubtful(job(name)) is is_doubtful


@pytest.mark.parametrize("name", ["killed", "memory", "odd", "cancelled_waiting", "held"])
def test_a_signal_and_a_good_end_are_certain(name: str) -> None:
    assert not doubtful(job(name))


def test_exit_128_comes_as_0_and_is_doubtful() -> None:
    assert doubtful({"id": 1, "state": "FAILED", "exit_code": 0, "exit_code_signal": 0})


def test_the_last_reason_to_wait_is_no_reason_of_an_end() -> None:
    assert (
        accounted([job("cancelled_waiting", state_reason="JobHeldUser")])[str(IDS["cancelled_waiting"])].reason is None
    )


def test_the_last_of_two_jobs_of_one_id_counts() -> None:
    older = job("exit_1", submit_time=1, state="COMPLETED", exit_code=0, steps=[{"id": "batch", "start_time": 1}])
    assert accounted([older, job("exit_1")]) == accounted([job("exit_1")]) == accounted([job("exit_1"), older])


def test_what_only_25_11_tells_is_used() -> None:
    told = accounted(
        [
            job(
                "exit_1",
                requeue_count=2,
                failed_node="node01",
                standard_output="/data/demo/o.txt",
                standard_error="/data/demo/%j.err",
            )
        ]
    )[str(IDS["exit_1"])]
    assert (told.restarts, told.failed_node, told.log_paths) == (2, "node01", ("/data/demo/o.txt",))
    part = job("exit_1", heterogeneous_id=6, heterogeneous_offset=1)
    assert sorted(accounted([part])) == ["6+1"]


def test_a_version_that_knows_no_files_leaves_it_open_where_the_output_lies() -> None:
    told = [
        tells_logs(row)
        for row in rows([job("exit_1"), job("exit_1", standard_output="")], str)
        if "." not in row["JobID"]
    ]
    assert told == [False, True]


def test_a_user_nobody_here_knows_is_told_by_number() -> None:
    told = accounted([job("cancelled", cancelled_by="4711")])[str(IDS["cancelled"])]
    assert (told.state_text, told.cancelled_by) == ("CANCELLED by 4711", "4711")


def test_what_is_not_told_is_not_known() -> None:
    bare = accounted([{"id": 3, "state": "RUNNING", "submit_time": 1795918265, "steps": []}])["3"]
    assert (bare.exit_code, bare.asked_mb, bare.cpus, bare.limit_s, bare.peak_mb) == (None, None, None, None, None)
