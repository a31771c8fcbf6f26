"""What buoys report of themselves: diagnostics, events, answers, raw values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import report
from xunhe.adapters.store.upsert import insert, is_new

_DIAGNOSTICS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Report:
    """A stored report; (device, boot, number) is its key."""

    device: str
    boot: int
    number: int
    station: str
    received_at: datetime
    content: dict[str, Any]


def insert_report(connection: sa.Connection, taken: Report) -> bool:
    """Keep a report; False where it is kept already. Old diagnostics of its device go."""
    statement = insert(report).values(
        device=taken.device,
        boot=taken.boot,
        number=taken.number,
        station=taken.station,
        received_at=taken.received_at,
        type=str(taken.content["type"])[:20],
        content=taken.content,
    )
    kept = is_new(connection, statement)
    if kept and taken.content["type"] == "diagnostic":
        connection.execute(
            report.delete().where(
                report.c.device == taken.device,
                report.c.type == "diagnostic",
                report.c.received_at < taken.received_at - _DIAGNOSTICS_KEPT,
            )
        )
    return kept


def of_station(
    connection: sa.Connection, station: str, kind: str | None = None, limit: int = 20
) -> list[Report]:
    """The newest reports of a station, newest first; of one type where `kind` names it."""
    query = sa.select(report).where(report.c.station == station)
    if kind is not None:
        query = query.where(report.c.type == kind)
    newest = (report.c.received_at.desc(), report.c.boot.desc(), report.c.number.desc())
    rows = connection.execute(query.order_by(*newest).limit(limit))
    return [
        Report(row.device, row.boot, row.number, row.station, row.received_at, row.content)
        for row in rows
    ]
