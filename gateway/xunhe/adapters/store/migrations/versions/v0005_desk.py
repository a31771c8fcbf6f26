"""The duty desk: tickets of every source, the chained log, personal data, members

The first version's steps of tickets become entries of the log; the names of who took them become
personal data, which the log only points to.
Revision: 0005, after 0002.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from xunhe.adapters.store.ddl import DeferForeignKeys, DropToReplace, RefuseChange
from xunhe.desk.log import JSON, Entry, canonical, chained, iso

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SYSTEM, _OFFICE = "xunhe", "office"
_ACTIONS = {"accepted": "accept", "false_alarm": "false_alarm"}  # all that the first version had


def upgrade() -> None:
    """Apply."""
    op.execute(DeferForeignKeys())
    _log_tables()
    _people_tables()
    _widen_tickets()
    _keep_the_steps()
    # Nobody may change the log, this program's own mistakes included.
    for act in ("UPDATE", "DELETE"):
        op.execute(RefuseChange("desk_log", act, "the log of the desk"))
    ticket_id = sa.Column("ticket_id", _ID, sa.ForeignKey("ticket.id"))
    op.add_column("evidence", ticket_id, inline_references=True)
    op.create_index("ix_evidence_ticket_id", "evidence", ["ticket_id"])
    _b_tables()
    _c_tables()
    _d_tables()


def _log_tables() -> None:
    op.create_table(
        "desk_log",
        sa.Column("seq", _ID, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_desk_log_kind_seq", "desk_log", ["kind", "seq"])
    op.create_index("ix_desk_log_subject_seq", "desk_log", ["subject", "seq"])
    op.create_table(
        "desk_head",
        sa.Column("seq", _ID, nullable=False, autoincrement=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )


def _people_tables() -> None:
    op.create_table(
        "personal",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON()),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "desk_member",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("personal_id", _ID, nullable=False),
        sa.Column("person", sa.String()),
        sa.Column("role", sa.String()),
        sa.Column("code", sa.String()),
        sa.ForeignKeyConstraint(["user"], ["user.name"]),
        sa.ForeignKeyConstraint(["personal_id"], ["personal.id"]),
        sa.PrimaryKeyConstraint("user"),
        sa.UniqueConstraint("personal_id"),
    )
    op.create_index("ix_desk_member_person", "desk_member", ["person"])


def _widen_tickets() -> None:
    """SQLite cannot loosen a constraint in place: the rows move to a new table."""
    op.execute("CREATE TABLE ticket_before AS SELECT * FROM ticket")
    op.execute(DropToReplace("ticket"))
    op.create_table("ticket", *_ticket_columns())
    for name, columns in (
        ("ix_ticket_incident_id", ["incident_id"]),
        ("ix_ticket_opened_at", ["opened_at"]),
        ("ix_ticket_closed_at", ["closed_at"]),
        ("ix_ticket_state_due", ["state", "due_at"]),
        ("ix_ticket_post_state", ["post", "state"]),
        ("ix_ticket_reach_state", ["reach", "state"]),
    ):
        op.create_index(name, "ticket", columns)
    op.create_table(
        "ticket_incident",
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("ticket_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_index("ix_ticket_incident_ticket_id", "ticket_incident", ["ticket_id"])
    op.execute(_MOVE_TICKETS)
    op.execute("INSERT INTO ticket_incident SELECT incident_id, id FROM ticket")


def _ticket_columns() -> Iterator[sa.schema.SchemaItem]:
    yield sa.Column("id", _ID, nullable=False)
    for name in [
        "number",
        "opening_key",
        "source",
        "category",
        "severity",
        "reach",
        "post",
        "state",
        "campaign",
    ]:
        yield sa.Column(name, sa.String(), nullable=False)
    for name in ["handler", "assigned_via", "clock_stopped_in", "river_answer", "recipient"]:
        yield sa.Column(name, sa.String())
    for name in ["opened_at", "changed_at", "due_at"]:
        yield sa.Column(name, sa.BigInteger(), nullable=False)
    for name in [
        "due_since",
        "handled_at",
        "closed_at",
        "clock_stopped_at",
        "clock_stopped_until",
        "watched_since",
        "watched_until",
    ]:
        yield sa.Column(name, sa.BigInteger())
    for name in ["due_is_provisional", "is_difficult", "is_chronic", "owes_feedback"]:
        yield sa.Column(name, sa.Boolean(), nullable=False)
    for name in ["revision", "round", "evidence", "repeat_reports"]:
        yield sa.Column(name, sa.Integer(), nullable=False)
    for name in ["handled_by", "accepted_by", "extension"]:
        yield sa.Column(name, sa.JSON())
    yield sa.Column("due_working_days", sa.Integer())
    yield sa.Column("incident_id", _ID)
    yield sa.Column("merged_into", _ID)
    yield sa.Column("lon", sa.Float())
    yield sa.Column("lat", sa.Float())
    yield sa.Column("paused_s", sa.Float(), nullable=False)
    yield sa.ForeignKeyConstraint(["incident_id"], ["incident.id"])
    yield sa.ForeignKeyConstraint(["merged_into"], ["ticket.id"])
    yield sa.PrimaryKeyConstraint("id")
    yield sa.UniqueConstraint("number")
    yield sa.UniqueConstraint("opening_key")


# A camera's rules are those that saw something; all else came from a buoy. The first version knew
# no categories, only kinds of incident.
_MOVE_TICKETS = """
INSERT INTO ticket (id, number, opening_key, incident_id, source, category, severity, reach, post,
  state, opened_at, changed_at, due_at, due_is_provisional, campaign, is_difficult, revision, round,
  is_chronic, paused_s, evidence, repeat_reports, owes_feedback, closed_at)
