"""What ends a Nextflow before its first task, or outside of any: it is explained, with the place, and nothing is tried."""

from __future__ import annotations

import pytest
from tests.nextflow.heals.folder import RUN, UNDER_HEAL, Folder, nextflows_words

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

TASK = 'process A { input: val x; script: "true" }\n'
CASES = {
    # name: script, configuration, words, exit code; cause; what is to be read, in any one line that is cited
    "script": (TASK + "workflow {\n    A(\n}\n", "", (), 1, "workflow_syntax", ("main.nf", "line 2")),
    "settings": ("workflow { }", "process {\n  memory = \n", (), 1, "workflow_syntax", ("nextflow.config",)),
    "process": (TASK + "workflow {\n    B(1)\n}\n", "", (), 1, "workflow_logic", ("function B()", "'main.nf' at line: 3")),
    "variable": (TASK.replace("true", "${gone}") + "workflow { A(1) }\n", "", (), 1, "workflow_logic",
                 ("gone", "'main.nf' at line: 1")),
    "plugin": ("workflow { }", "plugins { id 'nf-nosuch@1.0.0' }\n", (), 1, "missing_dependency", ("nf-nosuch",)),
    "profile": ("workflow { }", "", ("-profile", "nosuch"), 1, "bad_parameter", ("profile: 'nosuch'",)),
    "parameters": ("workflow { }", "", ("-params-file", "gone.json"), 1, "missing_input", ("gone.json",)),
    "exit": ('workflow { exit 3, "Input file not found: s.csv" }', "", (), 3, "missing_input", ("s.csv",)),
}  # fmt: skip


ON_SLURM = ("process", "variable")


@pytest.mark.parametrize(
    ("case", "folder"),
    [
        *(pytest.param(case, on, marks=pytest.mark.slurm) for case in ON_SLURM for on in ("slurm", "slurm-log")),
        *((case, "plugin") for case in CASES if case not in ON_SLURM),
        *((case, "log") for case in CASES),
    ],
    indirect=["folder"],
)
def test_an_error_outside_of_any_task_waits_for_a_person(folder: Folder, case: str) -> None:
    script, config, words, code, label, cited = CASES[case]
    folder.prepare(script, config)
    ended = folder.run(*UNDER_HEAL, *words)
    # Then the code is Nextflow's own, and one incident names cause and place
    assert (ended.returncode, folder.told()) == (code, [("nextflow", label, "waiting", 1)]), ended.stdout
    lines = folder.cited("nextflow")
    assert [part for part in cited if not any(part in line for line in lines)] == [], lines


def test_nextflow_says_the_same_as_without_heal(folder: Folder) -> None:
    folder.prepare(TASK + "workflow {\n    B(1)\n}\n")
    alone, beside = folder.run(*RUN), folder.run(*UNDER_HEAL)
    assert nextflows_words(beside.stdout) == nextflows_words(alone.stdout)
