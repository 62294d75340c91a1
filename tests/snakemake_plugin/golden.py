"""Golden files of the wire format: one event a line, without what differs from run to run."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WIRE = Path(__file__).parents[1] / "wire"
RUN = {"id": "run-1", "engine": "snakemake", "cwd": "/work/run", "pid": 4711}


def check(name: str, drafts: Sequence[tuple[str, dict[str, Any] | None, dict[str, Any]]]) -> None:
    """Compare with the golden file; HEAL_GOLDEN=write makes it."""
    lines = []
    for kind, task, facts in drafts:
        event = {"v": 1, "kind": kind, "time": "2026-01-02T03:04:05+00:00", "source": "snakemake", "run": RUN}
        lines.append(json.dumps(event | {"facts": facts} | ({"task": task} if task else {})))
    text = "\n".join(lines) + "\n"
    path = WIRE / f"{name}.json"
    if os.environ.get("HEAL_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
