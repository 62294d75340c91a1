"""Logs as they come: huge, cut, compressed, in the wrong encoding, or not logs at all."""

import bz2
import gzip
import importlib
import io
import itertools
import lzma
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from benchmarks.measure import most_held
from hypothesis import given
from hypothesis import strategies as st

from heal.cases import Evidence, Hit, Passage
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library, Match, Pattern
from heal.records import Label

zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
LIBRARY = Library(
    (
        Pattern(
            id="memory/burst",
            title="A burst",
            status="trial",
            label=Label.OUT_OF_MEMORY,
            cause="It burst.",
            match=(Match("^BURST: (?P<what>.+)"), Match("(?i)heap gone")),
            confidence=0.9,
            rank=40,
            fix=None,
            references=("a manual",),
            hits=("x\nBURST: y",),
            misses=("burst",),
        ),
    )
)
LINE = "BURST: heap of 3 GB"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(LIBRARY)


def read(scanner: Scanner, path: Path, data: bytes) -> Evidence:
    path.write_bytes(data)
    return scanner.read(path, source="log")


def spots(evidence: Evidence) -> list[tuple[int, str]]:
    return [(hit.line, hit.text) for hit in evidence.hits]


def test_a_text_is_searched_whole(scanner: Scanner) -> None:
    found = scanner.text("log", f"start\n{LINE}\nend")

    kept = (Passage(1, f"start\n{LINE}\nend"),)
    assert found == Evidence("log", kept, (Hit("memory/burst", "log", 2, LINE),), lines=3)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain", f"a\nb\n{LINE}\n".encode()),
        ("no-newline-at-the-end", f"a\nb\n{LINE}".encode()),
        ("crlf", f"a\r\nb\r\n{LINE}\r\n".encode()),
        ("progress-bars", f"a\n10%\r20%\r30%\n{LINE}\n".encode()),
        ("colours", f"a\nb\n\x1b[31m{LINE}\x1b[0m\n".encode()),
        ("nuls", f"a\n\0\0\0b\n\0{LINE}\n".encode()),
        ("utf-8-mark", f"\ufeffa\nb\n{LINE}\n".encode()),
        ("utf-16-le", f"\ufeffa\nb\n{LINE}\n".encode("utf-16-le")),
        ("utf-16-be", f"\ufeffa\nb\n{LINE}\n".encode("utf-16-be")),
        ("bad-utf-8", b"a\n\xff\xfe\xfab\n" + LINE.encode() + b"\n"),
        ("gzip", gzip.compress(f"a\nb\n{LINE}\n".encode(), mtime=0)),
        ("bzip2", bz2.compress(f"a\nb\n{LINE}\n".encode())),
        ("xz", lzma.compress(f"a\nb\n{LINE}\n".encode())),
        ("zstd", zstd.compress(f"a\nb\n{LINE}\n".encode())),
        ("two-zstds", zstd.compress(b"a\nb\n") + zstd.compress(LINE.encode())),
        ("two-gzips", gzip.compress(b"a\nb\n", mtime=0) + gzip.compress(LINE.encode(), mtime=0)),
    ],
    # an id made of compressed bytes holds a time, and would differ from worker to worker
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_however_it_is_written_the_line_is_found(scanner: Scanner, tmp_path: Path, name: str, data: bytes) -> None:
    assert (name, spots(read(scanner, tmp_path / name, data))) == (name, [(3, LINE)])


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (b"", ("empty",)),
        (bytes(range(256)) * 40, ("binary: not read",)),
        (
            gzip.compress(os.urandom(9000).hex().encode(), mtime=0)[:6000],
            ("the compressed text breaks off: Compressed file ended before the end-of-stream marker was reached",),
        ),
        (
            zstd.compress(os.urandom(9000).hex().encode())[:6000],
            ("the compressed text breaks off: Compressed file ended before the end-of-stream marker was reached",),
        ),
    ],
    ids=["empty", "binary", "gzip", "zstd"],
)
def test_what_cannot_be_had_is_said(scanner: Scanner, tmp_path: Path, data: bytes, notes: tuple[str, ...]) -> None:
    found = read(scanner, tmp_path / "log", data)

    assert (found.hits, found.notes[: len(notes)]) == ((), notes)


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
def test_a_pipe_is_read_as_a_stream(scanner: Scanner, packed: Callable[[bytes], bytes]) -> None:
    # Given a pipe that cannot go back, and a writer at its other end
    text = packed(b"quiet\n" * 500_000 + LINE.encode())
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        assert cat.stdin
        assert cat.stdout
        writer = threading.Thread(target=lambda to: (to.write(text), to.close()), args=[cat.stdin])
        writer.start()
        found = scanner.stream("-", cast("BinaryIO", cat.stdout))
        writer.join()

    assert spots(found) == [(500_001, LINE)]
    assert found.lines == 500_001


def test_an_empty_stream_is_said(scanner: Scanner) -> None:
    assert scanner.stream("-", io.BytesIO()) == Evidence("-", notes=("empty",))


