"""What a replayed task made, compared in kind with what other tasks of its process made. Read only.

Not the numbers in it: whether a file is there, holds something, is of the kind its name promises and of the kind that
the same file of other tasks has, and is no stand-in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from heal.evidence.contents import amiss, opened

_HEAD = 1 << 16
_MOST_SIBLINGS = 5
# a file that only says that something is done is empty as a rule
_MARKER = re.compile(r"(?:^|[._-])(?:done|ok|flag|stamp|touch|success|complete[d]?|sentinel)$", re.IGNORECASE)
_STAND_IN = re.compile(
    rb"\W*(?:dummy|placeholder|todo|fixme|stub|mock|test data|not available|n/?a|none|null|empty|skipped|failed)\b"
    rb"[^\n]{0,80}\s*",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\.(?:tsv|csv|bed|txt|tab)$")
_SEPARATORS = (b"\t", b",", b";")
_MAGICS = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"PK\x03\x04",
    b"\x89HDF",
    b"\x89PNG",
    b"%PDF",
    b"PAR1",
    b"\x93NUMPY",
    b"CRAM",
)
# so much smaller than the smallest of the others is not the same kind of result
_FAR_SMALLER, _WORTH_COMPARING = 50, 20_000


def compared(
    made: Sequence[Path], siblings: Sequence[Sequence[str]], declared: Sequence[Path] = ()
) -> tuple[bool | None, tuple[str, ...]]:
    """Tell whether these results are of the right kind, and in words what speaks against them.

    False: something is surely wrong. None: something is odd, and nobody here can tell; also where a task declares
    nothing, for then there is nothing to see. ``siblings``: per other task its results, in the same order.
    """
    wrong: list[str] = []
    odd: list[str] = []
    for number, path in enumerate(made):
        others = [Path(one[number]) for one in siblings if len(one) == len(made) and _alike(one[number], path)]
        against = list(_against(path, [other for other in others if other.is_file()][:_MOST_SIBLINGS]))
        wrong += [said for sure, said in against if sure]
        odd += [said for sure, said in against if not sure]
    if not made:
        return None, ("it declares no results that could be looked at",)
    gone = [path.name for path, now in zip_longest(declared, made) if path is not None and now is None]
    if gone:
        odd.append(f"it makes {', '.join(gone)} no longer")
    if wrong or odd:
        return (False if wrong else None), (*wrong, *odd)
    return True, (f"made {_listed(made)}",)


def _alike(name: str, path: Path) -> bool:
    return Path(name).suffixes[-2:] == path.suffixes[-2:] or Path(name).suffix == path.suffix


def _against(path: Path, others: Sequence[Path]) -> Iterator[tuple[bool, str]]:
    """What speaks against one result, and whether that is sure."""
    if path.is_dir():
        if not any(path.iterdir()):
            yield False, f"{path.name} is a folder with nothing in it"
        return
    if not path.is_file():
        yield True, f"{path.name} was not made"
        return
    size = path.stat().st_size
    if size == 0:
        yield from _empty(path, others)
        return
    with opened(str(path)) as file:
        if (found := amiss(str(path), file, size)) is not None:
            yield True, found.text.replace(str(path), path.name)
            return
        file.seek(0)
        head = file.read(_HEAD)
    yield from _beside(path, head, size, others)


def _empty(path: Path, others: Sequence[Path]) -> Iterator[tuple[bool, str]]:
    if _MARKER.search(path.name) or any(other.stat().st_size == 0 for other in others):
        return
    same = "; the same file of other tasks is not" if others else ""
    yield bool(others), f"{path.name} is empty{same}"


def _beside(path: Path, head: bytes, size: int, others: Sequence[Path]) -> Iterator[tuple[bool, str]]:
    heads = {other: _head(other) for other in others}
    if _STAND_IN.fullmatch(head) and not any(_STAND_IN.fullmatch(one) for one in heads.values()):
        yield bool(others), f"{path.name} holds nothing but {head.strip()[:60].decode(errors='replace')!r}"
        return
    if not others:
        return
    kinds = {_magic(one) for one in heads.values()}
    if _magic(head) not in kinds:
        yield True, f"{path.name} is another kind of file than that of other tasks ({_said(_magic(head))})"
        return
    widths = {_columns(other, one) for other, one in heads.items()}
    if _columns(path, head) not in widths and len(widths) == 1:
        yield True, f"{path.name} has {_columns(path, head)} columns, and that of other tasks {widths.pop()}"
        return
    least = min(other.stat().st_size for other in others)
    if least > _WORTH_COMPARING and size * _FAR_SMALLER < least:
        yield False, f"{path.name} has {size} bytes, and the smallest of other tasks {least}"
    if len(set(heads.values())) > 1 and size <= _HEAD and head in heads.values():
        yield False, f"{path.name} is the same, byte for byte, as that of another task, and theirs differ"


def _head(path: Path) -> bytes:
    try:
        with opened(str(path)) as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def _magic(head: bytes) -> str:
    """The kind of a file by its first bytes: one of the known, ``text``, or ``binary``."""
    for magic in _MAGICS:
        if head.startswith(magic):
            return repr(magic)
    return "binary" if b"\0" in head[:4096] else "text"


def _said(magic: str) -> str:
    return magic if magic in ("binary", "text") else f"it begins with {magic}"


def _columns(path: Path, head: bytes) -> int:
    """How many columns the first line of a table has that is no comment; 0 for what is no table."""
    if not _TABLE.search(path.name) or _magic(head) != "text":
        return 0
    line = next((line for line in head.splitlines() if line.strip() and not line.startswith(b"#")), b"")
    counts = [line.count(separator) for separator in _SEPARATORS]
    return max(counts) + 1 if max(counts) else 1


def _listed(made: Sequence[Path]) -> str:
    names = [f"{path.name} ({path.stat().st_size} bytes)" if path.is_file() else f"{path.name}/" for path in made]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
