"""Carrying out a plan, so that a kill at any point loses nothing and leaves nothing half done for good.

The order of effects, and why:

1. The record: a folder ``landing/<token>`` with the plan and each file's new content, renamed into place whole. From
   here on whoever comes next knows what is being done.
2. The work tree, file by file. Before a file is replaced it gets a second name in the record's folder; after it the
   content found under that name is compared with what the plan saw. So what an editor wrote in between is seen and put
   back, and an undo brings back the very file. A kill here leaves a change that is not committed: visible, harmless.
3. The index, by git's own lock and one rename, if it is still, byte for byte, the one that was worked on. It comes
   before the branch: the other way round, a kill would leave an index without the change under a commit that has it,
   and the user's next commit would take it back unseen.
4. The branch, if it still stands where the plan saw it, and with it the reference ``refs/heal/landed/<token>``, in one
   transaction of git's. This is what makes it landed.
5. The record goes.

Where a change goes into the files alone there is no 3, and of 4 only the reference; HEAD may then stand anywhere.

The next heal that finds a record goes on where it stopped: each place holds what the plan saw (do it), or what the plan
wants (done), or something else, and then all that is still exactly as heal left it is undone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from heal.errors import GitFailed, HealError, NotNow, PatchRefused
from heal.patches import entries, files
from heal.patches.finding import Checkout
from heal.patches.plan import Plan, Result, Touched

LANDED = "refs/heal/landed/"
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
_PLAN = "plan.json"


class Moved(HealError):
    """Something is no longer as the plan saw it. It is undone, and may be worked out anew."""


def checked_token(token: str) -> str:
    """The token, if it can name a reference and a folder. Raises PatchRefused."""
    if not _TOKEN.fullmatch(token) or token.endswith(".lock"):
        raise PatchRefused(f"{token!r} cannot be a token: letters, digits, - and _, with single dots between")
    return token


def landed(checkout: Checkout, token: str) -> str | None:
    """The commit that was landed under a token, whatever became of it since; None: none was."""
    answer = checkout.git.ask("rev-parse", "--verify", "--quiet", f"{LANDED}{checked_token(token)}^{{commit}}")
    return answer.text if answer.code == 0 else None


def recorded(checkout: Checkout, plan: Plan, results: Sequence[Result]) -> None:
    """Effect 1."""
    place, begun = _record(checkout, plan.token), checkout.state / "landing" / f".{plan.token}"
    shutil.rmtree(begun, ignore_errors=True)
    files.private_folder(begun.parent)
    begun.mkdir()
    for number, result in enumerate(results):
        if result.work is not None and result.touched.work_before != result.touched.work_after:
            after = begun / f"{number}.after"
            files.staged(after, result.work)
            files.dressed(after, checkout.root, result.path, executable=result.work.executable)
    (begun / _PLAN).write_text(plan.written(), encoding="utf-8")
    begun.rename(place)
    checkout.step("record")


def pending(checkout: Checkout) -> tuple[Plan, ...]:
    """The plans that were begun and not finished."""
    found = sorted((checkout.state / "landing").glob(f"[!.]*/{_PLAN}"))
    return tuple(Plan.read(path.read_text(encoding="utf-8")) for path in found)


def carried_out(checkout: Checkout, plan: Plan) -> str:
    """The landed commit. Raises Moved, GitFailed or NotNow with everything undone that heal did."""
    try:
        if not _is_landed(checkout, plan):
            _stands(checkout, plan)
            for number, one in enumerate(plan.files):
                _file(checkout, plan, number, one)
            if not plan.uncommitted:
                _index(checkout, plan, forward=True)
            _branch(checkout, plan)
    except OSError as error:
        undone(checkout, plan)
        raise GitFailed(f"a file of {checkout.root} cannot be written: {error}. What was begun was undone") from error
    except HealError:
        undone(checkout, plan)
        raise
    forgotten(checkout, plan)
    return plan.commit


def undone(checkout: Checkout, plan: Plan) -> None:
    """Take back what is still as heal left it and in no commit of the user's; then the record goes."""
    head = _committed(checkout, plan)
    _index(checkout, plan, forward=False, but=head)
    record = _record(checkout, plan.token)
    for number, one in reversed(list(enumerate(plan.files))):
        there = files.held(checkout.root, one.path)
        if one.work_before == one.work_after or files.mark(there) != one.work_after:
            continue
        if one.path in head:
            committed = entries.checked_out(checkout.git, head[one.path], one.path)
            if files.mark(there) == files.mark(committed):
                continue  # the user has committed it themselves meanwhile
        kept = record / f"{number}.kept"
        if one.work_before == "absent":
            files.taken(checkout.root, one.path, record / f"{number}.undone")
        elif kept.exists():
            files.put(checkout.root, one.path, kept, new=there is None)
    forgotten(checkout, plan)


def swept(checkout: Checkout) -> None:
    """Remove what a killed heal left that means nothing: records not yet in place, and ones that were going."""
    for left in (checkout.state / "landing").glob(".*"):
        shutil.rmtree(left, ignore_errors=True)


def forgotten(checkout: Checkout, plan: Plan) -> None:
    """Effect 5."""
    checkout.step("done")
    _indexes(checkout, plan)[1].unlink(missing_ok=True)
    gone = checkout.state / "landing" / f".{plan.token}.gone"
    shutil.rmtree(gone, ignore_errors=True)
    _record(checkout, plan.token).rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


# --- the effects -------------------------------------------------------------------------------


def _is_landed(checkout: Checkout, plan: Plan) -> bool:
    """Whether effect 4 was had; by a git that died between its two references only the first was."""
    if landed(checkout, plan.token):
        return True
    if checkout.git.ask("merge-base", "--is-ancestor", plan.commit, "HEAD").code:
        return False
    checkout.git.run("update-ref", f"{LANDED}{plan.token}", plan.commit)
    return True


