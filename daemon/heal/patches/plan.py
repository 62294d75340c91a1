"""What landing a change will do to each file, index entry and branch; worked out in full before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from heal.errors import PatchConflict, PatchRefused
from heal.patches import entries
from heal.patches.entries import EXECUTABLE, REGULAR, Entry
from heal.patches.files import Held, held, mark
from heal.patches.finding import Checkout
from heal.patches.merging import Joined, joined

_WORK = "your work tree"


@dataclass(frozen=True, slots=True)
class Touched:
    """One file: the marks of what stands in the work tree before and after, the index's entry before and after."""

    path: str
    work_before: str
    work_after: str
    index_before: Entry | None
    index_after: Entry | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that landing does. ``commit`` is made already and reachable from nowhere; ``head`` is its only parent.

    ``uncommitted``: the change goes into the files alone, and the commit only remembers it: its parent holds the files
    as they were, and that one's parent is ``head``.
    """

    token: str
    branch: str
    head: str
    commit: str
    files: tuple[Touched, ...]
    uncommitted: bool = False

    def written(self) -> str:
        """The plan as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Plan:
        """The plan that ``written`` gave."""
        raw = json.loads(text)
        files = (
            Touched(
                each["path"],
                each["work_before"],
                each["work_after"],
                _entry(each["index_before"]),
                _entry(each["index_after"]),
            )
            for each in raw["files"]
        )
        only = bool(raw.get("uncommitted"))  # a heal that was killed may have been an older one
        return cls(raw["token"], raw["branch"], raw["head"], raw["commit"], tuple(files), only)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be landed: the change from one commit to another, in these files.

    ``uncommitted``: both commits hold the files byte for byte as they stood in the work tree, and nowhere else is it
    to be landed.
    """

    before: str
    after: str
    files: tuple[str, ...]
    uncommitted: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One file, worked out: what git, the index and the work tree are to hold, and what stands in the way.

    ``there`` is what the work tree holds now; ``edited``: that is not what is committed.
    """

    path: str
    head: Entry | None
    entry: Entry | None
    touched: Touched
    there: Held | None
    work: Held | None
    edited: bool
    conflicts: tuple[tuple[str, bytes], ...] = ()


def work_out(checkout: Checkout, change: Change, head: str) -> tuple[Result, ...]:
    """Each file's three places. Raises PatchRefused where a file is no plain one in any of them."""
    git, files = checkout.git, change.files
    commits = (change.before, change.after) if change.uncommitted else (change.before, change.after, head)
    versions = [entries.of_commit(git, commit, files) for commit in commits]
    index = entries.of_index(git, files)
    filtered = entries.behind_filters(git, files)
    if filtered:
        raise PatchRefused(f"{', '.join(sorted(filtered))}: kept by a filter (Git LFS or the like)")
    if change.uncommitted:
        return tuple(_only_file(checkout, path, [one.get(path) for one in versions]) for path in files)
    return tuple(_file(checkout, path, [one.get(path) for one in versions], index.get(path)) for path in files)


def files_only(results: Sequence[Result]) -> bool:
    """Whether the change fits the work tree and cannot be committed without what the user has not committed.

    So it is where it meets the commit or the index in edited files alone, and where the commit has no need of it.
    """
    met = [result for result in results if result.conflicts]
    if not met:
        return all(result.entry == result.head for result in results)
    return all(result.edited and _WORK not in dict(result.conflicts) for result in met)


def _file(checkout: Checkout, path: str, sides: Sequence[Entry | None], index: Entry | None) -> Result:
    before, after, head = sides
    found: list[tuple[str, bytes]] = []

    def merged(where: str, base: Entry | None, yours: Entry | None, heals: Entry | None) -> Entry | None:
        entry, conflict = _merged(checkout, base, yours, heals)
        if conflict is not None:
            found.append((where, conflict))
        return entry

    entry = merged("your last commit", before, head, after)
    staged = entry if index == head else merged("what you staged", head, index, entry)
    there = held(checkout.root, path)
    now = entries.checked_out(checkout.git, head, path)
    edited = (there.data if there else None) != (now.data if now else None)
    if not edited and entry != head:
        work, conflict = _dressed(there, entries.checked_out(checkout.git, entry, path), before, after), None
    else:
        work, conflict = _work(checkout, path, there, before, after)
    if conflict is not None:
        found.append((_WORK, conflict))
    touched = Touched(path, mark(there), mark(work), index, staged)
    return Result(path, head, entry, touched, there, work, edited, tuple(found))


