"""One line of the spool, made into an event or refused with the reason."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from heal.errors import BadEvent
from heal.records import Event, RunRef, TaskRef

SOURCES = ("snakemake", "nextflow", "slurm-hook", "poll", "person", "runner")


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL cannot be part of a name or a path")
    return text


# what a writer may say: no program or path can hold a NUL, no database a larger number, no scheduler such a year
Text = Annotated[str, AfterValidator(_plain)]
Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_EARLIEST, _LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class _Run(BaseModel):
    id: Text = Field(min_length=1, max_length=200)
    engine: Text | None = None
    cwd: Text | None = None
    argv: list[Text] | None = None
    pid: Number | None = None


class _Task(BaseModel):
    name: Text
    key: Text
    attempt: int = Field(1, ge=1, lt=2**31)
    native_id: Text | None = None
    workdir: Text | None = None
    log_paths: list[Text] | None = None


class _Line(BaseModel):
    """The wire format, version 1 (docs/wire.md). Unknown fields stay in the event's body."""

    model_config = ConfigDict(extra="ignore")

    v: int = Field(ge=1, le=1)
    kind: str = Field(min_length=1, max_length=100)
    time: datetime
    source: str = Field(min_length=1, max_length=100)
    run: _Run | None = None
    task: _Task | None = None
    facts: dict[str, Any] = Field(default_factory=dict)


def parse(event_id: str, line: str | None) -> Event:
    """The event that a line of the wire format holds; None is a line that could not be read.

    Raises BadEvent with the first thing that is wrong with it.
    """
    if line is None:
        raise BadEvent("not a readable text of a sensible size")
    try:
        found = _Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        raise BadEvent(f"{where}: {first['msg']}") from error
    time = found.time if found.time.tzinfo else found.time.replace(tzinfo=UTC)
    if not _EARLIEST <= time <= _LATEST:
        raise BadEvent(f"time: {found.time} is not of this world")
    if any(isinstance(value, float) and not math.isfinite(value) for value in _numbers(found.facts)):
        raise BadEvent("facts: a number that is none (NaN or infinity)")
    return Event(
        id=event_id,
        kind=found.kind,
        time=time.astimezone(UTC),
        source=found.source,
        run=_run(found.run),
        task=_task(found.task),
        facts=found.facts,
        body=line,
    )


def _numbers(facts: Mapping[str, Any]) -> Iterator[Any]:
    for value in facts.values():
        yield from _numbers(value) if isinstance(value, dict) else [value]


def _run(run: _Run | None) -> RunRef | None:
    if run is None:
        return None
    return RunRef(id=run.id, engine=run.engine or "", cwd=run.cwd or "", argv=tuple(run.argv or ()), pid=run.pid)


def _task(task: _Task | None) -> TaskRef | None:
    if task is None:
        return None
    return TaskRef(
        name=task.name,
        key=task.key,
        attempt=task.attempt,
        native_id=task.native_id,
        workdir=task.workdir,
        log_paths=tuple(task.log_paths or ()),
    )
