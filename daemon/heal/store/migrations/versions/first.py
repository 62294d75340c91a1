"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    _seen()
    _runs()
    _attempts()
    _incidents()
    _journal()
    _work_lists()


def _seen() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("task_key", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("id", name="uq_events_id"),
    )
    op.create_index("ix_events_source_kind_time", "events", ["source", "kind", "time"], unique=False)
    op.create_index("ix_events_source_time", "events", ["source", "time"], unique=False)
    op.create_table(
        "projects", sa.Column("path", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("path", name="pk_projects")
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("cwd", sa.Text(), nullable=False),
        sa.Column("argv", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("env_file", sa.Text(), nullable=True),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_lineage_started", "runs", ["lineage", "started"], unique=False)
    op.create_index("ix_runs_parent", "runs", ["parent"], unique=False)
    op.create_table(
        "run_ends",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_ends"),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("workdir", sa.Text(), nullable=True),
        sa.Column("log_paths", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("submitted", sa.BigInteger(), nullable=True),
        sa.Column("event", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("run_id", "key", "number", "native_id", name="uq_attempts_run_id_key_number_native_id"),
    )
    op.create_index("ix_attempts_lineage_key", "attempts", ["lineage", "key"], unique=False)
    op.create_index("ix_attempts_native_id", "attempts", ["native_id"], unique=False)
    op.create_table(
        "attempt_ends",
        sa.Column("attempt_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_attempt_ends"),
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_lineage_fingerprint", "incidents", ["lineage", "fingerprint"], unique=False)
    op.create_index("ix_incidents_opened_id", "incidents", ["opened", "id"], unique=False)
    op.create_table(
        "members",
        sa.Column("attempt_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("task_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_members"),
    )
    op.create_index("ix_members_incident_id_task_key", "members", ["incident_id", "task_key"], unique=False)


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "seq", name="pk_journal"),
    )
    op.create_index("ix_journal_kind_at", "journal", ["kind", "at"], unique=False)
    op.create_index("ix_journal_token", "journal", ["token"], unique=False)
    op.create_table(
        "remedy_tasks",
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("task_key", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("lineage", "task_key", "incident_id", "seq", name="pk_remedy_tasks"),
    )


def _work_lists() -> None:
    op.create_table(
        "running", sa.Column("run_id", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("run_id", name="pk_running")
    )
    op.create_table(
        "watched",
        sa.Column("attempt_id", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_watched"),
    )
    op.create_table(
        "unexplained",
        sa.Column("attempt_id", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_unexplained"),
    )
    op.create_table(
        "unsettled",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_unsettled"),
    )
