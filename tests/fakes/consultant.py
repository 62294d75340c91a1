"""A scripted consultant in memory that keeps the promises of the seam."""

from __future__ import annotations

from pathlib import Path

from heal.errors import AlreadyThere, PatchConflict
from heal.journal import Consulted
from heal.patch import Draft, Objection, Trial
from heal.records import Verdict
from heal.settings import Settings
from heal.steps.consult import Matter


def draft(name: str = "one") -> Draft:
    """A patch of align.py, told apart by its name."""
    folder = Path("/project")
    return Draft(
        repository=folder,
        git_dir=folder / ".git",
        branch=f"heal/1-{name}",
        base="b" * 40,
        commit=f"{name:c<40}",
        patch_id=f"{name:p<40}",
        worktree=folder / ".heal/worktrees/1",
        files=("align.py",),
        subject="Call what numpy has",
        why="numpy 2 has no product",
    )


def patched(name: str = "one", *, replayed: bool = True, sure: bool = True, minds: str = "") -> Consulted:
    """An answer with a patch."""
    objections = (Objection("size", Verdict.ASK, "align.py", 0, minds),) if minds else ()
    trials = (Trial("parses", True), Trial("replay", replayed or None))
    return Consulted("it calls what is gone", draft(name), trials, objections, models=("local",), sure=sure)


class FakeConsultant:
    """Gives its answers in order, each after ``thinks`` questions; ``conflicts``: no patch fits; ``there``: the files hold it."""

    def __init__(self, *answers: Consulted, thinks: int = 0) -> None:
        self.answers = list(answers)
        self.thinks = thinks
        self.asked: list[Matter] = []
        self.landed: dict[str, Draft] = {}
        self.calls = 0
        self.withdrawn: list[tuple[str, str]] = []
        self.conflicts = ""
        self.there = False
        self.edited = False
        self._left: dict[str, int] = {}

    def pending(self, incident: str) -> bool:
        """One that thinks gets on with it when looked at."""
        if incident not in self._left:
            return False
        self._left[incident] -= 1
        return self._left[incident] > 0

    def ask(self, matter: Matter, settings: Settings) -> Consulted | None:
        known = matter.incident.id in self._left
        if not known:
            self.asked.append(matter)
            self._left[matter.incident.id] = self.thinks
        if self._left[matter.incident.id] > 0:
            return None
        del self._left[matter.incident.id]
        return self.answers.pop(0)

    def wait(self) -> bool:
        return False

    def close(self) -> None:
        pass

    def land(self, draft: Draft, token: str) -> str:
        self.calls += 1
        if self.there:
            raise AlreadyThere("the files hold it")
        if self.conflicts:
            raise PatchConflict(self.conflicts)
        self.landed[token] = draft
        return "landed"

    def fits(self, draft: Draft) -> bool:
        return not self.edited

    def withdraw(self, draft: Draft, why: str) -> None:
        self.withdrawn.append((draft.branch, why))
