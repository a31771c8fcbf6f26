"""The operator's pages: up to which event somebody has looked, and indexes for the stream

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "operator_look",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user"),
        sa.ForeignKeyConstraint(["user"], ["user.name"]),
    )
    op.create_index("ix_incident_ended_at", "incident", ["ended_at"])
    op.create_index("ix_incident_kind_reach", "incident", ["kind", "reach"])
    op.create_index("ix_alert_rule", "alert", ["rule", "raised_at"])
