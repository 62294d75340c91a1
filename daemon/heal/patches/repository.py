"""A pipeline's history, and what heal does in it: drafts beside the user's work tree, and one landing at their yes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heal.errors import GitFailed
from heal.model_settings import Patches
from heal.patch import Draft, Patch
from heal.patches import carrying, drafting, editing, landing, rewording, shelf, withdrawing
from heal.patches.finding import Checkout, find
from heal.patches.snapshot import shadowed
from heal.patches.texts import text_of


def _nothing(_step: str) -> None:
    """Nobody is told of the steps."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that holds a pipeline's folder, or heal's shadow of a folder without one.

    All that is asked of git runs none of the user's programs (hooks, filters, drivers, signing) and asks nobody. Every
    method raises NoHistory where git cannot be used, GitFailed where it fails, NotNow where another heal is at work.
    """

    checkout: Checkout

    @classmethod
    def at(
        cls,
        folder: Path,
        state: Path,
        settings: Patches | None = None,
        *,
        step: Callable[[str], None] = _nothing,
    ) -> Repository:
        """The repository that holds ``folder``; ``state`` is the project's ``.heal``. Raises NoHistory with the reason.

        Nothing is written yet. ``step`` is told of each effect as it is had: who tests what a kill does listens there.
        """
        return cls(find(folder.resolve(), state.resolve(), settings or Patches.model_validate({}), step))

    @property
    def root(self) -> Path:
        """The top of the user's work tree."""
        return self.checkout.root

    @property
    def shadow(self) -> bool:
        """Whether heal keeps the history itself, because the folder is in no repository."""
        return self.checkout.shadow

    def text(self, path: str) -> str | None:
        """A file now, with plain line feeds: what an Edit is made from. None: no file. Raises PatchRefused."""
        return drafting.current(self.checkout, path)

    def text_at(self, commit: str, path: str) -> str | None:
        """The same of a file as a commit holds it. Raises PatchRefused."""
        answer = self.checkout.git.ask("cat-file", "--filters", f"{commit}:{path}")
        return text_of(answer.out, path) if answer.code == 0 else None

    def draft(
        self,
        patch: Patch,
        *,
        incident: str,
        slug: str,
        trailers: Sequence[tuple[str, str]] = (),
        executable: Collection[str] = (),
        seen: Mapping[str, str] | None = None,
    ) -> Draft:
        """A branch ``heal/<incident>-<slug>`` with the patch, in a worktree of its own. Raises PatchRefused.

        The same patch of the same incident gives the same draft. ``trailers`` are added to the commit
        (Heal-Model, Heal-Pattern, Heal-Confidence). ``executable``: files that are to get the right to be run.
        ``seen``: the texts that the patch was made from; where one is no longer so the patch is refused.
        """
        wanted = drafting.Wanted(patch, incident, slug, tuple(trailers), frozenset(executable), seen)
        with self._alone() as checkout:
            return drafting.drafted(checkout, wanted)

    def drafts(self) -> tuple[Draft, ...]:
        """The drafts that wait for an answer, by name of their branch."""
        if self.shadow and not (self.checkout.git_dir / "HEAD").exists():
            return ()
        return shelf.drafts(self.checkout)

    def restored(self, draft: Draft) -> Draft:
        """The draft with its worktree, where somebody removed that folder."""
        with self._alone() as checkout:
            return drafting.restored(checkout, draft)

    def reword(self, draft: Draft, subject: str, why: str) -> Draft:
        """The same change under another message; the draft given is gone."""
        with self._alone() as checkout:
            return rewording.reworded(checkout, draft, subject, why)

    def drop(self, draft: Draft) -> None:
        """Take a draft that nobody was shown away again, branch and worktree."""
        with self._alone() as checkout:
            withdrawing.removed(checkout, draft, draft.commit)

    def edited(self, draft: Draft) -> Draft:
        """The draft with what a person changed in its worktree. Raises PatchRefused where nothing is left of it.

        The draft given is still the one that waits, until ``amend`` puts this one in its place.
        """
        with self._alone() as checkout:
            return editing.edited(checkout, draft)

    def amend(self, draft: Draft, made: Draft) -> None:
        """Put what a person made of a draft in its place."""
        with self._alone() as checkout:
            editing.amend(checkout, draft, made)

    def diff(self, draft: Draft) -> str:
        """What the patch changes, as a unified diff; bytes that are no UTF-8 as escapes (``surrogateescape``)."""
        return shelf.difference(self.checkout, draft.base, draft.commit).decode("utf-8", "surrogateescape")

    def export(self, draft: Draft) -> str:
        """The patch as a mail that ``git am --keep-cr`` takes; to be written with ``surrogateescape``."""
        return withdrawing.exported(self.checkout, draft.base, draft.commit)

    def accept(self, draft: Draft, token: str) -> str:
        """Land the change in the user's work tree and commit it on their branch; the commit, the same if asked again.

        Where it is about lines that they have not committed it goes into the files alone. The commit is then on no
        branch: it holds the files as they are, its parent holds them as they were.

        Raises PatchConflict where it meets the user's own changes (nothing was changed; both versions are kept in
        ``.heal/conflicts/<token>``), PatchRefused where it cannot be landed for another reason.
        """
        with self._alone() as checkout:
            commit = landing.accepted(checkout, draft, token)
            if not shelf.locked(checkout, draft.worktree):
                withdrawing.removed(checkout, draft, draft.commit)
            return commit

    def landed(self, token: str) -> str | None:
        """The commit that was landed under a token, even if a person has dropped it since; None: none was."""
        return carrying.landed(self.checkout, token)

    def revert(self, token: str) -> str:
        """Take back what was landed under a token, by a commit; that commit, however often asked. Raises as accept.

        What was landed in the files alone is taken out of the files alone.
        """
        with self._alone() as checkout:
            return landing.reverted(checkout, token)

    def resume(self) -> None:
        """Finish or take back what a killed heal left half done. All that writes does so first."""
        with self._alone():
            pass

    def reject(self, draft: Draft, why: str = "") -> Path:
        """Remove branch and worktree once the patch is archived under ``.heal/rejected``; the archive."""
        with self._alone() as checkout:
            return withdrawing.rejected(checkout, draft, why)

    def expire(self, now: datetime, waited: Collection[str] = ()) -> tuple[Draft, ...]:
        """Reject what nobody answered within ``[patches] expire_days``; those drafts.

        ``waited`` are branches that somebody is still asked about. Where no draft is, nothing is written.
        """
        if not self.drafts():
            return ()
        with self._alone() as checkout:
            return withdrawing.expired(checkout, checkout.settings.expire_days, now, waited)

    @contextmanager
    def _alone(self) -> Iterator[Checkout]:
        try:
            with self.checkout.alone() as checkout:
                # first of all: what is half landed is neither a base for a draft nor the user's own state
                landing.resumed(checkout)
                yield shadowed(checkout)
        except OSError as error:  # a full disk, a spent quota, a folder that is not the user's
            raise GitFailed(f"heal cannot write for {self.root}: {error}. What was begun was not landed") from error
