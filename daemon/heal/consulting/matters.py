"""What heal would ask about an incident, of what the store has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from heal.errors import NothingThere
from heal.jobs import JobFacts
from heal.journal import Diagnosed
from heal.loop.casebook import ill
from heal.loop.matters import gathered
from heal.records import Attempt, Run
from heal.steps.consult import Matter
from heal.store import Store


def matter_of(store: Store, prefix: str, facts: Callable[[Run, Attempt], Mapping[str, JobFacts]]) -> Matter:
    """What heal would ask about. Raises NothingThere where there is nothing to ask about yet.

    ``facts`` gives what is known of the end of a try, by ``Attempt.job``.
    """
    one = store.incident(prefix)
    attempts = ill(store.members(one.id), store.home(one.id))
    bodies = [entry.body for entry in store.journal(one.id)]
    newest = next((body for body in reversed(bodies) if isinstance(body, Diagnosed)), None)
    run = store.run(attempts[-1].run_id) if attempts else None
    if run is None or newest is None:
        raise NothingThere(f"incident {one.id} has no diagnosis yet, so nothing would be asked about it; try again")
    return gathered(store, one, run, attempts, newest, jobs=facts(run, attempts[-1]))
