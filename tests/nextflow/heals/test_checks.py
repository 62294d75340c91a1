"""A check of the project's own on a task of Nextflow: what it refuses waits for a person, and a yes makes it again."""

from __future__ import annotations

import pytest
from tests.nextflow.heals.folder import UNDER_HEAL, Folder

pytestmark = [pytest.mark.nextflow, pytest.mark.xdist_group("nextflow-heals")]

PIPELINE = """
process MAKE {
    tag 'S1'
    output: path 'made.txt'
    script: "echo MAKE >> \\$RAN; cat ${projectDir}/source.txt > made.txt"
}
process REPORT { input: path m; output: path 'report.txt'; script: "echo REPORT >> \\$RAN; cp $m report.txt" }
workflow { MAKE(); REPORT(MAKE.out) }
"""


@pytest.mark.parametrize("folder", ["plugin", "log"], indirect=True)
def test_what_is_refused_waits_for_a_person_and_a_yes_makes_it_again(folder: Folder) -> None:
    # Given a process that ends with 0 and makes an empty file
    folder.prepare(PIPELINE)
    folder.file("heal.toml", '[check."MA*"]\noutputs = "not_empty"\n')
    folder.file("source.txt", "")
    ended = folder.run(*UNDER_HEAL)
    # Then Nextflow ended well, and heal says that somebody has to look
    assert ended.returncode == 3, ended.stdout
    [incident] = folder.incidents()
    assert (incident["state"], incident["process"], incident["label"]) == ("waiting", "MAKE", "missing_output")
    assert incident["cause"].endswith("check.MA* refuses what it made: made.txt is empty")
    # When the source is mended, and a person says so
    folder.file("source.txt", "whole\n")
    accepted = folder.run("heal", "accept", incident["id"])
    # Then the process runs again, and what hangs on it, and the check holds
    assert accepted.returncode == 0, accepted.stdout
    assert folder.times_run() == {"MAKE": 2, "REPORT": 2}
    assert folder.told() == [("MAKE", "missing_output", "healed", 1)]
