"""Results of a replay beside those of other tasks of the same process."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from heal.proving.made import compared

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def made(folder: Path, name: str, content: bytes | None, *others: bytes) -> tuple[bool | None, tuple[str, ...]]:
    path = folder / "made" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        path.write_bytes(content)
    siblings = []
    for number, other in enumerate(others):
        sibling = folder / f"s{number}" / name
        sibling.parent.mkdir(exist_ok=True)
        sibling.write_bytes(other)
        siblings.append((str(sibling),))
    return compared([path], siblings, [path])


@pytest.mark.parametrize(
    ("name", "content", "others", "passed", "said"),
    [
        ("a.tsv", b"x\ty\n1\t2\n", [b"x\ty\n3\t4\n"], True, "made a.tsv (8 bytes)"),
        ("a.tsv", b"# c\nx\ty\n", [b"x\ty\n3\t4\n"], True, "made a.tsv (8 bytes)"),
        ("a.tsv", b"x\n1\n", [b"x\ty\n3\t4\n"], False, "a.tsv has 1 columns, and that of other tasks 2"),
        ("a.tsv", None, [b"x\n"], False, "a.tsv was not made"),
        ("a.tsv", b"", [b"x\n"], False, "a.tsv is empty; the same file of other tasks is not"),
        ("a.tsv", b"", [], None, "a.tsv is empty"),
        ("a.tsv", b"", [b""], True, "made a.tsv (0 bytes)"),
        ("a.done", b"", [], True, "made a.done (0 bytes)"),
        ("a.txt", b"placeholder\n", [b"some words\n"], False, "a.txt holds nothing but 'placeholder'"),
        ("a.txt", b"None\n", [], None, "a.txt holds nothing but 'None'"),
        ("a.txt", b"None\n", [b"None\n"], True, "made a.txt (5 bytes)"),
        ("a.gz", b"x\n", [], False, "a.gz is not compressed, though its name says so: it begins with 'x'."),
        ("a.gz", gzip.compress(b"x\n" * 999, mtime=0)[:-9], [], False, "a.gz (27 bytes) is cut short"),
        ("a.img", PNG, [b"text\n"], False, "a.img is another kind of file than that of other tasks"),
        ("a.img", PNG, [PNG + b"x"], True, "made a.img (208 bytes)"),
        ("a.dat", b"1\n", [b"1\n", b"2\n"], None, "a.dat is the same, byte for byte, as that of another task"),
        ("a.dat", b"1\n", [b"1\n", b"1\n"], True, "made a.dat (2 bytes)"),
        ("a.dat", b"1 2 3\n", [b"1 2 3\n" * 9999], None, "a.dat has 6 bytes, and the smallest of other tasks 59994"),
    ],
)
def test_a_result_is_judged_by_its_kind(  # noqa: PLR0917 - a table
    tmp_path: Path, name: str, content: bytes | None, others: list[bytes], passed, said
):
    found, words = made(tmp_path, name, content, *others)
    assert (found, words[0][: len(said)]) == (passed, said)


def test_nothing_declared_is_nothing_seen():
    assert compared([], []) == (None, ("it declares no results that could be looked at",))


def test_a_result_that_is_no_longer_made_is_told(tmp_path: Path):
    (tmp_path / "a").write_text("1", encoding="utf-8")
    passed, said = compared([tmp_path / "a"], [], [tmp_path / "a", tmp_path / "b"])
    assert (passed, said) == (None, ("it makes b no longer",))


def test_a_folder_must_hold_something(tmp_path: Path):
    (tmp_path / "d").mkdir()
    assert compared([tmp_path / "d"], [])[0] is None
    (tmp_path / "d" / "x").touch()
    assert compared([tmp_path / "d"], []) == (True, ("made d/",))
