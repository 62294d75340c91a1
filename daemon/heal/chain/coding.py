"""The coder: several candidates asked for at once, each in as many parts as the files need, and read as patches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from heal.chain import message
from heal.chain.asking import Heard, Interviewer, NoAnswer, Wish
from heal.chain.assignment import Source
from heal.chain.edits import Read, parse
from heal.chain.judging import Unusable
from heal.chain.lines import changed
from heal.chain.parts import Note
from heal.chain.plan import Plan
from heal.chain.ranking import Candidate
from heal.chain.sizes import answer_tokens, parted
from heal.dialogue import Reply
from heal.patch import Edit, Patch, Size

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Coded:
    """What one round of the coder brought: candidates, reasons for no fix, and answers that were not to be had."""

    candidates: tuple[Candidate, ...] = ()
    no_fix: tuple[str, ...] = ()
    lacking: tuple[NoAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """What came of one question: edits, or why there are none."""

    edits: tuple[Edit, ...]
    no_fix: str
    reply: Reply
    said: str


@dataclass(frozen=True, slots=True)
class Coder:
    """Asks for candidates. ``groups`` are the files in parts that are asked about apart."""

    plan: Plan
    interviewer: Interviewer
    groups: tuple[tuple[Source, ...], ...]
    samples: int
    cause: str = ""

    def candidates(self, notes: tuple[Note, ...], first: int) -> Coded:
        """Candidates, numbered from ``first``. All questions are asked at once, as many as the chain allows."""
        questions = [(sample, group) for sample in range(self.samples) for group in self.groups]
        answers = at_once(lambda one: self._ask(*one, notes, first), questions, self.plan.coder.parallel)
        by_sample = [answers[n : n + len(self.groups)] for n in range(0, len(answers), len(self.groups))]
        candidates: list[Candidate] = []
        no_fix: list[str] = []
        lacking: list[NoAnswer] = []
        for number, parts in enumerate(by_sample, start=first):
            missing = [one for one in parts if isinstance(one, NoAnswer)]
            given = [one for one in parts if isinstance(one, _Part)]
            # half of a change is none
            if missing:
                lacking += missing
            elif edits := _joined(given):
                candidates.append(self._candidate(number, edits, given))
            else:
                no_fix += [one.no_fix for one in given]
                for one in given:
                    self.interviewer.judged(one.reply, "no fix")
        return Coded(tuple(candidates), tuple(dict.fromkeys(no_fix)), tuple(lacking))

    def _ask(self, sample: int, group: tuple[Source, ...], notes: tuple[Note, ...], first: int) -> _Part | NoAnswer:
        role = self.plan.coder
        wish = Wish(
            group,
            notes,
            room=answer_tokens(group),
            seed=first + sample,
            temperature=role.temperature if sample == 0 else max(role.temperature, role.spread),
        )
        try:
            return self.interviewer.ask(self.plan.loop.start, role, wish, self._read)
        except NoAnswer as error:
            return error

    def _read(self, heard: Heard) -> _Part:
        built, reply = heard.built, heard.reply
        tracked = self.interviewer.about.tracked | {source.path for source in self.interviewer.about.sources}
        found: Read = parse(
            reply.text, built.shown, tracked=tracked, placeholder=built.placeholder, restore=built.restore
        )
        if found.faults:
            raise Unusable("\n".join(str(fault) for fault in found.faults))
        return _Part(found.edits, found.no_fix or "", reply, heard.said)

    def _candidate(self, number: int, edits: tuple[Edit, ...], parts: Sequence[_Part]) -> Candidate:
        about = self.interviewer.about
        texts = {source.path: source.text for source in about.sources}
        change = message.renamed(texts.get(edits[0].path, ""), edits[0].text) if len(edits) == 1 else ""
        subject, why = message.plain(about, [edit.path for edit in edits], self.cause, change)
        return Candidate(
            number=number,
            patch=Patch(edits, subject, why),
            text="\n\n".join(part.said for part in parts if part.edits),
            replies=tuple(part.reply for part in parts if part.edits),
            changed=sum(changed(texts.get(edit.path, ""), edit.text) for edit in edits),
        )


def coder(plan: Plan, interviewer: Interviewer, size: Size, samples: int, cause: str) -> tuple[Coder, tuple[str, ...]]:
    """The coder for an incident, and the files that fit into no question."""
    sources = interviewer.about.sources
    window = interviewer.window(plan.loop.start, plan.coder)
    groups, too_big = grouped(plan, sources, size, window)
    return Coder(plan, interviewer, tuple(groups), samples, cause), tuple(dict.fromkeys(one.path for one in too_big))


def grouped(
    plan: Plan, sources: tuple[Source, ...], size: Size, window: int | None
) -> tuple[list[tuple[Source, ...]], list[Source]]:
    """The files in the parts that the coder is asked about, and those that fit into no question."""
    return parted(sources, plan.sizes, window) if size is Size.BIG else ([sources], [])


def at_once(work: Callable[[_T], _R], items: Sequence[_T], most: int) -> list[_R]:
    """The results, in the order of the items; so many at a time. An error ends it when all that began have ended."""
    if len(items) < 2:  # noqa: PLR2004 - one needs no thread
        return [work(one) for one in items]
    with ThreadPoolExecutor(max_workers=min(most, len(items)), thread_name_prefix="heal-chain") as pool:
        return list(pool.map(work, items))


def _joined(parts: Iterable[_Part]) -> tuple[Edit, ...]:
    """The edits of all parts: no two are for one file, for the places of a file are in one part."""
    made: dict[str, Edit] = {}
    for part in parts:
        for edit in part.edits:
            made.setdefault(edit.path, edit)
    return tuple(made.values())
