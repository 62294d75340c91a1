"""From a patch as data to a commit on a branch of its own, in a worktree of heal's.

The task ran with the work tree as it was, edits that are not committed included. So where such files differ from HEAD,
a commit of their state comes first on the branch, and the patch is a commit on top of it: the change is made, shown and
tried on what the task really ran with, and only that last commit is ever landed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heal.errors import GitFailed, PatchRefused
from heal.knowledge.secret_files import holds_secrets
from heal.patch import Draft, Patch
from heal.patches import entries, messages, snapshot
from heal.patches.files import Held, held, private_folder, put, staged
from heal.patches.finding import Checkout
from heal.patches.running import Git
from heal.patches.shelf import described, drafts, worktrees
from heal.patches.texts import rewritten, text_of

_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 40
_KEY = "Heal-Draft"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drafted. ``seen``: the texts it was made from, where they are to be the ones that stand there."""

    patch: Patch
    incident: str
    slug: str
    trailers: tuple[tuple[str, str], ...] = ()
    executable: frozenset[str] = frozenset()
    seen: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """The same for the same patch of the same incident."""
        said = [self.incident, sorted((edit.path, edit.text) for edit in self.patch.edits), sorted(self.executable)]
        return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it touches, each once."""
        return tuple(dict.fromkeys([*(edit.path for edit in self.patch.edits), *sorted(self.executable)]))


def current(checkout: Checkout, path: str) -> str | None:
    """The text of a file as it stands in the work tree: what an edit is made from; None: no file."""
    found = held(checkout.root, entries.checked_path(path), snapshot.MOST_BYTES)
    return text_of(found.data, path) if found else None


def drafted(checkout: Checkout, wanted: Wanted) -> Draft:
    """The draft; the one that is there where the same patch of the same incident was drafted before."""
    _refuse(checkout, wanted)
    _sweep(checkout)
    same = [one for one in drafts(checkout) if _key_of(checkout, one) == wanted.key]
    if same:
        return restored(checkout, same[0])
    branch = _branch(checkout, wanted)
    place = _free(checkout, branch)
    making = place.with_name(f"{place.name}.making")
    try:
        private_folder(place.parent)
        making.touch()
        _begin(checkout, place)
        checkout.step("worktree")
        commit = _committed(checkout, checkout.worktree(place), wanted)
        _finish(checkout, place, branch, commit)
        making.unlink()
    except OSError as error:
        _undo(checkout, place, making)
        raise GitFailed(f"no draft can be made in {place.parent}: {error.strerror}. Nothing was changed") from error
    except Exception:
        _undo(checkout, place, making)
        raise
    return described(checkout, branch, commit, place)


def restored(checkout: Checkout, draft: Draft) -> Draft:
    """The draft with its worktree in place, where somebody removed the folder."""
    if (draft.worktree / ".git").exists():
        return draft
    if draft.worktree in worktrees(checkout):
        checkout.git.run("worktree", "remove", str(draft.worktree))
    place = draft.worktree if not draft.worktree.exists() else _free(checkout, draft.branch)
    checkout.git.run("worktree", "add", "--quiet", str(place), draft.branch)
    return described(checkout, draft.branch, draft.commit, place)


# --- what is refused ---------------------------------------------------------------------------


def _refuse(checkout: Checkout, wanted: Wanted) -> None:
    """Look at each file before anything is made. Raises PatchRefused."""
    paths = [entries.checked_path(path) for path in wanted.paths]
    if not paths:
        raise PatchRefused("the patch edits no file")
    if len({edit.path for edit in wanted.patch.edits}) < len(wanted.patch.edits):
        raise PatchRefused("the patch edits a file twice")
    committed = entries.of_commit(checkout.git, checkout.head(), paths)
    entries.of_index(checkout.git, paths)
    filtered = entries.behind_filters(checkout.git, paths)
    for path in paths:
        if path in filtered:
            raise PatchRefused(f"{path} is kept by a filter (Git LFS or the like): git does not hold its content")
        found = held(checkout.root, path, snapshot.MOST_BYTES)
        text = text_of(found.data, path) if found else None
        if wanted.seen is not None and wanted.seen.get(path) != text:
            raise PatchRefused(f"{path} is not what the patch was made from any more: ask for the patch again")
        if found and path not in committed and entries.ignored(checkout.git, path):
            raise PatchRefused(f"{path} is ignored by git: a change to it could not be undone")
        if found and path not in committed and holds_secrets(path):
            raise PatchRefused(f"{path} is of a kind that holds secrets, and not in git: a draft would put it there")


# --- the commits -------------------------------------------------------------------------------


def _begin(checkout: Checkout, place: Path) -> None:
    """A worktree whose index is HEAD's, and with no file yet: they come last, once there is something to check out."""
    checkout.git.run("worktree", "add", "--quiet", "--no-checkout", "--detach", str(place), "HEAD")
    inner = checkout.worktree(place)
    inner.run("read-tree", "HEAD")
    rules = inner.having(GIT_LITERAL_PATHSPECS="0").run("ls-files", "-z", "--", ":(glob)**/.gitattributes").out
    inner.run("checkout-index", "-z", "--stdin", stdin=rules)  # what else is written depends on them


