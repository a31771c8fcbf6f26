"""Flights of drones and what they found; how much of its reaches a patrol saw

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("alert", sa.Column("lon", sa.Float()))
    op.add_column("alert", sa.Column("lat", sa.Float()))
    op.add_column("patrol", sa.Column("seen", sa.Float()))
    _add_flights()
    _add_findings()


def _add_flights() -> None:
    op.create_table(
        "flight",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("reach", sa.String()),
        sa.Column("post", sa.String()),
        sa.Column("patrol_id", _ID),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("is_flying", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["patrol_id"], ["patrol.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_flight_started_at", "flight", ["started_at"])


def _add_findings() -> None:
    op.create_table(
        "flight_finding",
        sa.Column("flight_id", _ID, nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reach", sa.String()),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("picture", sa.String(length=64)),
        sa.Column("incident_id", _ID),
        sa.Column("ticket_id", _ID),
        sa.Column("named", sa.String()),
        sa.Column("named_by", sa.String()),
        sa.Column("named_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["flight_id"], ["flight.id"]),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("flight_id", "finding"),
    )
    op.create_index("ix_flight_finding_picture", "flight_finding", ["picture"])
    op.create_index("ix_flight_finding_incident_id", "flight_finding", ["incident_id"])