def test_a_missing_file_a_folder_and_a_pipe_are_said(scanner: Scanner, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert scanner.read(tmp_path / "none", source="a") == Evidence("a", notes=("missing",))
    assert scanner.read(tmp_path, source="b") == Evidence("b", notes=("unreadable: not a file",))
    assert scanner.read(tmp_path / "pipe", source="c") == Evidence("c", notes=("unreadable: not a file",))


def test_a_storm_is_kept_by_its_beginning_and_its_end(scanner: Scanner, tmp_path: Path) -> None:
    found = read(scanner, tmp_path / "log", b"".join(b"BURST: n%d\n" % n for n in range(200_000)))

    assert spots(found) == [(n + 1, f"BURST: n{n}") for n in (0, 1, 2, 199_997, 199_998, 199_999)]
    assert len(found.text.encode()) <= 64_000


def test_a_line_without_end_is_cited_where_it_matters(scanner: Scanner, tmp_path: Path) -> None:
    found = read(scanner, tmp_path / "log", b"a\n" + b"x" * 5_000_000 + b" heap gone " + b"y" * 3_000_000 + b"\nend\n")

    assert [(hit.line, "heap gone" in hit.text, len(hit.text) <= 410) for hit in found.hits] == [(2, True, True)]
    assert len(found.text.encode()) <= 64_000


def test_a_window_within_a_line_is_not_the_start_of_one(scanner: Scanner, tmp_path: Path) -> None:
    # the marker stands exactly where the second window begins
    found = read(scanner, tmp_path / "log", b"x" * ((1 << 20) - (1 << 12)) + b"BURST: no" + b"y" * 3_000_000)

    assert found.hits == ()


def test_a_sparse_file_of_many_gigabytes_costs_neither_time_nor_memory(scanner: Scanner, tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"start\n")
        file.seek(40 << 30)
        file.write(f"\n{LINE}\n".encode())
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = most_held()

    found = scanner.read(path, source="log")

    assert spots(found) == [(3, LINE)]
    assert most_held() - before < 100


def clocked(ticks: Iterator[float]) -> Scanner:
    return Scanner(LIBRARY, clock=lambda: next(ticks))


def test_when_time_is_up_the_end_is_still_read_and_its_lines_are_numbered_right(tmp_path: Path) -> None:
    # Given more than can be read in time, and time enough to count the lines of the rest
    path = tmp_path / "log"
    path.write_bytes(b"quiet\n" * 2_000_000 + LINE.encode())

    found = clocked(itertools.chain([0.0, 0.0, 0.0], itertools.repeat(9.0))).read(path, source="log", seconds=8)

    assert spots(found) == [(2_000_001, LINE)]
    assert found.notes[0].startswith("not read from line ")
    assert found.notes[0].endswith(" MB: it took too long")
    assert found.lines == 2_000_001


def test_when_there_is_no_time_even_to_count_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"quiet\n" * 2_000_000 + LINE.encode())

    found = clocked(itertools.count(0.0, 7)).read(path, source="log", seconds=10)

    assert [hit.text for hit in found.hits] == [LINE]
    assert found.notes[0].endswith("it took too long; what follows is numbered as if they were one line")


def test_when_time_is_up_the_rest_of_what_is_packed_is_left_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(b"quiet\n" * 2_000_000 + LINE.encode(), mtime=0))

    found = clocked(itertools.count(0.0, 7)).read(path, source="log", seconds=10)

    assert found.hits == ()
    assert re.fullmatch(r"not read from line \d+ on: it took too long", found.notes[0])


def test_what_an_engine_or_a_shell_repeats_of_a_script_is_no_message(scanner: Scanner) -> None:
    shown = [
        "Command executed:\n\n  echo heap gone\n\nCommand exit status:\n  1\n",
        "rule a:\n    shell:\n        echo heap gone\n        (command exited with non-zero exit code)\n",
        "+ echo heap gone\n",
        '  File "x.py", line 3, in go\n    raise Burst("heap gone")\n',
    ]

    assert [scanner.text("log", text).hits for text in shown] == [(), (), (), ()]


def test_what_follows_such_a_passage_counts_again(scanner: Scanner) -> None:
    text = "x\nCommand executed:\n\n  tool\n\nCommand exit status:\n  1\n\nCommand error:\n  heap gone\n"

    assert spots(scanner.text("log", text)) == [(10, "  heap gone")]


def test_the_compiled_form_is_kept_and_a_damaged_one_is_made_again(tmp_path: Path) -> None:
    Scanner(LIBRARY, tmp_path)
    (kept,) = tmp_path.iterdir()  # what only a long text needs is not there
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100] + b"\xff" + whole[101:])

    found = Scanner(LIBRARY, tmp_path).text("log", LINE)

    assert spots(found) == [(1, LINE)]
    assert kept.read_bytes() == whole


def test_a_library_of_nothing_finds_nothing() -> None:
    assert Scanner(Library()).text("log", LINE).hits == ()


SCANNER = Scanner(LIBRARY)


@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.sampled_from([b"\n", b"\r", b"\x1b[0m", b"\0", b"BURST: x", b"heap gone"]))
    )
)
def test_no_bytes_break_it_and_lines_are_counted_right(pieces: list[bytes]) -> None:
    data = b"\n".join([b"text to begin with " * 20, *pieces])
    text = data.decode("utf-8", "replace")

    found = SCANNER.text("log", text)

    count = text.encode().count(b"\n") + 1
    assert all(1 <= hit.line <= count for hit in found.hits)
    assert len(found.text.encode()) <= 64_000


def test_the_words_of_a_command_that_snakemake_repeats_are_not_what_it_said(scanner: Scanner) -> None:
    # Given Snakemake's word on a rule whose script holds a known error, in one line and over several
    one = f"Command 'set -euo pipefail;  grep -q \"{LINE}\" log || exit 1' returned non-zero exit status 1."
    several = f"Command 'set -euo pipefail;  \ncat <<EOF\n{LINE}\nEOF\nexit 1' returned non-zero exit status 1.\n"

    assert spots(scanner.text("snakemake", f"RuleException:\n{one}\n")) == []
    assert spots(scanner.text("snakemake", several)) == []
    # Then what stands after it counts again, and another program's words count anyhow
    assert spots(scanner.text("snakemake", f"{several}{LINE}\n")) == [(6, LINE)]
    assert spots(scanner.text("log", f"Command 'samtools' not found\n{LINE}\n")) == [(2, LINE)]
