"""What leaves the gateway: deliveries, samples that are sent on, notices, bulletins

The messages that the broker had not confirmed become its deliveries.
Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "arrival",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "delivery_mark",
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination", "source"),
    )
    op.create_table(
        "notice",
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("ticket_id", "office"),
    )
    op.create_index("ix_notice_next_at", "notice", ["next_at"])
    op.create_table(
        "bulletin",
        sa.Column("id", _ID, nullable=False),
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulletin_incident_id", "bulletin", ["incident_id"])
    op.create_index("ix_bulletin_at", "bulletin", ["at"])
    _deliveries()
    _hand_over()


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", _ID, nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("error", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("destination", "key"),
    )
    op.create_index("ix_delivery_next", "delivery", ["destination", "state", "id"])
    op.create_index("ix_delivery_live", "delivery", ["destination", "state", "at"])
    op.create_index("ix_delivery_sent_at", "delivery", ["sent_at"])


def _hand_over() -> None:
    """What the broker has not confirmed waits in the new table, and the old columns go."""
    op.execute(
        "INSERT INTO delivery (destination, key, lane, kind, at, body, state, attempts,"
        " planned_at, next_at) SELECT 'broker', key, '', 'raised', created_at,"
        " json_object('topic', topic, 'payload', json(payload)), 'waiting', attempts,"
        " created_at, created_at FROM outbox WHERE sent_at IS NULL ORDER BY id"
    )
    op.execute(
        "INSERT INTO delivery_mark SELECT 'broker', 'outbox', max(id) FROM outbox"
        " HAVING max(id) IS NOT NULL"
    )
    op.drop_index("ix_outbox_sent_at", "outbox")
    op.drop_column("outbox", "sent_at")
    op.drop_column("outbox", "attempts")
