"""One line of the spool is an event, or is refused with the reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from heal.errors import BadEvent
from heal.records import Event, RunRef, TaskRef
from heal.steps.intake import parse

LINE = {
    "v": 1,
    "kind": "task_failed",
    "time": "2026-11-24T10:00:00.5Z",
    "source": "snakemake",
    "run": {"id": "r1", "engine": "snakemake", "cwd": "/data", "argv": ["snakemake", "-j", "2"], "pid": 17},
    "task": {
        "name": "align (s=A)",
        "key": "align:s=A",
        "attempt": 2,
        "native_id": "81723",
        "log_paths": ["/data/a.log"],
    },
    "facts": {"exit": 1, "process": "align"},
}


def test_a_line_becomes_an_event():
    body = json.dumps(LINE)
    assert parse("000-1-0", body) == Event(
        id="000-1-0",
        kind="task_failed",
        time=datetime(2026, 11, 24, 10, 0, 0, 500_000, tzinfo=UTC),
        source="snakemake",
        run=RunRef("r1", "snakemake", "/data", ("snakemake", "-j", "2"), 17),
        task=TaskRef("align (s=A)", "align:s=A", 2, "81723", None, ("/data/a.log",)),
        facts={"exit": 1, "process": "align"},
        body=body,
    )


def test_unknown_fields_are_kept_and_unknown_kinds_are_events():
    body = json.dumps({**LINE, "kind": "task_paused", "mood": "good"})
    event = parse("000-1-1", body)
    assert (event.kind, event.body) == ("task_paused", body)


def test_a_time_without_zone_is_utc():
    event = parse("x", json.dumps({**LINE, "time": "2026-11-24T10:00:00"}))
    assert event.time == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (None, "not a readable text of a sensible size"),
        ("", "the line: Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", "the line: Input should be an object"),
        (json.dumps({**LINE, "v": 2}), "v: Input should be less than or equal to 1"),
        (json.dumps({**LINE, "run": {"id": ""}}), "run.id: String should have at least 1 character"),
        (json.dumps({key: LINE[key] for key in LINE if key != "kind"}), "kind: Field required"),
        (
            json.dumps({**LINE, "time": "9999-12-31T23:59:59-14:00"}),
            "time: 9999-12-31 23:59:59-14:00 is not of this world",
        ),
        (
            json.dumps({**LINE, "task": {"name": "a", "key": "a\0b"}}),
            "task.key: Value error, a NUL cannot be part of a name or a path",
        ),
        (
            json.dumps({**LINE, "task": {"name": "a", "key": "a", "attempt": 2**70}}),
            "task.attempt: Input should be less than 2147483648",
        ),
        (
            json.dumps({**LINE, "facts": {"asked": {"memory_mb": 1e999}}}),
            "facts: a number that is none (NaN or infinity)",
        ),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(line: str | None, why: str):
    with pytest.raises(BadEvent) as refused:
        parse("x", line)
    assert str(refused.value) == why
