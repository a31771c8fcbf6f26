"""A later flight looked and did not find it again: what flights had seen there is over."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.flights.sighting import rule_of
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.adapters.store.schema import alert
from xunhe.domain.finding import FlightFinding
from xunhe.domain.incident import Cleared
from xunhe.domain.position import distance_m


def end(
    book: IncidentBook, connection: sa.Connection, found: FlightFinding, now: datetime
) -> int | None:
    """End the alerts of flights at this spot; the incident of the last one, if there was any."""
    incident_id = None
    for row in _going_on(book, connection, found):
        cleared = Cleared(row.rule, row.station, now, row.zone, found.reason_zh, found.reason_en)
        book.clear(connection, cleared, now)
        incident_id = int(row.incident_id)
    return incident_id


def _going_on(
    book: IncidentBook, connection: sa.Connection, found: FlightFinding
) -> list[sa.Row[Any]]:
    if found.at is None or found.kind.waits_for_a_name:
        return []
    here, within_m = found.at.lon_lat, book.rules.grouping.same_spot_m
    query = sa.select(alert).where(
        alert.c.rule == rule_of(found.kind).value,
        alert.c.lon.is_not(None),
        alert.c.ended_at.is_(None),
    )
    rows = connection.execute(query.order_by(alert.c.id))
    return [row for row in rows if distance_m(here, (row.lon, row.lat)) <= within_m]
