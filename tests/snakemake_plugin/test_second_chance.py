"""What a job with a second chance answers Snakemake, and which Snakemakes are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snakemake_logger_plugin_heal.asking import Terms
from snakemake_logger_plugin_heal.in_flight import InFlight, expected
from snakemake_logger_plugin_heal.second_chance import give, raised

scheduling = pytest.importorskip("snakemake.scheduling.job_scheduler")

TERMS = Terms(60, "/nowhere", "/nowhere")


@pytest.mark.parametrize(
    ("had", "floors", "has"),
    [
        (
            {"mem_mb": 100, "mem": "100 MB", "mem_mib": 96},
            {"mem_mb": 630},
            {"mem_mb": 630, "mem": "630 MB", "mem_mib": 601},
        ),
        (
            {"mem_mb": 800, "mem": "800 MB", "mem_mib": 763},
            {"mem_mb": 630},
            {"mem_mb": 800, "mem": "800 MB", "mem_mib": 763},
        ),
        ({"_cores": 2}, {"mem_mb": 1000}, {"_cores": 2, "mem_mb": 1000, "mem": "1 GB", "mem_mib": 954}),
        ({"runtime": 5, "mem_mb": "<TBD>"}, {"runtime": 10}, {"runtime": 10, "mem_mb": "<TBD>"}),
        ({"mem_mb": "<TBD>", "mem": "<TBD>"}, {"mem_mb": 630}, {"mem_mb": 630, "mem": "630 MB", "mem_mib": 601}),
        ({"mem_mb": 100}, {}, {"mem_mb": 100}),
    ],
)
def test_what_was_granted_is_a_floor(had: dict[str, Any], floors: dict[str, int], has: dict[str, Any]) -> None:
    assert raised(had, floors) == has


def test_the_installed_snakemake_is_known() -> None:
    assert expected() == ""


def other_parameters(self: Any, job: Any, msg: str) -> None:
    with self._lock:
        self._toerror.append(job, msg)
        self._open_jobs.release()


def other_names(self: Any, job: Any) -> None:
    self.failures.put(job)


@pytest.mark.parametrize("other", [other_parameters, other_names, property(lambda self: None)])
def test_a_snakemake_that_looks_otherwise_is_left_alone(monkeypatch: pytest.MonkeyPatch, other: Any) -> None:
    monkeypatch.setattr(scheduling.JobScheduler, "error_callback", other)
    flight = InFlight(TERMS, lambda _names, _until: [])
    flight.arm()
    assert scheduling.JobScheduler.error_callback is other
    assert expected().startswith("JobScheduler.error_callback of Snakemake")
    flight.disarm()


@pytest.mark.parametrize("version", ["8.30.0", "10.0.0"])
def test_another_major_version_is_left_alone(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr("snakemake.common.__version__", version)
    assert expected() == f"Snakemake {version}"


def test_snakemake_is_as_it_was_when_the_run_is_over() -> None:
    own = scheduling.JobScheduler.error_callback
    flight = InFlight(TERMS, lambda _names, _until: [])
    flight.arm()
    assert scheduling.JobScheduler.error_callback is not own
    flight.disarm()
    assert scheduling.JobScheduler.error_callback is own


def test_what_cannot_be_asked_is_handed_on_at_once(tmp_path: Path) -> None:
    handed: list[object] = []

    class Host:
        def error_callback(self, job: object) -> None:
            handed.append(job)

    (tmp_path / ".listening").touch()
    InFlight(Terms(60, str(tmp_path), str(tmp_path)), lambda _names, _until: [])._wrap(Host)
    Host().error_callback("a job without anything")
    assert handed == ["a job without anything"]


class Job:
    """A job that failed; ``resources`` are what it had."""

    jobid, attempt = 1, 1

    def __init__(self, **resources: int) -> None:
        self.resources = resources

    def is_group(self) -> bool:
        return False


class Scheduler:
    """One whose run is limited to so much; its executor starts each job by means of its own."""

    def __init__(self, **limits: int) -> None:
        self.global_resources = limits

    def get_executor(self, job: Job) -> object:
        class Executor:
            def format_job_exec(self, job: Job) -> str:
                return str(job)

            def additional_general_args(self) -> list[str]:
                return ["--mine"]

        return Executor()


@pytest.mark.parametrize(
    ("scheduler", "job"),
    [
        (Scheduler(mem_mb=600), Job(mem_mb=100)),
        # asked for by each CPU, memory as a whole is not what decides
        (Scheduler(), Job(mem_mb_per_cpu=100)),
        # what its Snakemake inside would be told cannot be added
        (Scheduler(), Job(mem_mb=100)),
    ],
)
def test_what_would_not_reach_a_job_is_not_given(scheduler: Scheduler, job: Job) -> None:
    assert give(scheduler, job, {"1": {"memory_mb": 630}}) is False
    assert (type(job), hasattr(job, "heal_chance")) == (Job, False)


def test_what_is_granted_to_a_stranger_is_not_given() -> None:
    assert give(Scheduler(), Job(), {"2": {"memory_mb": 630}}) is False
