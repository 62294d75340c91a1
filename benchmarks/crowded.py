"""A home with a hundred thousand incidents; the newest wait for a person, with as much evidence as real ones have."""

from __future__ import annotations

from pathlib import Path

from tests.store.crowd import RETRY, fill
from tests.store.given import NOON

from heal.cases import Case
from heal.cli.desk import desk
from heal.home import places
from heal.journal import Decided, Diagnosed, Proposed
from heal.records import Verdict
from heal.steps.diagnose import diagnose
from heal.store import Store

COUNT = 100_000
# as many as `heal status` shows, and every one of them with evidence: the worst page
SHOWN = 100


def crowded(home: Path) -> Path:
    """Fill a home folder; give it back."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = [_diagnosed(), Proposed(RETRY), Decided(Verdict.ASK, "policy")]
    with Store.open(places.database(home)) as store:
        fill(store, COUNT, rare=0)
        for incident, bodies in store.newest(SHOWN):
            for seq, body in enumerate(told, start=len(bodies) + 1):
                store.append(incident.id, seq, body, NOON)
    return home


def _diagnosed() -> Diagnosed:
    """What is kept of a long log: a bounded excerpt of some 16,000 characters, and what was found in it."""
    at = desk()
    lines = [f"step {number}: residual {1 / (number + 1):.9f}" for number in range(4000)]
    for number in range(0, len(lines), 100):
        lines[number] = f"ValueError: sample {number} has no reads"
    evidence = (at.scanner.text("logs/align.log", "\n".join(lines)),)
    return Diagnosed(diagnose(Case("snakemake", evidence, exit_code=1), at.library), evidence)
