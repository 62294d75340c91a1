"""heal run: start a command under heal, follow what it starts, heal what fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli.codes import TIMEOUT, after_run, code_of
from heal.cli.narrator import Narrator, say
from heal.errors import HealError

if TYPE_CHECKING:
    from heal.loop import Loop
    from heal.sessions import Session
    from heal.settings import Settings

# how long a command that was told to end is waited for before heal leaves it alone
_GRACE_S = 10.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run", context_settings={"allow_interspersed_args": False})(run)


def run(
    command: Annotated[list[str], typer.Argument(help="The command, after --", metavar="-- CMD…")],
    timeout: Annotated[float | None, typer.Option(help="Seconds until heal gives up; exit code 124.", min=0)] = None,
    max_remedies: Annotated[int | None, typer.Option(help="Remedies heal may try in this run.", min=0)] = None,
) -> None:
    """Start a pipeline under heal: its failed tasks are explained, healed and run again.

    Exits 0 when all is well in the end; with the command's own code when nothing could be done; 124 on timeout.
    """
    from heal.sessions import Session
    from heal.settings import load

    settings = load(Path.cwd())
    session = Session(settings.home, uuid.uuid4().hex[:12])
    try:
        session.spool.create()
        session.lock.acquire()
        following = Following(settings, session, max_remedies)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with heal is no reason not to run the command
        say(f"cannot use {settings.home}: {error}; the command runs without heal")
        _exec(command)
    with following:
        sys.exit(following.command(command, timeout))


def _exec(command: list[str]) -> None:
    try:
        os.execvp(command[0], command)  # noqa: S606 - the user's own command, as given
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        sys.exit(127)


def _send(pid: int | None, number: int | None) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if pid and number:
            os.kill(pid, number)


class Following:
    """One command, what it launches, and the loop that looks after it."""

    def __init__(self, settings: Settings, session: Session, max_remedies: int | None) -> None:
        from heal.store import Store

        self._settings = settings
        self._session = session
        self._store = Store.open(settings.database)
        self._say = Narrator(self._store)
        self._loop = self._made(max_remedies)
        self._later: set[str] = set()
        self._told: set[str] = set()
        self._stopped: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._trouble = ""

    def __enter__(self) -> Following:  # noqa: PYI034 - never subclassed
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_error: object) -> None:
        self._store.close()
        self._session.close()

    def command(self, command: list[str], timeout: float | None) -> int:
        """Run it to the end, healing included; the exit code of ``heal run``."""
        deadline = time.monotonic() + timeout if timeout else None
        self._child = self._start(command)
        in_time = self._follow(deadline)
        if not in_time:
            self._end_child()
            say(f"stopped waiting after {timeout:g} s; heal status tells what is still open")
            return TIMEOUT
        code = code_of(self._child.wait())
        try:
            return self._summary(code)
        except Exception as error:  # noqa: BLE001 - as above
            self._tell_trouble(error)
            return code

    # --- following -----------------------------------------------------------------------------

    def _made(self, max_remedies: int | None) -> Loop:
        from heal.store import Scope
        from heal.wiring import build

        def adjust(given: Settings) -> Settings:
            if max_remedies is None:
                return given
            return given.model_copy(update={"budget": given.budget.model_copy(update={"per_run": max_remedies})})

        scope = Scope(only=frozenset({self._session.run_id}))
        return build(
            self._settings,
            self._store,
            scope=lambda: scope,
            spools=lambda: [self._session.spool],
            tell=self._say,
            foreground=True,
            adjust=adjust,
            launch_spool=self._session.spool.folder,
        )

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        from heal.engines.attach import attach
        from heal.engines.launcher import launch_argv

        home, env = self._settings.home, dict(os.environ)
        try:
            env = attach(home / "attach", os.environ, spool=self._session.spool.folder) | {"HEAL_HOME": str(home)}
        except (OSError, HealError) as error:
            say(f"cannot write {home / 'attach'}: {error}; heal sees the command begin and end, but not its tasks")
        argv = launch_argv(self._session.run_id, self._settings.home, self._session.spool.folder, command)
        return subprocess.Popen(argv, env=env)

    def _follow(self, deadline: float | None) -> bool:
        """Turn the loop until nothing moves any more; False when the deadline came first."""
        from heal.watching import Bell, Watch

        bell = Bell()
        with Watch([self._session.spool.folder], bell.ring):
            while True:
                running = self._child is not None and self._child.poll() is None
                busy = self._turn()
                if not running and not busy:
                    return True
                if deadline is not None and time.monotonic() > deadline:
                    return False
                bell.wait(1.0)

    def _turn(self) -> bool:
        """One turn of the loop; trouble of heal's own is said once and never touches the run."""
        try:
            if self._stopped is None:
                self._loop.turn()
                self._ask()
                return self._loop.busy()
            self._loop.take_in()
            return self._hand_on()
        except Exception as error:  # noqa: BLE001 - as above
            self._tell_trouble(error)
        return False

    def _tell_trouble(self, error: Exception) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            say(f"cannot keep its records: {' '.join(str(error).split())}; the run goes on")

    def _ask(self) -> None:
        """On a terminal, ask at once what policy says to ask."""
        from heal.cli.asking import ask, can_ask

        if not can_ask():
            return
        for incident in self._loop.waiting():
            if incident.id not in self._later:
                answer = ask(self._store, incident, say)
                if answer is None:
                    self._later.add(incident.id)
                else:
                    self._loop.answer(incident, accept=answer, by="you", why="said no at the terminal")

    def _hand_on(self) -> bool:
        """After an interrupt: relaunches are told once, as the command was; True while one of them still runs."""
        launched = [run for run in self._loop.running() if run.engine == "command" and run.id != self._session.run_id]
        for run in launched:
            # a Ctrl-C at the terminal has reached them already
            if run.id not in self._told and self._stopped != signal.SIGINT:
                _send(run.pid, self._stopped)
            self._told.add(run.id)
        return bool(launched)

    # --- ending --------------------------------------------------------------------------------

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """The command decides what an interrupt means; heal starts nothing new after one."""
        self._stopped = number
        # the terminal sends its own interrupt to the command as well; a signal sent to heal alone is handed on
        if number != signal.SIGINT and self._child is not None and self._child.poll() is None:
            self._child.send_signal(number)

    def _end_child(self) -> None:
        """Ask the command, and relaunches of it, to end; wait a little, and leave alone what does not."""
        self._stopped = signal.SIGTERM
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
        if not self._follow(time.monotonic() + _GRACE_S):
            say(f"it is still ending after {_GRACE_S:g} s; heal leaves it alone")

    def _summary(self, code: int) -> int:
        if self._stopped is not None:
            dropped = self._loop.drop_all("you", "the run was interrupted")
            if dropped:
                say(f"interrupted: {dropped} incident(s) left as they are")
            return code
        if self._trouble:
            return code
        outcome = after_run(self._store, self._session.run_id, code)
        if outcome.line:
            say(outcome.line)
        return outcome.code
