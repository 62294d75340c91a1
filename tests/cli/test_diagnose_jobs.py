"""heal diagnose of a job's number: what SLURM said of it is what is told, whatever heal's records hold."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.cli.place import Place

from heal.home import places
from heal.schedulers.slurm_facts import SACCT_FIELDS
from heal.schedulers.slurm_parsers import DELIMITER
from heal.store import Store


def accounted(place: Place, states: dict[str, str]) -> None:
    """A SLURM whose controller has forgotten these jobs, and whose accounting has not."""
    job = {"JobName": "sort", "ExitCode": "1:0", "Submit": "2026-11-24T10:00:00", "End": "2026-11-24T10:01:00"}
    lines = [job | {"JobID": name, "JobIDRaw": name, "State": state} for name, state in states.items()]
    text = "".join(DELIMITER.join(line.get(field, "") for field in SACCT_FIELDS) + "\n" for line in lines)
    rows = place.file("rows", text)
    place.program("squeue", "exit 0")
    place.program("scontrol", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1")
    place.program("sacct", f'if [ "$1" = --helpformat ]; then echo {" ".join(SACCT_FIELDS)}; else cat {rows}; fi')


def said(place: Place, *words: str) -> str:
    ended = place.tells("diagnose", *words)
    assert (ended.returncode, ended.stdout) == (2, b""), ended
    return ended.stderr.decode()


def test_an_array_that_is_no_one_case_is_told_as_such_where_heal_has_records(place: Place) -> None:
    # Given a heal with records of its own, and an array of which two elements failed
    Store.open(places.database(place.home)).close()
    accounted(place, {"433_1": "COMPLETED", "433_2": "FAILED", "433_3": "FAILED"})
    # Then it is not looked for among incidents
    assert said(place, "433") == (
        "heal: 433 is a job array: 2 of its 3 elements failed, 433_2, 433_3: "
        "ask about one of them, such as heal diagnose 433_2\n"
    )
    [row] = place.tells("diagnose", "--each", "433").stdout.splitlines()
    assert json.loads(row)["error"].startswith("433 is a job array: 2 of its 3 elements failed")
    # And one that all went well with neither
    accounted(place, {"433_1": "COMPLETED", "433_2": "COMPLETED"})
    assert said(place, "433") == "heal: 433 is a job array, and none of its 2 elements has failed\n"


def test_where_slurm_was_not_asked_it_is_not_said_to_know_nothing(place: Place) -> None:
    # Given a PATH without SLURM
    place.more["PATH"] = str(Path(sys.executable).parent)
    unasked = "heal: 445 is no file, no folder, no job that could be asked about (no SLURM command is on the PATH)"
    assert said(place, "445") == f"{unasked} and no incident of heal: heal status lists those\n"
    # And with records of heal's own
    Store.open(places.database(place.home)).close()
    assert said(place, "445").startswith(f"{unasked}; and no incident has an id that begins with '445'")
