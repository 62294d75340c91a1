"""The one door to the database: every method is one transaction, and records are only ever added."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from heal.journal import Body, Entry
from heal.records import Attempt, Event, Fix, Incident, Outcome, Run
from heal.store import batches, casework, earlier_runs, habits, projecting, reading, reviewing
from heal.store.calls import CallLedger
from heal.store.followed import ENGINES_SAY
from heal.store.jobs import JobBook
from heal.store.reading import Repointed, Warned
from heal.store.rows import EVERYTHING, Scope
from heal.store.schema import attempts, runs

# of a run with more tasks so many are looked at
MOST_BESIDE = 500


class Store(CallLedger, JobBook):
    """Everything heal knows. Made by ``Store.open``; may be shared by threads, not carried through a fork.

    A writing method stores all it was asked to, or raises and stores nothing. Several processes may write at
    once: they take turns. Methods raise ``StoreBusy`` or ``StoreBroken``, and what their own promise names.
    """

    # --- what was seen ---------------------------------------------------------------------------

    def take(self, event: Event) -> bool:
        """Store an event, once, and what it says of runs, attempts and projects; False if it was there."""
        with self._writing() as connection:
            return projecting.take(connection, event)

    def take_many(self, taken: Sequence[Event]) -> int:
        """Store events as ``take`` does, all in one transaction; how many were new."""
        if not taken:
            return 0
        with self._writing() as connection:
            known = projecting.known_events(connection, [event.id for event in taken])
            new: dict[str, Event] = {}
            for event in taken:
                if event.id not in known:
                    # of two with one id the first counts
                    new.setdefault(event.id, event)
            batches.take_many(connection, tuple(new.values()))
            return len(new)

    def events(self) -> int:
        """Give a number that grows with every event stored: while it stays, nothing new was said."""
        with self._reading() as connection:
            return reading.last_number(connection)

    def run(self, run_id: str) -> Run | None:
        """Give a run by its id."""
        with self._reading() as connection:
            return next(iter(reading.find_runs(connection, runs.c.id == run_id)), None)

    def runs(self, lineage: str) -> tuple[Run, ...]:
        """Give the runs of a lineage, by their start."""
        with self._reading() as connection:
            return reading.find_runs(connection, runs.c.lineage == lineage)

    def folders(self, run_ids: Sequence[str]) -> dict[str, str]:
        """Give the work folder of each of these runs that is known."""
        with self._reading() as connection:
            return reading.folders(connection, run_ids)

    def launched_by(self, parent: str) -> tuple[Run, ...]:
        """Give the runs that have this id or this parent, by their start."""
        with self._reading() as connection:
            return reading.find_runs(connection, (runs.c.parent == parent) | (runs.c.id == parent))

    def open_runs(self) -> tuple[Run, ...]:
        """Give the runs whose end was not seen and that are a process, by their start."""
        with self._reading() as connection:
            return reading.open_runs(connection)

    def attempts(self, lineage: str, key: str) -> tuple[Attempt, ...]:
        """Give the attempts of a task in all launches of its lineage, oldest first."""
        with self._reading() as connection:
            return reading.find_attempts(connection, (attempts.c.lineage == lineage) & (attempts.c.key == key))

    def most_asked(self, lineage: str, process: str) -> dict[str, float]:
        """Give the most that a task of a process asked for in a lineage, by resource."""
        with self._reading() as connection:
            return reading.most_asked(connection, lineage, process)

    def later(self, lineage: str, after: int) -> tuple[Attempt, ...]:
        """Give the attempts of a lineage that were begun after one, oldest first."""
        with self._reading() as connection:
            return reading.find_attempts(connection, (attempts.c.lineage == lineage) & (attempts.c.id > after))

    def beside(self, lineage: str, limit: int = MOST_BESIDE) -> tuple[Attempt, ...]:
        """Give the attempts of a lineage that were begun last, newest first."""
        with self._reading() as connection:
            return reading.newest_attempts(connection, lineage, limit)

    def well_before(self, run: Run, process: str, *, since: datetime, limit: int) -> tuple[Attempt, ...]:
        """Give the jobs of a process that ended well since then in earlier runs of the run's folder, newest first."""
        with self._reading() as connection:
            return earlier_runs.well_before(connection, run, process, since=since, limit=limit)

    def last_well(self, run: Run, attempt: Attempt) -> datetime | None:
        """Tell when the task of an attempt ended well last before it in another run of the folder; None: never."""
        with self._reading() as connection:
            return earlier_runs.last_well(connection, run, attempt)

    def habits(self, engine: str, process: str, cwd: str) -> tuple[str, ...]:
        """Give what successful tasks of a process in a folder say, as templates of lines."""
        with self._reading() as connection:
            return habits.of(connection, engine, process, cwd)

    def keep_habits(self, engine: str, process: str, cwd: str, templates: Sequence[str]) -> None:
        """Replace what successful tasks of a process in a folder say."""
        with self._writing() as connection:
            habits.keep(connection, engine, process, cwd, templates)

    def unexplained(self, scope: Scope = EVERYTHING) -> tuple[Attempt, ...]:
        """Give the failed attempts that belong to no incident yet, oldest first."""
        with self._reading() as connection:
            return reading.unexplained_attempts(connection, scope)

    def asking(self, since: datetime) -> tuple[Attempt, ...]:
        """Give the failed attempts whose engine asked what to do since then and whose run goes on, oldest first."""
        with self._reading() as connection:
            return reading.asking(connection, since)

    def tasks(self, lineage: str) -> int:
        """Count the different tasks of a lineage."""
        with self._reading() as connection:
            return reading.count_tasks(connection, lineage)

    def explained(self, attempt_ids: Sequence[int]) -> dict[int, str]:
        """Give the incident of each of these attempts that has one."""
        with self._reading() as connection:
            return reading.explained(connection, attempt_ids)

    def projects(self) -> tuple[str, ...]:
        """Give the folders whose jobs are to be healed, in the order of their names."""
        with self._reading() as connection:
            return reading.project_paths(connection)

    def registered(self) -> dict[str, datetime]:
        """Tell since when the jobs of each of these folders are to be healed: registering again changes nothing."""
        with self._reading() as connection:
            return reading.registered(connection)

    def interrupted(self, lineage: str) -> bool:
        """Tell whether a person ended this run: then nothing is started in it any more without their yes."""
        with self._reading() as connection:
            return reading.interrupted(connection, lineage)

    def repointed(self, bases: Collection[str]) -> tuple[Repointed, ...]:
        """Give the jobs that heal let wait for others in place of one of these, oldest first."""
        with self._reading() as connection:
            return reading.repointed(connection, bases)

    def warnings(
        self, limit: int, *, since: datetime | None = None, lineage: str | None = None
    ) -> tuple[int, tuple[Warned, ...]]:
        """Tell how many tasks ended well but for something in them, in one lineage or all, and of the newest what."""
        with self._reading() as connection:
            return reading.warnings(connection, limit, since, lineage)

    def last_end_of_a_run(self) -> datetime | None:
        """Tell when the latest run of an engine ended; None if there was none."""
        told = [self.last_event(source, "run_finished") for source in ENGINES_SAY]
        return max((one for one in told if one), default=None)

    def last_event(self, source: str, kind: str | None = None) -> datetime | None:
        """Tell the time of the latest event of a source; None if there was none."""
        with self._reading() as connection:
            return reading.last_event(connection, source, kind)

    # --- incidents -------------------------------------------------------------------------------

    def join(self, attempt: Attempt, fingerprint: str, at: datetime) -> tuple[Incident, bool]:
        """File a failed attempt under the open incident of its lineage and fingerprint, opening one if need be.

        The flag is True for a new incident. An attempt stays where it was filed first.
        """
        with self._writing() as connection:
            return casework.join(connection, attempt, fingerprint, at)

    def file(self, alike: Sequence[Attempt], incident_id: str) -> None:
        """File failed attempts under an incident that is known to be theirs; who was filed before stays there."""
        with self._writing() as connection:
            casework.file(connection, alike, incident_id)

    def append(self, incident_id: str, seq: int, body: Body, at: datetime) -> Entry:
        """Write the next entry of an incident's journal; ``seq`` is one more than its last entry's, from 1.

        Raises ``Conflict`` if it is not: somebody else wrote meanwhile.
        """
        with self._writing() as connection:
            return casework.append(connection, incident_id, seq, body, at)

    def append_many(self, written: Sequence[tuple[str, int, Body]], at: datetime) -> tuple[Entry, ...]:
        """Write entries of several incidents, all of them or, where ``append`` would raise, none."""
        with self._writing() as connection:
            return tuple(casework.append(connection, *one, at) for one in written)

    def journal(self, incident_id: str) -> tuple[Entry, ...]:
        """Give all that was written about an incident, from its first entry."""
        with self._reading() as connection:
            return reviewing.entries(connection, incident_id)

    def last(self, incident_id: str) -> Entry | None:
        """Give the newest entry about an incident, which decides its state; None before the first."""
        with self._reading() as connection:
            return reviewing.last(connection, incident_id)

    def incident(self, prefix: str) -> Incident:
        """Find an incident by its id, or a beginning of one; raise ``NoSuchIncident`` for none and for several."""
        with self._reading() as connection:
            return reviewing.incident(connection, prefix)

    def incidents(self, lineage: str) -> tuple[Incident, ...]:
        """Give all incidents of a lineage, oldest first."""
        with self._reading() as connection:
            return reviewing.incidents_of(connection, lineage)

    def members(self, incident_id: str) -> tuple[Attempt, ...]:
        """Give the failed attempts of an incident, oldest first."""
        with self._reading() as connection:
            return reading.members_of(connection, incident_id)

    def jobs_of(self, incident_id: str) -> frozenset[str]:
        """Give the scheduler's ids of the failed attempts of an incident."""
        with self._reading() as connection:
            return reading.jobs_of(connection, incident_id)

    def count_members(self, incident_id: str) -> int:
        """Count the failed attempts of an incident: they are only ever added."""
        with self._reading() as connection:
            return reading.count_members(connection, incident_id)

    def home(self, incident_id: str) -> frozenset[int]:
        """Give the attempts of an incident whose task has come home since, by number."""
        with self._reading() as connection:
            return reading.home_of(connection, incident_id)

    def tried_again(self, incident_id: str) -> frozenset[int]:
        """Give the attempts of an incident whose task was tried again since, by number."""
        with self._reading() as connection:
            return reading.tried_again_of(connection, incident_id)

    def unsettled(self, scope: Scope = EVERYTHING) -> tuple[Incident, ...]:
        """Give the incidents whose journal does not end with a closing entry, oldest first."""
        with self._reading() as connection:
            return reviewing.unsettled_incidents(connection, scope)

    def newest(self, limit: int, offset: int = 0) -> tuple[tuple[Incident, tuple[Body, ...]], ...]:
        """Give a page of incidents, newest first, each with what was written about it; evidence is left out."""
        with self._reading() as connection:
            return reviewing.newest(connection, limit, offset)

    def newest_in(self, wanted: Callable[[str], bool], limit: int) -> tuple[tuple[Incident, tuple[Body, ...]], ...]:
        """Give the newest incidents of runs whose work folder is wanted, as ``newest`` does."""
        with self._reading() as connection:
            return reviewing.newest_in(connection, wanted, limit)

    # --- what was tried --------------------------------------------------------------------------

    def remedies(self, *, lineage: str | None = None, since: datetime | None = None) -> int:
        """Count the remedies begun: in one lineage or all, ever or since a time."""
        with self._reading() as connection:
            return reviewing.remedies(connection, lineage, since)

    def remedies_for(self, lineage: str, task_keys: Sequence[str]) -> int:
        """Count the remedies begun that touch a task: the most for any of these."""
        with self._reading() as connection:
            return reviewing.remedies_for(connection, lineage, task_keys)

    def tried(self, lineage: str, fingerprint: str) -> tuple[tuple[Fix, Outcome | None], ...]:
        """Give the fixes begun on a failure, in order, and what came of each; None while that is not known."""
        with self._reading() as connection:
            return reviewing.tried(connection, lineage, fingerprint)

    def by_token(self, token: str) -> tuple[Incident, ...]:
        """Give the incidents that a remedy was begun for, oldest first."""
        with self._reading() as connection:
            return reviewing.by_token(connection, token)
