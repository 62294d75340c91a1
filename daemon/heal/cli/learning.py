"""What a pattern that is learnt here is begun from, and what it is refused for: what went well here says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heal.errors import BadPattern
from heal.home import places
from heal.journal import Body, Diagnosed, State, state_of
from heal.knowledge.patterns import only
from heal.records import Diagnosis, Fix, FixKind, Incident, Label

# of the runs of so many failures so many other tasks are looked at, and so many of their logs read
_INCIDENTS, _TASKS, _LOGS = 200, 500, 100
_ID = re.compile(r"[0-9a-f]{2,40}")
_NAMED = {"memory_mb": "memory", "time_min": "time"}


def healed(prefix: str) -> tuple[Diagnosis, Fix] | None:
    """What an incident that was healed died of, and what healed it; None for what is no id, but a line.

    Raises BadPattern where nothing is to be learnt from it, NoSuchIncident where an id names none.
    """
    from heal.cli.shapes import diagnosis_of, fix_of
    from heal.store import Store

    database = places.database(places.home_folder())
    if not _ID.fullmatch(prefix) or not database.exists():
        return None
    with Store.open(database, read_only=True) as store:
        one = store.incident(prefix)
        bodies = [entry.body for entry in store.journal(one.id)]
    found, fix = diagnosis_of(bodies), fix_of(bodies)
    if state_of(bodies) is not State.HEALED or found is None or fix is None:
        raise BadPattern(f"incident {one.id} was not healed: nothing is learnt from it; give the line itself")
    if found.root is None or found.root.line == 0:
        raise BadPattern(f"incident {one.id} was told by facts, not by a line: there is nothing to look for in a log")
    return found, fix


def as_fix(fix: Fix) -> dict[str, object] | None:
    """What healed, as a pattern proposes it; None where it was for that one failure, as a patch is."""
    change = fix.changes[0] if fix.changes else None
    if fix.kind is FixKind.RESOURCES and change is not None and change.name in _NAMED:
        return {"kind": fix.kind.value, "resource": _NAMED[change.name]}
    if fix.kind is FixKind.RETRY and change is not None and change.name == "delay_s":
        return {"kind": fix.kind.value, "delay_s": change.new}
    return {"kind": fix.kind.value} if fix.kind is FixKind.EXCLUDE_NODE else None


def refused_for(row: dict[str, Any]) -> list[str]:
    """What speaks against a checked pattern here: tasks that went well say it, and what healed for another cause."""
    from heal.evidence.scan import Scanner
    from heal.store import Store

    database = places.database(places.home_folder())
    if not database.exists():
        return []
    scanner = Scanner(only(row))
    with Store.open(database, read_only=True) as store:
        newest = store.newest(_INCIDENTS)
        logs = list(_logs_of_successes(store, newest))[:_LOGS]
    said = [(log, hit) for log in logs for hit in scanner.read(Path(log)).hits[:1]]
    troubles = [
        f"store: a task that went well says it: {log}:{hit.line}  {hit.text.strip()[:120]}" for log, hit in said
    ]
    pattern = only(row).patterns[0]
    # of one that does not say yet what it means no cause is another
    for one, bodies in newest if pattern.label is not Label.UNKNOWN else ():
        found = _told(bodies)
        if found and found.label is not pattern.label and found.root and pattern.find(found.root.text):
            was = found.label.value if found.label else "a success"
            troubles.append(f"store: incident {one.id} was healed as {was}: {found.root.text.strip()[:120]}")
    return troubles


def _told(bodies: tuple[Body, ...]) -> Diagnosis | None:
    """The cause of an incident that was healed."""
    found = [body.diagnosis for body in bodies if isinstance(body, Diagnosed)]
    return found[-1] if found and state_of(bodies) is State.HEALED else None


def _logs_of_successes(store: Any, newest: tuple[tuple[Incident, tuple[Body, ...]], ...]) -> Iterator[str]:
    """The logs of the tasks that went well beside those that failed, each once."""
    seen: dict[str, None] = {}
    for lineage in dict.fromkeys(one.lineage for one, _bodies in newest):
        beside = store.beside(lineage, _TASKS)
        bad = {log for one in beside if one.ok is False for log in one.log_paths}
        seen |= {log: None for one in beside if one.ok for log in one.log_paths if log not in bad}
    yield from seen