def _only_file(checkout: Checkout, path: str, sides: Sequence[Entry | None]) -> Result:
    """What was landed in the file alone is taken from it as it went in: no conversion of git's in between."""
    before, after = sides
    there = held(checkout.root, path)
    old, new = (entries.content(checkout.git, each) for each in sides)
    work, conflict = _joined(checkout, there, (old, before), (new, after))
    touched = Touched(path, mark(there), mark(work), None, None)
    return Result(path, None, None, touched, there, work, True, ((_WORK, conflict),) if conflict is not None else ())


def _merged(
    checkout: Checkout, base: Entry | None, yours: Entry | None, heals: Entry | None
) -> tuple[Entry | None, bytes | None]:
    """The entry that joins both, or what shows the conflict."""
    if yours == base:
        return heals, None
    if heals in (base, yours):
        return yours, None
    git = checkout.git
    one: Joined = joined(git, *(entries.content(git, each) for each in (base, yours, heals)))
    if one.conflict or one.data is None:
        return yours, one.shown
    runs = _runs(base, yours, heals)
    return Entry(EXECUTABLE if runs else REGULAR, entries.stored(git, one.data)), None


def _runs(base: Entry | None, yours: Entry | None, heals: Entry | None) -> bool:
    """Whether the file may be run: heal's word where heal changed it, else the user's."""
    if heals and base and heals.mode != base.mode:
        return heals.executable
    return bool(yours and yours.executable) if base else bool(heals and heals.executable)


def _work(
    checkout: Checkout, path: str, there: Held | None, before: Entry | None, after: Entry | None
) -> tuple[Held | None, bytes | None]:
    """What the work tree is to hold, or what shows the conflict.

    Compared and joined as files, not as git stores them: not a byte of what is not committed passes through a filter.
    """
    git = checkout.git
    old, new = (entries.checked_out(git, each, path) for each in (before, after))
    old_data, new_data = old.data if old else None, new.data if new else None
    if there is not None and b"\r\n" not in there.data and b"\r\n" in (old_data or b""):
        old_data, new_data = entries.content(git, before), entries.content(git, after)  # git would add what it lacks
    return _joined(checkout, there, (old_data, before), (new_data, after))


def _joined(
    checkout: Checkout,
    there: Held | None,
    before: tuple[bytes | None, Entry | None],
    after: tuple[bytes | None, Entry | None],
) -> tuple[Held | None, bytes | None]:
    """The file with the change made, or as it is and what shows the conflict."""
    one = joined(checkout.git, before[0], there.data if there else None, after[0])
    if one.conflict:
        return there, one.shown
    done = Held(one.data, executable=False) if one.data is not None else None
    return _dressed(there, done, before[1], after[1]), None


def _dressed(there: Held | None, done: Held | None, before: Entry | None, after: Entry | None) -> Held | None:
    """The content, with the right to run that the work tree has, unless the change is about just that."""
    if done is None:
        return None
    if there is None or (before and after and before.mode != after.mode):
        return Held(done.data, bool(after and after.executable))
    return Held(done.data, there.executable)


def refuse_conflicts(results: Sequence[Result], beside: Path, keep: Callable[[Path, bytes], None]) -> None:
    """Raise PatchConflict where a file has any, with both versions kept in a folder for a person to look at."""
    met = [result for result in results if result.conflicts]
    if not met:
        return
    for result in met:
        keep(beside / result.path, result.conflicts[-1][1])
    said = "; ".join(f"{one.path} ({', '.join(where for where, _shown in one.conflicts)})" for one in met)
    raise PatchConflict(
        f"the change and yours meet on the same lines: {said}. Nothing was changed; both are shown in {beside}"
    )


def _entry(raw: dict[str, str] | None) -> Entry | None:
    return Entry(raw["mode"], raw["blob"]) if raw else None
