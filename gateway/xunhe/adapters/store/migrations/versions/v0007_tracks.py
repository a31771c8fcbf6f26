"""Tracks of patrols, and devices that another one has replaced

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("left_at", sa.BigInteger()))
    op.create_table(
        "patrol_track",
        sa.Column("patrol_id", _ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("fixes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["patrol_id"], ["patrol.id"]),
        sa.PrimaryKeyConstraint("patrol_id"),
        sa.UniqueConstraint("key"),
    )