def _committed(checkout: Checkout, plan: Plan) -> dict[str, entries.Entry | None]:
    """The files that the user has committed since the plan was made; None: as deleted."""
    paths = [one.path for one in plan.files]
    try:
        now = entries.of_commit(checkout.git, "HEAD", paths)
    except PatchRefused:
        return {}  # another branch, where a link or a folder has such a name
    try:
        then = entries.of_commit(checkout.git, plan.head, paths)
    except GitFailed:
        then = {}  # amended meanwhile, and git has lost the commit
    return {path: now.get(path) for path in paths if now.get(path) != then.get(path)}


def _stands(checkout: Checkout, plan: Plan) -> None:
    moved = not plan.uncommitted and (checkout.head(), checkout.branch()) != (plan.head, plan.branch)
    if moved or checkout.under_way():
        raise Moved(f"{checkout.root} stands on another commit than when the change was worked out")


def _file(checkout: Checkout, plan: Plan, number: int, one: Touched) -> None:
    """Effect 2, for one file."""
    record = _record(checkout, plan.token)
    after, kept = record / f"{number}.after", record / f"{number}.kept"
    there = files.mark(files.held(checkout.root, one.path))
    if there == one.work_after:
        return
    if there != one.work_before or (one.work_after != "absent" and not after.exists()):
        raise Moved(f"{one.path} was changed meanwhile")
    if one.work_before == "absent":
        _made(checkout, one.path, after)
    elif one.work_after == "absent":
        files.taken(checkout.root, one.path, kept)
    else:
        files.kept(checkout.root, one.path, kept)
        checkout.step(f"kept {one.path}")
        files.put(checkout.root, one.path, after, new=False)
    checkout.step(f"file {one.path}")
    if one.work_before != "absent" and files.mark(files.held(record, kept.name)) != one.work_before:
        files.put(checkout.root, one.path, kept, new=one.work_after == "absent")
        raise Moved(f"{one.path} was written to in the very moment")


def _made(checkout: Checkout, path: str, after: Path) -> None:
    try:
        files.put(checkout.root, path, after, new=True)
    except FileExistsError as error:
        raise Moved(f"{path} was made meanwhile") from error


def _index(
    checkout: Checkout, plan: Plan, *, forward: bool, but: dict[str, entries.Entry | None] | None = None
) -> None:
    """Effect 3, or its undoing. ``but``: entries that the user has committed stay."""
    index, aside, lock = _indexes(checkout, plan)
    if lock.exists() and aside.exists() and lock.samefile(aside):
        lock.unlink()  # taken by a heal that was killed before the rename
    before = index.read_bytes() if index.exists() else b""
    wanted = _wanted(checkout, plan, forward=forward, but=but or {})
    for left in (aside, aside.with_name(f"{aside.name}.lock")):
        left.unlink(missing_ok=True)  # it may be the index itself by a second name: never written to
    if not wanted:
        return
    aside.write_bytes(before)
    if before:
        # the time too: git looks anew into files that are not older than its index, and would overlook an edit else
        shutil.copystat(index, aside)
    checkout.git.having(GIT_INDEX_FILE=str(aside)).run(
        "update-index", "-z", "--index-info", stdin=entries.told(wanted, plan.head)
    )
    _through(aside)
    checkout.step("index ready")
    try:
        os.link(aside, lock)
    except FileExistsError as error:
        raise NotNow(f"{lock} is there: another git is at work in {checkout.root}. If none is, remove it") from error
    checkout.step("index.lock")
    if _print(index) != hashlib.sha256(before).hexdigest():
        lock.unlink()
        raise Moved("the index was changed meanwhile")
    lock.rename(index)
    aside.unlink(missing_ok=True)
    checkout.step("index")


def _indexes(checkout: Checkout, plan: Plan) -> tuple[Path, Path, Path]:
    """The user's index, the one that heal works on beside it, and git's lock."""
    index = checkout.git_dir / "index"
    return index, index.with_name(f"heal-index.{plan.token}"), index.with_name("index.lock")


def _wanted(
    checkout: Checkout, plan: Plan, *, forward: bool, but: dict[str, entries.Entry | None]
) -> dict[str, entries.Entry | None]:
    """The entries that are to be set. Raises Moved where one is neither as it was nor as it is to be."""
    now = entries.of_index(checkout.git, [one.path for one in plan.files])
    found: dict[str, entries.Entry | None] = {}
    for one in plan.files:
        old, new = (one.index_before, one.index_after) if forward else (one.index_after, one.index_before)
        there = now.get(one.path)
        if there == old != new and not (one.path in but and but[one.path] == there):
            found[one.path] = new
        elif forward and there != new:
            raise Moved(f"{one.path} was staged anew meanwhile")
    return found


def _branch(checkout: Checkout, plan: Plan) -> None:
    """Effect 4."""
    moved = "" if plan.uncommitted else f"update HEAD {plan.commit} {plan.head}\n"
    told = f"start\n{moved}create {LANDED}{plan.token} {plan.commit}\nprepare\ncommit\n"
    answer = checkout.git.ask("update-ref", "-m", f"heal: {plan.token}", "--stdin", stdin=told.encode())
    if answer.code:
        raise Moved(f"the branch was moved meanwhile: {answer.complaint}")
    checkout.step("landed" if plan.uncommitted else "branch")


def _record(checkout: Checkout, token: str) -> Path:
    return checkout.state / "landing" / token


def _print(file: Path) -> str:
    return hashlib.sha256(file.read_bytes() if file.exists() else b"").hexdigest()


def _through(file: Path) -> None:
    number = os.open(file, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