SELECT t.id, t.number, 'incident:' || t.incident_id, t.incident_id,
  CASE WHEN EXISTS (SELECT 1 FROM alert a WHERE a.incident_id = t.incident_id
    AND (a.rule LIKE 'seen_%' OR a.rule = 'blind_camera')) THEN 'camera' ELSE 'buoy' END,
  CASE i.kind WHEN 'floating_litter' THEN 'floating.litter'
    WHEN 'vegetation_mat' THEN 'floating.vegetation' WHEN 'dumping' THEN 'disorder.dumping'
    WHEN 'discharge' THEN 'water.quality' ELSE 'facility.device' END,
  i.severity, t.reach, t.post, t.state, t.opened_at,
  coalesce((SELECT max(l.at) FROM ticket_log l WHERE l.ticket_id = t.id), t.opened_at),
  t.due_at, false, '', false, t.revision, 1, false, 0, 0, 0, false,
  CASE t.state WHEN 'false_alarm' THEN
    (SELECT max(l.at) FROM ticket_log l WHERE l.ticket_id = t.id) END
FROM ticket_before t JOIN incident i ON i.id = t.incident_id
"""


def _keep_the_steps() -> None:
    """The first version's log, entry by entry, in its order."""
    connection = op.get_bind()
    steps = connection.execute(
        sa.text(
            "SELECT l.*, t.number, t.post, t.due_at, t.reach, t.source, t.category, t.severity,"
            " t.incident_id FROM ticket_log l JOIN ticket t ON t.id = l.ticket_id ORDER BY l.id"
        )
    )
    people: dict[str, int] = {}
    revisions: dict[int, int] = {}
    previous: Entry | None = None
    for step in steps.mappings().all():
        revisions[step["ticket_id"]] = revisions.get(step["ticket_id"], 0) + 1
        by = None
        if step["actor"] != _SYSTEM:
            if step["actor"] not in people:
                people[step["actor"]] = _person(connection, step["actor"], step["at"])
            by = people[step["actor"]]
        previous = _entry(previous, step, by, revisions[step["ticket_id"]])
        _insert(connection, previous)
    op.drop_table("ticket_log")
    op.drop_table("ticket_before")


