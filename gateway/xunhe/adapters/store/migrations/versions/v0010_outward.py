"""What leaves the gateway: deliveries, samples that are sent on, notices, bulletins

The messages that the broker had not confirmed become its deliveries.
Revision: 0010, after 0009.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OUTBOX = sa.table(
    "outbox",
    *(sa.column(name) for name in ("id", "key", "topic", "created_at", "sent_at", "attempts")),
    sa.column("payload", sa.JSON),
)
_DELIVERY = sa.table(
    "delivery",
    *(sa.column(name) for name in ("destination", "key", "lane", "kind", "at", "state")),
    *(sa.column(name) for name in ("attempts", "planned_at", "next_at")),
    sa.column("body", sa.JSON),
)


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
    connection = op.get_bind()
    waiting = sa.select(_OUTBOX).where(_OUTBOX.c.sent_at.is_(None)).order_by(_OUTBOX.c.id)
    for row in connection.execute(waiting).all():
        connection.execute(_DELIVERY.insert().values(**_delivery(row)))
    op.execute(
        "INSERT INTO delivery_mark SELECT 'broker', 'outbox', max(id) FROM outbox"
        " HAVING max(id) IS NOT NULL"
    )
    op.drop_index("ix_outbox_sent_at", "outbox")
    op.drop_column("outbox", "sent_at")
    op.drop_column("outbox", "attempts")


def _delivery(message: sa.Row[Any]) -> dict[str, Any]:
    return {
        "destination": "broker",
        "key": message.key,
        "lane": "",
        "kind": "raised",
        "at": message.created_at,
        "body": {"topic": message.topic, "payload": message.payload},
        "state": "waiting",
        "attempts": message.attempts,
        "planned_at": message.created_at,
        "next_at": message.created_at,
    }
