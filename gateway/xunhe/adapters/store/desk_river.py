"""What the witnesses of a ticket's incidents say of a time."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.schema import (
    alert,
    camera_state,
    incident,
    observation,
    ticket_incident,
)
from xunhe.desk.agreement import Testimony
from xunhe_buoy.record import GOOD


def testimonies(
    connection: sa.Connection, ticket_id: int, since: datetime, until: datetime
) -> list[Testimony]:
    """One testimony a witness (station or camera, and zone) of the ticket's incidents.

    Its alerts of the same kinds count, whichever incident they belong to by now.
    """
    kinds, witnesses = _witnesses(connection, ticket_id)
    return [
        _testimony(connection, witness, zone, kinds, since, until) for witness, zone in witnesses
    ]


def _witnesses(
    connection: sa.Connection, ticket_id: int
) -> tuple[list[str], list[tuple[str, str]]]:
    query = (
        sa.select(alert.c.station, alert.c.zone, incident.c.kind)
        .join(incident, incident.c.id == alert.c.incident_id)
        .join(ticket_incident, ticket_incident.c.incident_id == incident.c.id)
        .where(ticket_incident.c.ticket_id == ticket_id)
        .order_by(alert.c.id)
    )
    rows = connection.execute(query).all()
    kinds = dict.fromkeys(row.kind for row in rows)
    return list(kinds), list(dict.fromkeys((row.station, row.zone) for row in rows))


def _testimony(
    connection: sa.Connection,
    witness: str,
    zone: str,
    kinds: list[str],
    since: datetime,
    until: datetime,
) -> Testimony:
    began = sa.func.count().filter(alert.c.started_at > since)
    going_on = sa.func.count().filter(alert.c.ended_at.is_(None))
    query = (
        sa.select(began, going_on)
        .join(incident)
        .where(alert.c.station == witness, alert.c.zone == zone, incident.c.kind.in_(kinds))
    )
    n_began, n_going_on = connection.execute(query).one()
    values = _newest(connection, witness, since, until)
    heard = len(values) or _watched(connection, witness, since)
    return Testimony(witness, zone, n_began, bool(n_going_on), heard, values)


def _newest(
    connection: sa.Connection, station: str, since: datetime, until: datetime
) -> tuple[tuple[str, float], ...]:
    """The newest good value of each property of a station in the time."""
    table = observation
    newest_first = (table.c.time.desc(), table.c.device, table.c.boot, table.c.seq)
    rank = sa.func.row_number().over(partition_by=table.c.property, order_by=newest_first)
    ranked = (
        sa.select(table.c.property, table.c.value, rank.label("rank"))
        .where(
            table.c.station == station,
            table.c.time > since,
            table.c.time <= until,
            table.c.flag == GOOD,
            table.c.value.is_not(None),
        )
        .subquery()
    )
    query = sa.select(ranked.c.property, ranked.c.value).where(ranked.c.rank == 1)
    rows = connection.execute(query.order_by(ranked.c.property))
    return tuple((row.property, row.value) for row in rows)


def _watched(connection: sa.Connection, camera: str, since: datetime) -> int:
    """1 where a camera has been live within the time."""
    query = sa.select(camera_state.c.state, camera_state.c.at)
    row = connection.execute(query.where(camera_state.c.camera == camera)).first()
    return int(row is not None and row.state == "live" and row.at > since)
