"""What the water says: external data, maintenance, traces, decisions, silences, hourly medians

Revision: 0004, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    _external_data()
    _traces()
    _decisions()
    op.create_table(
        "hourly_median",
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("property", sa.String(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("median", sa.Float()),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station", "property", "start"),
        sqlite_with_rowid=False,
    )


def _external_data() -> None:
    op.create_table(
        "external_sample",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("property", sa.String(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("is_below_limit", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("place", "property", "time", "source"),
    )
    op.create_table(
        "maintenance",
        sa.Column("id", _ID, nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("property", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("found_error", sa.Float()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_maintenance_station", "maintenance", ["station"])


def _traces() -> None:
    op.create_table(
        "incident_trace",
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("computed_at", sa.BigInteger(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )


def _decisions() -> None:
    """The alerts say why they joined; NULL and 'opened' fit those that are there."""
    op.add_column(
        "alert", sa.Column("joined", sa.String(), nullable=False, server_default="opened")
    )
    op.add_column("alert", sa.Column("muted_by", _ID))
    op.create_table(
        "silence",
        sa.Column("id", _ID, nullable=False),
        sa.Column("station", sa.String()),
        sa.Column("reach", sa.String()),
        sa.Column("rule", sa.String()),
        sa.Column("kind", sa.String()),
        sa.Column("zone", sa.String()),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_silence_ends_at", "silence", ["ends_at"])
    op.create_table(
        "decision",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("sample_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("alert_id", _ID),
        sa.Column("silence_id", _ID),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON()),
        sa.ForeignKeyConstraint(["silence_id"], ["silence.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_alert_id", "decision", ["alert_id"])
    op.create_index("ix_decision_silence_id", "decision", ["silence_id"])
    op.create_index("ix_decision_of", "decision", ["station", "zone", "rule"])
