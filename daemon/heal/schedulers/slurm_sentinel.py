"""A small job that waits for others and tells of their end: news without a question, where questions are few.

It runs a line of sh on a node and writes into the user's own spool, so the spool has to lie where nodes see it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from heal.jobs import base_of


def sentinel_argv(jobs: Sequence[str], spool: Path, token: str) -> list[str]:
    """Build the command line that submits it. ``jobs``: ids or elements, of which one for each array is enough.

    It waits for their end whatever it is (``afterany``): a success is news as well. Its comment has heal's mark, so
    that nobody takes it for a job of the user's.
    """
    bases = dict.fromkeys(base_of(job) for job in jobs)
    return [
        "sbatch",
        "--parsable",
        "--job-name=heal-sentinel",
        f"--comment=heal:{token}.sentinel",
        f"--dependency={','.join(f'afterany:{base}' for base in bases)}",
        "--kill-on-invalid-dep=yes",
        "--ntasks=1",
        "--mem=16M",
        "--time=1",
        "--output=/dev/null",
        "--export=NONE",
        f"--wrap={_told(jobs, spool, token)}",
    ]


def _told(jobs: Sequence[str], spool: Path, token: str) -> str:
    """The line of sh: one event for each array or job, written beside the spool's files and renamed (docs/wire.md)."""
    first = {base_of(job): job for job in reversed(jobs)}
    lines = []
    for number, job in enumerate(first.values()):
        task = {"name": job, "key": job, "native_id": job}
        event = {"v": 1, "kind": "job_ended", "time": "@", "source": "runner", "task": task, "facts": {}}
        before, after = json.dumps(event, separators=(",", ":")).split("@")
        path = shlex.quote(str(spool))
        name = f"sentinel-{token}-{number}"
        lines.append(
            f"printf '%s%s%s\\n' {shlex.quote(before)} \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" {shlex.quote(after)}"
            f" > {path}/.{name}.tmp && mv {path}/.{name}.tmp {path}/{name}.json"
        )
    return "\n".join(lines)
