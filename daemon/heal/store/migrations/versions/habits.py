"""What successful tasks of a process say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "habits",
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("cwd", sa.Text(), nullable=False),
        sa.Column("templates", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("engine", "process", "cwd", name="pk_habits"),
    )
