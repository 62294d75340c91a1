"""The loop over all that no living `heal run` looks after: one per user; a daemon, one pass, or until quiet."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import UTC
from itertools import takewhile
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from sqlalchemy.exc import SQLAlchemyError

from heal import wiring
from heal.errors import AlreadyRunning, HealError
from heal.home import places, sessions
from heal.home.attending import attended
from heal.home.housekeeping import sweep
from heal.home.lock import Holder, Lock, holder
from heal.home.spool import Spool
from heal.home.watching import Bell, Watch
from heal.journal import Body, Consulted
from heal.loop import running
from heal.loop.motion import moving, watches
from heal.records import Incident
from heal.settings import Projects, Settings
from heal.store import Scope, Store
from heal.store.codec import pack

Tell = Callable[[Incident, Body], None]

# while something moves, the loop looks at least this often: processes end without a word
_BUSY_S = 1.0
# who asks believes for half a minute that somebody listens
_ATTEND_S = 10
# how often somebody who waits for the lock looks at it
_AGAIN_S = 0.2
# what a turn may take after SIGTERM before it is cut short; a turn cut short is finished by the next heal
_LAST_TURN_S = 3.0


DAEMON = "daemon"


def daemon(home: Path) -> Holder | None:
    """The living daemon of this user; a command that does its work for a while is none."""
    who = holder(places.lock(home))
    return who if who and who.role == DAEMON else None


def tended(settings: Settings, lineage: str) -> str | None:
    """Who looks after this run right now: its own heal run, or the daemon; None: nobody."""
    if lineage in sessions.attended(settings.home):
        return f"the heal run of {lineage}"
    if who := daemon(settings.home):
        return f"the daemon (pid {who.pid} on {who.host})"
    return None


def deliver(
    settings: Settings, incident: Incident, *, accepted: bool, by: str, why: str, amended: Consulted | None = None
) -> None:
    """Send a person's answer to whoever looks after the incident's run; ``amended``: the patch as they left it."""
    facts: dict[str, Any] = {
        "incident": incident.id,
        "answer": "accept" if accepted else "reject",
        "by": by,
        "why": why,
    }
    if amended is not None:
        facts |= {"answer": "amend", "consulted": pack(amended)}
    sessions.spool_for(settings.home, incident.lineage).drop("approval", facts)


class Service:
    """Holds the user's lock, the store and the loop. Entering raises AlreadyRunning when another heal acts.

    ``role`` is told to whoever comes second. ``lineage``: look after this one run only. ``patient``: seconds to wait
    for another command to be done with its work; a daemon is not waited for.
    """

    def __init__(
        self,
        settings: Settings,
        telling: Callable[[Store], Tell],
        *,
        role: str,
        foreground: bool = False,
        lineage: str | None = None,
        patient: float = 0.0,
    ) -> None:
        self._settings = settings
        self._telling = telling
        self._foreground = foreground
        self._lineage = lineage
        self._lock = Lock(places.lock(settings.home), role, lineage)
        self._patient = patient
        self._bell = Bell()
        self._stopping = False
        self.trouble: Callable[[str], None] = lambda _text: None

    def __enter__(self) -> Self:
        places.make(self._settings.home)
        self._acquire()
        try:
            self.store = Store.open(self._settings.database)
        except BaseException:
            self._lock.release()
            raise
        self.loop = wiring.build(
            self._settings,
            self.store,
            scope=self._scope,
            spools=lambda: sessions.spools(self._settings.home),
            tell=self._telling(self.store),
            foreground=self._foreground,
            discovers=self._lineage is None,
            stop=lambda: self._stopping,
            trouble=lambda text: self.trouble(text),  # noqa: PLW0108 - who is told is set later
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.loop.parts.consultant is not None:
            self.loop.parts.consultant.close()
        self.store.close()
        self._lock.release()

    def _acquire(self) -> None:
        deadline = time.monotonic() + self._patient
        while True:
            try:
                self._lock.acquire()
            except AlreadyRunning:
                if daemon(self._settings.home) or time.monotonic() > deadline:
                    raise
                time.sleep(_AGAIN_S)
            else:
                return

    def _scope(self) -> Scope:
        attended = sessions.attended(self._settings.home)
        if self._lineage is None:
            return Scope(without=attended)
        return Scope(only=frozenset({self._lineage}) - attended)

    def _spools(self) -> list[Path]:
        """The folders in which news arrives: the user's own, and the site's for this user, if there is one."""
        return [self._settings.spool, *wiring.site_spool(self._settings).folders()]

    # --- what it can be asked to do ------------------------------------------------------------

    def tick(self) -> None:
        """One pass, and another when the checks that it began have ended."""
        self.loop.turn()
        checker, consultant = self.loop.parts.checker, self.loop.parts.consultant
        if checker is not None and checker.wait():
            self.loop.turn()
        if consultant is not None and consultant.wait():
            self.loop.turn()

    def answer(
        self, incident: Incident, *, accepted: bool, by: str, why: str, amended: Consulted | None = None
    ) -> None:
        """A person's answer, given here."""
        if amended is not None:
            self.loop.amend(incident, amended, by=by)
            return
        self.loop.answer(incident, accept=accepted, by=by, why=why)

    def until_quiet(self, deadline: float | None) -> bool:
        """Turn until nothing moves without a person any more; False when the deadline (monotonic) came first."""
        with Watch(self._spools(), self._bell.ring):
            while True:
                with attended(self.loop.attend):
                    self.loop.turn()
                if not self.loop.busy():
                    return True
                if deadline is not None and time.monotonic() > deadline:
                    return False
                self._bell.wait(_BUSY_S)

    def serve(self) -> None:
        """Turn until SIGTERM or SIGINT: when something arrives, by the timetable, and while something moves."""
        # one pass needs no timetable, and is not to pay for it
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGALRM, _cut_short)
        timetable = BackgroundScheduler(timezone=UTC)
        every = self._settings.slurm.poll_seconds
        timetable.add_job(self._bell.ring, "interval", seconds=every, max_instances=1, coalesce=True)
        # between turns too, which may be far apart while nothing is said
        timetable.add_job(self.loop.attend, "interval", seconds=_ATTEND_S, max_instances=1, coalesce=True)
        # a daemon that is started anew every day has its housekeeping done, too
        timetable.add_job(
            self._tidy,
            "interval",
            days=1,
            next_run_time=wiring.now(),
            misfire_grace_time=None,
            max_instances=1,
            coalesce=True,
        )
        timetable.start()
        try:
            with Watch(self._spools(), self._bell.ring):
                while not self._stopping:
                    self._bell.wait(self._turn())
        finally:
            signal.alarm(0)
            timetable.shutdown(wait=False)

    def _tidy(self) -> None:
        """What was kept for later goes once later has passed: files of heal's own, and drafts nobody waits with."""
        from heal.consulting.leftovers import expired, lately  # noqa: PLC0415 - git's part is loaded once a day

        sweep(self._settings.home)
        with Store.open(self._settings.database, read_only=True) as store:
            folders = takewhile(lambda _folder: not self._stopping, lately(store))
            expired(store, folders, Projects(self._settings, lambda given: given), wiring.now())

    def _turn(self) -> float:
        """One turn, and how long to rest; trouble with the store or the disk is told, and tried again later."""
        try:
            self.loop.turn()
            return self.loop.rest()
        except (OSError, SQLAlchemyError, HealError) as error:
            self.trouble(str(error))
            return self._settings.slurm.poll_seconds

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._bell.ring(at_once=True)
        signal.setitimer(signal.ITIMER_REAL, _LAST_TURN_S)


def _cut_short(_number: int, _frame: FrameType | None) -> None:
    # every effect is written ahead: being cut short here is the same as a crash, which the next heal recovers from
    raise SystemExit(0)


def quiet(settings: Settings, store: Store) -> bool:
    """True when nothing of this user's moves: no run, no watched job, no failure unexplained, no incident in motion."""
    scope = Scope()
    spools = [
        *sessions.spools(settings.home),
        *(Spool(sessions.Session(settings.home, run).spool.folder) for run in sessions.attended(settings.home)),
    ]
    return not (
        any(spool.waiting() for spool in spools)
        or running(store.open_runs(), scope, wiring.alive, wiring.now())
        or watches(store, scope)
        or store.unexplained(scope)
        or moving(store, scope)
    )
