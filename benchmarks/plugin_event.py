"""What an event of the Snakemake plugin costs a run, and what healing in flight costs it while nothing fails."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from benchmarks.measure import row, side_by_side
from snakemake_interface_logger_plugins.tests import MockOutputSettings
from tests.snakemake_plugin.conftest import job_info, record

from snakemake_logger_plugin_heal import LogHandler
from snakemake_logger_plugin_heal.asking import Terms
from snakemake_logger_plugin_heal.in_flight import InFlight

_JOBS = 1000
PLACES = {"a disk": tempfile.gettempdir(), "a tmpfs": "/dev/shm"}  # noqa: S108 - what it is measured on


def main() -> None:
    sys.argv = ["snakemake", "-j2"]  # what the plugin finds itself in
    _measure_arming()
    for name, place in PLACES.items():
        if os.access(place, os.W_OK):
            with tempfile.TemporaryDirectory(dir=place) as folder:
                _measure(name, Path(folder))


def _measure(name: str, folder: Path) -> None:
    spool = folder / "spool"
    os.environ["HEAL_SPOOL"] = str(spool)
    handler = LogHandler(MockOutputSettings(), None)
    handler.emit(record("workflow_started", snakemake_version="9"))
    handler.emit(record(None, "SLURM run ID: 1"))
    jobs = count()
    tell = _telling(handler, jobs)
    tell()
    events = sorted(spool.glob("[0-9]*.json"))[1:]
    assert json.loads(events[-1].read_text())["kind"] == "task_finished"
    size = sum(path.stat().st_size for path in events) // len(events)
    took = side_by_side({"plugin": tell, "file": _writing(folder, b"x" * size, len(events))}, 10)
    each, plain = (took[what].best / len(events) * 1e6 for what in ("plugin", "file"))
    middle, busy = (value / len(events) * 1e6 for value in (took["plugin"].median, took["plugin"].cpu))
    row(
        f"one event of the Snakemake plugin, {size} bytes, on {name}",
        f"{each:.0f} µs (median {middle:.0f})",
        f"{each / plain:.1f} x writing and renaming such a file; {busy:.0f} µs of the processor",
    )


def _measure_arming() -> None:
    """What healing in flight costs a run in which nothing fails: looking at Snakemake's methods, once."""
    importlib.import_module("snakemake.api")  # as in a run, before its loggers are made

    def arm() -> None:
        for _ in range(100):
            flight = InFlight(Terms(60, "/nowhere", "/nowhere"), lambda _names, _until: [])
            flight.arm()
            flight.disarm()

    def import_it() -> None:
        for _ in range(5):
            subprocess.run([sys.executable, "-c", "pass"], check=True)

    took = side_by_side({"arm": arm, "python": import_it}, 10)
    each, start = took["arm"].best / 100 * 1e6, took["python"].best / 5 * 1e6
    row(
        "healing in flight in a Snakemake run in which nothing fails, once a run",
        f"{each:.0f} µs (median {took['arm'].median / 100 * 1e6:.0f})",
        f"{each / start:.3f} x `python -c pass`",
    )


def _telling(handler: LogHandler, jobs: count[int]) -> Callable[[], None]:
    def tell() -> None:
        for job in (next(jobs) for _ in range(_JOBS)):
            handler.emit(job_info(job, "align", local=False, wildcards={"sample": f"S{job}"}, log=[f"logs/S{job}.log"]))
            handler.emit(record(None, f"Job {job} has been submitted with SLURM jobid {job} (log: a/{job}.log)."))
            handler.emit(record("job_finished", job_id=job))

    return tell


def _writing(folder: Path, content: bytes, times: int) -> Callable[[], None]:
    names = count()

    def write() -> None:
        for number in (next(names) for _ in range(times)):
            hidden = f"{folder}/.{number}.tmp"
            descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, content)
            os.close(descriptor)
            os.rename(hidden, f"{folder}/{number}.json")  # noqa: PTH104 - as the plugin does

    return write


if __name__ == "__main__":
    main()
