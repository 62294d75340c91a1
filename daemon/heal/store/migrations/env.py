"""What Alembic runs: the steps that are missing, in the transaction of the connection it is handed."""

from __future__ import annotations

from alembic import context

from heal.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can take table changes back too: a step is done or not done, never half
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
