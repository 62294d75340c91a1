"""Runs every figure's script and writes docs/performance.md anew: ``python benchmarks/all.py [NAME…]``.

With names only those scripts are run and their rows replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEAD = ["| what | figure | in other words | script | date |", "| --- | --- | --- | --- | --- |"]
# quiet ones first: what is idle is best measured before the disk is busy
SCRIPTS = (
    "idle_daemon",
    "status",
    "imports",
    "diagnose",
    "plugin_event",
    "nextflow_event",
    "hook",
    "scan",
    "huge",
    "snapshot",
    "resources",
    "many_jobs",
    "watched_jobs",
    "attached",
    "verdict",
    "chain_overhead",
    "payload_tokens",
    "prefix_cache",
    "patch_time",
)


def main(wanted: list[str]) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    known = {name: [line for line in table.splitlines() if f"| `{name}.py` |" in line] for name in SCRIPTS}
    for name in wanted or SCRIPTS:
        # what cannot be measured here keeps the figure it has
        known[name] = measured(name) or known[name]
    lines = [BEGIN, *HEAD, *(line for name in SCRIPTS for line in known[name]), END]
    PAGE.write_text(before + "\n".join(lines) + after, encoding="utf-8")


def measured(name: str) -> list[str]:
    """The rows that the script prints, with its name and the date."""
    print(f"{name} …", flush=True)
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    said = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    print(said, end="", flush=True)
    today = datetime.now(UTC).date().isoformat()
    return [f"{line} `{name}.py` | {today} |" for line in said.splitlines() if line.startswith("| ")]


if __name__ == "__main__":
    main(sys.argv[1:])
