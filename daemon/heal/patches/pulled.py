"""Patches of a pipeline that an engine fetched: its folder is the engine's own, and nothing is written into it.

The history that drafts are made in is a copy of heal's, without files; the files are read where the engine has them.
Such a patch never lands: it is given as a mail, for a clone of the user's own.
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from heal import whole_file
from heal.errors import GitFailed, NoHistory
from heal.model_settings import Patches
from heal.patch import Draft
from heal.patches.files import private_folder
from heal.patches.finding import Checkout, make_state
from heal.patches.repository import Repository
from heal.patches.running import Git, require

_FOLDER, _COPY = "pulled", "history.git"
# of a repository on this disk, whatever else is not to be talked to
_FROM_HERE = {"GIT_ALLOW_PROTOCOL": "file"}


def of_pulled(folder: Path, project: str, state: Path, settings: Patches) -> Repository:
    """The repository to draft in for a fetched pipeline; ``state`` is the ``.heal`` of the folder it was launched in.

    Raises NoHistory where the engine's folder is no repository that git can read, GitFailed where the copy fails.
    """
    theirs = Git(folder.resolve())
    require(theirs)
    asked = theirs.ask("rev-parse", "--show-toplevel", "--verify", "HEAD^{commit}")
    if asked.code:
        raise NoHistory(f"{project} was fetched into {folder}, which git cannot read: {asked.complaint}")
    # the name of a folder may hold a line break
    root, _, commit = asked.text.rpartition("\n")
    make_state(state)
    own = state / _FOLDER / f"{project.replace('/', '+')}-{commit[:12]}"
    copied = own / _COPY
    if not copied.is_dir():
        _copy(Path(root), commit, copied)
    git = Git(Path(root)).having(GIT_DIR=str(copied), GIT_WORK_TREE=root).unfiltered()
    return Repository(Checkout(Path(root), copied, Path(root), own, False, git, settings, lambda _step: None))


def _copy(root: Path, commit: str, copied: Path) -> None:
    """Whole or not at all: a killed heal leaves a folder that nobody looks at, and the next one makes another.

    Of two at once the first one's is the copy.
    """
    making = copied.with_name(f".{uuid.uuid4().hex}.making")
    try:
        private_folder(copied.parent)
        Git(copied.parent).having(**_FROM_HERE).run(
            "clone", "--quiet", "--bare", "--no-hardlinks", "--template=", str(root), str(making)
        )
        git = Git(root).having(GIT_DIR=str(making), GIT_WORK_TREE=str(root)).unfiltered()
        git.run("config", "core.bare", "false")
        git.run("update-ref", "--no-deref", "HEAD", commit)
        git.run("read-tree", commit)
        making.rename(copied)
    except OSError as error:
        if copied.is_dir():
            return
        raise GitFailed(f"{copied.parent} cannot be written: {error.strerror}. Patches need it") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)


def given(repository: Repository, draft: Draft) -> Path:
    """Write a draft as a mail beside the copy, which ``git am --keep-cr`` takes, and take the draft away; the mail."""
    name = draft.branch.removeprefix("heal/").replace("/", "-")
    mail = repository.checkout.state / f"{name}-{draft.patch_id[:12]}.patch"
    try:
        whole_file.put(mail, repository.export(draft), mode=0o666)
    except OSError as error:
        raise GitFailed(f"{mail} cannot be written: {error.strerror}") from error
    repository.drop(draft)
    return mail
