"""One command under heal: what it launches, the loop that looks after it, and how both end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from heal.cli.codes import TIMEOUT, after_run, code_of
from heal.cli.narrator import left_alone, say, watching
from heal.errors import HealError
from heal.home.attending import attended
from heal.jobs import base_of

if TYPE_CHECKING:
    from heal.home.sessions import Session
    from heal.home.watching import Bell
    from heal.loop import Loop
    from heal.records import Run
    from heal.settings import Settings
    from heal.store import Store

# how long a command that was told to end is waited for before heal leaves it alone
_GRACE_S = 10.0
# heal starts nothing new after one of these
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# these mean something to the command alone (a time limit that draws near)
_HANDED_ON = (signal.SIGUSR1, signal.SIGUSR2)


class Following:
    """Follows one command to the end. The command is started first: whatever heal needs is made beside it."""

    _loop: Loop
    _store: Store

    def __init__(self, settings: Settings, session: Session, max_remedies: int | None) -> None:
        self._settings = settings
        self._session = session
        self._most = max_remedies
        self._later: set[str] = set()
        self._told: set[str] = set()
        self._stopped: int | None = None
        self._deadline: float | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._trouble = ""
        self._stays = False

    def __enter__(self) -> Self:
        for number in (*_ENDING, *_HANDED_ON):
            # what was ignored when we came stays ignored, for the command too (nohup heal run … &)
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_error: object) -> None:
        loop = getattr(self, "_loop", None)
        if loop is not None and loop.parts.consultant is not None:
            loop.parts.consultant.close()
        if hasattr(self, "_store"):
            self._store.close()
        self._session.close()

    def command(self, command: list[str], timeout: float | None) -> int:
        """Run it to the end, healing included; the exit code of ``heal run``."""
        if timeout is not None:
            self._deadline = time.monotonic() + timeout
        # from here on an engine may ask
        self._session.spool.attend()
        self._child = self._start(command)
        try:
            # what takes a while (patterns are compiled once after an upgrade) is done while the command runs
            with attended(self._session.spool.attend):
                self._loop = self._made()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with heal, the command goes on
            say(f"cannot look after this run: {' '.join(str(error).split())}; the command goes on without heal")
            return code_of(self._child.wait())
        if not self._follow():
            say(f"stopped waiting after {timeout:g} s; heal status tells what is still open")
            self._end()
            self._leave()
            return TIMEOUT
        return self._summary(code_of(self._child.wait()))

    # --- following -----------------------------------------------------------------------------

    def _made(self) -> Loop:
        from heal.cli.narrator import Narrator
        from heal.store import Scope, Store
        from heal.wiring import build

        self._store = Store.open(self._settings.database)

        def adjust(given: Settings) -> Settings:
            if self._most is None:
                return given
            return given.model_copy(update={"budget": given.budget.model_copy(update={"per_run": self._most})})

        scope = Scope(only=frozenset({self._session.run_id}))
        return build(
            self._settings,
            self._store,
            scope=lambda: scope,
            spools=lambda: [self._session.spool],
            tell=Narrator(self._store),
            foreground=True,
            adjust=adjust,
            launch_spool=self._session.spool.folder,
            stop=self._hurried,
        )

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        from heal.engines.attach import attach
        from heal.engines.launcher import launch_argv
        from heal.engines.processes import own_environment

        home, env = self._settings.home, own_environment()
        try:
            flight, spool = self._settings.in_flight, self._session.spool.folder
            folder = home / "attach"
            env = attach(folder, env, spool=spool, in_flight_s=self._patience(), in_jobs=flight.in_jobs)
            env["HEAL_HOME"] = str(home)
        except (OSError, HealError) as error:
            say(f"cannot write {home / 'attach'}: {error}; heal sees the command begin and end, but not its tasks")
        argv = launch_argv(self._session.run_id, home, self._session.spool.folder, command)
        # what the user opened for the command (3>file, <(…), make's job server) goes through
        return subprocess.Popen(argv, env=env, close_fds=False)

    def _patience(self) -> float:
        """How long an engine may wait for an answer: not at all where none can be put into this folder."""
        from heal.home.answers import sweep, try_to_give

        wait = self._settings.in_flight.wait_seconds
        if wait > 0:
            try:
                try_to_give(str(Path.cwd()))
                sweep(str(Path.cwd()))
            except OSError as error:
                say(f"cannot write .heal/answers here ({error}): what fails is healed once the run has ended")
                return 0.0
        return wait

    def _follow(self) -> bool:
        """Turn the loop until nothing moves any more; False when the deadline came first."""
        from heal.home.watching import Bell, Watch

        bell = Bell()
        # its last word comes a moment before its end
        threading.Thread(target=self._ring_at_its_end, args=(bell,), daemon=True).start()
        with Watch([self._session.spool.folder], bell.ring):
            while True:
                running = self._child is not None and self._child.poll() is None
                busy = self._turn()
                if not running and not busy:
                    return True
                if not running and self._stopped is None:
                    self._say_what_it_stays_for()
                if self._late():
                    return False
                bell.wait(1.0)

    def _say_what_it_stays_for(self) -> None:
        """Once: the command has ended, and nothing else may be said until the first of its jobs ends."""
        if self._stays:
            return
        try:
            jobs = self._jobs()
        except Exception as error:  # noqa: BLE001 - as below
            self._in_trouble(error)
            return
        if jobs:
            self._stays = True
            say(watching(jobs))

    def _jobs(self) -> list[str]:
        """Jobs of this run that have not ended and that no engine looks after, of an array its own id."""
        known = self._store.watched(self._loop.scope())
        return list(dict.fromkeys(base_of(attempt.native_id) for attempt in known if attempt.native_id))

    def _ring_at_its_end(self, bell: Bell) -> None:
        if self._child is not None:
            self._child.wait()
            bell.ring(at_once=True)

    def _late(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def _hurried(self) -> bool:
        """Nobody waits for a scheduler that is silent once heal was told to end, or its time is up."""
        return self._stopped is not None or self._late()

    def _turn(self) -> bool:
        """One turn of the loop; trouble of heal's own is said once and never touches the run."""
        try:
            if self._stopped is None:
                # one turn may take long, on a busy machine or where SLURM is slow to answer
                with attended(self._loop.attend):
                    self._loop.turn()
                self._ask()
                busy = self._loop.busy()
            else:
                self._loop.take_in()
                busy = self._hand_on()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with heal, the command goes on
            return self._in_trouble(error)
        self._trouble = ""
        return busy

    def _in_trouble(self, error: Exception) -> bool:
        """Say it, once; True while it may pass (somebody holds the database) and is worth another try."""
        from heal.errors import SchedulerUnreachable
        from heal.store import StoreBusy

        said = " ".join(str(error).split())
        silent = isinstance(error, SchedulerUnreachable)
        if said != self._trouble:
            self._trouble = said
            say(f"keeps at it: {said}" if silent else f"cannot keep its records: {said}; the run goes on")
        return silent or isinstance(error, StoreBusy)

    def _ask(self) -> None:
        """On a terminal, ask what policy says to ask, as soon as a yes could be carried out."""
        from heal.cli.asking import ask, can_ask

        if not can_ask():
            return
        for incident in self._loop.waiting():
            if incident.id not in self._later and not self._hurried():
                answer = ask(self._store, incident, say, self._hurried)
                if answer is None:
                    self._later.add(incident.id)
                else:
                    self._loop.answer(incident, accept=answer, by="you", why="said no at the terminal")

    # --- ending --------------------------------------------------------------------------------

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """The command decides what a signal means; heal starts nothing new after one that ends things."""
        if number in _ENDING:
            self._stopped = number
        # the terminal sends its own interrupt to the command as well; a signal sent to heal alone is handed on
        if number != signal.SIGINT and self._child is not None and self._child.poll() is None:
            self._child.send_signal(number)

    def _launched(self) -> list[Run]:
        """The relaunches of the command that still run."""
        return [run for run in self._loop.running() if run.engine == "command" and run.id != self._session.run_id]

    def _hand_on(self) -> bool:
        """After an interrupt: relaunches are told once, as the command was; True while one of them still runs."""
        launched = self._launched()
        for run in launched:
            # a Ctrl-C at the terminal has reached them already
            if run.id not in self._told and run.pid and self._stopped and self._stopped != signal.SIGINT:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(run.pid, self._stopped)
            self._told.add(run.id)
        return bool(launched)

    def _end(self) -> None:
        """Ask the command, and relaunches of it, to end; wait a little, and leave alone what does not."""
        self._stopped = signal.SIGTERM
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
        self._deadline = time.monotonic() + _GRACE_S
        if not self._follow():
            say(f"it is still ending after {_GRACE_S:g} s; heal leaves it alone")

    def _leave(self) -> None:
        """Keep with the run that a person ended it, and say what is left behind."""
        try:
            left = self._loop.interrupt(self._session.run_id, "whoever ended the run")
            jobs = self._jobs()
        except Exception as error:  # noqa: BLE001 - as above
            self._in_trouble(error)
            return
        said = [f"{left} incident(s) are not healed any further"] if left else []
        said += [left_alone(jobs)] if jobs else []
        say("; ".join(["interrupted: heal starts nothing more in this run", *said]))

    def _summary(self, code: int) -> int:
        if self._stopped is not None:
            self._leave()
            return code
        if self._trouble:
            return code
        try:
            ending = after_run(self._store, self._session.run_id, code)
        except Exception as error:  # noqa: BLE001 - as above
            self._in_trouble(error)
            return code
        for line in ending.lines:
            say(line)
        return ending.code