def _committed(checkout: Checkout, inner: Git, wanted: Wanted) -> str:
    base = _snapshot(checkout, inner, wanted)
    before = entries.of_commit(inner, base, wanted.paths)
    names = [path for path, what in _edited(inner, before, wanted) if _written(inner.folder, path, what)]
    snapshot.enter(inner, names)
    mode = inner.text("config", "--type=bool", "--default=true", "--get", "core.fileMode")
    if mode == "false" and wanted.executable:
        inner.run("update-index", "--chmod=+x", "--", *sorted(wanted.executable))
    tree = inner.text("write-tree")
    if tree == inner.text("rev-parse", f"{base}^{{tree}}"):
        raise PatchRefused("the patch changes nothing: the files already hold this")
    _byte_exact(inner, tree, names)
    trailers = (("Heal-Incident", wanted.incident), *wanted.trailers, (_KEY, wanted.key))
    said = messages.message(wanted.patch.subject, wanted.patch.why, trailers)
    return inner.having(**snapshot.HEAL).text("commit-tree", "-p", base, tree, stdin=said.encode("utf-8", "replace"))


def _snapshot(checkout: Checkout, inner: Git, wanted: Wanted) -> str:
    """HEAD, or a commit on it of what the work tree holds beyond it."""
    head = inner.text("rev-parse", "HEAD")
    if checkout.shadow:
        return head
    found = dict(snapshot.changed(checkout))
    for path in wanted.paths:  # what is patched is as it stands there, whatever the globs say
        found[path] = held(checkout.root, path, snapshot.MOST_BYTES)
    names = [path for path, what in found.items() if _written(inner.folder, path, what)]
    gone = [path for path, what in found.items() if what is None]
    snapshot.enter(inner, [*names, *gone])
    tree = inner.text("write-tree")
    if tree == inner.text("rev-parse", "HEAD^{tree}"):
        return head
    said = f"The work tree when heal drafted a patch for {messages.line(wanted.incident)}\n"
    return inner.having(**snapshot.HEAL).text("commit-tree", "-p", head, tree, stdin=said.encode())


def _edited(inner: Git, before: Mapping[str, entries.Entry], wanted: Wanted) -> Iterator[tuple[str, Held]]:
    texts = {edit.path: edit for edit in wanted.patch.edits}
    for path in wanted.paths:
        old = entries.checked_out(inner, before.get(path), path)
        if path in texts:
            data = rewritten(old.data if old else None, texts[path].text, path)
        elif old:
            data = old.data
        else:
            raise PatchRefused(f"{path} is to be made executable and is not there")
        runs = old.executable if old else data.startswith(b"#!")
        yield path, Held(data, runs or path in wanted.executable)


def _written(folder: Path, path: str, what: Held | None) -> bool:
    if what is None:
        return False
    aside = folder / ".heal-new"
    staged(aside, what)
    there = held(folder, path)
    put(folder, path, aside, new=there is None)
    aside.unlink(missing_ok=True)
    return True


def _byte_exact(inner: Git, tree: str, names: Collection[str]) -> None:
    """What was written comes out of git as it went in, or the rest of the file would change unseen."""
    for path, entry in entries.of_commit(inner, tree, list(names)).items():
        there, back = held(inner.folder, path), entries.checked_out(inner, entry, path)
        if there is None or back is None or there.data != back.data:
            raise PatchRefused(f"{path} does not come out of git as it goes in (line endings, or an encoding)")


# --- the branch --------------------------------------------------------------------------------


def _finish(checkout: Checkout, place: Path, branch: str, commit: str) -> None:
    """Check everything out, and then make the branch, which is what makes it a draft."""
    inner = checkout.worktree(place)
    inner.run("reset", "--quiet", "--hard", commit)
    checkout.step("checkout")
    inner.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    checkout.step("symbolic-ref")
    checkout.git.run("update-ref", f"refs/heads/{branch}", commit, "0" * len(commit))
    checkout.step("branch")


def _branch(checkout: Checkout, wanted: Wanted) -> str:
    if checkout.git.ask("rev-parse", "--verify", "--quiet", "refs/heads/heal").code == 0:
        raise PatchRefused("a branch named heal is there, so none can be named heal/…: git branch -m heal <other name>")
    words = (_SIGNS.sub("-", part).strip("-")[:_LONGEST] for part in (wanted.incident, wanted.slug.lower()))
    stem = "heal/" + "-".join(word for word in words if word)
    taken = set(checkout.git.text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/heal/").split("\n"))
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if name not in taken)


def _free(checkout: Checkout, branch: str) -> Path:
    stem = checkout.state / "worktrees" / branch.removeprefix("heal/")
    listed = worktrees(checkout)
    places = (stem, *(stem.with_name(f"{stem.name}.{n}") for n in range(2, 10_000)))
    return next(each for each in places if not each.exists() and each not in listed)


def _key_of(checkout: Checkout, draft: Draft) -> str:
    said = checkout.git.text("log", "-1", "--format=%B", draft.commit)
    return messages.parsed(said)[2].get(_KEY, "")


def _sweep(checkout: Checkout) -> None:
    """Remove what a killed heal had begun and not finished. A draft is finished once its branch is there."""
    for making in (checkout.state / "worktrees").glob("*.making"):
        place = making.with_suffix("")
        if any(one.worktree == place for one in drafts(checkout)):
            making.unlink()
        else:
            _undo(checkout, place, making)


def _undo(checkout: Checkout, place: Path, making: Path) -> None:
    """Remove a worktree that was being made; nobody but heal has had it in hand."""
    if place in worktrees(checkout):
        checkout.git.ask("worktree", "remove", "--force", str(place))
    shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):
        making.unlink()
