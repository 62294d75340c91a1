"""A matter that is ready to be asked about: made here for what is shown to a person and for what leaves alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from heal.chain.ahead import Ahead
from heal.chain.asking import route_of
from heal.chain.assignment import Assignment
from heal.chain.opening import located, opened
from heal.chain.parts import Request
from heal.chain.plan import Plan
from heal.chain.prompts import Prompts
from heal.consulting.approval import Within, Yes, digest_of, forget, kept
from heal.consulting.brief import Brief, Known, brief
from heal.consulting.hiding import redactor
from heal.consulting.parts import Builder
from heal.consulting.windows import Windows, window
from heal.dialogue import Asker
from heal.errors import NoRoom, NotAllowedOut
from heal.patches.repository import Repository
from heal.payload.build import Payload
from heal.payload.redact import Redactor
from heal.settings import Settings, settings_file
from heal.steps.consult import Matter

_AGAIN = "heal payload INC --approve shows it and says yes. Nothing was sent."


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as it would leave, before anybody has answered one: whose models it goes to, and for what answer."""

    request: Request
    payload: Payload
    route: str
    form: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A chain, and all that it may tell of one matter."""

    plan: Plan
    prompts: Prompts
    brief: Brief
    assignment: Assignment

    def redactor(self) -> Redactor:
        """What hides its secrets; one that has hidden nothing yet hides the same in the same way."""
        return redactor(self.brief.settings, self.brief.env)

    def shown(self, windows: Windows, role: str = "") -> Iterator[Shown]:
        """What a role is asked; without one, the role that is asked first. Raises NoRoom, BadChain."""
        ahead = self._ahead(windows)
        yield from self._shown(ahead, role or ahead.roles()[0], self.redactor())

    def all_shown(self, windows: Windows) -> tuple[Shown, ...]:
        """What each role is asked, in order; one whose questions have no room is never asked any."""
        ahead, hides = self._ahead(windows), self.redactor()
        found: list[Shown] = []
        for role in ahead.roles():
            with suppress(NoRoom):
                found += self._shown(ahead, role, hides)
        return tuple(found)

    def yes(self, shown: Iterable[Shown], windows: Windows) -> Yes:
        """What a person says yes to who was shown all of it."""
        routes = [route_of(name, role) for name, role in self.plan.roles.items() if role.kind == "model"]
        return Yes(
            digest_of((one.payload.messages, one.form) for one in shown), {each: windows(each) for each in routes}
        )

    def _ahead(self, windows: Windows) -> Ahead:
        return Ahead(self.plan, self.prompts, self.assignment, windows)

    def _shown(self, ahead: Ahead, role: str, hides: Redactor) -> Iterator[Shown]:
        asked, builder = ahead.role(role), Builder(self.brief, hides)
        for request in ahead.requests(role):
            yield Shown(request, builder.payload(request), route_of(role, asked), asked.answer)


def ready(matter: Matter, settings: Settings, repository: Repository, known: Known) -> Ready:
    """Make it so. Raises BadChain, and what the repository raises where it cannot be used."""
    plan, prompts = opened(located(settings.chain.file, settings_file(Path(matter.run.cwd))))
    about, assignment = brief(matter, settings, repository, known)
    return Ready(plan, prompts, about, assignment)


def shown_for(settings: Settings, incident: str, models: Callable[[Settings], Asker]) -> tuple[Asker, Yes | None]:
    """Who would be asked about an incident, and the yes that was said, if any: for showing what it would be sent."""
    yes = kept(settings.home, incident) if settings.privacy.remote == "ask" else None
    if yes is None:
        return models(settings), None
    privacy = settings.privacy.model_copy(update={"remote": "allow"})
    return Within(models(settings.model_copy(update={"privacy": privacy})), yes.windows), yes


def allowed(settings: Settings, incident: str, models: Callable[[Settings], Asker], made: Callable[[], Ready]) -> Asker:
    """Who may be asked about an incident: models on other hosts too, where a person said yes to what they are sent.

    ``models`` gives those of settings, ``made`` what would be told now. Raises NotAllowedOut where that is not what the
    person was shown.
    """
    asker, yes = shown_for(settings, incident, models)
    if yes is None:
        return asker
    windows, about = cache(partial(window, asker)), made()
    now = about.yes(about.all_shown(windows), windows)
    if now != yes:
        forget(settings.home, incident)
        raise NotAllowedOut(
            f"what models would be sent about it is not what you said yes to: {_why(yes, now)}. {_AGAIN}"
        )
    return asker


def _why(then: Yes, now: Yes) -> str:
    smaller = [
        f"{size:,} tokens for the {name}" for name, size in now.windows.items() if size != then.windows.get(name)
    ]
    if smaller:
        return f"the model's window is {', '.join(smaller)} (with context in heal.toml that is known before)"
    return "a file, what is known of it or an incident like it has changed since"
