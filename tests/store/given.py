"""Events to begin a story with, and readers of what a database file holds."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from heal.records import Event, RunRef, TaskRef

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ids = itertools.count(1)


def at(minutes):
    """Tell the time so many minutes after the story began."""
    return NOON + timedelta(minutes=minutes)


def seen(kind, run=None, task=None, *, minutes=0, source="snakemake", event_id=None, **facts):
    """Make an event that nobody saw before."""
    return Event(event_id or f"{next(_ids):020}-1-1", kind, at(minutes), source, run, task, facts, "{}")


def run_ref(run_id, engine="snakemake"):
    return RunRef(run_id, engine, "/work", (engine, "-j", "4"), 4242)


def started(run_id, *, engine="snakemake", minutes=0, **facts):
    return seen("run_started", run_ref(run_id, engine), minutes=minutes, **facts)


def finished(run_id, *, minutes=0, **facts):
    return seen("run_finished", run_ref(run_id), minutes=minutes, **facts)


def task_ref(sample, number=1, native_id=None):
    return TaskRef(f"align (sample={sample})", f"align:sample={sample}", number, native_id, "/work", (f"{sample}.log",))


def submitted(run_id, task, *, engine="snakemake", minutes=0, **facts):
    return seen("task_submitted", run_ref(run_id, engine), task, minutes=minutes, process="align", **facts)


def succeeded(run_id, task, *, engine="snakemake", minutes=0, **facts):
    return seen("task_finished", run_ref(run_id, engine), task, minutes=minutes, process="align", **facts)


def failed(run_id, task, *, engine="snakemake", minutes=0, **facts):
    return seen("task_failed", run_ref(run_id, engine), task, minutes=minutes, process="align", **facts)


def take_all(store, *events):
    return [store.take(event) for event in events]


def fail(store, run_id, task, **facts):
    """Let a task fail and give the attempt that is to be explained."""
    store.take(failed(run_id, task, **facts))
    return store.unexplained()[-1]
