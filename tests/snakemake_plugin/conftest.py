"""Log records as Snakemake 9.27 makes them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

pytest.importorskip("snakemake_interface_logger_plugins")

from snakemake_interface_logger_plugins.common import LogEvent


class Resources:
    """Snakemake's resources of a job: a list with names."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def items(self) -> Any:
        return self._values.items()


def record(event: str | None = None, msg: str = "", thread: str = "MainThread", **said: Any) -> logging.LogRecord:
    made = logging.LogRecord("snakemake.logging", logging.INFO, "x.py", 1, msg, (), None)
    made.threadName = thread
    if event is not None:
        made.event = LogEvent(event)
    for name, value in said.items():
        setattr(made, name, value)
    return made


def job_info(jobid: int, rule: str, *, local: bool = True, **more: Any) -> logging.LogRecord:
    said = {
        "wildcards": {},
        "log": [],
        "resources": Resources(mem_mb=100, runtime=5, mem="100 MB", tmpdir="/tmp", disk_mb="<TBD>"),
        "threads": 2,
        "indent": False,
        "shellcmd": "do it",
    } | more
    return record("job_info", f" Rule: {rule}", jobid=jobid, rule_name=rule, local=local, **said)


def job_error(jobid: int, rule: str, thread: str = "MainThread", **more: Any) -> logging.LogRecord:
    said = {"rule_msg": None, "output": [f"{rule}.txt"], "log": [], "aux": {}, "shellcmd": "do it"} | more
    return record("job_error", f"Error in rule {rule}", thread, jobid=jobid, rule_name=rule, **said)


def error(text: str, thread: str = "MainThread", exception: str = "RuleException") -> logging.LogRecord:
    return record("error", text, thread, exception=exception)
