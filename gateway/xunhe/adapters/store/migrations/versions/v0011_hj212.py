"""What platforms set by HJ 212; a long backlog is searched for what waits

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "hj212_remote",
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("mn", sa.String(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "mn"),
    )
    op.create_index("ix_delivery_next_at", "delivery", ["destination", "state", "next_at"])
