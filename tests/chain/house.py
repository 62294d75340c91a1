"""Everything the chain needs of others, in memory and honest: it keeps to the promises of ``heal.chain.parts``."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from heal.cases import Citation, Evidence, Passage
from heal.chain.assignment import Assignment, Source
from heal.chain.chain import Chain
from heal.chain.parts import Built, Parts, Request
from heal.chain.plan import Plan
from heal.chain.plan_file import load
from heal.chain.prompts import Prompts
from heal.dialogue import Message, Question, Reply
from heal.errors import HealError, PatchRefused
from heal.patch import Draft, Objection, Patch, Trial
from heal.records import Diagnosis, Label

SCRIPT = "import pandas as pd\n\nframe = pd.DataFrame()\nframe = frame.append({'a': 1})\nframe.to_csv('out.csv')\n"
FIXED = SCRIPT.replace("frame.append({'a': 1})", "pd.concat([frame, pd.DataFrame([{'a': 1}])])")
LINE = "AttributeError: 'DataFrame' object has no attribute 'append'"
LOG = f'Traceback (most recent call last):\n  File "scripts/report.py", line 4\n{LINE}\n'
Say = str | Mapping[str, object] | HealError


shipped_plan = lru_cache(maxsize=1)(load)


def block(text: str, path: str = "scripts/report.py") -> str:
    """An answer of a coder that gives one whole file."""
    return f"FILE {path}\n```\n{text}```\n"


TRIAGE: Mapping[str, object] = {
    "class": "pipeline defect",
    "cause": "frame.append is gone from pandas 2",
    "cite": [LINE],
    "change": True,
    "sure": 0.9,
}
GOOD: Mapping[str, object] = {"root": True, "hides": False, "more_than_asked": False, "why": "the rows are the same"}
HIDES: Mapping[str, object] = {"root": False, "hides": True, "more_than_asked": False, "why": "it swallows the error"}
MORE: Mapping[str, object] = {"root": True, "hides": False, "more_than_asked": True, "why": "it renames a variable"}
WORDS: Mapping[str, object] = {
    "subject": "Use pd.concat in place of frame.append",
    "why": "The report failed because frame.append is gone. The rows are joined with pd.concat now.",
}
DIAGNOSIS = Diagnosis(
    label=Label.SCRIPT_ERROR,
    cause="The script calls something that its library does not have.",
    confidence=0.6,
    root=Citation("report.log", 3, LINE),
    by="words",
)
PASSED = (Trial("parses", passed=True), Trial("replay", passed=True))


def assignment(sources: Sequence[Source] = (Source("scripts/report.py", SCRIPT),), **more: object) -> Assignment:
    """The incident of most tests: a report that calls what pandas took away."""
    about = Assignment(
        incident="7f3a",
        engine="snakemake",
        process="report",
        diagnosis=DIAGNOSIS,
        sources=tuple(sources),
        evidence=(Evidence("report.log", (Passage(1, LOG),)),),
        tracked=frozenset({"scripts/report.py", "scripts/other.py", "Snakefile"}),
        allow=("scripts/**",),
    )
    return replace(about, **more)


@dataclass
class Script:
    """Plays answers back, by role: each in turn, the last one for ever. An error is raised."""

    says: Mapping[str, Say | Sequence[Say] | Callable[[Question], Say]]
    room: int | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._turn: dict[str, int] = {}

    def ask(self, question, *, heard=None, stop=lambda: False):
        with self._lock:
            self.asked.append(question)
            said = self._next(question)
        if isinstance(said, Exception):
            raise said
        text = said if isinstance(said, str) else json.dumps(said)
        data = None if isinstance(said, str) else said
        return Reply(text, self.models.get(question.role, "small"), data, 100, 20, seconds=0.5)

    def window(self, role):
        return self.room

    def _next(self, question: Question) -> Say:
        said = self.says[question.role]
        if callable(said):
            return said(question)
        if isinstance(said, list | tuple):
            turn = self._turn.get(question.role, 0)
            self._turn[question.role] = turn + 1
            return said[min(turn, len(said) - 1)]
        return said

    def roles(self) -> list[str]:
        return [question.role for question in self.asked]

    def told(self, role: str) -> list[str]:
        """All that was told to a role, question by question."""
        return ["\n".join(each.text for each in question.messages) for question in self.asked if question.role == role]


@dataclass
class Builder:
    """Rules, files with their places, the log, the notes; what is named secret is hidden."""

    secrets: Sequence[str] = ()
    leaves_out: Sequence[str] = ()
    requests: list[Request] = field(default_factory=list)

    def build(self, about: Assignment, request: Request) -> Built:
        self.requests.append(request)
        shown = tuple(source for source in request.sources if source.path not in self.leaves_out)
        parts = [f"{source.path}:{source.start}-{source.last}\n" + "\n".join(source.lines) for source in shown]
        if "log" in request.shows:
            parts += [each.text for each in about.evidence]
        parts += [f"{note.title}:\n{note.text}" for note in request.notes]
        text = self._hidden("\n\n".join(parts))
        messages = (Message("system", request.rules), Message("user", text))
        tokens = sum(len(each.text) for each in messages) // 3
        return Built(messages, tokens, shown, r"<secret-\d+>", self._restored)

    def _hidden(self, text: str) -> str:
        # a text that looks like a placeholder is hidden itself, so that it is not taken for one later
        text = re.sub(r"<secret-(\d+)>", r"<secret-9\1>", text)
        for number, secret in enumerate(self.secrets, 1):
            text = text.replace(secret, f"<secret-{number}>")
        return text

    def _restored(self, text: str) -> str:
        known = {f"<secret-{number}>": secret for number, secret in enumerate(self.secrets, 1)}
        known |= {f"<secret-9{number}>": f"<secret-{number}>" for number in range(1, 10)}
        return re.sub(r"<secret-\d+>", lambda found: known.get(found[0], found[0]), text)


@dataclass
class Shelf:
    """Keeps drafts, as git would: by what they hold."""

    refuses: Sequence[str] = ()
    kept: dict[str, Patch] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def draft(self, about: Assignment, patch: Patch, number: int, by: Sequence[str]) -> Draft:
        if any(edit.path in self.refuses for edit in patch.edits):
            raise PatchRefused(f"{patch.edits[0].path} is a link; nothing was kept")
        self.numbers.append(number)
        return self._kept(f"heal/{about.incident}-{number}", patch)

    def reword(self, draft: Draft, subject: str, why: str) -> Draft:
        patch = self.kept.pop(draft.commit)
        return self._kept(draft.branch, replace(patch, subject=subject, why=why))

    def drop(self, draft: Draft) -> None:
        del self.kept[draft.commit]

    def _kept(self, branch: str, patch: Patch) -> Draft:
        commit = hashlib.sha1(f"{branch}{patch}".encode("utf-8", "replace")).hexdigest()  # noqa: S324 - as git does
        self.kept[commit] = patch
        same = hashlib.sha1(str(patch.edits).encode("utf-8", "replace")).hexdigest()  # noqa: S324 - as git does
        place = Path("/repo")
        files = tuple(edit.path for edit in patch.edits)
        return Draft(
            place, place / ".git", branch, "0" * 40, commit, same, place / branch, files, patch.subject, patch.why
        )


@dataclass
class House:
    """All parts, and a chain of them. ``guard`` and ``check`` say what speaks against a patch, and how it does."""

    script: Script
    guard: Callable[[Patch], Sequence[Objection]] = lambda patch: ()
    check: Callable[[Patch], Sequence[Trial]] = lambda patch: PASSED
    builder: Builder = field(default_factory=Builder)
    shelf: Shelf = field(default_factory=Shelf)
    tried: list[Patch] = field(default_factory=list)

    def inspect(self, about: Assignment, patch: Patch) -> tuple[Objection, ...]:
        return tuple(self.guard(patch))

    def tries(self, about: Assignment, draft: Draft, stop: Callable[[], bool]) -> tuple[Trial, ...]:
        patch = self.shelf.kept[draft.commit]
        self.tried.append(patch)
        return tuple(self.check(patch))

    def chain(self, plan: Plan | None = None, **more: object) -> Chain:
        parts = Parts(self.builder, self, self.shelf, self)
        return Chain(plan or shipped_plan(), Prompts(), self.script, parts, **more)


def house(**says: Say | Sequence[Say] | Callable[[Question], Say]) -> House:
    """A house whose models say this; what is not said is said well."""
    return House(Script({"triage": TRIAGE, "coder": block(FIXED), "reviewer": GOOD, "writer": WORDS} | says))
