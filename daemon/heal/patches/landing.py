"""Landing a draft in the user's work tree, and taking it back: worked out whole, refused whole, or done whole.

Only heal's own change goes into the commit. What the user has not committed stays uncommitted, with heal's change among
it; what they staged stays staged; what has nothing to do with the patch is not looked at.

A change to lines that the user has just written, and not committed, is in no commit without those lines, and these are
not heal's to commit. It goes into the files alone. What they held before and after is kept in two commits on no branch,
so it can be taken back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from heal.errors import AlreadyThere, NotNow, PatchRefused
from heal.patch import Draft
from heal.patches import entries, messages, shelf, snapshot
from heal.patches.carrying import Moved, carried_out, checked_token, landed, pending, recorded, swept
from heal.patches.entries import EXECUTABLE, REGULAR, Entry
from heal.patches.files import Held, private_folder
from heal.patches.finding import Checkout
from heal.patches.plan import Change, Plan, Result, files_only, refuse_conflicts, work_out

TOKEN = "Heal-Remedy"  # noqa: S105 - the name of a trailer
# says of a commit that it is on no branch, and what it holds was put into the files
UNCOMMITTED = ("Heal-Landed", "in the work tree only")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be landed under which token, and what the commit says. ``author`` are variables of git's."""

    change: Change
    token: str
    subject: str
    why: str
    trailers: tuple[tuple[str, str], ...]
    author: tuple[tuple[str, str], ...]


def accepted(checkout: Checkout, draft: Draft, token: str) -> str:
    """The commit that holds the draft's change. Raises PatchConflict, PatchRefused, NotNow or GitFailed."""
    checked_token(token)
    tip = checkout.git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{draft.branch}")
    if tip.code == 0 and tip.text != draft.commit:
        raise PatchRefused(f"{draft.branch} was changed since this patch was looked at: heal diff shows what it is now")
    subject, why, said = messages.parsed(shelf.message(checkout, draft.commit))
    kept = [(name, value) for name, value in said.items() if name not in (TOKEN, "Heal-Draft")]
    trailers = (*kept, (TOKEN, token), *_signed(checkout))
    change = Change(draft.base, draft.commit, draft.files)
    return _landed(checkout, Order(change, token, subject, why, trailers, _author(checkout, draft.commit)))


def reverted(checkout: Checkout, token: str) -> str:
    """The commit that takes back what was landed under a token. Raises as ``accepted`` does."""
    commit = landed(checkout, token)
    if commit is None:
        raise PatchRefused(f"nothing was landed under {token} in {checkout.root}, so nothing can be taken back")
    before = checkout.git.text("rev-parse", f"{commit}^")
    names = checkout.git.names("diff-tree", "-r", "-z", "--no-renames", "--name-only", before, commit)
    subject, _why, said = messages.parsed(shelf.message(checkout, commit))
    change = Change(commit, before, names, uncommitted=UNCOMMITTED in said.items())
    incident = ((name, said[name]) for name in (shelf.INCIDENT,) if name in said)
    trailers = (*incident, ("Heal-Reverts", token), *_signed(checkout))
    author = tuple((name, value) for name, value in snapshot.HEAL.items() if "AUTHOR" in name)
    subject, why = f'Revert "{subject}"', f"This reverts commit {commit}."
    return _landed(checkout, Order(change, f"{token}.revert", subject, why, trailers, author))


def resumed(checkout: Checkout) -> None:
    """Finish what a killed heal had begun, or take it back where it cannot be finished. Raises NotNow."""
    swept(checkout)
    for plan in pending(checkout):
        with suppress(Moved):
            carried_out(checkout, plan)


def _landed(checkout: Checkout, order: Order) -> str:
    for _try in range(_TRIES):
        if done := landed(checkout, order.token):
            return done
        plan, results = _planned(checkout, order)
        recorded(checkout, plan, results)
        with suppress(Moved):
            return carried_out(checkout, plan)
    raise NotNow(f"{checkout.root} is being changed by somebody else; nothing was done. Try again")


