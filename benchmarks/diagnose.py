"""How long a diagnosis takes: one small log from cold start to exit, and many folders by one process."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import HEAL, NOTHING, ROOT, programs, row

CASES = 1_000


def main() -> None:
    logs = sorted(path.parent for path in ROOT.glob("tests/incidents/*/expected.json"))
    with tempfile.TemporaryDirectory() as folder:
        cases = [str(shutil.copytree(logs[n % len(logs)], Path(folder, f"case{n}"))) for n in range(CASES)]
        small = str(ROOT / "tests/incidents/python-memory/log.txt")
        took = programs(
            {
                "one": [*HEAL, "diagnose", small],
                "many": [*HEAL, "diagnose", "--each", *cases],
                "pass": NOTHING,
            },
            rounds=5,
            HEAL_HOME=folder,
            XDG_CACHE_HOME=folder,
        )
    one, many, nothing = (took[name] for name in ("one", "many", "pass"))
    row(
        "`heal diagnose` of one small log, start to exit", one.ms(), f"{one.best / nothing.best:.0f} x `python -c pass`"
    )
    each = (many.best - one.best) / (CASES - 1)
    row(
        f"`heal diagnose --each` of {CASES} folders, start to exit",
        many.ms(),
        f"{each * 1e3:.1f} ms for each folder more; {many.best / one.best:.1f} x one log",
    )


if __name__ == "__main__":
    main()
