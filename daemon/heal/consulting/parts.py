"""The chain's four parts over the real ones, and who asks: what is asked is built, guarded, drafted and tried here."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from heal.chain.assignment import Assignment, Source
from heal.chain.parts import Built, Parts, Request
from heal.consulting.brief import Brief, tried_before
from heal.consulting.recent import changes
from heal.consulting.sending import Sending
from heal.consulting.windows import ASSUMED, room, window
from heal.dialogue import Asker, Message, Question, Reply
from heal.errors import PatchRefused
from heal.guard.facts import Facts
from heal.guard.inspecting import inspect
from heal.patch import Draft, Edit, Objection, Patch, Trial
from heal.payload.build import Payload, Prompt, build
from heal.payload.redact import Redactor
from heal.proving.tester import Proving
from heal.records import Verdict

_PLACEHOLDER = r"<[a-z]+-\d+>"
Guarding = Callable[[Draft], tuple[Objection, ...]]


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds each question by the one choke point. ``built``: the role and the payload of the messages it gave."""

    brief: Brief
    redactor: Redactor
    built: dict[tuple[Message, ...], tuple[str, Payload]] = field(default_factory=dict)

    def build(self, about: Assignment, request: Request) -> Built:
        """See the seam."""
        del about  # the brief knows more
        payload = self.payload(request)
        self.built[payload.messages] = (request.role, payload)
        return Built(
            payload.messages,
            payload.tokens,
            tuple(Source(one.path, one.text, one.start, one.end) for one in payload.shown),
            _PLACEHOLDER if payload.hidden else "",
            self.redactor.restore,
        )

    def payload(self, request: Request) -> Payload:
        """What would be sent."""
        notes = tuple((note.title, note.text) for note in request.notes)
        if said := tried_before(self.brief.matter.before):
            notes = (("Changes that were tried before and did not help", said), *notes)
        sources = tuple(map(self.brief.region, request.sources))
        prompt = Prompt(request.role, request.rules, request.shows, sources, notes)
        return build(prompt, self.brief.context, room(request.window or ASSUMED, request.answer), self.redactor)


@dataclass(frozen=True, slots=True)
class Guard:
    """Holds a patch against what is never let pass."""

    brief: Brief

    def inspect(self, about: Assignment, patch: Patch) -> tuple[Objection, ...]:
        """See the seam."""
        before, refused = _texts([edit.path for edit in patch.edits], self.brief.repository.text)
        return refused or self._inspected(about, before, patch)

    def held(self, about: Assignment, draft: Draft) -> tuple[Objection, ...]:
        """The same of what git holds, beside what it was made from: that is what would be landed.

        What its user did since is no part of it. A file whose text is as it was has another mode.
        """
        text_at = self.brief.repository.text_at
        before, unread = _texts(draft.files, partial(text_at, draft.base))
        now, odd = _texts(draft.files, partial(text_at, draft.commit))
        edits = tuple(Edit(path, text or "") for path, text in now.items() if text != before.get(path))
        if unread or odd or not edits:
            return unread or odd
        return self._inspected(about, before, Patch(edits, draft.subject, draft.why))

    def _inspected(self, about: Assignment, before: Mapping[str, str | None], patch: Patch) -> tuple[Objection, ...]:
        return inspect(before, patch, self.brief.settings.patches, self._facts(about, patch))

    def _facts(self, about: Assignment, patch: Patch) -> Facts:
        root, paths = self.brief.repository.root, [edit.path for edit in patch.edits]
        parts = {str(each) for path in paths for each in (PurePosixPath(path), *PurePosixPath(path).parents)} - {"."}
        return Facts(
            tracked=about.tracked,
            links=frozenset(path for path in parts if (root / path).is_symlink()),
            submodules=frozenset(path for path in parts if (root / path / ".git").exists()),
            outside=frozenset(path for path in paths if not _inside(root, path)),
            odd_modes=frozenset(path for path in paths if _odd(root / path)),
            aimed=frozenset(source.path for source in about.sources),
            names=self._names(),
            changes=changes(self.brief.repository, paths),
        )

    def _names(self) -> frozenset[str]:
        inside = self.brief.matter.attempts[-1].name.partition("(")[2].rstrip(")")
        return frozenset(part.partition("=")[2] or part for part in inside.replace(",", " ").split() if part)


@dataclass(frozen=True, slots=True)
class Drafter:
    """Keeps patches in git."""

    brief: Brief

    def draft(self, about: Assignment, patch: Patch, number: int, by: Sequence[str]) -> Draft:
        """See the seam."""
        del number  # equal patches are one draft, unequal ones get names of their own
        seen = {source.path: source.text for source in about.sources}
        return self.brief.repository.draft(
            patch,
            incident=about.incident,
            slug=patch.subject,
            trailers=_trailers(about, by),
            seen={edit.path: seen[edit.path] for edit in patch.edits if edit.path in seen} or None,
        )

    def reword(self, draft: Draft, subject: str, why: str) -> Draft:
        """See the seam."""
        return self.brief.repository.reword(draft, subject, why)

    def drop(self, draft: Draft) -> None:
        """See the seam."""
        self.brief.repository.drop(draft)


@dataclass(frozen=True, slots=True)
class Prover:
    """Tries drafts on the task that failed."""

    brief: Brief
    tester: Callable[[Guarding], Proving]

    def tries(self, about: Assignment, draft: Draft, stop: Callable[[], bool]) -> tuple[Trial, ...]:
        """See the seam. What git holds is held against the guard once more: that is what would be landed."""
        if stop():
            return ()
        tester = self.tester(lambda one: Guard(self.brief).held(about, one))
        return tester.tries(draft, self.brief.failed, stop)


def _texts(
    paths: Sequence[str], text: Callable[[str], str | None]
) -> tuple[Mapping[str, str | None], tuple[Objection, ...]]:
    texts: dict[str, str | None] = {}
    for path in paths:
        try:
            texts[path] = text(path)
        except PatchRefused as error:
            return {}, (Objection("place.unreadable", Verdict.REFUSE, path, 0, str(error)),)
    return texts, ()


def _trailers(about: Assignment, by: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Who wrote the change, and who knew the cause."""
    pattern = about.diagnosis.pattern
    named = (("Heal-Pattern", pattern),) if pattern else ()
    return (("Heal-Model", ", ".join(by)), *named, ("Heal-Confidence", f"{about.diagnosis.confidence:.2f}"))


def _inside(root: Path, path: str) -> bool:
    return (root / path).resolve().is_relative_to(root.resolve())


def _odd(path: Path) -> bool:
    try:
        found = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(found) or bool(found & (stat.S_ISUID | stat.S_ISGID))


@dataclass(frozen=True, slots=True)
class Told:
    """Asks what the builder built, and nothing else."""

    sending: Sending
    builder: Builder

    def ask(
        self,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """See the seam. Raises HealError where what is to be sent cannot be kept."""
        role, payload = self.builder.built[question.messages]
        return self.sending.ask(role, payload, question, heard=heard, stop=stop)

    def window(self, role: str) -> int:
        """See the seam."""
        return window(self.sending.asker, role)


def parts(
    brief: Brief, redactor: Redactor, sending: Sending, tester: Callable[[Guarding], Proving]
) -> tuple[Parts, Asker]:
    """All four for one matter, and who asks."""
    builder = Builder(brief, redactor)
    return Parts(builder, Guard(brief), Drafter(brief), Prover(brief, tester)), Told(sending, builder)
