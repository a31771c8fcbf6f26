"""The tables. Instants are integer milliseconds since 1970 UTC on disk, aware datetimes in code."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class Instant(sa.TypeDecorator[datetime]):
    """Aware UTC datetime, kept as integer milliseconds so that it sorts and compares on disk."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Aware datetime → ms; naive ones are the caller's mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants must be aware")
        return round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """Ms → aware datetime."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


metadata = sa.MetaData()

# BigInteger does not autoincrement on SQLite.
_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")

device = sa.Table(
    "device",
    metadata,
    sa.Column("device", sa.String(12), primary_key=True),  # factory MAC address, hex
    sa.Column("station", sa.String, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("enrolled_at", Instant, nullable=False),
    sa.Column("left_at", Instant),  # another took its station over; later readings are refused
)

# What a buoy last said of its own health: unsigned, for people to see.
station_status = sa.Table(
    "station_status",
    metadata,
    sa.Column("station", sa.String, primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("device", sa.String(12), nullable=False),
    sa.Column("is_online", sa.Boolean, nullable=False),
    sa.Column("pending", sa.BigInteger, nullable=False),
    sa.Column("dropped", sa.BigInteger, nullable=False),
    sa.Column("probe_errors", sa.JSON, nullable=False),  # [[probe, reason, times], …]
)

# What a buoy reports of itself: diagnostics (the newest 90 days), events, answers, raw values.
report = sa.Table(
    "report",
    metadata,
    sa.Column("device", sa.String(12), primary_key=True),
    sa.Column("boot", sa.Integer, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),  # grows within a boot
    sa.Column("station", sa.String, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Index("ix_report_station", "station", "received_at"),
)

# What a buoy is to do. Every sending has a counter of its own, from `first_` to `last_counter`.
command = sa.Table(
    "command",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("device", sa.String(12), nullable=False),
    sa.Column("station", sa.String, nullable=False, index=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # domain.command.CommandState values
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("answered_at", Instant),
    sa.Column("first_counter", sa.BigInteger),
    sa.Column("last_counter", sa.BigInteger),
    sa.Column("reason", sa.String),  # the buoy's, where it refused
    sa.Index("ix_command_device", "device", "state"),
)

# What the device said, never edited. `slot` is the record as record.pack_slot packs it.
record = sa.Table(
    "record",
    metadata,
    sa.Column("device", sa.String(12), primary_key=True),
    sa.Column("boot", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("slot", sa.LargeBinary, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# One value of one property: what the rules and the pages read.
observation = sa.Table(
    "observation",
    metadata,
    sa.Column("station", sa.String, primary_key=True),
    sa.Column("property", sa.String, primary_key=True),
    sa.Column("time", Instant, primary_key=True),
    sa.Column("device", sa.String(12), primary_key=True),
    sa.Column("boot", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("value", sa.Float),
    sa.Column("flag", sa.SmallInteger, nullable=False),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (time)",  # a table a month: see months.py
)

# Readings that are stored and acknowledged and wait for their judgement: more came than could be
# judged at once.
unjudged = sa.Table(
    "unjudged",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("station", sa.String, nullable=False),
    sa.Column("time", Instant, nullable=False),
    sa.Column("device", sa.String(12), nullable=False),
    sa.Column("boot", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("goes_first", sa.Boolean, nullable=False),  # the water has just changed
    sa.Index("ix_unjudged_station", "station", "id"),
)

# Frames and records that could not be used, with the reason; the payload is cut at 2 KiB.
rejected = sa.Table(
    "rejected",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("reason", sa.String, nullable=False, index=True),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("topic", sa.String, nullable=False),
    sa.Column("station", sa.String),
    sa.Column("device", sa.String(12)),
    sa.Column("boot", sa.Integer),
    sa.Column("seq", sa.BigInteger),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Index("ix_rejected_key", "device", "boot", "seq"),
)

# Totals that survive both a restart and the trimming of `rejected`.
counter = sa.Table(
    "counter",
    metadata,
    sa.Column("name", sa.String, primary_key=True),  # such as rejected.mac, duplicate
    sa.Column("n", sa.BigInteger, nullable=False),
)

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("reach", sa.String, nullable=False),  # identity: that of the first witness
    sa.Column("kind", sa.String, nullable=False),  # domain.incident.Kind values
    sa.Column("station", sa.String, nullable=False),  # the first witness: a station or a camera
    sa.Column("zone", sa.String, nullable=False, server_default=""),  # of a camera's picture
    sa.Column("severity", sa.String, nullable=False),  # minor | major | severe
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.UniqueConstraint("reach", "kind", "station", "zone", "started_at"),
    sa.Index("ix_incident_ended_at", "ended_at"),
    sa.Index("ix_incident_kind_reach", "kind", "reach"),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("station", sa.String, nullable=False),  # a station or a camera
    sa.Column("place", sa.String, nullable=False),  # where: a station, an outfall or a camera
    sa.Column("zone", sa.String, nullable=False, server_default=""),  # of a camera's picture
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("property", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("started_at", Instant, nullable=False),  # time of the observation that raised it
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("value", sa.Float),
    sa.Column("baseline", sa.Float),
    sa.Column("state", sa.String),  # of an outfall, or why a camera is blind
    sa.Column("count", sa.Integer),  # things a camera sees
    sa.Column("area_m2", sa.Float),
    sa.Column("reason_zh", sa.String, nullable=False),
    sa.Column("reason_en", sa.String, nullable=False),
    sa.Column("joined", sa.String, nullable=False, server_default="opened"),  # why: Joined values
    sa.Column("muted_by", _Id),  # the alert upstream whose water this is: no alarm of its own
    sa.Column("lon", sa.Float),  # where a witness that moves saw it, such as a drone
    sa.Column("lat", sa.Float),
    sa.UniqueConstraint("station", "zone", "rule", "started_at"),
    sa.Index("ix_alert_rule", "rule", "raised_at"),
)

# A file that shows an incident, kept under its SHA-256. The row stays when the file must go.
evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("role", sa.String, nullable=False),  # picture | annotated | clip | track | window
    sa.Column("media_type", sa.String, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes
    sa.Column("incident_id", sa.ForeignKey("incident.id"), index=True),
    sa.Column("alert_id", sa.ForeignKey("alert.id")),
    sa.Column("camera", sa.String, nullable=False),  # empty: a person brought it
    sa.Column("camera_at", Instant, nullable=False),
    sa.Column("gateway_at", Instant, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),  # scores, boxes, models' SHA-256, …
    sa.Column("removed_at", Instant),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), index=True),  # where a person brought it
    sa.UniqueConstraint("sha256", "role", "incident_id"),
)

# What a person said of an incident (属实 / 误报); the newest counts.
verdict = sa.Table(
    "verdict",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("is_true", sa.Boolean, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("label", sa.String),  # what a person named it
    sa.Column("boxes", sa.JSON),  # corrected: [[x0, y0, x1, y1, label], …] in fractions
)

# How a camera is, and what its pipeline remembers over a restart.
camera_state = sa.Table(
    "camera_state",
    metadata,
    sa.Column("camera", sa.String, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # live | connecting | wrong_password | …
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("memory", sa.JSON),
    sa.Column("counts", sa.JSON, nullable=False),
)

# A: tickets and the desk's log.
ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("number", sa.String, nullable=False, unique=True),  # XH-2026-0001
    # What opened it, so that it is opened once: incident:4, report:…, hotline:…
    sa.Column("opening_key", sa.String, nullable=False, unique=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), index=True),  # its first, if any
    sa.Column("source", sa.String, nullable=False),  # domain.ticket.Source values
    sa.Column("category", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),  # minor | major | severe
    sa.Column("reach", sa.String, nullable=False),
    sa.Column("post", sa.String, nullable=False),  # the owner
    sa.Column("state", sa.String, nullable=False),  # domain.ticket.State values
    sa.Column("opened_at", Instant, nullable=False, index=True),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("due_working_days", sa.Integer),  # None: plain hours, or an instant that was set
    sa.Column("due_since", Instant),
    sa.Column("due_is_provisional", sa.Boolean, nullable=False),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("campaign", sa.String, nullable=False),
    sa.Column("is_difficult", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("is_chronic", sa.Boolean, nullable=False),
    sa.Column("handler", sa.String),  # a post or a department
    sa.Column("assigned_via", sa.String),
    sa.Column("handled_at", Instant),
    sa.Column("handled_by", sa.JSON(none_as_null=True)),  # [code, personal id]
    sa.Column("accepted_by", sa.JSON(none_as_null=True)),
    sa.Column("closed_at", Instant, index=True),
    sa.Column("clock_stopped_at", Instant),
    sa.Column("clock_stopped_until", Instant),
    sa.Column("clock_stopped_in", sa.String),  # the state to go back to
    sa.Column("paused_s", sa.Float, nullable=False),
    sa.Column("extension", sa.JSON(none_as_null=True)),  # asked for, undecided
    sa.Column("watched_since", Instant),
    sa.Column("watched_until", Instant),
    sa.Column("river_answer", sa.String),  # domain.ticket.Answer values
    sa.Column("evidence", sa.Integer, nullable=False),
    sa.Column("repeat_reports", sa.Integer, nullable=False),
    sa.Column("owes_feedback", sa.Boolean, nullable=False),
    sa.Column("merged_into", sa.ForeignKey("ticket.id")),
    sa.Column("recipient", sa.String),
    sa.Index("ix_ticket_state_due", "state", "due_at"),
    sa.Index("ix_ticket_post_state", "post", "state"),
    sa.Index("ix_ticket_reach_state", "reach", "state"),
)

# The incidents of a ticket: its own, and those that reopened it. One ticket an incident.
ticket_incident = sa.Table(
    "ticket_incident",
    metadata,
    sa.Column("incident_id", sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
)

# The log of the desk, a chain of hashes: see desk/log.py. Triggers refuse UPDATE and DELETE.
desk_log = sa.Table(
    "desk_log",
    metadata,
    sa.Column("seq", _Id, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("data", sa.String, nullable=False),  # canonical JSON
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_desk_log_kind_seq", "kind", "seq"),
    sa.Index("ix_desk_log_subject_seq", "subject", "seq"),
)

# What may have to be forgotten: names, telephones, citizens' words. The log has id and hash.
personal = sa.Table(
    "personal",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),  # account | reporter | …
    sa.Column("data", sa.JSON(none_as_null=True)),  # None once erased
    sa.Column("salt", sa.String(32), nullable=False),  # empty once erased
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("erased_at", Instant),
    sqlite_autoincrement=True,  # an id is never given to somebody else
)

# What an account is at the desk; an account without a row is the administrator.
desk_member = sa.Table(
    "desk_member",
    metadata,
    sa.Column("user", sa.ForeignKey("user.name"), primary_key=True),
    sa.Column("personal_id", sa.ForeignKey("personal.id"), nullable=False, unique=True),
    sa.Column("person", sa.String, index=True),  # in the registry: his posts by his tenures
    sa.Column("role", sa.String),  # desk.roles.Role values, beside the posts
    sa.Column("code", sa.String),  # of his department, where the role has one
)

# Heads of the log that were given away, hourly: what `verify` compares with.
desk_head = sa.Table(
    "desk_head",
    metadata,
    sa.Column("seq", _Id, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# B: registry and handover.
# A post changes hands: the list that both sign (canonical JSON), their signatures, and the instant
# of the second one, at which the duty moves.
handover = sa.Table(
    "handover",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("post", sa.String, nullable=False),
    sa.Column("leaver", sa.String),  # code of a person; None where the post is vacant
    sa.Column("successor", sa.String, nullable=False),
    sa.Column("drafted_at", Instant, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),  # of the content
    sa.Column("leaver_signed_at", Instant),
    sa.Column("successor_signed_at", Instant),
    sa.Column("moved_at", Instant),
    sa.Column("cancelled_at", Instant),
    sa.Index(
        "ix_handover_one_open",
        "post",
        unique=True,
        sqlite_where=sa.text("moved_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("moved_at IS NULL AND cancelled_at IS NULL"),
    ),
)

# C: supervision.
# One patrol of a post. All else that supervision knows stands in the log alone.
patrol = sa.Table(
    "patrol",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("post", sa.String, nullable=False),
    sa.Column("reaches", sa.JSON, nullable=False),
    sa.Column("means", sa.String, nullable=False),  # desk.patrols.Means values
    sa.Column("started_at", Instant, nullable=False, index=True),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("length_m", sa.Float, nullable=False),
    sa.Column("problems", sa.JSON, nullable=False),  # ids of tickets that came of it
    sa.Column("note", sa.String, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("seen", sa.Float),  # the share of its reaches that was looked at, where measured
    sa.UniqueConstraint("post", "started_at"),  # a record that comes in twice is one patrol
)

# D: documents and citizens.

# Papers as they were issued. A row is written with its number, so that no number is ever skipped.
document = sa.Table(
    "document",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),  # desk.documents.model.Kind values
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("subject", sa.String, nullable=False, index=True),  # as in the log: ticket:12
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("content", sa.String, nullable=False),  # desk.documents.model.Issued as JSON
    sa.UniqueConstraint("kind", "year", "serial"),
)

# What a citizen reported; his words and telephone are personal data. `ticket_id` is the ticket that
# it opened or joined.
citizen_report = sa.Table(
    "citizen_report",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("code_hash", sa.String(64), nullable=False, unique=True),  # of the tracking code
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("category", sa.String, nullable=False),
    sa.Column("lon", sa.Float, nullable=False),
    sa.Column("lat", sa.Float, nullable=False),
    sa.Column("reach", sa.String, nullable=False),
    sa.Column("personal_id", sa.ForeignKey("personal.id"), nullable=False),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
    sa.Column("joined", sa.Boolean, nullable=False),
    sa.Column("account", sa.String),  # whom its points go to; None: nobody has named one yet
    sa.Column("rated", sa.Boolean, nullable=False, default=False),  # the answer, by the sender
)

# Points (绿水币) by double entry: the postings of a transfer add up to nothing. Triggers refuse
# UPDATE and DELETE.
points_transfer = sa.Table(
    "points_transfer",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),  # what it is for, so that it is once
    sa.Column("at", Instant, nullable=False),
    sa.Column("act", sa.String, nullable=False),  # desk.points acts
)
points_posting = sa.Table(
    "points_posting",
    metadata,
    sa.Column("transfer_id", sa.ForeignKey("points_transfer.id"), primary_key=True),
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Index("ix_points_posting_account", "account"),
)

# What has to leave this gateway. `key` makes every message go out once.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("topic", sa.String, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

# Samples in the order in which they came in, for those who send them on; none where nobody does.
arrival = sa.Table(
    "arrival",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("key", sa.String, nullable=False),  # device:boot:seq
    sa.Column("station", sa.String, nullable=False),
    sa.Column("time", Instant, nullable=False),
    sa.Column("sample", sa.JSON, nullable=False),  # property: [value, flag]
    sqlite_autoincrement=True,  # rows go once they are planned; a position is never given twice
)

# How far each source has been planned for each destination.
delivery_mark = sa.Table(
    "delivery_mark",
    metadata,
    sa.Column("destination", sa.String, primary_key=True),
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)

# A message and a destination, until it has arrived there. Instants but `at` are the machine's.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("destination", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("lane", sa.String, nullable=False),  # messages of a lane keep their order
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # deliveries.State values
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("planned_at", Instant, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("error", sa.String, nullable=False, server_default=""),
    sa.UniqueConstraint("destination", "key"),
    sa.Index("ix_delivery_next", "destination", "state", "id"),
    sa.Index("ix_delivery_live", "destination", "state", "at"),
    sa.Index("ix_delivery_next_at", "destination", "state", "next_at"),
    sa.Index("ix_delivery_sent_at", "sent_at"),
)

# What a platform has set by HJ 212 itself: name: [value of the settings file then, value now].
hj212_remote = sa.Table(
    "hj212_remote",
    metadata,
    sa.Column("destination", sa.String, primary_key=True),
    sa.Column("mn", sa.String, primary_key=True),
    sa.Column("changed", sa.JSON, nullable=False),
)

# An office was told that a ticket waits for it, until it has answered. Instants are the machine's.
notice = sa.Table(
    "notice",
    metadata,
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), primary_key=True),
    sa.Column("office", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),  # domain.ticket.State values
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("reminded", sa.Integer, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),  # offices that were told in its place
    sa.Column("next_at", Instant, index=True),
)

# What the world was told of incidents, each change once: see domain/bulletin.py.
bulletin = sa.Table(
    "bulletin",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, index=True),
    sa.Column("change", sa.String, nullable=False),  # domain.bulletin.Change values
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("signature", sa.JSON, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice
)

# The stream that pages follow; they resume by id.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String, nullable=False),  # alert | incident | ticket | rejected | …
    sa.Column("data", sa.JSON, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice, so that resuming never skips
)

user = sa.Table(
    "user",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("password_hash", sa.String, nullable=False),  # argon2id
    sa.Column("created_at", Instant, nullable=False),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),  # SHA-256 of the cookie
    sa.Column("user", sa.ForeignKey("user.name"), nullable=False),
    sa.Column("csrf", sa.String, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

# The one-time administrator code, hashed; the row goes when it has been used.
setup_code = sa.Table(
    "setup_code",
    metadata,
    sa.Column("code_hash", sa.String, primary_key=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
)

# --- The water's own tables: external data and maintenance ---

# What came from elsewhere (laboratory bottles, other networks), with who said it.
external_sample = sa.Table(
    "external_sample",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("source", sa.String, nullable=False),  # such as the laboratory's name
    sa.Column("place", sa.String, nullable=False),  # a station or another registered place
    sa.Column("property", sa.String, nullable=False),
    sa.Column("time", Instant, nullable=False),
    sa.Column("value", sa.Float, nullable=False),  # in the property's unit
    sa.Column("is_below_limit", sa.Boolean, nullable=False),  # less than `value` (未检出)
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("origin", sa.String, nullable=False),  # the file and its SHA-256, or api
    sa.UniqueConstraint("place", "property", "time", "source"),
)

# Work at a station: its readings stay in the record and out of judgement.
maintenance = sa.Table(
    "maintenance",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("station", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),  # domain.maintenance.Work values
    sa.Column("property", sa.String, nullable=False),  # "" = the whole station
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),  # None: still going on
    sa.Column("found_error", sa.Float),  # reading minus standard, before a calibration
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("entered_at", Instant, nullable=False),
)

# C: where the water of an incident came from and where it goes, as last computed.
incident_trace = sa.Table(
    "incident_trace",
    metadata,
    sa.Column("incident_id", _Id, sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("computed_at", Instant, nullable=False),
    sa.Column("trace", sa.JSON, nullable=False),  # water.trace.Trace
)

# D: what the rules decided, and what people silenced.

# Every decision on a finding, with its reason. One that is made again and again is one row.
decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.Column("station", sa.String, nullable=False),
    sa.Column("zone", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("sample_at", Instant, nullable=False),  # of the water that it is about
    sa.Column("outcome", sa.String, nullable=False),  # store.decisions.Outcome values
    sa.Column("by", sa.String, nullable=False),  # what muted it, or why it joined
    sa.Column("alert_id", _Id, index=True),
    sa.Column("silence_id", sa.ForeignKey("silence.id"), index=True),
    sa.Column("reason_zh", sa.String, nullable=False),
    sa.Column("reason_en", sa.String, nullable=False),
    sa.Column("detail", sa.JSON),  # what a page needs to draw it
    sa.Index("ix_decision_of", "station", "zone", "rule"),
)

# Alarms that a person does not want for a while; a label that is NULL fits everything.
silence = sa.Table(
    "silence",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("station", sa.String),
    sa.Column("reach", sa.String),
    sa.Column("rule", sa.String),
    sa.Column("kind", sa.String),
    sa.Column("zone", sa.String),
    sa.Column("starts_at", Instant, nullable=False),
    sa.Column("ends_at", Instant, nullable=False, index=True),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("ended_by", sa.String),  # who ended it before its time
)

# Medians of the usable values by the hour: what early warning looks back on.
hourly_median = sa.Table(
    "hourly_median",
    metadata,
    sa.Column("station", sa.String, primary_key=True),
    sa.Column("property", sa.String, primary_key=True),
    sa.Column("start", Instant, primary_key=True),
    sa.Column("median", sa.Float),
    sa.Column("count", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# E: identities of buoys and their calibrations.

# Keys of devices that are out of force: whoever signs with one has an old copy of an identity.
revoked_key = sa.Table(
    "revoked_key",
    metadata,
    sa.Column("device", sa.String(12), primary_key=True),
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("station", sa.String, nullable=False),
    sa.Column("enrolled_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant, nullable=False),
)

# The one key to which technicians seal the keys of new devices: its secret half.
enrolment_seal = sa.Table(
    "enrolment_seal",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # 1
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
)

# Certificates of calibrations as the technician's tool made them.
calibration = sa.Table(
    "calibration",
    metadata,
    sa.Column("certificate", sa.String, primary_key=True),
    sa.Column("station", sa.String, nullable=False),
    sa.Column("device", sa.String(12), nullable=False),
    sa.Column("probe", sa.String, nullable=False),
    sa.Column("quantity", sa.String, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),  # who sent it; who calibrated is in the content
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Index("ix_calibration_device", "device", "at"),
)

# --- People on the move ---

# Where a patrol went. `key` is the telephone's or the file's, so that it comes in once.
patrol_track = sa.Table(
    "patrol_track",
    metadata,
    sa.Column("patrol_id", sa.ForeignKey("patrol.id"), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("source", sa.String, nullable=False),  # phone | gpx | flight
    sa.Column("fixes", sa.JSON, nullable=False),  # [[since_start_s, lon, lat, accuracy_m], …]
)

# --- Drones ---

# A drone's flight along the river; `key` is made from its film, so that it comes in once.
flight = sa.Table(
    "flight",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("key", sa.String(16), nullable=False, unique=True),
    sa.Column("reach", sa.String),  # None: nobody said which, and no finding has a position
    sa.Column("post", sa.String),  # whose patrol it is
    sa.Column("patrol_id", sa.ForeignKey("patrol.id")),
    sa.Column("started_at", Instant, nullable=False, index=True),
    sa.Column("ended_at", Instant, nullable=False),
    sa.Column("is_flying", sa.Boolean, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("report", sa.String, nullable=False),  # codecs.flight_json
)

# What it found, and what became of that. `finding` is its id within the flight.
flight_finding = sa.Table(
    "flight_finding",
    metadata,
    sa.Column("flight_id", sa.ForeignKey("flight.id"), primary_key=True),
    sa.Column("finding", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),  # domain.finding.FindingKind values
    sa.Column("reach", sa.String),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("picture", sa.String(64), index=True),  # SHA-256 of its file of evidence
    sa.Column("incident_id", sa.ForeignKey("incident.id"), index=True),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id")),  # that a person's name for it opened
    sa.Column("named", sa.String),  # a category, or nothing: a person's word
    sa.Column("named_by", sa.String),
    sa.Column("named_at", Instant),
)

# --- Access ---

# Every look at personal data.
look = sa.Table(
    "look",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("user", sa.String, nullable=False, index=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("what_zh", sa.String, nullable=False),
    sa.Column("what_en", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
)

# What makes an account more than a name and a password.
account = sa.Table(
    "account",
    metadata,
    sa.Column("user", sa.ForeignKey("user.name"), primary_key=True),
    sa.Column("disabled_at", Instant),
    sa.Column("disabled_by", sa.String),
    sa.Column("totp_secret", sa.LargeBinary),  # RFC 6238; None: password only
    sa.Column("totp_step", sa.BigInteger),  # the last that was used: none twice
)

# A one-time code with which its owner sets his password.
reset_code = sa.Table(
    "reset_code",
    metadata,
    sa.Column("user", sa.ForeignKey("user.name"), primary_key=True),
    sa.Column("code_hash", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
)

# Forms that were sent: the same again goes where the first went.
sent_form = sa.Table(
    "sent_form",
    metadata,
    sa.Column("user", sa.String, primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("location", sa.String),  # None: still under way
)

# Operator: up to which event each account has looked, so that it is told what it missed.
operator_look = sa.Table(
    "operator_look",
    metadata,
    sa.Column("user", sa.ForeignKey("user.name"), primary_key=True),
    sa.Column("event_id", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# Gateways of a province, at its desk. Its key signs what it sends and what it is told.
gateway = sa.Table(
    "gateway",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("enrolled_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("heard_at", Instant),
)

# What a gateway of a province has yet to bring to the desk; a row goes with the desk's receipt.
upward = sa.Table(
    "upward",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("subject", sa.String, nullable=False),  # <station>/<kind>, or step
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice: it is part of a parcel's name
)

# Steps that the desk has taken, so that one which comes again changes nothing; kept for days.
step_taken = sa.Table(
    "step_taken",
    metadata,
    sa.Column("gateway", sa.String(32), primary_key=True),
    sa.Column("tag", sa.LargeBinary, primary_key=True),
    sa.Column("taken_at", Instant, nullable=False, index=True),
)
