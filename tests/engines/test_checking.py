"""Checks really run: on real files, by a real shell, in the folder and environment of the run, for a bounded time."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from heal.engines.checking import Checker, answered
from heal.steps.check import Answer, Question

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def bgzf(content: bytes) -> bytes:
    """One block as bgzip writes it, without the block that ends a file (SAM specification, 4.1)."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(content) + packer.flush()
    size = len(packed) + 25
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + size.to_bytes(2, "little")
    return head + packed + zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")


GZIP = gzip.compress(b"@read\nACGT\n" * 5000, mtime=0)
BAM = bgzf(b"BAM\1" + bytes(200))


def asked(folder: Path, **more: object) -> Question:
    return Question(**({"check": "c", "cwd": str(folder), "seconds": 10.0} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "content", "refusal"),
    [
        ("exist", b"", ""),
        ("not_empty", b"x", ""),
        ("not_empty", b"", "out is empty"),
        ("gzip", GZIP, ""),
        ("gzip", GZIP[:-3], "out (126 bytes) is cut short: its packed content breaks off before its end"),
        ("gzip", b"plain", "out is no gzip file: it begins with 70 6c 61 69"),
        ("gzip", b"", "out is empty"),
        ("bam", BAM + BGZF_END, ""),
        ("bam", BAM, "is cut short: it ends without the block that ends every BGZF file"),
        ("bam", GZIP, "out is no BAM file: what it unpacks to is something else"),
        ("bam", b"BAM\1", "out is no BAM file: it begins with 42 41 4d 01"),
    ],
)
def test_what_is_seen_of_a_file(tmp_path: Path, kind: str, content: bytes, refusal: str):
    (tmp_path / "out").write_bytes(content)
    found = answered(asked(tmp_path, kind=kind, files=("out",)))
    assert found.good is (not refusal)
    assert refusal.replace("(126 bytes) ", "") in found.said.replace(f"({len(content)} bytes) ", "")


def test_a_gzip_whose_end_lies_is_found_by_reading_it_all(tmp_path: Path):
    # Given a file whose last bytes, the length of what it holds, are another number
    (tmp_path / "out").write_bytes(GZIP[:-1] + b"\x7f")
    found = answered(asked(tmp_path, kind="gzip", files=("out",)))
    assert found.good is False


def test_what_is_not_there_is_refused_where_the_user_named_it(tmp_path: Path):
    assert answered(asked(tmp_path, kind="exist", files=("a/*.bed",))) == Answer(False, "a/*.bed does not exist")
    # and is nobody's fault where the engine had seen it: temporary files go
    found = answered(asked(tmp_path, kind="exist", files=("a.bed",), declared=True, command="exit 1"))
    assert found == Answer(None, "a.bed is not there any more", usual=True)


def test_a_glob_is_all_that_it_finds(tmp_path: Path):
    (tmp_path / "a.bed").write_text("x")
    (tmp_path / "b.bed").touch()
    assert answered(asked(tmp_path, kind="not_empty", files=("*.bed",))) == Answer(False, "b.bed is empty")


def test_without_files_nothing_can_be_said_of_them(tmp_path: Path):
    assert answered(asked(tmp_path, kind="exist")).good is None
    assert answered(asked(tmp_path, kind="exist", cwd=str(tmp_path / "gone"), files=("a",))).good is None


def test_a_command_runs_in_the_work_folder_with_the_environment_of_the_run(tmp_path: Path):
    env = tmp_path / "env.json"
    env.write_text(json.dumps({"PATH": "/usr/bin:/bin", "GREETING": "from the run"}))
    found = answered(asked(tmp_path, command='echo "$GREETING in $PWD"; exit 3', env_file=str(env)))
    assert found == Answer(False, f"from the run in {tmp_path}")
    assert answered(asked(tmp_path, command="true")) == Answer(True)
    assert answered(asked(tmp_path, command="exit 3")) == Answer(False, "exit 3 ended with exit code 3")


def test_a_command_that_is_not_there_says_nothing_of_the_result(tmp_path: Path):
    found = answered(asked(tmp_path, command="no-such-program-here"))
    assert found.good is None
    assert "could not be run (exit code 127)" in found.said


def test_a_command_that_does_not_end_says_nothing(tmp_path: Path):
    found = answered(asked(tmp_path, command="echo begun; sleep 60", seconds=0.5))
    assert found == Answer(None, "it did not end within 0.5 s")


def test_a_command_that_says_too_much_is_cut_short_and_not_held_up(tmp_path: Path):
    found = answered(asked(tmp_path, command="head -c 50000000 /dev/zero | tr '\\0' x; exit 1", seconds=60.0))
    assert found == Answer(False, "x" * 64_000)


def test_what_a_command_leaves_running_does_not_keep_its_answer(tmp_path: Path):
    # Given a refusal, and a child in a group of its own that holds the command's output open beyond the time limit
    command = "setsid sleep 20 & echo $! > child; echo no reads; exit 1"
    began = time.monotonic()
    assert answered(asked(tmp_path, command=command, seconds=5.0)) == Answer(False, "no reads")
    assert time.monotonic() - began < 5
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


@pytest.mark.parametrize("command", ["kill -9 $$", "sh -c 'kill -9 $$'; exit $?", "kill $$"])
def test_a_command_that_is_killed_says_nothing_of_the_result(tmp_path: Path, command: str):
    assert answered(asked(tmp_path, command=command)).good is None


def test_checks_run_beside_the_loop_and_few_at_a_time(tmp_path: Path, until: Callable[..., bool]):
    # Given more checks than run at once, all of which wait for a file
    checker = Checker()
    waiting = asked(tmp_path, command="until test -e go; do sleep 0.05; done", seconds=60.0)
    assert [checker.ask(str(n), waiting) for n in range(6)] == [None] * 6
    # When the file comes
    (tmp_path / "go").touch()
    # Then whoever asks again gets each answer
    found: dict[int, Answer] = {}

    def all_told() -> bool:
        for n in set(range(6)) - set(found):
            answer = checker.ask(str(n), waiting)
            found.update({n: answer} if answer else {})
        return len(found) == 6

    assert until(all_told)
    assert set(found.values()) == {Answer(True)}


def test_a_check_that_ends_at_once_is_answered_at_once(tmp_path: Path):
    assert Checker().ask("1", asked(tmp_path, command="true")) == Answer(True)


def test_whoever_has_one_pass_only_can_wait(tmp_path: Path):
    checker = Checker()
    assert checker.wait() is False
    slow = asked(tmp_path, command="sleep 1; false")
    assert checker.ask("1", slow) is None
    assert checker.wait() is True
    assert checker.ask("1", slow) == Answer(False, "sleep 1; false ended with exit code 1")
