"""Elements of job arrays: the log they really have, and whom they failed for."""

from __future__ import annotations

import pytest
from tests.snakemake_plugin.conftest import job_error, job_info, record

from snakemake_logger_plugin_heal.arrays import blamed_for, is_element, logs_of
from snakemake_logger_plugin_heal.recorder import Recorder

# the end of an element's log as snakemake-executor-plugin-slurm 2.8.0 leaves it
BLAMED = """Finished jobid: 0 (Rule: w)
1 of 1 steps (100%) done
Finished jobid: 0 (Rule: w)
Waiting at most 5 seconds for missing files:
w/2.txt (missing locally)
MissingOutputException in rule w in file "/x/Snakefile", line 3:
Job 0 completed successfully, but some output files are missing. Missing files after 5 seconds.
w/2.txt (missing locally, parent dir contents: 1.txt, 3.txt)
Shutting down, this might take some time.
"""
OWN_FAULT = "RuleException:\nCommand 'false' returned non-zero exit status 1.\nError in rule w:\n    jobid: 0\n"


@pytest.mark.parametrize(
    ("text", "outputs", "other"),
    [
        (BLAMED, ["w/3.txt"], "w/2.txt"),
        (BLAMED, ["w/2.txt"], None),
        (BLAMED, ["w/3.txt", "w/2.txt"], None),
        (BLAMED.replace("Finished", "Began"), ["w/3.txt"], None),
        (OWN_FAULT, ["w/3.txt"], None),
        ("", ["w/3.txt"], None),
    ],
)
def test_an_element_that_made_its_own_files_is_not_to_blame(text: str, outputs: list[str], other: str | None) -> None:
    assert blamed_for(text, outputs) == other


@pytest.mark.parametrize(("native_id", "element"), [("5_2", True), ("5", False), (None, False), ("a_2", False)])
def test_elements_are_known_by_their_id(native_id: str | None, element: bool) -> None:
    assert is_element(native_id) is element


def test_the_log_of_an_element_lies_a_folder_higher_than_is_said() -> None:
    assert logs_of("/run/slurm_logs/rule_w/3/5_2.log") == (
        "/run/slurm_logs/rule_w/5_2.log",
        "/run/slurm_logs/rule_w/3/5_2.log",
    )


def test_what_an_element_failed_for_is_told_with_the_log_it_has() -> None:
    texts = {"/run/rule_w/5_2.log": BLAMED}
    made = Recorder(clock=lambda: 0.0, cwd=lambda: "/run", end_of=lambda path: texts.get(path, ""))
    for each in (
        record(msg="SLURM run ID: 0f0f"),
        *(job_info(n, "w", local=False, wildcards={"n": n}, output=[f"w/{n}.txt"]) for n in (2, 3)),
        record(msg="Submitted array job with Snakemake IDs 2,3 and SLURM job ID 5. The individual task IDs are 1-2."),
        job_error(3, "w", rule_msg="SLURM-job '5_2' failed, SLURM status is: 'FAILED'.", log=["/run/rule_w/3/5_2.log"]),
    ):
        made.feed(each)
    _kind, task, facts = made.end(None, [])[0]
    assert task is not None
    assert (task["key"], task["native_id"], task["log_paths"]) == ("w:n=3", "5_2", ["/run/rule_w/5_2.log"])
    assert facts["message"].splitlines()[-1] == (
        "heal: array element 5_2 made its own files, and failed for w/2.txt, which another element makes"
    )
