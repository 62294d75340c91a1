"""One question of one role: built, asked, read, and asked again with what was wrong, as often as the chain allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from heal.chain.assignment import Assignment, Source
from heal.chain.judging import Unusable
from heal.chain.parts import Builds, Built, Note, Request
from heal.chain.plan import Role
from heal.chain.prompts import Facts, Prompts
from heal.chain.transcript import Transcript
from heal.dialogue import Asker, Question, Reply
from heal.errors import HealError, ModelBudgetSpent, ModelsSilent

_MOST_TOLD = 6000
_T = TypeVar("_T")


class Stopped(Exception):
    """Whoever started the chain wants it to end."""


class NoAnswer(Exception):
    """No model gave an answer that can be used. ``later``: it is worth asking again later."""

    def __init__(self, why: str, *, later: bool) -> None:
        super().__init__(why)
        self.later = later


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, and the question it is to."""

    reply: Reply
    built: Built

    @property
    def said(self) -> str:
        """The answer with what was hidden put back: what is hidden twice would come back as what hides it."""
        return self.built.restore(self.reply.text)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question is to hold besides the rules, and how it is asked."""

    sources: tuple[Source, ...]
    notes: tuple[Note, ...] = ()
    room: int = 0
    seed: int | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Interviewer:
    """Asks for one run of the chain. Any thread may ask."""

    about: Assignment
    asker: Asker
    builds: Builds
    prompts: Prompts
    facts: Facts
    transcript: Transcript
    stop: Callable[[], bool]
    judge: Callable[[Reply, str], None] = lambda _reply, _judged: None
    clock: Callable[[], float] = time.monotonic

    def ask(self, name: str, role: Role, wish: Wish, read: Callable[[Heard], _T]) -> _T:
        """What ``read`` makes of the answer. Where it raises Unusable the role is asked again, and told why.

        Raises NoAnswer, or Stopped.
        """
        notes = wish.notes
        for left in range(role.retries, -1, -1):
            heard = self._said(name, role, replace(wish, notes=notes))
            try:
                made = read(heard)
            except Unusable as wrong:
                self._keep(name, heard, f"not usable: {wrong}")
                self.judged(heard.reply, "refused")
                if not left:
                    raise NoAnswer(
                        f"{name}: no answer of {heard.reply.model} can be used: {wrong}", later=False
                    ) from wrong
                notes = (*wish.notes, *corrections(heard.said, str(wrong)))
            else:
                self._keep(name, heard, "taken")
                # what becomes of a coder's answer is not known yet
                if role.gives != "edits":
                    self.judged(heard.reply, "accepted")
                return made
        raise AssertionError("unreachable")

    def judged(self, reply: Reply, verdict: str) -> None:
        """Say what came of an answer. A verdict that cannot be kept changes nothing."""
        with suppress(HealError):
            self.judge(reply, verdict)

    def window(self, name: str, role: Role) -> int | None:
        """The tokens that question and answer may have together; None: not known."""
        return self.asker.window(route_of(name, role))

    def _said(self, name: str, role: Role, wish: Wish) -> Heard:
        if self.stop():
            raise Stopped("it was stopped")
        built = self._built(name, role, wish)
        question = Question(
            role=route_of(name, role),
            messages=built.messages,
            schema=role.answer,
            # what an edit needs is guessed: the model's own limit holds
            max_tokens=None if wish.room else role.max_tokens,
            temperature=role.temperature if wish.temperature is None else wish.temperature,
            seed=wish.seed,
            incident=self.about.incident,
        )
        return Heard(self._answer(name, role, question), built)

    def _built(self, name: str, role: Role, wish: Wish) -> Built:
        try:
            rules = self.prompts.render(name, role, self.facts)
            return self.builds.build(self.about, asked_for(name, role, rules, wish, self.window(name, role)))
        except HealError as error:
            self.transcript.add(name, f"not asked: {error}")
            raise NoAnswer(f"{name}: {error}", later=False) from error

    def _answer(self, name: str, role: Role, question: Question) -> Reply:
        until = self.clock() + role.timeout_seconds
        try:
            with self.transcript.waiting("models"):
                return self.asker.ask(question, stop=lambda: self.stop() or self.clock() > until)
        except HealError as error:
            if self.stop():
                raise Stopped("it was stopped") from error
            late = f" (it had {role.timeout_seconds:.0f} s)" if self.clock() > until else ""
            self.transcript.add(name, f"no answer: {error}{late}")
            # no model at all, or one that may not be asked, is not there later either
            later = isinstance(error, ModelsSilent | ModelBudgetSpent)
            raise NoAnswer(f"{name}: {error}{late}", later=later) from error

    def _keep(self, name: str, heard: Heard, made: str) -> None:
        reply = heard.reply
        tokens = (reply.tokens_in or 0) + (reply.tokens_out or 0)
        self.transcript.add(name, made, model=reply.model, said=reply.text, tokens=tokens, seconds=reply.seconds)


def route_of(name: str, role: Role) -> str:
    """Whose models a role asks."""
    return role.route or name


def asked_for(name: str, role: Role, rules: str, wish: Wish, window: int | None) -> Request:
    """What a question of a role is to hold."""
    room = wish.room or role.max_tokens
    return Request(name, rules, wish.sources, frozenset(role.shows), wish.notes, window, room)


def corrections(answer: str, wrong: str) -> tuple[Note, ...]:
    """What a role is told when it is asked again: its answer, and what is wrong with it."""
    shown = answer if len(answer) <= _MOST_TOLD else f"{answer[:_MOST_TOLD]}\n[cut]"
    said = (Note("Your last answer", shown),) if shown.strip() else ()
    return (*said, Note("What is wrong with it", f"{wrong}\nAnswer again, in the form that was asked for."))


def told(candidate_text: str, faults: Sequence[str]) -> tuple[Note, ...]:
    """What the coder is told of the change of an earlier round."""
    lines = "\n".join(f"- {fault[: _MOST_TOLD // 3]}" for fault in faults[:6])
    return (
        Note("The change you proposed before", candidate_text[:_MOST_TOLD]),
        Note("What came of it", f"{lines}\nPropose another change, or say NO FIX."),
    )
