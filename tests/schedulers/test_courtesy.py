"""The ceiling on calls of a scheduler's programs, and the book of them."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from heal.errors import AskedEnough
from heal.schedulers.command import Commands
from heal.schedulers.courtesy import Call, CallBook


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_one_call_too_many_in_a_minute_is_refused_and_says_when(tmp_path: Path, clock: Clock) -> None:
    book = CallBook(tmp_path / "calls", 6, clock)
    for _ in range(6):
        book.enter("squeue")
        clock.now += 5
    with pytest.raises(AskedEnough, match=r"6 times in the last minute.*calls_per_minute allows 6; sacct waits 30 s"):
        book.enter("sacct")
    clock.now += 31
    book.enter("sacct")


def test_what_belongs_together_is_not_begun_where_there_is_room_for_a_part_of_it(tmp_path: Path, clock: Clock) -> None:
    book = CallBook(tmp_path / "calls", 6, clock)
    for _ in range(5):
        book.enter("squeue")
        clock.now += 5
    book.room_for(1)
    with pytest.raises(AskedEnough, match=r"5 times in the last minute.*what belongs together waits 35 s"):
        book.room_for(2)
    clock.now += 36
    book.room_for(2)
    # (where one call is all that a minute holds, it is made)
    CallBook(tmp_path / "few", 1, clock).room_for(2)


def test_the_ceiling_holds_for_all_heals_of_a_user_together(tmp_path: Path, clock: Clock) -> None:
    one, other = CallBook(tmp_path / "calls", 3, clock), CallBook(tmp_path / "calls", 3, clock)
    one.enter("squeue")
    other.enter("squeue")
    one.enter("sacct")
    with pytest.raises(AskedEnough):
        other.enter("sbatch")


def test_a_call_of_the_same_millisecond_counts(tmp_path: Path, clock: Clock) -> None:
    # the book has it rounded up
    clock.now += 0.0006
    for _ in range(3):
        CallBook(tmp_path / "calls", 3, clock).enter("squeue")
    with pytest.raises(AskedEnough):
        CallBook(tmp_path / "calls", 3, clock).enter("squeue")


def _try(path: Path) -> bool:
    try:
        CallBook(path, 5).enter("squeue")
    except AskedEnough:
        return False
    return True


def test_processes_that_ask_at_once_stay_below_it(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        allowed = list(pool.map(_try, [tmp_path / "calls"] * 20))
    assert sum(allowed) == 5


def test_who_asks_for_a_person_is_counted_and_not_refused(tmp_path: Path, clock: Clock) -> None:
    person = CallBook(tmp_path / "calls", None, clock)
    for _ in range(9):
        person.enter("scontrol")
    with pytest.raises(AskedEnough):
        CallBook(tmp_path / "calls", 6, clock).enter("squeue")


def test_the_calls_of_the_last_hour_are_told_with_their_times(tmp_path: Path, clock: Clock) -> None:
    book = CallBook(tmp_path / "calls", 6, clock)
    book.leave(book.enter("sacct"), "sacct", took_s=0.2, ok=True)
    clock.now += 3000
    book.leave(book.enter("squeue"), "squeue", took_s=1.5, ok=False)
    book.enter("sbatch")
    assert book.last_hour() == (
        Call(1_000_000.0, "sacct", 0.2, ok=True),
        Call(1_003_000.0, "squeue", 1.5, ok=False),
        Call(1_003_000.0, "sbatch", None, ok=False),
    )
    clock.now += 1000
    assert [call.program for call in book.last_hour()] == ["squeue", "sbatch"]


def test_a_book_that_cannot_be_written_counts_in_memory(tmp_path: Path, clock: Clock) -> None:
    book = CallBook(tmp_path / "no such folder" / "calls", 3, clock)
    for _ in range(3):
        book.enter("squeue")
    with pytest.raises(AskedEnough):
        book.enter("squeue")


def test_calls_that_a_full_disk_does_not_take_are_counted_in_memory(tmp_path: Path, clock: Clock) -> None:
    # /dev/full: it opens, and each write to it fails as on a full disk
    (tmp_path / "calls").symlink_to("/dev/full")
    book = CallBook(tmp_path / "calls", 3, clock)
    for _ in range(3):
        book.enter("squeue")
    with pytest.raises(AskedEnough):
        book.enter("squeue")
    clock.now += 61
    book.enter("squeue")


def test_a_book_full_of_rubbish_is_read_as_far_as_it_can_be(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "calls").write_bytes(b"\x00\xff\n> x y z\n> 1 2\n< 3\n" + f"> {clock.now} 7.1 sacct\n".encode())
    assert [call.program for call in CallBook(tmp_path / "calls", 6, clock).last_hour()] == ["sacct"]


def test_a_long_book_is_cut_to_its_last_hour(tmp_path: Path, clock: Clock) -> None:
    old = f"> {clock.now - 7200} 7.1 squeue\n" * 40_000
    (tmp_path / "calls").write_text(old + f"> {clock.now - 60} 7.2 sacct\n")
    CallBook(tmp_path / "calls", 6, clock).enter("squeue")
    assert len((tmp_path / "calls").read_text().splitlines()) == 2


def test_each_program_that_is_run_is_written_down(tmp_path: Path, clock: Clock) -> None:
    for name, code in (("squeue", 0), ("sacct", 1)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    book = CallBook(tmp_path / "calls", 6, clock)
    commands = Commands(env={"PATH": str(tmp_path)}, book=book)
    commands.ask(["squeue"])
    commands.run(["sacct"], timeout_s=5)
    assert [(call.program, call.ok) for call in book.last_hour()] == [("squeue", True), ("sacct", False)]
