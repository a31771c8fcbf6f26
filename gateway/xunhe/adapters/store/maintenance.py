"""Work at stations: windows that keep readings out of judgement, and dates of calibration."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store.schema import maintenance
from xunhe.domain.maintenance import Maintenance, Work
from xunhe.water.qc.drift import Calibration
from xunhe.water.qc.maintenance import SETTLE_S


def add(connection: sa.Connection, work: Maintenance, at: datetime) -> None:
    """Keep a piece of work; one that was still going on ends when it is said again."""
    key = {
        "station": work.station,
        "kind": work.work.value,
        "property": work.prop,
        "started_at": work.started_at,
    }
    said = {
        "ended_at": work.ended_at,
        "found_error": work.found_error,
        "actor": work.actor,
        "note": work.note,
        "entered_at": at,
    }
    still = [maintenance.c[name] == value for name, value in key.items()]
    ended = connection.execute(
        maintenance.update().where(*still, maintenance.c.ended_at.is_(None)).values(**said)
    )
    if not ended.rowcount:
        connection.execute(maintenance.insert().values(**key, **said))


def windows(
    connection: sa.Connection, station: str, since: datetime, until: datetime
) -> list[Maintenance]:
    """Work that touches a span of time, settling included; in the order of its beginning."""
    settling = since - timedelta(seconds=SETTLE_S)
    still = sa.or_(maintenance.c.ended_at.is_(None), maintenance.c.ended_at >= settling)
    query = sa.select(maintenance).where(
        maintenance.c.station == station, maintenance.c.started_at <= until, still
    )
    return [
        _maintenance(row) for row in connection.execute(query.order_by(maintenance.c.started_at))
    ]


def newest(connection: sa.Connection, limit: int) -> list[Maintenance]:
    """Work at all stations, what was entered last first."""
    query = sa.select(maintenance).order_by(maintenance.c.id.desc()).limit(limit)
    return [_maintenance(row) for row in connection.execute(query)]


def of_station(connection: sa.Connection, station: str, limit: int = 20) -> list[Maintenance]:
    """Work at a station, what goes on first, then what began last."""
    is_over = sa.case((maintenance.c.ended_at.is_(None), 0), else_=1)
    query = sa.select(maintenance).where(maintenance.c.station == station)
    query = query.order_by(is_over, maintenance.c.started_at.desc(), maintenance.c.id.desc())
    return [_maintenance(row) for row in connection.execute(query.limit(limit))]


def running(connection: sa.Connection, station: str, work: Work, prop: str) -> Maintenance | None:
    """Work of this kind on this property ("": the whole station) that goes on, if any does."""
    query = sa.select(maintenance).where(
        maintenance.c.station == station,
        maintenance.c.kind == work.value,
        maintenance.c.property == prop,
        maintenance.c.ended_at.is_(None),
    )
    row = connection.execute(query.order_by(maintenance.c.started_at)).first()
    return None if row is None else _maintenance(row)


def calibrations(connection: sa.Connection, station: str) -> dict[str, list[Calibration]]:
    """Finished calibrations of a station by property, in the order of time."""
    query = (
        sa.select(maintenance)
        .where(
            maintenance.c.station == station,
            maintenance.c.kind == Work.CALIBRATION.value,
            maintenance.c.ended_at.is_not(None),
        )
        .order_by(maintenance.c.ended_at)
    )
    found: dict[str, list[Calibration]] = {}
    for row in connection.execute(query):
        calibration = Calibration(row.ended_at.timestamp(), row.found_error)
        found.setdefault(row.property, []).append(calibration)
    return found


def _maintenance(row: sa.Row[tuple[object, ...]]) -> Maintenance:
    return Maintenance(
        row.station,
        Work(row.kind),
        row.started_at,
        row.ended_at,
        row.property,
        row.found_error,
        row.actor,
        row.note,
    )
