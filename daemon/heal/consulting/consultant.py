"""Asks models about incidents, each in a thread of its own, a few at a time; lands or withdraws what they propose."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from heal.errors import HealError
from heal.journal import Consulted, Diagnosed
from heal.patch import Draft, Objection
from heal.records import Label
from heal.settings import Settings
from heal.steps.consult import Matter

if TYPE_CHECKING:
    from heal.chain.answer import Answer
    from heal.consulting.brief import Known
    from heal.consulting.work import Bench
    from heal.dialogue import Asker
    from heal.models import Gates, Ledger
    from heal.proving.tester import Proving
    from heal.schedulers.command import Commands

Guarding = Callable[[Draft], tuple[Objection, ...]]
# heal that ends does not wait for a model that thinks: the next one asks again, and what was answered is kept
_LAST_S = 2.0
# the source of what a task said when it was run again
AGAIN = "run again"


@dataclass(slots=True)
class Consultant:
    """The consulting seam over real models and git.

    ``known`` gives the newest incidents of some folders with their journals; ``commands`` reach SLURM, None where there
    is none. ``listen`` makes a diagnosis of what a task said when it was run again. ``asker`` and ``tester`` take the
    place of the real ones. Nothing is loaded before the first question.
    """

    ledger: Ledger
    cache: Path
    known: Known
    clock: Callable[[], datetime]
    commands: Commands | None = None
    listen: Callable[[Matter, str], Diagnosed] | None = None
    asker: Callable[[Settings], Asker] | None = None
    tester: Callable[[Settings, Guarding], Proving] | None = None
    _askers: dict[str, Asker] = field(default_factory=dict)
    _gates: Gates | None = None
    _threads: dict[str, _Thinking] = field(default_factory=dict)
    _places: threading.Condition = field(default_factory=threading.Condition)
    _at_work: int = 0
    _stopped: bool = False

    def pending(self, incident: str) -> bool:
        """True while an answer about this incident is being made."""
        thinking = self._threads.get(incident)
        return thinking is not None and thinking.is_alive()

    def ask(self, matter: Matter, settings: Settings) -> Consulted | None:
        """The answer, given once; None while it is not there. See the seam."""
        name = matter.incident.id
        if name not in self._threads:
            self._threads[name] = _Thinking(lambda: self._in_turn(matter, settings))
            self._threads[name].start()
        thinking = self._threads[name]
        thinking.join(0.05)
        if thinking.is_alive():
            return None
        del self._threads[name]
        return thinking.answer

    def wait(self) -> bool:
        """Wait for all that is being thought about; False where nothing is."""
        waiting = list(self._threads.values())
        for thinking in waiting:
            thinking.join()
        return bool(waiting)

    def close(self) -> None:
        """No more is asked; what is being thought about ends soon, and is asked again by the next heal."""
        self._stopped = True
        with self._places:
            self._places.notify_all()
        for thinking in self._threads.values():
            thinking.join(_LAST_S)

    def land(self, draft: Draft, token: str) -> str:
        """Put a patch into the user's own files, once for a token. See the seam."""
        from heal.consulting import work

        return work.repository_of(draft).accept(draft, token)

    def fits(self, draft: Draft) -> bool:
        """True while the files are still what a patch was made from."""
        from heal.consulting import work

        return work.fits(draft)

    def withdraw(self, draft: Draft, why: str) -> None:
        """Take back a patch that nobody wants. See the seam."""
        from heal.consulting import work

        try:
            work.repository_of(draft).reject(draft, why)
        except HealError:
            # a worktree that somebody locked, or a branch that is gone: it is in nobody's way
            return

    # --- thinking ------------------------------------------------------------------------------

    def _in_turn(self, matter: Matter, settings: Settings) -> Consulted:
        with self._places:
            self._places.wait_for(lambda: self._stopped or self._at_work < settings.chain.parallel)
            self._at_work += 1
        try:
            return self._heard(matter, settings) or self.consulted(matter, settings)
        except HealError as error:
            return Consulted(str(error))
        finally:
            with self._places:
                self._at_work -= 1
                self._places.notify_all()

    def _heard(self, matter: Matter, settings: Settings) -> Consulted | None:
        """Of a task of which nothing is known but that it failed: what it says when it is run again, unchanged.

        A rule without a log of its own says all it has to say on the terminal, where heal does not listen.
        """
        from heal.consulting import work
        from heal.consulting.trying import replay

        settings = work.trying(matter, settings)
        mute = matter.diagnosis.label is Label.UNKNOWN and all(one.source != AGAIN for one in matter.evidence)
        if self.listen is None or not mute or not settings.patches.replay or not work.enclosed(matter):
            return None
        again = replay(settings, self.commands, lambda: self._stopped)
        if not (said := work.said_again(matter, settings, self._bench(settings), again)):
            return None
        return Consulted("the task was run again, unchanged", heard=self.listen(matter, said))

    def consulted(self, matter: Matter, settings: Settings) -> Consulted:
        """Ask now, and wait. Raises HealError where nothing could be asked."""
        from heal.consulting import work

        return work.told(self.answer(matter, settings))

    def answer(self, matter: Matter, settings: Settings) -> Answer:
        """What the chain comes to. Raises HealError where it could not begin."""
        from heal.consulting import work

        bench = self._bench(work.trying(matter, settings))
        return work.answer(matter, settings, bench, lambda: self._stopped)

    def _bench(self, settings: Settings) -> Bench:
        from heal.consulting.work import Bench

        return Bench(
            self.models,
            lambda guard: self._tester(settings, guard),
            self.known,
            self.clock,
        )

    def models(self, settings: Settings) -> Asker:
        """Who asks the models of a project: one for each set of models, for it counts what is at a server at once."""
        if self.asker is not None:
            return self.asker(settings)
        from heal.models import Gates, Models

        name = repr((settings.model, settings.routes, settings.privacy, settings.model_budget))
        with self._places:
            if name not in self._askers:
                self._gates = self._gates or Gates(self.clock)
                self._askers[name] = Models(settings, self.ledger, self.cache, self.clock, gates=self._gates)
            return self._askers[name]

    def _tester(self, settings: Settings, guard: Guarding) -> Proving:
        if self.tester is not None:
            return self.tester(settings, guard)
        from heal.consulting.trying import tester

        return tester(settings, guard, self.commands, lambda: self._stopped)


class _Thinking(threading.Thread):
    """One question and its answer; whatever goes wrong with it is an answer, too."""

    def __init__(self, think: Callable[[], Consulted]) -> None:
        super().__init__(daemon=True)
        self._think = think
        self.answer = Consulted("heal ended while models were asked", later=True)

    def run(self) -> None:
        """Think."""
        try:
            self.answer = self._think()
        except Exception as error:  # noqa: BLE001 - a bug of heal's own must not stop the loop: a person is asked
            self.answer = Consulted(f"heal itself failed here ({type(error).__name__}: {error})")
