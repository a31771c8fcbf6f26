"""Rows as the ingest thread writes them, for a river of the demo registry."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

import xunhe_tools
from tests.stores import migrated_file
from xunhe.adapters import registry_file
from xunhe.adapters.store import schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.categories import of_incident
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source

REGISTRY = registry_file.load(Path(xunhe_tools.__file__).parent / "demo_registry")
NOW = datetime(2026, 7, 1, 19, 20, tzinfo=UTC)  # 03:20 in Shanghai: a night discharge


@dataclass
class SetClock:
    """A clock that a test sets."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def when(self, machine_s: float) -> datetime:
        return datetime.fromtimestamp(machine_s, UTC)


def opened(path: Path) -> Database:
    database = Database(migrated_file(path / "xunhe.sqlite3"))
    return database


def add_event(connection: sa.Connection, kind: str, data: dict[str, object]) -> int:
    result = connection.execute(sa.insert(schema.event).values(at=NOW, kind=kind, data=data))
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def add_value(
    connection: sa.Connection,
    station: str,
    prop: str,
    value: float | None,
    at: datetime = NOW,
    flag: int = 1,
) -> None:
    row = {
        "station": station,
        "property": prop,
        "time": at,
        "device": "a0b1c2d3e4f5",
        "boot": 1,
        "seq": round(at.timestamp()) % 10_000_000,
        "value": value,
        "flag": flag,
    }
    connection.execute(sa.insert(schema.observation).values(row))


def count(connection: sa.Connection, name: str, n: int) -> None:
    connection.execute(sa.delete(schema.counter).where(schema.counter.c.name == name))
    connection.execute(sa.insert(schema.counter).values(name=name, n=n))


def add_incident(
    connection: sa.Connection,
    station: str = "YX-S1",
    severity: str = "severe",
    kind: str = "discharge",
    at: datetime = NOW - timedelta(minutes=20),
) -> int:
    reach = REGISTRY.stations[station].reach
    result = connection.execute(
        sa.insert(schema.incident).values(
            reach=reach, kind=kind, station=station, severity=severity, started_at=at, opened_at=at
        )
    )
    key = result.inserted_primary_key
    assert key is not None
    data = {"incident_id": key[0], "reach": reach, "kind": kind, "severity": severity}
    add_event(connection, "incident", data)
    return int(key[0])


def add_alert(  # noqa: PLR0917  a row has many columns
    connection: sa.Connection,
    incident_id: int,
    station: str = "YX-S1",
    rule: str = "ammonia_step",
    severity: str = "severe",
    prop: str = "nh3n_mg_l",
    value: float | None = 1.62,
    at: datetime = NOW,
    reason: tuple[str, str] = (
        "氨氮由 0.31 升至 1.62 mg/L，远超基线",
        "Ammonia rose from 0.31 to 1.62 mg/L, far above its baseline",
    ),
) -> int:
    values = {
        "incident_id": incident_id,
        "station": station,
        "rule": rule,
        "severity": severity,
        "started_at": at,
        "value": value,
        "reason_zh": reason[0],
        "reason_en": reason[1],
    }
    result = connection.execute(
        sa.insert(schema.alert).values(
            property=prop, place=station, raised_at=at, baseline=0.31, **values
        )
    )
    key = result.inserted_primary_key
    assert key is not None
    add_event(connection, "alert", {"alert_id": key[0], **values, "started_at": at.isoformat()})
    return int(key[0])


def add_ticket(
    connection: sa.Connection,
    incident_id: int,
    number: str = "XH-2026-0001",
    post: str = "VILLAGE-1",
    reach: str = "YX-1",
    state: str = "unverified",
    at: datetime = NOW,
) -> int:
    incident = connection.execute(
        sa.select(schema.incident).where(schema.incident.c.id == incident_id)
    ).one()
    opening = Opening(
        key=f"incident:{incident_id}",
        source=Source.BUOY,
        category=of_incident(incident.kind).code,
        severity=Severity(incident.severity),
        reach=reach,
        post=post,
        at=at,
        deadline=Deadline(at + timedelta(hours=24)),
        reason="事件成立，自动开单 / Opened with its incident",
        incident_id=incident_id,
    )
    opened = tickets.open_ticket(connection, opening)
    connection.execute(
        sa.update(schema.ticket)
        .where(schema.ticket.c.id == opened.id)
        .values(number=number, state=state)
    )
    return opened.id


