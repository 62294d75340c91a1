"""Kills that the log of a job which went well tells of: in the words of real shells, and of slurmstepd by version."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from heal.knowledge.endings import Silent
from heal.knowledge.hidden_kills import hidden_kill

SCRIPTS = {
    "a program": "sh -c 'kill -9 $$'; exit 0",
    "the end of a pipeline": "true | sh -c 'kill -9 $$; cat'; exit 0",
    "its beginning": "sh -c 'kill -9 $$' | cat; exit 0",
    "in the background": "sh -c 'kill -9 $$' & wait $!; exit 0",
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_what_a_real_shell_says_of_a_program_that_was_killed(tmp_path: Path, shell: str, script: str) -> None:
    # Given a script that goes on after a program of it was killed
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell} here")
    path = tmp_path / "job.sh"
    path.write_text(f"echo aligning\n{SCRIPTS[script]}\n", encoding="utf-8")
    ran = subprocess.run([found, str(path)], cwd=tmp_path, capture_output=True, text=True, check=True)
    # When its log is read
    hidden = hidden_kill(ran.stdout + ran.stderr)
    # Then the shell's line is told, where it says anything: of all but the last of a pipeline neither does to a script
    if "Killed" not in ran.stderr:
        assert (script, hidden) == ("its beginning", None)
        return
    assert hidden is not None
    said = "its script ended with 0, but a program of it was killed, says its log: "
    assert (hidden.memory, hidden.text.startswith(said), "Killed" in hidden.text) == (False, True, True)


@pytest.mark.parametrize(
    "line",
    [
        "slurmstepd: error: Detected 2 oom_kill events in StepId=811.batch. Some of the step tasks have been OOM Killed.",
        "slurmstepd-c12: error: Detected 1 oom-kill event(s) in StepId=811.0. Some of your processes may have been killed",
        "slurmstepd: error: StepId=44.0 exceeded memory limit (91234304 > 83886080), being killed",
        "[2026-09-14T17:14:38.784] error: Detected 1 oom_kill event in StepId=811.1. Some of the step tasks have been OOM",
    ],
)
def test_slurmstepds_word_counts_before_a_shells(line: str) -> None:
    hidden = hidden_kill(f"aligning\nKilled\n{line}\ndone\n")
    said = f"its script ended with 0, but a part of it was killed for its memory, says its log: {line}"
    assert hidden == Silent(said, memory=True)


@pytest.mark.parametrize(
    "line",
    [
        "Killed 3 idle connections",
        "job.sh: line 4: 12035 Terminated              sleep 60",
        "  12 Killed in action",
        "oom-kill of the guest is off",
        "slurmstepd: error: *** JOB 811 ON n1 CANCELLED AT 2026-11-29T01:00:00 DUE TO TIME LIMIT ***",
        "worker 3: Killed",
        # in old versions, of a page cache that filled its cgroup too
        "slurmstepd: error: Exceeded step memory limit at some point.",
    ],
)
def test_other_words_are_no_kill(line: str) -> None:
    assert hidden_kill(f"aligning\n{line}\ndone\n") is None


def test_a_long_line_is_told_in_part() -> None:
    hidden = hidden_kill(f"job.sh: line 4: 12035 Killed                  tool {'x' * 5000}\n")
    assert hidden is not None
    assert len(hidden.text) < 300


def test_what_a_killed_program_was_given_is_not_repeated() -> None:
    hidden = hidden_kill("job.sh: line 3:  42 Killed    mysqldump --password=hunter2secret db\n")
    assert hidden is not None
    assert hidden.text.endswith("says its log: job.sh: line 3: 42 Killed mysqldump")
