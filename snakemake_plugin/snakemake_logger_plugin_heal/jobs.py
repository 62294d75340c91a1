"""A job as its log records describe it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from logging import LogRecord
from typing import Any

# paths of one task that are worth telling
_MAX_PATHS = 50


@dataclass(frozen=True, slots=True)
class Job:
    """One try of a job, as far as Snakemake has told of it."""

    rule: str
    key: str
    name: str
    attempt: int
    local: bool = True
    in_group: bool = False
    native_id: str | None = None
    logs: tuple[str, ...] = ()
    asked: tuple[tuple[str, float], ...] = ()
    shell: str | None = None
    outputs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    wildcards: Mapping[str, str] = field(default_factory=dict)

    @property
    def member(self) -> tuple[str, str]:
        """Rule and outputs, as a log writes them."""
        return self.rule, ", ".join(self.outputs)

    def known_as(self, native_id: str | None, logs: Sequence[str]) -> Job:
        """The same job with what its scheduler calls it and further logs."""
        return replace(self, native_id=native_id, logs=tuple(dict.fromkeys([*self.logs, *logs])))

    def task(self, cwd: str) -> dict[str, Any]:
        """The ``task`` of an event."""
        return {
            "name": self.name,
            "key": self.key,
            "attempt": self.attempt,
            "native_id": self.native_id,
            "workdir": cwd,
            "log_paths": [os.path.join(cwd, path) for path in self.logs[-_MAX_PATHS:]],  # noqa: PTH118 - a Path a log costs
        }

    def facts(self) -> dict[str, Any]:
        """The ``facts`` of an event, common to all kinds."""
        return {"process": self.rule, "asked": dict(self.asked)}

    def ended(self) -> dict[str, Any]:
        """The ``facts`` of an event that ends it: with what it reads and makes, which leads from task to task."""
        return self.facts() | {"input": list(self.inputs[:_MAX_PATHS]), "output": list(self.outputs[:_MAX_PATHS])}


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed, and what was said of it."""

    jobid: str
    job: Job
    cwd: str
    message: str
    shell: str
    exit_code: int | None
    interrupted: bool
    aborted: bool = False

    def draft(self, *, will_retry: bool | None) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """The event; ``will_retry`` is None where it is not known whether Snakemake tries again."""
        facts = self.job.ended() | {"message": self.message, "shell": self.shell, "exit": self.exit_code}
        if will_retry is not None:
            facts["will_retry"] = will_retry
        if self.interrupted:
            facts["interrupted"] = True
        if self.aborted:
            facts |= {"aborted": True, "state": "ABORTED"}
        return "task_failed", self.job.task(self.cwd), facts

    def question(self, name: str, until: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """The event that asks heal what is to become of it."""
        kind, task, facts = self.draft(will_retry=None)
        return kind, task, facts if self.aborted else facts | {"asks": name, "asks_until": until}


def job_of(record: LogRecord, attempt: int) -> Job:
    """The job that a ``job_info`` record announces."""
    said = record.__dict__
    rule = str(said["rule_name"])
    wildcards = sorted((str(name), str(value)) for name, value in dict(said.get("wildcards") or {}).items())
    pairs = [f"{name}={value}" for name, value in wildcards]
    return Job(
        rule=rule,
        key=f"{rule}:{','.join(pairs)}" if pairs else rule,
        name=f"{rule} ({', '.join(pairs)})" if pairs else rule,
        attempt=attempt,
        local=bool(said.get("local")),
        in_group=bool(said.get("indent")),
        logs=tuple(str(path) for path in said.get("log") or ()),
        asked=_asked(said.get("resources"), said.get("threads")),
        outputs=tuple(str(path) for path in said.get("output") or ()),
        inputs=tuple(str(path) for path in said.get("input") or ()),
        shell=said.get("shellcmd"),
        wildcards=dict(wildcards),
    )


def unseen_job(record: LogRecord, attempt: int) -> Job:
    """A job that failed without having been announced: its first output stands for its wildcards."""
    rule = str(record.__dict__["rule_name"])
    output = [str(path) for path in record.__dict__.get("output") or ()][:1]
    return Job(
        rule=rule,
        key=f"{rule}:output={output[0]}" if output else rule,
        name=f"{rule} ({output[0]})" if output else rule,
        attempt=attempt,
    )


def _asked(resources: Any, threads: Any) -> tuple[tuple[str, float], ...]:
    values: Mapping[str, Any] = dict(resources.items()) if hasattr(resources, "items") else {}
    named = (("memory_mb", values.get("mem_mb")), ("time_min", values.get("runtime")), ("cpus", threads))
    # what is still to be decided is no number
    return tuple((name, value) for name, value in named if isinstance(value, int | float))
