"""Coder, tester and reviewers go round until a change stands, nothing new comes, or the rounds are over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from heal.chain import judging
from heal.chain.answer import Review, Triage
from heal.chain.asking import Interviewer, NoAnswer, Wish, told
from heal.chain.coding import Coded, Coder
from heal.chain.lines import diff
from heal.chain.parts import Note
from heal.chain.plan import Plan, Role
from heal.chain.ranking import Candidate, Progress, merged, ranked
from heal.chain.trying import Tester, trial_words
from heal.patch import Size
from heal.records import Verdict


@dataclass(frozen=True, slots=True)
class Looked:
    """What the reviewers said of a candidate. ``silent``: why one gave no verdict, which is never a yes."""

    candidate: Candidate
    reviews: tuple[Review, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """What the reviewers hold against it, in sentences."""
        return tuple(_held(one) for one in self.reviews if one.refuses or one.more)

    @property
    def refused(self) -> bool:
        """True where one says that it hides the failure, or does not touch its root."""
        return any(one.refuses for one in self.reviews)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the rounds ended: the candidate that stands (None: none does), the best that was looked at, and why."""

    chosen: Looked | None
    why: tuple[str, ...]
    best: Looked | None = None
    later: bool = False


@dataclass(slots=True)
class Rounds:
    """One run's rounds. ``notes`` are what earlier roles said."""

    plan: Plan
    interviewer: Interviewer
    coder: Coder
    tester: Tester
    size: Size
    triage: Triage
    notes: tuple[Note, ...]
    most: int
    _progress: Progress = field(default_factory=Progress)
    _fallback: Looked | None = None
    _best: Looked | None = None

    def run(self) -> Ended:
        """The candidate that stands, or why none does. Raises Stopped."""
        feedback: tuple[Note, ...] = ()
        for number in range(1, self.most + 1):
            self.interviewer.transcript.round = number
            coded = self.coder.candidates((*self.notes, *feedback), 1 + (number - 1) * self.coder.samples)
            fresh = self._progress.new(merged(coded.candidates))
            if not fresh:
                return self._nothing_new(coded)
            looked = [self._look(one) for one in ranked(self.tester.tried(fresh), self.tester.role.checks)]
            taken = next((one for one in looked if one.candidate.stands and not one.faults), None)
            self._judge(looked, taken)
            if taken:
                return Ended(taken, (), taken)
            self._remember(looked)
            faults = _faults(looked[0])
            if self._progress.again(faults):
                return self._over(("the same was wrong as in an earlier round",))
            feedback = told(looked[0].candidate.text, faults)
        return self._over((f"{self.most} rounds brought no change that stands",))

    def _judge(self, looked: Sequence[Looked], taken: Looked | None) -> None:
        for one in looked:
            for reply in one.candidate.replies:
                self.interviewer.judged(reply, "accepted" if one is taken else "refused")

    def _remember(self, looked: Sequence[Looked]) -> None:
        """What does more than was asked, and else is right, is kept for a person where nothing better comes."""
        self._best = looked[0]
        self._fallback = self._fallback or next(
            (one for one in looked if one.candidate.stands and not one.refused), None
        )
        self.tester.keep(self._fallback.candidate.draft if self._fallback else None)

    def _nothing_new(self, coded: Coded) -> Ended:
        if coded.candidates:
            return self._over(("the coder proposed the same change again",))
        said = [f"the coder says NO FIX: {why}" for why in coded.no_fix]
        lacking = [str(one) for one in coded.lacking]
        later = not said and any(one.later for one in coded.lacking)
        return self._over(tuple(dict.fromkeys([*said, *lacking])), later=later)

    def _over(self, why: tuple[str, ...], *, later: bool = False) -> Ended:
        if self._fallback:
            self._judge([self._fallback], self._fallback)
            return Ended(self._fallback, why, self._fallback)
        faults = _faults(self._best) if self._best else ()
        return Ended(None, (*why, *faults), self._best, later)

    def _look(self, candidate: Candidate) -> Looked:
        """What the reviewers say of a candidate that stands; of another there is nothing to say."""
        looked = Looked(candidate)
        extra: tuple[Note, ...] = ()
        for name, role in self.plan.inside().items():
            if not candidate.stands or looked.refused:
                break
            if role.skipped(self.interviewer.about.diagnosis, self.size, self.triage):
                continue
            if role.gives == "note":
                extra = (*extra, *noted(self.interviewer, name, role, (*change_notes(self, candidate), *extra)))
                continue
            looked = self._reviewed(name, role, looked, extra)
        return looked

    def _reviewed(self, name: str, role: Role, looked: Looked, extra: tuple[Note, ...]) -> Looked:
        changed = {edit.path for edit in looked.candidate.patch.edits}
        files = tuple(source for source in self.interviewer.about.sources if source.path in changed)
        wish = Wish(files, (*change_notes(self, looked.candidate), *extra))
        try:
            said = self.interviewer.ask(name, role, wish, lambda heard: judging.review(name, heard.reply))
        except NoAnswer as error:
            return Looked(looked.candidate, looked.reviews, (*looked.silent, str(error)))
        return Looked(looked.candidate, (*looked.reviews, said), looked.silent)


def noted(interviewer: Interviewer, name: str, role: Role, notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """What a role says that is only told to others; nothing where it does not answer."""
    wish = Wish(interviewer.about.sources, notes)
    try:
        said = interviewer.ask(name, role, wish, lambda heard: judging.note(heard.reply, heard.built.restore))
    except NoAnswer:
        return ()
    return (Note(f"What {name.replace('_', ' ')} says", said),)


def change_notes(rounds: Rounds, candidate: Candidate) -> tuple[Note, ...]:
    """A candidate as it is told to a role: what changes, how it was tried, what a person will be asked about."""
    shown = Note("The change", diff_of(rounds.interviewer, candidate))
    tried = Note("How it was tried", "\n".join(trial_words(candidate.trials)) or "it was not tried")
    asks = [f"{one.path}: {one.why}" for one in candidate.objections if one.verdict is Verdict.ASK]
    return (*rounds.notes, shown, tried, *([Note("What speaks against it", "\n".join(asks))] if asks else []))


def diff_of(interviewer: Interviewer, candidate: Candidate) -> str:
    """What a candidate changes, file after file."""
    texts = {source.path: source.text for source in interviewer.about.sources}
    return "\n".join(diff(edit.path, texts.get(edit.path, ""), edit.text) for edit in candidate.patch.edits)


def _faults(looked: Looked) -> tuple[str, ...]:
    return (*looked.candidate.faults(), *looked.faults)


def _held(review: Review) -> str:
    what: Iterable[str] = (
        *(["it hides the failure"] if review.hides else []),
        *([] if review.root else ["it does not touch the root cause"]),
        *(["it does more than was asked"] if review.more else []),
    )
    return f"{review.role}: {' and '.join(what)}{f': {review.why}' if review.why else ''}"
