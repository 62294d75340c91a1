"""What the work tree holds beyond its last commit: the files a task really ran with.

Only files that patches may touch, that are text, of a bounded size, no symbolic links, and not behind a filter (LFS).
A file that is made to hold secrets and that git does not know is left where it is.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from heal.errors import PatchRefused
from heal.knowledge.secret_files import holds_secrets
from heal.patches.entries import behind_filters
from heal.patches.files import Held, held, private_folder
from heal.patches.finding import Checkout, make_state
from heal.patches.running import Git

MOST_BYTES = 1 << 20
_MOST_FILES = 5000
_MOST_TOGETHER = 64 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
HEAL = {
    "GIT_AUTHOR_NAME": "heal",
    "GIT_AUTHOR_EMAIL": "heal@localhost",
    "GIT_COMMITTER_NAME": "heal",
    "GIT_COMMITTER_EMAIL": "heal@localhost",
}


def changed(checkout: Checkout) -> tuple[tuple[str, Held | None], ...]:
    """The files that differ from HEAD, and untracked ones, with what they hold now; None: deleted."""
    git = checkout.git.having(GIT_LITERAL_PATHSPECS="0")
    against = ("diff-index", "--name-only", "-z", "--no-renames", "--ignore-submodules=all", "HEAD", "--")
    names = [*git.names(*against, *_tracked(checkout)), *_untracked(checkout, git)]
    return tuple(_held(checkout, names))


def shadowed(checkout: Checkout) -> Checkout:
    """For a folder without git: make heal's shadow repository, and commit there what the folder holds now."""
    if not checkout.shadow:
        return checkout
    make_state(checkout.state)
    ready = checkout
    if not (checkout.git_dir / "HEAD").exists():
        private_folder(checkout.git_dir)
        checkout.git.run("init", "--quiet", "--template=", "--initial-branch=main")
        ready = replace(checkout, git=checkout.git.unfiltered())
    git = ready.git.having(GIT_LITERAL_PATHSPECS="0")
    born = git.ask("rev-parse", "--verify", "--quiet", "HEAD").code == 0
    edited = git.names("ls-files", "-z", "--modified", "--deleted", "--", *_tracked(ready))
    enter(ready.git, [name for name, _what in _held(ready, [*edited, *_untracked(ready, git)])])
    tree = ready.git.text("write-tree")
    if born and tree == ready.git.text("rev-parse", "HEAD^{tree}"):
        return ready
    before = ["-p", "HEAD"] if born else []
    commit = ready.git.having(**HEAL).text("commit-tree", *before, tree, stdin=b"The folder as heal found it\n")
    ready.git.run("update-ref", "HEAD", commit)
    return ready


def enter(git: Git, names: Sequence[str]) -> None:
    """Tell git's index what these files hold on disk now; ones that are gone leave it."""
    if names:
        told = "".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape")
        git.run("update-index", "--add", "--remove", "-z", "--stdin", stdin=told)


def _held(checkout: Checkout, names: Sequence[str]) -> Iterator[tuple[str, Held | None]]:
    own = [name for name in dict.fromkeys(names) if ".heal" not in name.split("/")]
    filtered = behind_filters(checkout.git, own)
    room = _MOST_TOGETHER
    for name in [name for name in own if name not in filtered][:_MOST_FILES]:
        try:
            what = held(checkout.root, name, MOST_BYTES)
        except (PatchRefused, OSError):
            continue
        if what and b"\0" in what.data and not what.data.startswith(_UTF16):
            continue
        room -= len(what.data) if what else 0
        if room < 0:
            return
        yield name, what


def _places(checkout: Checkout) -> tuple[str, ...]:
    """What the globs of patches are relative to: the repository's root, and the pipeline's folder in it."""
    root, folder = checkout.root.resolve(), checkout.folder.resolve()
    below = folder.relative_to(root).as_posix() if folder != root and folder.is_relative_to(root) else ""
    return tuple(dict.fromkeys(["", f"{below}/" if below else ""]))


def _tracked(checkout: Checkout) -> list[str]:
    """What patches may touch, as git's own globs."""
    found = [f":(glob){place}{glob}" for place in _places(checkout) for glob in checkout.settings.allow]
    return [*found, *(f":(exclude,glob){glob}" for glob in checkout.settings.deny)]


def _untracked(checkout: Checkout, git: Git) -> tuple[str, ...]:
    """The files that git does not know and does not ignore; not those that are made to hold secrets.

    A glob without a folder is looked up here: git would walk through every folder of results for it.
    """
    found = []
    for place in _places(checkout):
        names = [name for name in os.listdir(checkout.root / place) if not (checkout.root / place / name).is_dir()]  # noqa: PTH208 - of a folder with very many
        for glob in checkout.settings.allow:
            here = [f":(literal){place}{name}" for name in fnmatch.filter(names, glob)]
            found += [f":(glob){place}{glob}"] if "/" in glob else here
    if not found:
        return ()
    without = [f":(exclude,glob){glob}" for glob in checkout.settings.deny]
    there = git.names("ls-files", "-z", "--others", "--exclude-standard", "--", *dict.fromkeys(found), *without)
    return tuple(name for name in there if not holds_secrets(name))
