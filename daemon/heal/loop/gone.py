"""Engines that say nothing: killed, so that no word of theirs says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from heal.loop.parts import Parts
from heal.records import Event, Run, RunRef, TaskRef
from heal.store import Scope

# says how it ends whenever it can; what follows from it is its own to do
_ENGINES = ("snakemake",)
# says nothing either where a script calls exit(): who started it tells the two apart
_NEXTFLOW = "nextflow"
_BY_SIGNAL = 128
_KILLED = _BY_SIGNAL + 9
_LAST_WORDS = timedelta(seconds=10)


class Gone:
    """Finds runs that ended without a word. ``followed`` are those whose log is read on: it says how they ended."""

    def __init__(self, parts: Parts, scope: Callable[[], Scope], followed: Callable[[], frozenset[str]]) -> None:
        self._parts = parts
        self._scope = scope
        self._followed = followed
        self._missed: frozenset[str] = frozenset()
        self._told: set[str] = set()
        self._over: frozenset[str] = frozenset()
        self._awaited: dict[str, datetime] = {}

    @property
    def pending(self) -> bool:
        """True while a run is to be looked at again, or how a command ended is about to be told."""
        now = self._parts.clock()
        return bool(self._missed) or any(now - since < _LAST_WORDS for since in self._awaited.values())

    def has_news(self) -> bool:
        """True where the process of a run has gone since the last look: its last words are still to come, or none."""
        mine, known = self._scope(), self._over
        runs = [one for one in self._parts.store.open_runs() if mine.takes(one.lineage)]
        return any(self._parts.alive(run) is False for run in runs if run.id not in known)

    def look(self) -> None:
        """Tell of each run that was gone at the last look too: meanwhile its last words would have arrived."""
        mine = self._scope()
        runs = [one for one in self._parts.store.open_runs() if mine.takes(one.lineage)]
        now = self._parts.clock()
        over = [run for run in runs if self._parts.alive(run) is False]
        self._over = frozenset(run.id for run in over)
        # who waited for the command itself writes it down after that
        self._awaited = {run.id: self._awaited.get(run.id, now) for run in over if run.engine == "command"}
        followed = self._followed()
        gone = [(run, _KILLED) for run in over if run.engine in _ENGINES and run.id not in followed]
        gone += [(run, code) for run in self._silent(runs) if (code := self._code(run)) is not None]
        for run, code in gone:
            if run.id in self._missed:
                self._told.add(run.id)
                self._parts.store.take_many(_events(run, code, now))
        self._missed = frozenset(run.id for run, _code in gone) - self._told

    def _silent(self, runs: list[Run]) -> list[Run]:
        """Nextflows of whose end nobody told more than that they are gone, which is all that their log may say."""
        store, mine = self._parts.store, self._scope().only or ()
        known = {run.id: run for run in [*runs, *(run for lineage in sorted(mine) for run in store.runs(lineage))]}
        found = [one for one in known.values() if one.engine == _NEXTFLOW and one.exit_code is None and one.pid]
        found = [run for run in found if run.id not in self._told and self._parts.alive(run) is False]
        return [] if self._parts.spool_waiting() else found

    def _code(self, run: Run) -> int | None:
        """With what a Nextflow ended, by the command that started it; None where that does not tell, or it is well."""
        command = self._parts.store.run(run.parent) if run.parent else None
        if command is None or command.exit_code is None:
            return None
        # of a script around it any other code may be its own
        surely = command.exit_code == _KILLED or (command.pid == run.pid and 0 < command.exit_code < _BY_SIGNAL)
        return command.exit_code if surely else None


def _events(run: Run, code: int, now: datetime) -> list[Event]:
    """What the run would have told had it been able to; the same however often it is made."""
    ref, killed = RunRef(run.id, run.engine), code == _KILLED
    message = (
        f"heal: {run.engine} is gone without a word: process {run.pid} was killed, or its host went down"
        if killed
        else f"{run.engine} ended with exit code {code}, and its log says why if anything does"
    )
    facts = {"process": run.engine, "message": message, "will_retry": False}
    return [
        Event(f"gone:{run.id}:task", "task_failed", now, "heal", ref, TaskRef(run.engine, ""), facts),
        Event(
            f"gone:{run.id}:run",
            "run_finished",
            now,
            "heal",
            ref,
            None,
            {"ok": False, "exit": None, "killed": True} if killed else {"ok": False, "exit": code},
        ),
    ]
