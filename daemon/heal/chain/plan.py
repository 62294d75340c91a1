"""A healing chain as data: its roles in order, when each is left out, and which of them go round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from heal.chain.answer import Class, Triage
from heal.patch import Size
from heal.records import Diagnosis, Label
from heal.sections import Section

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Prompt = Annotated[str, StringConstraints(pattern=r"^[\w-][\w.-]*(/[\w-][\w.-]*)*$")]
Gives = Literal["triage", "edits", "review", "note", "message"]
# what these must answer, whatever else their schema has
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "triage": ("class", "cause", "change", "cite"),
    "review": ("root", "hides", "more_than_asked", "why"),
    "message": ("subject", "why"),
}

_TESTER_TAKES = frozenset({"kind", "parallel", "timeout_seconds", "checks", "skip"})
# what does something for the roles that give this alone, and how these are called
_FOR: Mapping[str, tuple[str | None, str]] = {
    "samples": ("edits", "the coder"),
    "spread": ("edits", "the coder"),
    "parallel": ("edits", "the coder and the tester"),
    "least_sure": ("triage", "triage"),
    "checks": (None, "the tester"),
}


class When(Section):
    """A condition; all that is given must hold."""

    size: Size | None = None
    confidence_over: float | None = Field(None, ge=0, le=1, description="of the diagnosis heal has")
    label: tuple[Label, ...] | None = Field(None, description="the diagnosis is one of these")
    triage: tuple[Class, ...] | None = Field(None, description="triage took it for one of these")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("it names no condition")
        return self

    def holds(self, diagnosis: Diagnosis, size: Size, triage: Triage | None) -> bool:
        """True where all of it is so."""
        return (
            (self.size is None or self.size is size)
            and (self.confidence_over is None or diagnosis.confidence > self.confidence_over)
            and (self.label is None or diagnosis.label in self.label)
            and (self.triage is None or (triage is not None and triage.kind in self.triage))
        )


class Role(Section):
    """One role: a model that is asked, or the tester, which is none."""

    kind: Literal["model", "tester"] = "model"
    gives: Gives | None = Field(None, description="what is made of the answer")
    route: Name | None = Field(None, description="the route of heal.toml; else the role's own name")
    prompt: Prompt | None = Field(None, description="a file beside the chain in prompts/, or one of heal's own")
    shows: tuple[Literal["files", "incident", "log"], ...] = ("files", "incident", "log")
    answer: Mapping[str, Any] | None = Field(None, alias="schema", description="the JSON schema of the answer")
    max_tokens: int = Field(512, ge=16, description="the longest answer; the coder's is its model's own")
    timeout_seconds: float = Field(180.0, gt=0, le=3600)
    parallel: int = Field(2, ge=1, le=16, description="questions, or trials, at once")
    samples: int | None = Field(None, ge=1, le=8, description="candidates; else [chain] samples of heal.toml")
    temperature: float = Field(0.0, ge=0, le=2, description="of the first sample")
    spread: float = Field(0.6, ge=0, le=2, description="temperature of the further samples")
    retries: int = Field(1, ge=0, le=3, description="more questions where the answer cannot be used")
    least_sure: float = Field(0.3, ge=0, le=1, description="triage that is less sure changes nothing")
    skip: tuple[When, ...] = Field((), description="left out where one of these holds")
    checks: tuple[str, ...] = Field(
        (), description="the trials that count most for the choice; where the first was not passed, a person is asked"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind == "tester":
            if given := self.model_fields_set - _TESTER_TAKES:
                raise ValueError(f"a tester is no model and takes no {'schema' if given == {'answer'} else min(given)}")
            return self
        if self.gives is None or self.prompt is None:
            raise ValueError(f"a model needs {'prompt' if self.gives else 'gives'}")
        if self.gives == "edits" and self.answer is not None:
            raise ValueError("edits are plain text: no schema, code does not travel inside JSON")
        for name in sorted(self.model_fields_set & _FOR.keys()):
            if _FOR[name][0] != self.gives:
                raise ValueError(f"{name} is for {_FOR[name][1]} alone")
        if self.gives == "edits" and "max_tokens" in self.model_fields_set:
            raise ValueError("max_tokens is for others than the coder: its model's own limit holds (max_output)")
        known = (self.answer or {}).get("properties", {})
        if lacking := [name for name in ANSWERS.get(self.gives, ()) if name not in known]:
            raise ValueError(f"its schema lacks {lacking[0]}, which {self.gives} is made of")
        return self

    def skipped(self, diagnosis: Diagnosis, size: Size, triage: Triage | None) -> bool:
        """True where it is left out."""
        return any(when.holds(diagnosis, size, triage) for when in self.skip)


class Loop(Section):
    """Which roles go round: from the coder to the last that may send back."""

    start: Name = Field(alias="from")
    to: tuple[Name, ...] = Field(min_length=1)
    rounds: int = Field(3, ge=1, le=10, description="at most; [chain] rounds of heal.toml may lower it")


class Sizes(Section):
    """The rules for what is simple and what is big."""

    simple_lines: int = Field(120, ge=0, description="one file, and no more lines of it than this are shown")
    simple_sure: float = Field(0.8, ge=0, le=1, description="and the diagnosis is at least so sure")
    files: int = Field(6, ge=1, description="more files than this are asked about in parts")


class Plan(Section):
    """A healing chain. The order of ``roles`` is the order in which they come."""

    roles: Mapping[Name, Role]
    loop: Loop
    sizes: Sizes = Sizes()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        order = list(self.roles)
        for name in (self.loop.start, *self.loop.to):
            if name not in order:
                raise ValueError(f"loop: no role is called {name}; the roles are {', '.join(order)}")
        gives: list[str] = [role.gives or role.kind for role in self.roles.values()]
        for what, most in (("triage", 1), ("message", 1), ("tester", 1)):
            if gives.count(what) > most:
                raise ValueError(f"roles: more than one gives {what}")
        if gives.count("edits") != 1 or self.roles[self.loop.start].gives != "edits":
            raise ValueError("roles: exactly one gives edits, and the loop starts from it")
        if "tester" not in gives:
            raise ValueError("roles: none is of kind tester, and a patch that nobody tries is worth nothing")
        self._places(order)
        return self

    def _places(self, order: list[str]) -> None:
        first = order.index(self.loop.start)
        last = max(order.index(name) for name in self.loop.to)
        if self.coder.skip or self.tester.skip:
            raise ValueError(f"loop: {self.loop.start} and its tester are never left out: take their skip away")
        if set(order[first + 1 : last + 1]) != set(self.loop.to):
            raise ValueError("loop: 'to' names all roles between 'from' and the last one, each of them after 'from'")
        for place, (name, role) in enumerate(self.roles.items()):
            inside = first <= place <= last
            if (role.kind == "tester" or role.gives == "review") and not inside:
                raise ValueError(f"roles.{name}: what may send a patch back stands inside the loop")
            if role.kind == "tester" and place != first + 1:
                raise ValueError(f"roles.{name}: the tester comes right after {self.loop.start}")
            if role.gives == "triage" and place > first:
                raise ValueError(f"roles.{name}: triage comes before {self.loop.start}")
            if role.gives == "message" and place <= last:
                raise ValueError(f"roles.{name}: the message is written after the loop")

    def before(self) -> dict[str, Role]:
        """The roles that come once, before the loop."""
        order = list(self.roles)
        return {name: self.roles[name] for name in order[: order.index(self.loop.start)]}

    def inside(self) -> dict[str, Role]:
        """The roles that go round after the coder and the tester."""
        return {name: role for name, role in self.roles.items() if name in self.loop.to and role.kind == "model"}

    def after(self) -> dict[str, Role]:
        """The roles that come once, after the loop."""
        order = list(self.roles)
        last = max(order.index(name) for name in self.loop.to)
        return {name: self.roles[name] for name in order[last + 1 :]}

    @property
    def coder(self) -> Role:
        """The role that gives edits."""
        return self.roles[self.loop.start]

    @property
    def tester(self) -> Role:
        """The role that is no model."""
        return next(role for role in self.roles.values() if role.kind == "tester")
