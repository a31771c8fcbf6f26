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
    sa.UniqueConstraint("station", "zone", "rule", "started_at"),
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
    sa.Column("camera", sa.String, nullable=False),
    sa.Column("camera_at", Instant, nullable=False),
    sa.Column("gateway_at", Instant, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),  # scores, boxes, models' SHA-256, …
    sa.Column("removed_at", Instant),
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

ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("number", sa.String, nullable=False, unique=True),  # XH-2026-0001
    sa.Column("incident_id", sa.ForeignKey("incident.id"), nullable=False, unique=True),
    sa.Column("post", sa.String, nullable=False),
    sa.Column("reach", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # domain.ticket.State values
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)

ticket_log = sa.Table(
    "ticket_log",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("from_state", sa.String),
    sa.Column("to_state", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
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
    sa.Column("sent_at", Instant, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
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