def _entry(previous: Entry | None, step: Any, by: int | None, revision: int) -> Entry:
    data: dict[str, JSON] = {
        "number": step["number"],
        "state": step["to_state"],
        "post": step["post"],
        "handler": None,
        "due_at": iso(_instant(step["due_at"])),
        "is_provisional": False,
        "round": 1,
        "revision": revision,
        "repeat_reports": 0,
        "reason": step["reason"],
        "by": by,
    }
    if step["from_state"] is None:
        kind = "ticket.opened"
        for name in ("reach", "source", "category", "severity", "incident_id"):
            data[name] = step[name]
        data |= {"campaign": "", "is_difficult": False}
    else:
        kind = "ticket.moved"
        to = step["to_state"]
        data |= {"from": step["from_state"], "to": to, "action": _ACTIONS.get(to, to)}
        data["before"] = data["due_at"]
    actor = _SYSTEM if by is None else _OFFICE
    return chained(previous, _instant(step["at"]), actor, kind, f"ticket:{step['ticket_id']}", data)


def _person(connection: sa.Connection, name: str, at_ms: int) -> int:
    """The personal data of an account that took steps, and its place at the desk."""
    found = connection.execute(
        sa.text(
            "INSERT INTO personal (kind, data, salt, kept_at) VALUES ('account', :data, :salt, :at)"
            " RETURNING id"
        ),
        {"data": json.dumps({"name": name}), "salt": secrets.token_hex(16), "at": at_ms},
    ).scalar_one()
    connection.execute(
        sa.text(
            'INSERT INTO desk_member ("user", personal_id, role)'
            " SELECT name, :id, 'office'"
            ' FROM "user" WHERE name = :name'
        ),
        {"id": found, "name": name},
    )
    return int(found)


def _insert(connection: sa.Connection, entry: Entry) -> None:
    connection.execute(
        sa.text(
            "INSERT INTO desk_log VALUES (:seq, :at, :actor, :kind, :subject, :data, :prev, :hash)"
        ),
        {
            "seq": entry.seq,
            "at": round(entry.at.timestamp() * 1000),
            "actor": entry.actor,
            "kind": entry.kind,
            "subject": entry.subject,
            "data": canonical(entry.data),
            "prev": entry.prev,
            "hash": entry.hash,
        },
    )


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


# B: registry and handover.


def _b_tables() -> None:
    op.create_table(
        "handover",
        sa.Column("id", _ID, nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("leaver", sa.String()),
        sa.Column("successor", sa.String(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("leaver_signed_at", sa.BigInteger()),
        sa.Column("successor_signed_at", sa.BigInteger()),
        sa.Column("moved_at", sa.BigInteger()),
        sa.Column("cancelled_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    is_open = sa.text("moved_at IS NULL AND cancelled_at IS NULL")
    op.create_index(
        "ix_handover_one_open",
        "handover",
        ["post"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


# C: supervision.


def _c_tables() -> None:
    op.create_table(
        "patrol",
        sa.Column("id", _ID, nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("reaches", sa.JSON(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("post", "started_at"),
    )
    op.create_index("ix_patrol_started_at", "patrol", ["started_at"])


# D: documents and citizens.


def _d_tables() -> None:
    op.create_table(
        "document",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "year", "serial"),
    )
    op.create_index("ix_document_subject", "document", ["subject"])
    op.create_table(
        "citizen_report",
        sa.Column("id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("reach", sa.String(), nullable=False),
        sa.Column("personal_id", _ID, nullable=False),
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String()),
        sa.Column("rated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["personal_id"], ["personal.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_citizen_report_ticket_id", "citizen_report", ["ticket_id"])
    _points_tables()


def _points_tables() -> None:
    op.create_table(
        "points_transfer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "points_posting",
        sa.Column("transfer_id", _ID, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["points_transfer.id"]),
        sa.PrimaryKeyConstraint("transfer_id", "account"),
    )
    op.create_index("ix_points_posting_account", "points_posting", ["account"])
    for table in ("points_transfer", "points_posting"):
        for act in ("UPDATE", "DELETE"):
            op.execute(RefuseChange(table, act, "the ledger of points"))