def add_rejected(
    connection: sa.Connection, reason: str = "mac", at: datetime = NOW, station: str | None = None
) -> None:
    connection.execute(
        sa.insert(schema.rejected).values(
            at=at,
            reason=reason,
            detail="the HMAC does not fit the key of device a0b1c2d3e4f5",
            topic="xunhe/v1/YX-S1/readings",
            station=station,
            device="a0b1c2d3e4f5",
            boot=1,
            seq=42,
            size=160,
            payload=b"\x11" * 160,
        )
    )
    add_event(connection, "rejected", {"reason": reason, "station": station})


def add_hours(
    connection: sa.Connection, station: str, hours: float, plume_after: timedelta | None
) -> None:
    """Two-minute readings until NOW; with a plume that arrives some time before NOW."""
    noise = random.Random(station)
    steps = int(hours * 30)
    for i in range(steps + 1):
        at = NOW - timedelta(minutes=2 * (steps - i))
        daily = math.sin((at.hour + at.minute / 60 - 3) / 24 * 2 * math.pi)
        inside = 0.0
        if plume_after is not None:
            inside = min(max((at - NOW + plume_after) / timedelta(minutes=24), 0.0), 1.0)
        for prop, value in {
            "water_temp_c": 24.2 + 0.6 * daily + noise.gauss(0, 0.03),
            "ph": 7.62 + 0.1 * daily - 0.2 * inside + noise.gauss(0, 0.01),
            "do_mg_l": 7.1 + 0.7 * daily - 3.1 * inside + noise.gauss(0, 0.05),
            "nh3n_mg_l": 0.31 + 1.3 * inside + noise.gauss(0, 0.015),
            "battery_v": 3.98 + noise.gauss(0, 0.01),
        }.items():
            add_value(connection, station, prop, round(value, 3), at)


def _step(value: float) -> tuple[str, str]:
    return f"氨氮由 0.31 升至 {value} mg/L", f"Ammonia rose from 0.31 to {value} mg/L"


def fill(database: Database, hours: float = 6.5) -> None:
    """A night: two buoys have seen the plume, the third is clean, one ticket is open."""
    with database.write() as connection:
        add_hours(connection, "YX-S1", hours, timedelta(minutes=66))
        add_hours(connection, "YX-S2", hours, timedelta(minutes=14))
        add_hours(connection, "YX-S3", hours, None)
        count(connection, "readings", 588)
        count(connection, "duplicate", 12)
        count(connection, "rejected.mac", 3)
        count(connection, "rejected.length", 1)
        old = add_incident(
            connection, "YX-S3", "minor", "silent_station", NOW - timedelta(hours=20)
        )
        add_alert(
            connection,
            old,
            "YX-S3",
            "silent_station",
            "minor",
            "",
            None,
            NOW - timedelta(hours=20),
            ("柳湾浮标已 30 分钟无读数", "Liuwan buoy has been silent for 30 minutes"),
        )
        add_ticket(
            connection,
            old,
            "XH-2026-0001",
            "VILLAGE-3",
            "YX-3",
            "false_alarm",
            NOW - timedelta(hours=20),
        )
        incident = add_incident(connection, at=NOW - timedelta(minutes=60))
        add_alert(
            connection, incident, at=NOW - timedelta(minutes=60), value=0.92, reason=_step(0.92)
        )
        add_alert(
            connection,
            incident,
            "YX-S1",
            "oxygen_fall",
            "major",
            "do_mg_l",
            4.62,
            NOW - timedelta(minutes=52),
            ("溶解氧 3 小时内下降 2.1 mg/L", "Dissolved oxygen fell by 2.1 mg/L within 3 hours"),
        )
        add_ticket(connection, incident, "XH-2026-0002", at=NOW - timedelta(minutes=60))
        add_alert(
            connection,
            incident,
            "YX-S2",
            at=NOW - timedelta(minutes=6),
            value=0.78,
            reason=_step(0.78),
        )
        for reason in ("mac", "length", "mac", "mac"):
            add_rejected(connection, reason)
