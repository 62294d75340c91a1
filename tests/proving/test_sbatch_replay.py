"""A job by hand run again on this machine: what lies beside its script is as the change has it, what it made is told."""

from __future__ import annotations

from pathlib import Path

from tests.proving.pipelines import Project

from heal.proving.enclosure import Enclosure
from heal.proving.here import Here
from heal.proving.replay import Replay
from heal.schedulers.sbatch_replay import SbatchReplay

JOB = """\
#!/bin/bash -e
. "$(dirname "$(readlink -f "$0")")/words.sh"
say >> tally.txt
say > out.txt
"""


def test_a_script_finds_a_changed_file_beside_it_and_what_it_made_is_told(tmp_path: Path, bubblewrap: Enclosure):
    # Given a script that is as it was and takes its fault from a file beside it, and adds to one that git knows
    tracked = {"job.sh": JOB, "words.sh": "say() { ehco done; }\n", "tally.txt": "done\n", "notes.txt": "mine\n"}
    project = Project.of(tmp_path / "hand", tracked, {"data.txt": "1\n"})
    before = project.fingerprint()
    failed = project.failed(project.run("sbatch", "job.sh", engine="sbatch"), "job")
    again = Replay({"sbatch": SbatchReplay(lambda _env: bubblewrap)}, {"local": Here()}, minutes=2)
    # When the file beside it is put right
    trial = again.tried(project.draft(**{"words.sh": "say() { echo done; }\n"}), failed)
    # Then that is what runs; what it only could have read is nothing that it made
    assert (trial.passed, trial.said.splitlines()[1:]) == (True, ["made out.txt (5 bytes), tally.txt (10 bytes)"])
    assert project.fingerprint() == before
