"""How long `heal status` takes from cold start to exit, with a hundred thousand incidents."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.crowded import COUNT, crowded
from benchmarks.measure import HEAL, NOTHING, PYTHON, programs, row


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = crowded(Path(folder, "home"))
        took = programs(
            {
                "status": [*HEAL, "status"],
                "status --json": [*HEAL, "status", "--json"],
                "pass": NOTHING,
                "sqlalchemy": [PYTHON, "-c", "import sqlalchemy"],
            },
            HEAL_HOME=str(home),
        )
    for name in ("status --json", "status"):
        best = took[name].best
        row(
            f"`heal {name}`, {COUNT:,} incidents, start to exit",
            took[name].ms(),
            f"{best / took['pass'].best:.0f} x `python -c pass`,"
            f" {best / took['sqlalchemy'].best:.2f} x `python -c 'import sqlalchemy'`",
        )


if __name__ == "__main__":
    main()
