"""The program that asks pyslurm for heal: one JSON line in for each question, one JSON line out for each answer.

It is started by ``pyslurm_process``, with a Python that has pyslurm, and is never imported by heal: pyslurm is
GPL-2.0-only, and its C can end or hang the process it runs in. Nothing but the standard library (3.8 or newer) and
pyslurm is used, and nothing is judged here: attributes go out under pyslurm's own names, those that this version does
not have, or cannot tell, are left out.

The first line out is ``{"pyslurm": "22.5.3"}``, or ``{"refused": why}`` and the end. Then, per line in:

    {"ask": "queue", "uid": 1000}                              the controller's jobs: one RPC (slurm_load_jobs)
    {"ask": "jobs", "ids": [7], "since": 1795917552}           accounting, with steps (slurmdb_jobs_get)

and out ``{"jobs": [...]}``, ``{"refused": why}`` where SLURM said no, or ``{"error": why}`` where pyslurm failed.

Read in the sources of pyslurm 22.5.3, 23.2.3, 23.11.1, 24.5.1, 24.11.0, 25.5.0 and 25.11.2; run with 22.5.3 on 22.05.8.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

QUEUED = (
    "id",
    "array_id",
    "array_task_id",
    "array_tasks_waiting",
    "state",
    "state_reason",
    "submit_time",
    "dependencies",
    "heterogeneous_id",
    "heterogeneous_offset",
)
# no state_reason: accounting's is the last reason to wait, whatever ended the job
ACCOUNTED = (
    "id",
    "array_id",
    "array_task_id",
    "array_tasks_waiting",
    "name",
    "user_name",
    "partition",
    "account",
    "qos",
    "cluster",
    "state",
    "cancelled_by",
    "exit_code",
    "exit_code_signal",
    "derived_exit_code",
    "derived_exit_code_signal",
    "memory",
    "elapsed_time",
    "time_limit",
    "submit_time",
    "end_time",
    "nodelist",
    "cpus",
    "num_nodes",
    "comment",
    "working_directory",
    "submit_command",
    # 23.2 and later
    "failed_node",
    # 25.11 and later
    "requeue_count",
    "standard_output",
    "standard_error",
    "heterogeneous_id",
    "heterogeneous_offset",
)
# an array of ten thousand elements would be a line of some 20 MB: sacct's rows can be read as they come
MOST = 1000
STEP = ("id", "state", "exit_code", "exit_code_signal", "start_time", "cancelled_by")


def told(thing: Any, names: Sequence[str]) -> dict[str, Any]:
    """Read attributes; one that is missing or cannot be told (a user whom nobody here knows) is left out."""
    found: dict[str, Any] = {}
    for name in names:
        try:
            value = getattr(thing, name)
        except Exception:  # noqa: BLE001, S112 - a guest's property may raise anything, and the others are still good
            continue
        if value is not None:
            found[name] = value
    return found


def step(one: Any) -> dict[str, Any]:
    """Read a step; the peak's name is the same in all versions on steps, but not on jobs."""
    found = told(one, STEP)
    peak = getattr(getattr(one, "stats", None), "max_resident_memory", None)
    if peak:
        found["max_resident_memory"] = peak
    return found


def accounted(pyslurm: Any, question: Mapping[str, Any]) -> dict[str, Any]:
    """Ask accounting. Without a start the filter would mean today only, and a float as one is an error."""
    span = {"start_time": int(question["since"]), "end_time": int(time.time())}
    jobs = list(pyslurm.db.Jobs.load(pyslurm.db.JobFilter(**span, ids=question["ids"])).values())
    if len(jobs) > MOST:
        return {"refused": f"{len(jobs)} jobs are too many for one answer"}
    return {"jobs": [{**told(job, ACCOUNTED), "steps": [step(part) for part in job.steps.values()]} for job in jobs]}


def queued(pyslurm: Any, question: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the controller. pyslurm knows no way to ask for one user's jobs: the others' are counted and dropped."""
    jobs = list(pyslurm.Jobs.load().values())
    own = [job for job in jobs if job.user_id == question["uid"]]
    return {"jobs": [told(job, QUEUED) for job in own], "others": len(jobs) - len(own)}


def answer(pyslurm: Any, question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one question, whatever happens."""
    try:
        return queued(pyslurm, question) if question["ask"] == "queue" else accounted(pyslurm, question)
    except pyslurm.RPCError as error:
        return {"refused": str(error)}
    except Exception as error:  # noqa: BLE001 - what a guest raises is an answer
        return {"error": f"{type(error).__name__}: {error}"}


def release(version: str) -> tuple[int, int] | None:
    """Cut ``22.5.3`` and ``22.05.8`` down to the two numbers that must be equal."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return (int(found.group(1)), int(found.group(2))) if found else None


def loaded(wanted: str) -> Any:
    """Import pyslurm of the wanted release. Raises RuntimeError or what the import raises."""
    try:
        known = metadata.version("pyslurm")
    except metadata.PackageNotFoundError:
        known = ""
    # looked at before the import: another SLURM's library may crash at once
    if known and release(known) != release(wanted):
        raise RuntimeError(f"pyslurm {known} is not for SLURM {wanted}")
    pyslurm = import_module("pyslurm")
    if release(pyslurm.__version__) != release(wanted):
        raise RuntimeError(f"pyslurm {pyslurm.__version__} is not for SLURM {wanted}")
    return pyslurm


def main(wanted: str) -> None:
    """Answer until nobody asks any more."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # what a library prints is no answer
    os.dup2(2, 1)
    # Python looks beside the program first, where heal's own modules lie
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place).resolve() != here]

    def say(line: Mapping[str, Any]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    try:
        pyslurm = loaded(wanted)
    except Exception as error:  # noqa: BLE001 - an import runs a guest's code
        say({"refused": str(error) or type(error).__name__})
        return
    say({"pyslurm": pyslurm.__version__})
    for line in sys.stdin:
        say(answer(pyslurm, json.loads(line)))


if __name__ == "__main__":
    main(sys.argv[1])
