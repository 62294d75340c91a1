"""What heal would ask about an incident, of what the store has."""

from __future__ import annotations

from heal.errors import NothingThere
from heal.journal import Consulted, Diagnosed
from heal.steps.consult import Matter
from heal.store import Store


def matter_of(store: Store, prefix: str) -> Matter:
    """What heal would ask about. Raises NothingThere where there is nothing to ask about yet."""
    one = store.incident(prefix)
    run, attempts = store.run(one.run_id), store.members(one.id)
    bodies = [entry.body for entry in store.journal(one.id)]
    newest = next((body for body in reversed(bodies) if isinstance(body, Diagnosed)), None)
    if run is None or newest is None or not attempts:
        raise NothingThere(f"incident {one.id} has no diagnosis yet, so nothing would be asked about it; try again")
    before = tuple(body for body in bodies if isinstance(body, Consulted))
    return Matter(one, run, attempts, newest.diagnosis, newest.evidence, before=before)
