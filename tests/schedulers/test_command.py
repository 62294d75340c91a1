"""Commands are run without a shell, bounded in time, and leave nothing behind."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from heal.schedulers.command import Answer, Commands, NoAnswer, NotInstalled, TooMuch, question_env


def program(folder: Path, name: str, text: str) -> dict[str, str]:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_the_answer_has_exit_code_and_both_texts(tmp_path: Path) -> None:
    env = program(tmp_path, "squeue", "echo out; echo err >&2; exit 4")
    assert Commands(env=env).ask(["squeue"]) == Answer(4, "out\n", "err\n")


def test_arguments_reach_the_program_unread(tmp_path: Path) -> None:
    env = program(tmp_path, "squeue", 'printf "%s|" "$@"')
    assert Commands(env=env).ask(["squeue", "a b", "$HOME", "`id`", ""]).stdout == "a b|$HOME|`id`||"


def test_a_program_that_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="sacct is not on the PATH"):
        Commands(env={"PATH": str(tmp_path)}).ask(["sacct"])


def test_what_does_not_end_is_killed_with_its_children(tmp_path: Path, until: Callable[..., bool]) -> None:
    env = program(tmp_path, "sacct", f"sleep 300 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(NoAnswer, match=r"sacct did not answer within 0.5 s"):
        Commands(timeout_s=0.5, env=env).ask(["sacct"])
    child = int((tmp_path / "child").read_text())
    assert until(lambda: _gone(child), 5)


def _gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_questions_are_asked_in_one_language_and_without_the_users_formats(tmp_path: Path) -> None:
    env = {
        "LC_ALL": "de_DE.UTF-8",
        "SQUEUE_FORMAT": "%i",
        "SACCT_FORMAT": "jobid",
        "SLURM_CLUSTERS": "a",
        "PATH": "/bin",
    }
    assert question_env(env) == {
        "LC_ALL": "C",
        "SLURM_TIME_FORMAT": "standard",
        "SLURM_BITSTR_LEN": "0",
        "SLURM_CLUSTERS": "a",
        "PATH": "/bin",
    }


def test_a_submission_gets_its_environment_as_it_is(tmp_path: Path) -> None:
    env = program(tmp_path, "sbatch", "env") | {"LC_ALL": "de_DE.UTF-8"}
    shown = Commands().run(["sbatch"], env=env, timeout_s=10).stdout.splitlines()
    assert "LC_ALL=de_DE.UTF-8" in shown
    assert not [line for line in shown if line.startswith("SLURM_TIME_FORMAT")]


def test_a_folder_that_is_gone_is_an_os_error(tmp_path: Path) -> None:
    env = program(tmp_path, "sbatch", "exit 0")
    with pytest.raises(FileNotFoundError):
        Commands().run(["sbatch"], cwd=tmp_path / "gone", env=env, timeout_s=10)


def test_requests_are_counted(tmp_path: Path) -> None:
    commands = Commands(env=program(tmp_path, "squeue", "exit 0") | {"HOME": os.sep})
    commands.ask(["squeue"])
    commands.ask(["squeue"])
    assert commands.count == 2


def test_what_says_more_than_an_answer_is_long_is_killed(tmp_path: Path, until: Callable[..., bool]) -> None:
    # Given a program that never stops talking
    env = program(tmp_path, "scontrol", f"echo $$ > {tmp_path}/pid; exec yes")
    # When it is asked
    with pytest.raises(TooMuch, match=re.escape("scontrol answered with more than 4 MB")):
        Commands(env=env).ask(["scontrol"], most_mb=4)
    # Then it was not listened to for long, and does not go on
    assert until(lambda: _gone(int((tmp_path / "pid").read_text())), 5)


def test_a_long_answer_is_whole(tmp_path: Path) -> None:
    env = program(tmp_path, "scontrol", "head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero >&2")
    answer = Commands(env=env).ask(["scontrol"], most_mb=4)
    assert (answer.exit_code, answer.stdout) == (0, "x" * 3_000_000)


def test_what_changes_something_is_let_talk_and_its_last_words_are_kept(tmp_path: Path) -> None:
    env = program(tmp_path, "sbatch", "head -c 40000000 /dev/zero; echo 81723")
    answer = Commands().run(["sbatch"], env=env, timeout_s=60)
    assert (answer.exit_code, answer.stdout.endswith("\x0081723\n"), len(answer.stdout) < 40_000_000) == (0, True, True)


def test_a_complaint_is_no_longer_than_a_person_reads(tmp_path: Path) -> None:
    env = program(tmp_path, "squeue", "yes | head -c 3000000 >&2; exit 1")
    assert Commands(env=env).ask(["squeue"]).complaint == " ".join(["y"] * 5000)
