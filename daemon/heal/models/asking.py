"""Questions to models: the first of a role's route that gives a whole answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from heal.dialogue import Question, Reply
from heal.errors import BadSettings, HealError, ModelBudgetSpent, ModelsSilent, NoModel, NotAllowedOut
from heal.models.failures import Failure, Stopped
from heal.models.gates import Gates
from heal.models.json_folder import JsonFolder
from heal.models.lane import Lane
from heal.models.ledger import Ledger
from heal.models.pauses import pause
from heal.models.server import Common, Server
from heal.settings import Settings

_ANSWERS, _ANSWERS_FOR = 500, timedelta(days=7)
_SERVERS, _SERVERS_FOR = 100, timedelta(hours=1)
_DEFAULT = "default"
# what a caller is told, where no model was asked: the first of these that held for one
_REFUSALS = (ModelBudgetSpent, BadSettings, NotAllowedOut)


class Models:
    """An ``Asker`` by the settings of one project. May be shared by threads.

    ``gates`` count what is at a server at once, and which is left alone: give all the models of a process the same.

    ``cache_dir`` is a folder for answers that were given and what was learnt of servers; it is made, for the user
    alone. Where privacy.remote = ask, models on other hosts are asked nothing: who has a person's yes gives settings
    that allow it.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        cache_dir: Path,
        clock: Callable[[], datetime],
        *,
        gates: Gates | None = None,
        env: Mapping[str, str] = os.environ,
        pause: Callable[[float, Callable[[], bool]], None] = pause,
    ) -> None:
        self._routes = settings.routes
        self._ledger = ledger
        common = Common(
            budget=settings.model_budget,
            privacy=settings.privacy,
            ledger=ledger,
            clock=clock,
            answers=JsonFolder(cache_dir / "answers", clock, most=_ANSWERS, oldest=_ANSWERS_FOR),
            servers=JsonFolder(cache_dir / "servers", clock, most=_SERVERS, oldest=_SERVERS_FOR),
            env=env,
            pause=pause,
        )
        ways = gates or Gates(clock)
        self._lanes = {
            name: Lane(Server(name, model, common), common, ways.of(model)) for name, model in settings.model.items()
        }

    def ask(
        self,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """The answer of the first model of the role's route that gives a whole one (``heal.dialogue.Asker``).

        Raises ``BadSettings`` too, where a key cannot be had and no other model is left.
        """
        said: list[str] = []
        refusals: list[HealError] = []
        for lane in self._route(question.role):
            try:
                return lane.ask(question, heard, stop)
            except Stopped as stopped:
                raise ModelsSilent(f"{lane.server.name} was asked, and then {stopped.reason}") from None
            except Failure as failure:
                said.append(f"{lane.server.name}: {failure.reason}")
            except _REFUSALS as refusal:
                refusals.append(refusal)
        if said:
            told = "; ".join([*said, *(str(each) for each in refusals)])
            raise ModelsSilent(f"no model gave a whole answer to the {question.role} ({told})")
        raise next(each for kind in _REFUSALS for each in refusals if isinstance(each, kind))

    def window(self, role: str) -> int | None:
        """The tokens that question and answer may have together, by the smallest known window of the role's route."""
        known = [self._window(lane.server) for lane in self._route(role)]
        return min((each for each in known if each is not None), default=None)

    def judge(self, reply: Reply, judged: str) -> None:
        """Say what came of an answer: ``accepted``, ``refused`` or ``no fix``. It counts for the model and its role."""
        self._ledger.judge_call(reply.call, judged)

    def servers(self) -> tuple[Server, ...]:
        """The servers of all models that are configured, in the order of heal.toml."""
        return tuple(lane.server for lane in self._lanes.values())

    def _window(self, server: Server) -> int | None:
        try:
            server.check_allowed()
            return server.window(ask=True)[0]
        except NotAllowedOut:
            # without a connection: what heal.toml or an earlier answer said
            return server.window(ask=False)[0]
        except BadSettings:
            return server.model.context

    def _route(self, role: str) -> tuple[Lane, ...]:
        if not self._lanes:
            raise NoModel("no coding model is configured: add [model.NAME] with base_url and model to heal.toml")
        names = self._routes.get(role) or self._routes.get(_DEFAULT) or (() if self._routes else tuple(self._lanes))
        if not names:
            raise NoModel(f"no route for the {role}: add routes.{role} or routes.{_DEFAULT} to heal.toml")
        if unknown := next((name for name in names if name not in self._lanes), None):
            raise BadSettings(f"routes: no model is called {unknown!r}; there are {', '.join(self._lanes)}")
        return tuple(self._lanes[name] for name in names)
