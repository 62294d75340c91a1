"""Questions about the jobs that engines follow themselves; each starts at the few runs that it is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from heal.records import Attempt
from heal.store.rows import Scope, select_attempts, to_attempt, to_micros
from heal.store.schema import attempt_ends, attempts, events, running

# who tells that a run of an engine is over; of one that was killed heal does
ENGINES_SAY = ("snakemake", "nextflow", "heal")
# whose jobs are nobody's but their user's
_NO_ENGINES = ("", "sbatch")


def going_on(connection: Connection, scope: Scope) -> tuple[Attempt, ...]:
    """Find those that have not ended, oldest first."""
    here = attempts.c.run_id.in_(select(running.c.run_id))
    return _theirs(connection, here & attempt_ends.c.attempt_id.is_(None), scope)


def came_home(connection: Connection, since: datetime, scope: Scope) -> tuple[Attempt, ...]:
    """Find those that ended well since then, of runs that go on or ended since then, oldest first."""
    over = events.c.source.in_(ENGINES_SAY) & (events.c.kind == "run_finished") & (events.c.time >= to_micros(since))
    lately = select(events.c.run_id).where(over)
    here = attempts.c.run_id.in_(select(running.c.run_id).union(lately))
    well = attempt_ends.c.ok.is_(True) & (attempt_ends.c.ended >= to_micros(since))
    return _theirs(connection, here & well, scope)


def _theirs(connection: Connection, wanted: ColumnElement[bool], scope: Scope) -> tuple[Attempt, ...]:
    jobs = (attempts.c.native_id != "") & attempts.c.engine.not_in(_NO_ENGINES)
    question = select_attempts().where(wanted, jobs, scope.covers(attempts)).order_by(attempts.c.id)
    return tuple(map(to_attempt, connection.execute(question)))
