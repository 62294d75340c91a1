"""Which repository holds a pipeline's folder, and whether heal can work in it; else heal's own shadow of the folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from heal.errors import GitFailed, NoHistory, NotNow
from heal.model_settings import Patches
from heal.patches.running import Git, require

# what git keeps in its folder while something goes on, and what a person would call it
_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase (or git am)",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
    "sequencer": "cherry-pick or revert of several commits",
}


@dataclass(frozen=True, slots=True)
class Checkout:
    """The user's work tree (``root``), its repository, and heal's folder for it (``state``).

    ``git_dir`` is the repository of this very work tree, ``folder`` the pipeline's in it. ``shadow``: the repository is
    heal's own, of a folder that no git knows. ``step`` is told the name of each effect before it is had.
    """

    root: Path
    git_dir: Path
    folder: Path
    state: Path
    shadow: bool
    git: Git
    settings: Patches
    step: Callable[[str], None]

    def worktree(self, path: Path) -> Git:
        """Runs git in a worktree of heal's; never in the user's, whatever became of the folder. Raises NoHistory."""
        try:
            said = (path / ".git").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise NoHistory(f"the worktree {path} is gone ({error.strerror}); its branch may still be there") from error
        git_dir = Path(said.removeprefix("gitdir:").strip())
        inner = Git(path, settings=self.git.settings, keep=self.git.keep)
        return inner.having(GIT_DIR=str(git_dir), GIT_WORK_TREE=str(path))

    def head(self) -> str:
        """The commit that the user's work tree stands on."""
        return self.git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    def branch(self) -> str:
        """The full name of the user's branch; empty where HEAD is detached."""
        return self.git.run("symbolic-ref", "--quiet", "HEAD", good=(0, 1)).text

    def under_way(self) -> str:
        """What goes on in the user's repository, which a commit would get into; empty: nothing."""
        return next((name for file, name in _UNDER_WAY.items() if (self.git_dir / file).exists()), "")

    @contextmanager
    def alone(self) -> Iterator[Checkout]:
        """The same checkout, with no other heal at work in it. Raises NotNow.

        Whatever git is started under it holds the lock too: one that outlives a killed heal is waited for.
        """
        make_state(self.state)
        with (self.state / "patches.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise NotNow(f"another heal, or a git it started, is at work on patches in {self.root}") from error
            yield replace(self, git=replace(self.git, keep=(lock.fileno(),)))


def make_state(state: Path) -> None:
    """Make heal's folder, kept out of git's sight by its own .gitignore. Raises GitFailed."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        ignore = state / ".gitignore"
        if not ignore.exists():
            ignore.write_text("# everything here is heal's own working material\n*\n", encoding="utf-8")
    except OSError as error:
        raise GitFailed(f"{state} cannot be written: {error.strerror}. Patches need it; nothing was changed") from error


def find(folder: Path, state: Path, settings: Patches, step: Callable[[str], None]) -> Checkout:
    """The checkout that holds a folder. Raises NoHistory with what stands in the way and what would help."""
    git = Git(folder)
    require(git)
    if not folder.is_dir():
        raise NoHistory(f"{folder} is no folder")
    asked = git.ask("rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--absolute-git-dir")
    if asked.code:
        return _without_git(folder, state, settings, step, asked.complaint)
    bare, inside, git_dir = asked.text.split("\n", 2)
    if bare == "true" or inside == "true":
        raise NoHistory(f"{folder} lies in a bare repository or in .git itself: there is no work tree to patch")
    root = Path(git.text("rev-parse", "--show-toplevel"))
    if _foreign(git, root, folder):
        return _shadowed(folder, state, settings, step)
    bound = git.having(GIT_DIR=git_dir, GIT_WORK_TREE=str(root))
    whole = Checkout(root, Path(git_dir), folder, state, False, replace(bound, folder=root), settings, step)
    whole = replace(whole, git=whole.git.unfiltered())
    if whole.git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").code:
        raise NoHistory(f"the repository {root} has no commit yet: git add what belongs to it, and git commit")
    return whole


def _foreign(git: Git, root: Path, folder: Path) -> bool:
    """Whether a repository tracks nothing in a folder below it: a home folder under git, say."""
    if folder.resolve() == root.resolve():
        return False
    return not git.ask("ls-files", "--", ".").out.strip()


def _without_git(folder: Path, state: Path, settings: Patches, step: Callable[[str], None], complaint: str) -> Checkout:
    if "dubious ownership" in complaint or "unsafe repository" in complaint:
        raise NoHistory(
            f"the repository that holds {folder} is another user's: git config --global --add safe.directory "
            "<its folder>, if you trust it"
        )
    broken = next((each for each in (folder, *folder.parents) if os.path.lexists(each / ".git")), None)
    if broken is not None:
        raise NoHistory(f"{broken / '.git'} is there, but git cannot use it: {complaint}")
    return _shadowed(folder, state, settings, step)


def _shadowed(folder: Path, state: Path, settings: Patches, step: Callable[[str], None]) -> Checkout:
    """A repository of heal's own, of the project that ``state`` lies in."""
    root, git_dir = state.parent.resolve(), state.resolve() / "shadow.git"
    if not folder.resolve().is_relative_to(root):
        raise NoHistory(f"{folder} is in no git repository and not below {root}: git init there, and commit")
    git = Git(root).having(GIT_DIR=str(git_dir), GIT_WORK_TREE=str(root))
    git = git.unfiltered() if (git_dir / "HEAD").exists() else git
    return Checkout(root, git_dir, folder.resolve(), state.resolve(), True, git, settings, step)
