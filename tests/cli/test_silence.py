"""A SLURM that does not answer is told by heal status, by what the heal that runs has seen of it."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.place import Place

AWAY = "Unable to contact slurm controller (connect failure)"


def unanswered(place: Place) -> list[Any]:
    return [
        (one["side"], one["state"], one["why"])
        for one in json.loads(place.tells("status", "--json").stdout)["unanswered"]
    ]


def test_status_says_what_is_unknown_while_slurm_is_silent(place: Place) -> None:
    # Given a job that is followed, and a SLURM of which nothing answers
    for name in ("squeue", "sacct", "scontrol", "sinfo", "sacctmgr"):
        place.program(name, f"echo '{AWAY}' >&2; exit 1")
    place.submits("81723")
    assert place.tells("tick").returncode == 0
    # Then that is known without asking, and nothing is called a failure
    page = place.tells("status").stdout.decode().splitlines()
    assert page[0] == "no incidents"
    assert page[-1].startswith("SLURM does not answer since ")
    assert page[-1].endswith(f" ({AWAY}): what it would say is unknown")
    assert unanswered(place) == [("controller", "silent", AWAY)]
    # And when it answers, but without accounting, that is what is told
    place.program("squeue", "exit 0")
    place.program("scontrol", "echo 'Invalid job id specified' >&2; exit 1")
    place.program("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1")
    place.tells("tick")
    assert unanswered(place) == [("accounting", "none", "Slurm accounting storage is disabled")]
