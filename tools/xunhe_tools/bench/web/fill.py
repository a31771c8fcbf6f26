"""Fills the county's database: ten thousand tickets with their incidents, six hours of readings.

Rows as the gateway stores them, written in bulk; all but three in a hundred tickets are over and
archived, so that the desk has no years of work to make up for.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store import devices, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.ticket_rows import row_of
from xunhe.desk.categories import of_incident
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source, State, Ticket
from xunhe_tools.bench.web.buoy import ADDRESSES, KEY
from xunhe_tools.bench.web.county import INTERVAL_S, post_of, station_codes

_HISTORY = timedelta(hours=6)
_OPEN_SHARE = 0.03
_LASTS = timedelta(hours=12)
_A_BATCH = 5000
_KINDS = ("discharge", "discharge", "silent_station", "device_fault")

Row = dict[str, object]


def fill(database: Database, tickets: int, now: datetime, seed: int) -> None:
    """Write everything; the same for the same seed and instant."""
    draw = random.Random(seed)  # noqa: S311  nothing secret
    with database.write() as connection:
        for station, address in ADDRESSES.items():
            enrolled = devices.Device(address, station, KEY)
            devices.enrol(connection, enrolled, now - timedelta(days=90))
        _insert(connection, schema.observation, _readings(now, draw))
        rows = list(_opened(tickets, now, draw))
        for table, place in _TABLES:
            _insert(connection, table, (row[place] for row in rows))
        connection.exec_driver_sql("ANALYZE")


_TABLES = (
    (schema.incident, 0),
    (schema.alert, 1),
    (schema.ticket, 2),
    (schema.ticket_incident, 3),
    (schema.event, 4),
)


def _readings(now: datetime, draw: random.Random) -> Iterator[Row]:
    steps = int(_HISTORY.total_seconds() / INTERVAL_S)
    for station in station_codes():
        base = {"nh3n_mg_l": draw.uniform(0.1, 0.8), "do_mg_l": draw.uniform(5.5, 8.5)}
        base |= {"ph": 7.6, "water_temp_c": 21.0, "battery_v": 3.9}
        for step in range(steps):
            at = now - timedelta(seconds=INTERVAL_S * (steps - step))
            for prop, value in base.items():
                yield {
                    "station": station,
                    "property": prop,
                    "time": at,
                    "device": "000000000000",
                    "boot": 1,
                    "seq": step + 1,
                    "value": round(value * draw.uniform(0.97, 1.03), 3),
                    "flag": 1,
                }


def _opened(tickets: int, now: datetime, draw: random.Random) -> Iterator[tuple[Row, ...]]:
    """Of each ticket its rows in the order of `_TABLES`, the oldest first."""
    stations = station_codes()
    for number in range(1, tickets + 1):
        age_h = 24 * 365 * (tickets - number + 1) / tickets
        at = now - timedelta(hours=age_h)
        yield _rows(number, at, now, draw.choice(stations), draw)


def _rows(
    number: int, at: datetime, now: datetime, station: str, draw: random.Random
) -> tuple[Row, ...]:
    """Water clears within hours; a ticket may stay open for long after."""
    reach = station[2:-2]
    kind, severity = draw.choice(_KINDS), draw.choice(list(Severity))
    is_open = draw.random() < _OPEN_SHARE
    ended_at = at + _LASTS if at + _LASTS < now else None
    incident = {"reach": reach, "kind": kind, "station": station, "severity": severity.value}
    of_incident_row: Row = {"id": number, **incident, "zone": "", "started_at": at}
    of_incident_row |= {"opened_at": at, "ended_at": ended_at}
    ticket = Ticket(
        id=number,
        number=f"XH-2026-{number:06d}",
        source=Source.BUOY,
        category=of_incident(kind).code,
        severity=severity,
        reach=reach,
        post=post_of(reach),
        state=State.ARCHIVED if ended_at and not is_open else State.UNVERIFIED,
        opened_at=at,
        changed_at=ended_at or at,
        deadline=Deadline(at + timedelta(hours=24)),
        closed_at=None if is_open else ended_at,
        incident_id=number,
    )
    return (
        of_incident_row,
        _alert(number, station, severity, at, ended_at),
        {**row_of(ticket), "id": number, "opening_key": f"incident:{number}"},
        {"incident_id": number, "ticket_id": number},
        {"at": at, "kind": "incident", "data": {"incident_id": number, **incident}},
    )


def _alert(
    number: int, station: str, severity: Severity, at: datetime, ended_at: datetime | None
) -> Row:
    return {
        "id": number,
        "incident_id": number,
        "station": station,
        "place": station,
        "zone": "",
        "rule": "ammonia_step",
        "property": "nh3n_mg_l",
        "severity": severity.value,
        "started_at": at,
        "raised_at": at,
        "ended_at": ended_at,
        "value": 1.62,
        "baseline": 0.31,
        "reason_zh": "氨氮由 0.31 升至 1.62 mg/L，远超基线",
        "reason_en": "Ammonia rose from 0.31 to 1.62 mg/L, far above its baseline",
        "joined": "opened",
    }


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterator[Row]) -> None:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _A_BATCH:
            connection.execute(table.insert(), batch)
            batch = []
    if batch:
        connection.execute(table.insert(), batch)
