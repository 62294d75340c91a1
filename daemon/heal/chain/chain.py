"""The healing chain: what kind of failure it is, a change that stands, and words for it; or why there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from heal.chain import judging, message
from heal.chain.answer import Answer, Triage
from heal.chain.asking import Heard, Interviewer, NoAnswer, Stopped, Wish, route_of
from heal.chain.assignment import Assignment
from heal.chain.coding import coder
from heal.chain.parts import Note, Parts
from heal.chain.plan import Plan, Role
from heal.chain.prompts import Facts, Prompts
from heal.chain.ranking import Candidate
from heal.chain.rounds import Ended, Looked, Rounds, diff_of, noted
from heal.chain.sizes import sized
from heal.chain.transcript import Transcript
from heal.chain.trying import Tester, trial_words
from heal.dialogue import Asker, Reply
from heal.patch import Sized
from heal.records import Verdict


class Chain:
    """A healing chain that is ready to run, for any number of incidents at once: it keeps nothing of a run.

    ``samples`` and ``rounds`` are those of heal.toml: the chain's own samples hold before them, and the fewer rounds.
    ``judge`` is told what came of each answer: ``accepted``, ``refused`` or ``no fix``.
    """

    def __init__(
        self,
        plan: Plan,
        prompts: Prompts,
        asker: Asker,
        parts: Parts,
        *,
        samples: int = 1,
        rounds: int = 10,
        judge: Callable[[Reply, str], None] = lambda _reply, _judged: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._prompts = prompts
        self._asker = asker
        self._parts = parts
        self._samples = plan.coder.samples or samples
        self._rounds = min(plan.loop.rounds, rounds)
        self._judge = judge
        self._clock = clock

    def run(self, about: Assignment, *, stop: Callable[[], bool] = lambda: False) -> Answer:
        """What the chain comes to; ``stop`` True ends it soon.

        Models that fail, are silent or too dear, and answers that are no use, are in the Answer. Of all drafts that
        were made only the Answer's is left.
        """
        plan = self._plan
        size = sized(about, plan.sizes, self._window())
        transcript = Transcript(self._clock)
        transcript.add("chain", f"{size.size}: {size.why}")
        facts = Facts(about.engine, about.allow, size.size)
        interviewer = Interviewer(
            about, self._asker, self._parts.builds, self._prompts, facts, transcript, stop, self._judge, self._clock
        )
        name = next(each for each, role in plan.roles.items() if role is plan.tester)
        tester = Tester(name, plan.tester, about, self._parts, transcript, stop, self._clock)
        one = _Run(plan, interviewer, tester, size, self._samples, self._rounds)
        answer = Answer(None, ())
        try:
            answer = one.answer()
        except NoAnswer as error:
            answer = Answer(None, (str(error),), later=error.later, triage=one.triage)
        except Stopped as error:
            answer = Answer(None, (str(error),), later=True, triage=one.triage)
        finally:
            tester.keep(answer.draft)
        return replace(
            answer,
            sized=size,
            rounds=transcript.round,
            models=transcript.models,
            tokens=transcript.tokens,
            seconds=transcript.seconds(),
            turns=transcript.turns,
        )

    def _window(self) -> int | None:
        return self._asker.window(route_of(self._plan.loop.start, self._plan.coder))


@dataclass(slots=True)
class _Run:
    """One run: the steps in order."""

    plan: Plan
    interviewer: Interviewer
    tester: Tester
    size: Sized
    samples: int
    rounds: int
    triage: Triage | None = None

    def answer(self) -> Answer:
        """Raises NoAnswer or Stopped."""
        about = self.interviewer.about
        if not about.sources:
            return Answer(None, ("no file of the pipeline is known to bear on it, so there is none to change",))
        notes: tuple[Note, ...] = ()
        triage = judging.by_rules(about.diagnosis)
        for name, role in self.plan.before().items():
            if role.skipped(about.diagnosis, self.size.size, self.triage):
                continue
            if role.gives == "triage":
                triage = self.triage = self._triage(name, role, notes)
            else:
                notes = (*notes, *noted(self.interviewer, name, role, notes))
        self.triage = triage
        if why := self._ends(triage):
            return Answer(None, why, triage=triage)
        said = Note("What triage says", f"{triage.kind}: {triage.cause}")
        ended, omitted = self._loop(triage, (said, *notes))
        return self._written(ended, omitted, triage)

    def _triage(self, name: str, role: Role, notes: tuple[Note, ...]) -> Triage:
        about = self.interviewer.about
        wish = Wish(about.sources, notes)
        return self.interviewer.ask(
            name, role, wish, lambda heard: judging.triage(heard.reply, about.evidence, heard.built.restore)
        )

    def _ends(self, triage: Triage) -> tuple[str, ...]:
        """Why nothing is changed; empty where something may be."""
        thinks = f"triage by {triage.by}: {triage.kind}, sure {triage.sure:.2f}: {triage.cause}"
        if not triage.goes_on:
            return (thinks, "no change of the pipeline's files heals that")
        asked = next((role for role in self.plan.before().values() if role.gives == "triage"), None)
        if asked and triage.by != "rules" and triage.sure < asked.least_sure:
            invented = f"; {triage.invented} of the lines it cites are in no log" if triage.invented else ""
            return (thinks, f"too unsure to change anything for it (least_sure {asked.least_sure:.2f}){invented}")
        return ()

    def _loop(self, triage: Triage, notes: tuple[Note, ...]) -> tuple[Ended, tuple[str, ...]]:
        cause = message.cause(self.interviewer.about, triage)
        asks, omitted = coder(self.plan, self.interviewer, self.size.size, self.samples, cause)
        if not asks.groups:
            return Ended(None, ("no file fits into the window of the coder's model",)), omitted
        loop = Rounds(self.plan, self.interviewer, asks, self.tester, self.size.size, triage, notes, self.rounds)
        return loop.run(), omitted

    def _written(self, ended: Ended, omitted: tuple[str, ...], triage: Triage) -> Answer:
        left_out = tuple(f"{path} fits into no question and was not shown" for path in omitted)
        looked = ended.chosen
        if looked is None or looked.candidate.draft is None:
            best = ended.best
            return Answer(
                None,
                (*ended.why, *left_out),
                later=ended.later,
                trials=best.candidate.trials if best else (),
                objections=best.candidate.objections if best else (),
                reviews=best.reviews if best else (),
                triage=triage,
            )
        candidate = self._named(looked, triage)
        doubts = _doubts(looked, self.plan.tester.checks)
        objected = [f"{one.path}: {one.why}" for one in candidate.objections if one.verdict is Verdict.ASK]
        checks = ", ".join(trial_words(candidate.trials)) or "none"
        return Answer(
            candidate.draft,
            (*doubts, *objected, *ended.why, f"checks: {checks}", *left_out),
            asks=bool(doubts or objected),
            doubts=doubts,
            trials=candidate.trials,
            objections=candidate.objections,
            reviews=looked.reviews,
            triage=triage,
        )

    def _named(self, looked: Looked, triage: Triage) -> Candidate:
        """The candidate under the words of the writer, where it has any that do."""
        candidate = looked.candidate
        about = self.interviewer.about
        change = diff_of(self.interviewer, candidate)
        tried = "\n".join(trial_words(candidate.trials))
        notes: tuple[Note, ...] = (Note("The change", change), Note("How it was tried", tried))
        known = message.known_to(about, candidate.patch, change, (triage.cause, *(one.why for one in looked.reviews)))
        for name, role in self.plan.after().items():
            if role.skipped(about.diagnosis, self.size.size, triage):
                continue
            if role.gives == "note":
                notes = (*notes, *noted(self.interviewer, name, role, notes))
                continue
            candidate = self._reworded(name, role, candidate, Wish(about.sources, notes), known)
        return candidate

    def _reworded(self, name: str, role: Role, candidate: Candidate, wish: Wish, known: tuple[str, ...]) -> Candidate:
        def read(heard: Heard) -> tuple[str, str]:
            asked = [one.text for one in heard.built.messages]
            return message.written(heard.reply, known, candidate.trials, heard.built.placeholder, asked)

        try:
            subject, why = self.interviewer.ask(name, role, wish, read)
        except (NoAnswer, Stopped):
            # the draft has words already, and is not lost for want of better ones
            return candidate
        return self.tester.reworded(candidate, subject, why)


def _doubts(looked: Looked, checks: tuple[str, ...]) -> tuple[str, ...]:
    """Why a person must say yes, whatever policy says, beside what the guard objects to; empty where nothing does."""
    passed = {trial.name for trial in looked.candidate.trials if trial.passed}
    first = checks[0] if checks else ""
    tried = [] if passed and (not first or first in passed) else [f"{first or 'no check'} was not passed"]
    return (*(f"not reviewed: {one}" for one in looked.silent), *looked.faults, *tried)
