"""Reports of buoys and commands to them

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "report",
        sa.Column("device", sa.String(length=12), nullable=False),
        sa.Column("boot", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device", "boot", "number"),
    )
    op.create_index("ix_report_station", "report", ["station", "received_at"])
    op.create_table(
        "command",
        sa.Column("id", _ID, nullable=False),
        sa.Column("device", sa.String(length=12), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("first_counter", sa.BigInteger()),
        sa.Column("last_counter", sa.BigInteger()),
        sa.Column("reason", sa.String()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_command_device", "command", ["device", "state"])
    op.create_index("ix_command_station", "command", ["station"])
