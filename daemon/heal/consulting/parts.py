"""The chain's four parts over the real ones: who builds what is asked, who guards, who drafts, who tries."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from heal.chain.assignment import Assignment, Source
from heal.chain.parts import Built, Parts, Request
from heal.consulting.brief import Brief, tried_before
from heal.consulting.recent import changes
from heal.dialogue import Asker, Message, Question, Reply
from heal.errors import ModelBudgetSpent, NoModel, NotAllowedOut, PatchRefused
from heal.guard.facts import Facts
from heal.guard.inspecting import inspect
from heal.patch import Draft, Edit, Objection, Patch, Trial
from heal.patches.texts import text_of
from heal.payload.archive import Archive
from heal.payload.build import Payload, Prompt, build
from heal.payload.environment import together
from heal.payload.redact import Redactor
from heal.proving.tester import Proving
from heal.records import Verdict

# of a window that nobody tells, and what a question and its answer leave of one that is known
_WINDOW, _MARGIN = 16_000, 256
# with more than this models are distracted, however large their window (aider, docs/troubleshooting/edit-errors)
_MOST = 24_000
_PLACEHOLDER = r"<[a-z]+-\d+>"
Guarding = Callable[[Draft], tuple[Objection, ...]]


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds each question by the one choke point, and keeps what is sent before it is."""

    brief: Brief
    redactor: Redactor
    archive: Archive | None
    clock: Callable[[], datetime]
    _kept: dict[tuple[Message, ...], Path] = field(default_factory=dict)

    def build(self, about: Assignment, request: Request) -> Built:
        """See the seam. Raises HealError where what is to be sent cannot be kept."""
        payload = self.payload(request)
        if self.archive is not None:
            self._kept[payload.messages] = self.archive.keep(about.incident, request.role, payload, self.clock())
        return Built(
            payload.messages,
            payload.tokens,
            tuple(Source(one.path, one.text, one.start, one.end) for one in payload.shown),
            _PLACEHOLDER if payload.hidden else "",
            self.redactor.restore,
        )

    def unsent(self, messages: tuple[Message, ...]) -> None:
        """What was kept was not sent after all."""
        if (path := self._kept.pop(messages, None)) is not None:
            path.unlink(missing_ok=True)

    def payload(self, request: Request) -> Payload:
        """What would be sent."""
        notes = tuple((note.title, note.text) for note in request.notes)
        if said := tried_before(self.brief.matter.before):
            notes = (("Changes that were tried before and did not help", said), *notes)
        sources = tuple(map(self.brief.region, request.sources))
        prompt = Prompt(request.role, request.rules, request.shows, sources, notes)
        room = min((request.window or _WINDOW) - request.answer - _MARGIN, _MOST)
        return build(prompt, self.brief.context, room, self.redactor)


@dataclass(frozen=True, slots=True)
class Guard:
    """Holds a patch against what is never let pass."""

    brief: Brief

    def inspect(self, about: Assignment, patch: Patch) -> tuple[Objection, ...]:
        """See the seam."""
        before, refused = self._before(patch)
        return refused or inspect(before, patch, self.brief.settings.patches, self._facts(about, patch))

    def _before(self, patch: Patch) -> tuple[Mapping[str, str | None], tuple[Objection, ...]]:
        texts: dict[str, str | None] = {}
        for edit in patch.edits:
            try:
                texts[edit.path] = self.brief.repository.text(edit.path)
            except PatchRefused as error:
                return {}, (Objection("place.unreadable", Verdict.REFUSE, edit.path, 0, str(error)),)
        return texts, ()

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
        tester = self.tester(lambda one: Guard(self.brief).inspect(about, _held(one)))
        return tester.tries(draft, self.brief.failed, stop)


def _held(draft: Draft) -> Patch:
    edits = tuple(Edit(path, text_of((draft.worktree / path).read_bytes(), path)) for path in draft.files)
    return Patch(edits, draft.subject, draft.why)


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
class Sending:
    """Asks; what was kept as sent and may not be asked at all is kept no longer."""

    asker: Asker
    builder: Builder

    def ask(
        self,
        question: Question,
        *,
        heard: Callable[[str], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """See the seam."""
        try:
            return self.asker.ask(question, heard=heard, stop=stop)
        except (NotAllowedOut, NoModel, ModelBudgetSpent):
            self.builder.unsent(question.messages)
            raise

    def window(self, role: str) -> int | None:
        """See the seam."""
        return self.asker.window(role)


def parts(
    brief: Brief, asker: Asker, clock: Callable[[], datetime], tester: Callable[[Guarding], Proving]
) -> tuple[Parts, Asker]:
    """All four for one matter, and who asks."""
    redactor = Redactor(together(os.environ, brief.env), brief.settings.privacy)
    for secret in _keys(brief):
        redactor.learn(secret)
    builder = Builder(brief, redactor, Archive(Path(brief.matter.run.cwd)), clock)
    return Parts(builder, Guard(brief), Drafter(brief), Prover(brief, tester)), Sending(asker, builder)


def _keys(brief: Brief) -> Iterator[str]:
    """The keys of models that lie in files: they are secret like those in the environment."""
    for model in brief.settings.model.values():
        if model.key_file is not None:
            with suppress(OSError, UnicodeDecodeError):
                yield f"api_key = {model.key_file.expanduser().read_text(encoding='utf-8').strip()}"
