"""All that is tried on a draft, one after the other, the cheap first; what fails ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from heal.errors import HealError
from heal.patch import Draft, Objection, Trial
from heal.proving.asking import never
from heal.proving.parses import parses
from heal.proving.replay import Failed, Stop
from heal.proving.tails import tail_of
from heal.records import Verdict

_MOST_LINES, _MOST_CHARS = 40, 6_000
# nothing of a change is run on the word of a guard that gave none
UNASKED = "the guard could not be asked"


class Proving(Protocol):
    """Who tries drafts."""

    def tries(self, draft: Draft, failed: Failed, stop: Stop = never) -> tuple[Trial, ...]:
        """Try a draft on what failed: what was tried, in order, as far as the first that failed.

        Nothing here raises for what a draft or its pipeline does; a trial that could not be made, or that ``stop``
        ended, has ``passed`` None. May be called from several threads at once.
        """


class Trying(Protocol):
    """One way of trying a draft on what failed."""

    def tried(self, draft: Draft, failed: Failed, stop: Stop = never) -> Trial:
        """Try it. A trial that could not be made has ``passed`` None, and says why."""


Guard = Callable[[Draft], Sequence[Objection]]


class Tester:
    """Tries drafts: do they parse, what does the guard say, what the engine, does the failed task run.

    What the guard would have a person decide is not run before that person has: the change still is parsed, which runs
    nothing. ``guard`` None: it was asked before, and objected to nothing. ``checks``: by the run's engine what looks at
    its files without running a task; an engine without one is not asked. ``replay`` None: nothing is run again.
    """

    def __init__(self, guard: Guard | None, checks: Mapping[str, Trying], replay: Trying | None = None) -> None:
        self._guard = guard
        self._checks = checks
        self._replay = replay

    def tries(self, draft: Draft, failed: Failed, stop: Stop = never) -> tuple[Trial, ...]:
        """Try it; see the seam."""
        done: list[Trial] = []
        for name, attempt in self._all(draft, failed, stop):
            done.append(_surely(name, attempt))
            if done[-1].passed is False:
                break
        return _read_by_engine(done)

    def _all(self, draft: Draft, failed: Failed, stop: Stop) -> Iterator[tuple[str, Callable[[], Trial]]]:
        why = UNASKED if self._guard else ""
        if guard := self._guard:

            def asks() -> Trial:
                nonlocal why
                objections = guard(draft)
                why = objections[0].why if objections else ""
                return guarded(objections)

            yield "guard", asks
        yield "parses", lambda: parses(draft)
        if check := self._checks.get(failed.run.engine):
            yield "engine", lambda: first_a_person("engine", why) or check.tried(draft, failed, stop)
        if replay := self._replay:
            yield "replay", lambda: first_a_person("replay", why) or replay.tried(draft, failed, stop)


def guarded(objections: Sequence[Objection]) -> Trial:
    """The guard's word as a trial: False where it refuses, None where a person must decide."""
    refused = [one for one in objections if one.verdict is Verdict.REFUSE]
    asking = [one for one in objections if one.verdict is Verdict.ASK]
    said = "\n".join(f"{one.path}:{one.line}: {one.why} [{one.rule}]" for one in refused or asking)
    return Trial("guard", False if refused else None if asking else True, said)


def first_a_person(name: str, why: str) -> Trial | None:
    """A trial that is not made, for a person decides first, and ``why``; None where there is nothing to decide."""
    return Trial(name, None, f"a person decides first: {why}") if why else None


def told(trials: Sequence[Trial]) -> str:
    """What the trials said, for whoever is to make the change better: the last lines of each, more of a failure."""
    parts = []
    for trial in trials:
        word = {True: "passed", False: "FAILED", None: "could not be tried"}[trial.passed]
        most = _MOST_LINES if trial.passed is False else 3
        said = tail_of(trial.said, most)[-_MOST_CHARS:]
        parts.append(f"{trial.name}: {word}" + (f"\n{said}" if said else ""))
    return "\n\n".join(parts)


def _surely(name: str, attempt: Callable[[], Trial]) -> Trial:
    began = time.monotonic()
    try:
        return attempt()
    except (HealError, OSError, ValueError) as error:
        return Trial(name, None, str(error), time.monotonic() - began)


def _read_by_engine(done: Sequence[Trial]) -> tuple[Trial, ...]:
    """What only the engine's own parser reads counts as read where that was asked and found nothing."""
    engine = next((trial for trial in done if trial.name == "engine"), None)
    if engine is None or not engine.passed:
        return tuple(done)
    return tuple(replace(trial, passed=True) if _only_engines(trial) else trial for trial in done)


def _only_engines(trial: Trial) -> bool:
    lines = trial.said.splitlines()
    return trial.name == "parses" and trial.passed is None and all("the engine's own parser" in line for line in lines)
