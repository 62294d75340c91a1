"""What a chain asks about an incident, as far as that is known before anybody has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from heal.chain.asking import Wish, asked_for, route_of
from heal.chain.assignment import Assignment
from heal.chain.coding import grouped
from heal.chain.parts import Request
from heal.chain.plan import Plan, Role
from heal.chain.prompts import Facts, Prompts
from heal.chain.sizes import answer_tokens, sized
from heal.errors import BadChain


@dataclass(frozen=True, slots=True)
class Ahead:
    """A chain before its first question about an incident. ``window`` gives the tokens of a route; None: not known."""

    plan: Plan
    prompts: Prompts
    about: Assignment
    window: Callable[[str], int | None]

    def roles(self) -> tuple[str, ...]:
        """The roles that are asked, in order, as far as rules tell; those of models alone."""
        plan, size = self.plan, self._facts().size
        turns = {**plan.before(), plan.loop.start: plan.coder, **plan.inside(), **plan.after()}
        return tuple(name for name, role in turns.items() if not role.skipped(self.about.diagnosis, size, None))

    def requests(self, name: str) -> Iterator[Request]:
        """What a role is asked: the coder several times where its files need that. Raises BadChain for no such role.

        What the roles before it will have said is not known yet, and is not in it.
        """
        role = self.role(name)
        window = self.window(route_of(name, role))
        rules = self.prompts.render(name, role, self._facts())
        for wish in self._wishes(role, window):
            yield asked_for(name, role, rules, wish, window)

    def role(self, name: str) -> Role:
        """A role that asks a model. Raises BadChain where that is none."""
        found = self.plan.roles.get(name)
        if found is None or found.kind != "model":
            known = ", ".join(each for each, role in self.plan.roles.items() if role.kind == "model")
            raise BadChain(f"the healing chain asks no model in a role {name!r}; its roles are {known}.")
        return found

    def _wishes(self, role: Role, window: int | None) -> list[Wish]:
        if role.gives != "edits":
            return [Wish(self.about.sources)]
        groups, _too_big = grouped(self.plan, self.about.sources, self._facts().size, window)
        return [Wish(group, room=answer_tokens(group)) for group in groups]

    def _facts(self) -> Facts:
        coding = self.window(route_of(self.plan.loop.start, self.plan.coder))
        return Facts(self.about.engine, self.about.allow, sized(self.about, self.plan.sizes, coding).size)
