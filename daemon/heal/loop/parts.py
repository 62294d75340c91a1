"""What a loop works with; made in wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from heal.home.site import SiteSpool
from heal.home.spool import Spool
from heal.journal import Body
from heal.knowledge.patterns import Library
from heal.records import Attempt, Incident, Run
from heal.seams import Engine, ExitFiles, LogReading, Scheduler, Submitter
from heal.settings import Settings
from heal.steps.check import Checking
from heal.steps.consult import Consulting
from heal.steps.gather import Reader
from heal.steps.look import Looking, Remembering
from heal.store import Scope, Store

# a run on another host that never said how it ended is not waited for any longer than this
_FORGET_RUN = timedelta(days=2)


def running(runs: Sequence[Run], scope: Scope, alive: Callable[[Run], bool | None], now: datetime) -> list[Run]:
    """Of these runs, none of which said that it ended, those whose process still lives, or may on another host."""
    return [run for run in runs if scope.takes(run.lineage) and _may_live(run, alive(run), now)]


def _may_live(run: Run, alive: bool | None, now: datetime) -> bool:
    unseen = alive is None and run.ended is None and run.pid is not None and now - run.started < _FORGET_RUN
    return bool(alive) or unseen


@dataclass(frozen=True, slots=True)
class Parts:
    """The store, the seams, what heal knows, and the clock.

    ``spools`` may grow while heal runs. ``settings_for`` gives the settings that hold in a folder. ``alive`` says
    whether a run's process still exists (None: cannot be told from here). ``tell`` hears each entry once it is true.
    ``discovers``: look for the user's own jobs in registered projects too. ``site``: where SLURM's hooks speak.
    ``checker``: asks a project's own checks of what its tasks made. ``logs``: reads those of runs without a plugin.
    ``exits``: tells engines how jobs ended that could not say so. ``consultant``: asks coding models, if there are any.
    ``cluster``: the one that ``slurm`` asks, by its name; empty where that is not known.
    """

    store: Store
    spools: Callable[[], Sequence[Spool]]
    engines: Mapping[str, Engine]
    slurm: Scheduler | None
    submitter: Submitter | None
    local: Scheduler
    library: Library
    reader: Reader
    settings_for: Callable[[str], Settings]
    alive: Callable[[Run], bool | None]
    clock: Callable[[], datetime]
    tell: Callable[[Incident, Body], None]
    machine: Looking
    history: Remembering
    discovers: bool = False
    site: SiteSpool | None = None
    checker: Checking | None = None
    logs: LogReading | None = None
    exits: ExitFiles | None = None
    consultant: Consulting | None = None
    cluster: str = ""

    def spool_waiting(self) -> bool:
        """True when something was said that is not taken in yet."""
        return any(spool.waiting() for spool in self.spools())

    def ended(self, run_id: str) -> bool:
        """True when that run is surely over: its process is gone, or it said so and cannot be looked at from here."""
        run = self.store.run(run_id)
        if run is None:
            return True
        alive = self.alive(run)
        return alive is False or (alive is None and run.ended is not None)

    def living(self, lineage: str, but: str = "") -> Run | None:
        """A run of the lineage whose process lives, or may on another host: nothing is started beside it.

        ``but``: a launch of heal's. Where that is one of them already, it is not to be started any more, only found.
        """
        runs, now = self.store.runs(lineage), self.clock()
        if but and any(run.id == but for run in runs):
            return None
        return next((run for run in runs if _may_live(run, self.alive(run), now)), None)

    def left_to_engine(self, attempt: Attempt) -> bool:
        """True while an engine follows the job of an attempt itself, and will tell how it ended."""
        return attempt.engine not in ("", "sbatch") and not self.ended(attempt.run_id)
