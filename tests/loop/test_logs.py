"""A run that only its log tells of: the word that there is one waits in the spool until the log is read to its end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.scheduler import FakeScheduler

from heal.engines.nextflow_follow import NextflowLogs
from heal.engines.nextflow_records import moment
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.scan import Scanner
from heal.home.spool import Spool
from heal.knowledge.patterns import load
from heal.loop import Loop, Parts
from heal.loop.logs import Logs
from heal.records import Event
from heal.seams import LogReading
from heal.settings import Settings
from heal.shipped import shipped
from heal.steps.intake import parse
from heal.store import Scope, Store

RECORDED = Path(__file__).parents[1] / "engines/nextflow_logs/exit1-25.04.4.log"
RUN = "3956ed2c-e624-4016-985e-6ac4b69b9d1b.hopeful_lamport"


class Place:
    """A launch folder, a spool, a store, and loops that come and go. ``ticks``: monotonic seconds."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        self.spool = Spool(folder / "spool")
        self.spool.create()
        self.ticks = 0.0
        with subprocess.Popen(["true"]) as ended:
            self.pid = ended.pid
        self.text = RECORDED.read_text(encoding="utf-8").replace("Process: 25621@login1", f"Process: {self.pid}@login1")
        self.log = folder / ".nextflow.log"

    def announced(self) -> None:
        begun = moment(self.text[:19], datetime.now(UTC))
        assert begun is not None
        run = {"id": "shim", "engine": "nextflow", "cwd": str(self.folder), "argv": ["nextflow"], "pid": self.pid}
        event = {"v": 1, "kind": "nextflow_log", "time": (begun - timedelta(seconds=1)).isoformat(), "source": "runner"}
        event |= {"run": run, "facts": {"log": str(self.log), "parent": None, "env_file": "/e.json"}}
        (self.spool.folder / "00000000000000000001-1-0.json").write_text(json.dumps(event))

    def heal(self, logs: LogReading | None = None) -> Loop:
        library = load([shipped("patterns/time")])
        parts = Parts(
            store=self.store,
            spools=lambda: [self.spool],
            engines={},
            slurm=None,
            submitter=None,
            local=FakeScheduler(),
            library=library,
            reader=Scanner(library, self.folder / "cache"),
            settings_for=lambda _folder: Settings(home=self.folder),
            alive=lambda _run: False,
            clock=lambda: datetime.now(UTC),
            tell=lambda _incident, _body: None,
            machine=Looker(),
            history=History(),
            logs=logs or NextflowLogs(self.store.run, lambda: datetime.now(UTC), lambda: self.ticks),
        )
        return Loop(parts, Scope)

    def told(self) -> tuple[str | None, list[bool | None]]:
        """The run's engine, and how its tasks ended; None while it was not told of."""
        run = self.store.run(RUN)
        return (run.engine if run else None), [one.ok for one in self.store.attempts(RUN, "A (x)")]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    store = Store.open(tmp_path / "heal.db")
    try:
        yield Place(tmp_path, store)
    finally:
        store.close()


def test_a_log_is_read_while_it_grows_and_the_word_of_it_goes_last(place: Place):
    cut = place.text.index("Handling unexpected")
    place.announced()
    heal = place.heal()
    # Given that the log is not there yet, and then in parts
    heal.take_in()
    assert place.told() == (None, [])
    place.log.write_text(place.text[:cut])
    heal.take_in()
    assert place.told() == ("nextflow", [None])
    assert len(place.spool.waiting()) == 1
    # When it is whole
    with place.log.open("a") as file:
        file.write(place.text[cut:])
    heal.take_in()
    place.ticks = 1.0
    heal.take_in()
    assert place.told() == ("nextflow", [False])
    assert place.store.open_runs() == ()
    # Then nothing is left to be read, and the word of it is kept with the rest
    assert place.spool.waiting() == []
    assert place.store.last_event("runner", "nextflow_log") is not None


def test_a_heal_that_was_killed_is_gone_on_from_by_the_next(place: Place):
    place.announced()
    place.log.write_text(place.text[: place.text.index("Handling unexpected")])
    place.heal().take_in()
    events = place.store.events()
    # Given the run's end, while no heal runs
    place.log.write_text(place.text)
    later = place.heal()
    later.take_in()
    place.ticks = 1.0
    later.take_in()
    # Then the rest is told, and what was told is not told again
    assert place.told() == ("nextflow", [False])
    assert place.store.events() == events + 3


def test_a_run_is_unread_from_the_first_word_of_its_log_to_the_last(place: Place):
    place.announced()
    place.log.write_text(place.text[: place.text.index("Handling unexpected")])
    logs = Logs(place.heal().parts)
    [path] = place.spool.waiting()
    assert logs.keeps(parse(path.stem, path.read_text()), place.spool, path)
    unread = [logs.unread()]
    # Given a log that begins to speak, whose run ends meanwhile, and that is read to its end
    logs.take_in()
    unread.append(logs.unread())
    place.log.write_text(place.text)
    for place.ticks in (1.0, 2.0):
        logs.take_in()
    assert [*unread, logs.unread()] == [frozenset(), {RUN}, frozenset()]


class Broken:
    """A reader that heal stumbles in."""

    def takes(self, said: Event) -> bool:
        return said.kind == "nextflow_log"

    def news(self) -> Sequence[Event]:
        return ()

    def taken(self, ids: Sequence[str]) -> None:
        """Nothing is kept."""

    def trouble(self, _said: Event) -> str:
        return "ValueError: odd"

    def done(self, _said: Event) -> bool:
        return True


def test_a_log_that_heal_stumbles_over_is_put_aside_with_the_reason(place: Place):
    place.announced()
    place.heal(Broken()).take_in()
    assert place.spool.waiting() == []
    [why] = (place.spool.folder / "bad").glob("*.why")
    assert why.read_text() == "heal failed to read the log (ValueError: odd)\n"
