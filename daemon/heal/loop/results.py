"""Before an end that is called good is believed: the project's own checks of results. And what is kept beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from heal.loop.parts import Parts
from heal.records import Event, Run, RunRef
from heal.steps import check


def checked(parts: Parts, events: Sequence[Event]) -> list[Event]:
    """The events as checks leave them, without those whose check still runs: give those again, with the same id.

    A task whose result is refused has failed. An array is not over while one of its elements is looked at.
    """
    if parts.checker is None:
        return list(events)
    runs: dict[str, Run | None] = {}
    taken: list[Event] = []
    waiting: list[Event] = []
    for event in events:
        judged = _judged(parts, parts.checker, event, runs) if event.kind == "task_finished" else event
        if judged is None:
            waiting.append(event)
        else:
            taken.append(judged)
    return [event for event in taken if not _is_array_of(event, waiting)] if waiting else taken


def take(parts: Parts, ends: Sequence[Event]) -> None:
    """Store the events, and beside them what did not go well in tasks that did: `heal status` tells of it."""
    parts.store.take_many([*ends, *_warnings(ends)])


def _warnings(ends: Sequence[Event]) -> Iterator[Event]:
    for end in ends:
        said = end.facts.get("warning")
        # a guest may say anything under that name
        if end.kind == "task_finished" and end.task and end.run and isinstance(said, str):
            yield warning(end.id, end.time, end.run.id, (end.task.name, end.task.native_id or ""), said)


def warning(about: str, at: datetime, run_id: str, task: tuple[str, str], said: str) -> Event:
    """What did not go well in a task that did. ``task``: its name and its job, if it has one."""
    facts = {"task": task[0], "job": task[1], "said": said}
    return Event(f"warning:{about}", "warning", at, "heal", RunRef(run_id), None, facts, json.dumps({"facts": facts}))


def _judged(parts: Parts, checker: check.Checking, event: Event, runs: dict[str, Run | None]) -> Event | None:
    if event.run is None or event.task is None:
        return event
    if event.run.id not in runs:
        runs[event.run.id] = parts.store.run(event.run.id)
    run = runs[event.run.id]
    settings = parts.settings_for((run.cwd if run else "") or event.run.cwd)
    asked = check.question(event, event.task, run, settings.check) if settings.check else None
    if asked is None:
        return event
    if asked.command and settings.foreign:
        # whoever may put a file above a folder that this user works in must not run commands as this user
        answer: check.Answer | None = check.Answer(None, f"heal.toml belongs to {settings.foreign}; make it yours")
    else:
        answer = checker.ask(event.id, asked)
    return None if answer is None else check.judged(event, event.task, asked, answer)


def _is_array_of(event: Event, waiting: Sequence[Event]) -> bool:
    key = f"{event.task.key}_" if event.task else ""
    return event.kind == "task_finished" and any(one.task and one.task.key.startswith(key) for one in waiting)
