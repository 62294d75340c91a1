"""The environment of a job that heal found itself: what accounting keeps of it, and what is made of that.

Recorded from SLURM 22.05.8 with AccountingStoreFlags=job_env, shortened.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.schedulers.slurm_environment import as_submitted, parse_environment

# src/sacct/options.c, 21.08 to 25.11
HEADING = "Environment used for 81500 (must be batch to display)\n" + "-" * 80 + "\n"


def test_values_of_more_than_one_line_stay_whole() -> None:
    text = (
        "PATH=/usr/bin\nEMPTY=\nBASH_FUNC_module%%=() {  eval `/usr/bin/modulecmd bash $*`\n}\n"
        "NOTE=two\n\nlines = 3\nLD_LIBRARY_PATH=/opt/a=b\n"
    )
    # and of an array asked for as a whole the first element's counts
    assert parse_environment(f"{HEADING}{text}\n{HEADING}PATH=/other\n\n") == {
        "PATH": "/usr/bin",
        "EMPTY": "",
        "BASH_FUNC_module%%": "() {  eval `/usr/bin/modulecmd bash $*`\n}",
        "NOTE": "two\n\nlines = 3",
        "LD_LIBRARY_PATH": "/opt/a=b",
    }


@pytest.mark.parametrize("text", [f"{HEADING}NONE\n\n", "", "sacct: error: x\n", HEADING])
def test_what_is_not_kept_is_not_an_empty_environment(text: str) -> None:
    assert parse_environment(text) is None


def test_all_of_an_environment_replaces_heals_own(tmp_path: Path) -> None:
    program = tmp_path / "sbatch"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    kept = {"PATH": str(tmp_path), "SAMPLE": "S7", "SLURM_SUBMIT_DIR": "/data", "SLURM_GET_USER_ENV": "1"}
    own = {"PATH": "/usr/bin", "SAMPLE": "S1", "HEAL_HOME": "/home/ada/heal"}
    assert as_submitted(kept, own) == {"PATH": str(tmp_path), "SAMPLE": "S7", "SLURM_SUBMIT_DIR": "/data"}
    # where its PATH leads to no sbatch (another host's), heal's does
    assert as_submitted({**kept, "PATH": "/nowhere"}, own)["PATH"] == "/nowhere:/usr/bin"


@pytest.mark.parametrize(
    ("told", "sample"),
    [
        # sbatch --export=SAMPLE, or SBATCH_EXPORT=SAMPLE
        ("SAMPLE=S7\nSLURM_JOB_NAME=j.sh\nSLURM_EXPORT_ENV=SAMPLE\nSLURM_UMASK=0022\nSLURM_GET_USER_ENV=1\n", "S7"),
        # sbatch --export=NONE: heal's own goes to sbatch, which hands none of it on
        ("SLURM_JOB_NAME=j.sh\nSLURM_EXPORT_ENV=NONE\nSLURM_UMASK=0022\nSLURM_GET_USER_ENV=1\n", "S1"),
    ],
)
def test_of_an_environment_that_was_not_handed_over_the_job_gets_as_little_again(told: str, sample: str) -> None:
    kept = parse_environment(f"{HEADING}{told}\n")
    assert kept is not None
    exported = kept["SLURM_EXPORT_ENV"]
    assert as_submitted(kept, {"PATH": "/usr/bin", "SAMPLE": "S1"}) == {
        "PATH": "/usr/bin",
        "SAMPLE": sample,
        "SLURM_JOB_NAME": "j.sh",
        "SLURM_EXPORT_ENV": exported,
        "SLURM_UMASK": "0022",
        "SBATCH_EXPORT": exported,
    }
