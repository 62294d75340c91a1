"""What heal status tells of an incident beside its state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heal.cli import overview
from heal.journal import Body, Decided, Dependent, Diagnosed, Dismissed, Proposed
from heal.records import Change, Citation, Diagnosis, Event, Fix, FixKind, Incident, Label, RunRef, TaskRef, Verdict
from heal.store import Store

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LINE = Citation("slurm-100.out", 3, "MemoryError")
LACKED = Diagnosis(Label.OUT_OF_MEMORY, "it was given too little", 0.98, LINE, (LINE,), by="facts")
MORE = Fix(FixKind.RESOURCES, "plink", (Change("memory_mb", 100, 170),))


class Told:
    """One incident of a job on SLURM in a store of its own, and what heal status says of it."""

    def __init__(self, store: Store, name: str = "plink") -> None:
        self.store = store
        run, task = RunRef("r1", "sbatch", "/data/gwas"), TaskRef(name, "100", 1, "100", "/data/gwas")
        for kind, facts in (("run_started", {}), ("task_failed", {"process": name, "exit": 1})):
            store.take(Event(f"e:{kind}", kind, NOON, "runner", run, task if facts else None, facts))
        self.incident: Incident
        self.incident, _new = store.join(store.unexplained()[-1], "f1", NOON)
        self.write(Diagnosed(LACKED))

    def write(self, *bodies: Body) -> None:
        for body in bodies:
            self.store.append(self.incident.id, len(self.store.journal(self.incident.id)) + 1, body, NOON)

    def last_column(self) -> str:
        head, row = overview.text(now=NOON + timedelta(minutes=6)).splitlines()
        return row[head.index("STATE") :]

    def in_json(self) -> int:
        [row] = json.loads(overview.text(as_json=True))["incidents"]
        return int(row["dependent_jobs"])


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setenv("HEAL_HOME", str(tmp_path))
    with Store.open(tmp_path / "heal.db") as store:
        yield Told(store)


def test_status_tells_how_many_jobs_wait_for_the_failed_ones(told: Told) -> None:
    # Given a proposal that three jobs hang on
    waiting = tuple(Dependent(job, "report", "afterok:100(failed)") for job in ("200", "300", "400"))
    told.write(Proposed(MORE, waiting), Decided(Verdict.ASK, "policy"))
    # Then that is said with what is wanted, and in the JSON
    asked = f"waiting for you · heal accept {told.incident.id}"
    assert (told.last_column(), told.in_json()) == (f"{asked} · 3 jobs wait for it", 3)
    # When the next one is proposed and one is left
    told.write(Proposed(MORE, waiting[:1]), Decided(Verdict.ASK, "policy"))
    assert (told.last_column(), told.in_json()) == (f"{asked} · 1 job waits for it", 1)
    # And when a person has closed it
    told.write(Dismissed("ann", "not now"))
    assert (told.last_column(), told.in_json()) == ("dismissed", 0)


def test_status_says_nothing_of_jobs_where_none_waits(told: Told) -> None:
    told.write(Proposed(MORE), Decided(Verdict.ASK, "policy"))
    assert (told.last_column(), told.in_json()) == (f"waiting for you · heal accept {told.incident.id}", 0)


def test_nothing_in_a_name_steers_the_terminal_or_breaks_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAL_HOME", str(tmp_path))
    with Store.open(tmp_path / "heal.db") as store:
        told = Told(store, "na\nme\x1b[31m")
        told.write(Proposed(MORE), Decided(Verdict.ASK, "policy"))
        page = overview.text(now=NOON)
    assert [sign for sign in page if not sign.isprintable() and sign != "\n"] == []
    assert [line.split()[0] for line in page.splitlines()] == ["INCIDENT", told.incident.id]