def _planned(checkout: Checkout, order: Order) -> tuple[Plan, Sequence[Result]]:
    if going_on := checkout.under_way():
        raise PatchRefused(f"{checkout.root} is in the midst of a {going_on}: finish or abort it first")
    head, branch = checkout.head(), checkout.branch()
    results = work_out(checkout, order.change, head)
    alone = files_only(results)
    if alone:
        results = tuple(_index_left(result) for result in results)
        if all(result.touched.work_before == result.touched.work_after for result in results):
            raise AlreadyThere(f"{checkout.root} already holds this change: there is nothing to do")
    else:
        refuse_conflicts(results, checkout.state / "conflicts" / order.token, _kept)
    commit = (_remembered if alone else _committed)(checkout, order, head, results)
    return Plan(order.token, branch, head, commit, tuple(result.touched for result in results), alone), results


def _index_left(result: Result) -> Result:
    return replace(result, touched=replace(result.touched, index_after=result.touched.index_before))


# --- the commits -------------------------------------------------------------------------------


def _committed(checkout: Checkout, order: Order, head: str, results: Sequence[Result]) -> str:
    """A commit of heal's change and nothing else, on the user's last one."""
    tree = _tree(checkout, head, {result.path: result.entry for result in results})
    return _commit(checkout, order, head, tree, order.trailers)


def _remembered(checkout: Checkout, order: Order, head: str, results: Sequence[Result]) -> str:
    """A commit of the files with the change, on one of the files without it: as they stand, not as git would add them.

    Conversions of git's lose which line breaks a file has; these two are to bring back every byte.
    """
    before = _tree(checkout, head, {result.path: _stored(checkout, result.there) for result in results})
    said = f"The files before {order.token} was landed in them\n"
    parent = checkout.git.having(**snapshot.HEAL).text("commit-tree", "-p", head, before, stdin=said.encode())
    after = _tree(checkout, parent, {result.path: _stored(checkout, result.work) for result in results})
    return _commit(checkout, order, parent, after, (*order.trailers, UNCOMMITTED))


def _commit(checkout: Checkout, order: Order, parent: str, tree: str, trailers: messages.Trailers) -> str:
    who = dict((*order.author, *_committer(checkout)))
    said = messages.message(order.subject, order.why, trailers)
    return checkout.git.having(**who).text("commit-tree", "-p", parent, tree, stdin=said.encode())


def _tree(checkout: Checkout, commit: str, new: Mapping[str, Entry | None]) -> str:
    place = checkout.state / "landing"
    private_folder(place)
    with tempfile.TemporaryDirectory(dir=place, prefix=".index-") as aside:
        return entries.tree_with(checkout.git, commit, str(Path(aside) / "index"), new)


def _stored(checkout: Checkout, file: Held | None) -> Entry | None:
    if file is None:
        return None
    return Entry(EXECUTABLE if file.executable else REGULAR, entries.stored(checkout.git, file.data))


def _kept(file: Path, data: bytes) -> None:
    private_folder(file.parent)
    file.write_bytes(data)


# --- who ---------------------------------------------------------------------------------------


def _author(checkout: Checkout, commit: str) -> tuple[tuple[str, str], ...]:
    """The author is heal, at the time of the draft."""
    when = checkout.git.text("log", "-1", "--format=%aI", commit)
    mine = {name: value for name, value in snapshot.HEAL.items() if "AUTHOR" in name}
    return tuple({**mine, "GIT_AUTHOR_DATE": when}.items())


def _user(checkout: Checkout) -> tuple[str, str] | None:
    """Who said yes, as git knows them; None where they never told it."""
    name, email = (checkout.git.ask("config", "--get", f"user.{what}").text for what in ("name", "email"))
    return (name, email) if name and email else None


def _committer(checkout: Checkout) -> tuple[tuple[str, str], ...]:
    """Whoever said yes commits it, and answers for it in a shared repository."""
    user = _user(checkout)
    if user is None or checkout.shadow:
        return tuple((name, value) for name, value in snapshot.HEAL.items() if "COMMITTER" in name)
    return (("GIT_COMMITTER_NAME", user[0]), ("GIT_COMMITTER_EMAIL", user[1]))


def _signed(checkout: Checkout) -> list[tuple[str, str]]:
    """The user's sign-off, where settings ask for it; only at the yes, since nobody signs for what they did not see."""
    user = _user(checkout)
    if not checkout.settings.signoff:
        return []
    if user is None:
        raise PatchRefused("patches.signoff is on, and git does not know who signs: git config user.name, user.email")
    return [("Signed-off-by", f"{user[0]} <{user[1]}>")]
