"""heal run -- snakemake: what Ctrl-C does."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import pytest
from tests.cli.place import Place

pytestmark = pytest.mark.snakemake

WAITS = """
rule all:
    input: "after.txt"
rule waits:
    output: "waits.txt"
    shell: "echo waits >> $RAN; sleep 120; touch {output}"
rule after:
    input: "waits.txt"
    output: "after.txt"
    shell: "echo after >> $RAN; touch {output}"
"""
SNAKEMAKE = ("snakemake", "--cores=1")


def interrupted(place: Place, until: Callable[..., bool], *words: str) -> tuple[int, str]:
    """Start it, and once its first task is at work let Ctrl-C reach the group, once: exit code and all it said."""
    place.ran.write_text("")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        words, cwd=place.work, env=place.env, start_new_session=True, stdout=pipe, stderr=subprocess.STDOUT, text=True
    ) as ran:
        assert until(lambda: place.times_run() == {"waits": 1}, 60)
        os.killpg(ran.pid, signal.SIGINT)
        said, _ = ran.communicate(timeout=60)
    return ran.returncode, said


def test_an_interrupt_ends_it_once_and_nothing_follows(place: Place, until: Callable[..., bool]) -> None:
    # Given a pipeline that waits, interrupted alone and under heal
    place.file("Snakefile", WAITS)
    alone = interrupted(place, until, *SNAKEMAKE)
    healed = interrupted(place, until, "heal", "run", "--", *SNAKEMAKE)
    # Then it ends as it does alone
    assert healed[0] == alone[0] == 1
    for _, said in (alone, healed):
        assert "Terminating processes on user request" in said
    # And heal starts nothing, and says so
    assert (healed[1].count("Building DAG of jobs"), place.times_run()) == (1, {"waits": 1})
    assert "heal │ interrupted: heal starts nothing more in this run" in healed[1]
    assert [incident["state"] for incident in place.incidents()] in ([], ["dismissed"])
