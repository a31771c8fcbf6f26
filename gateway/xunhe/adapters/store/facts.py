"""An incident as a bulletin needs it."""

import sqlalchemy as sa

from xunhe.adapters.store import tickets, verdicts
from xunhe.adapters.store.schema import alert, incident
from xunhe.domain.bulletin import Facts, Witnessed
from xunhe.domain.incident import Kind, Severity


def facts_of(connection: sa.Connection, incident_id: int) -> Facts | None:
    """What is known of an incident now; None where there is none of this id."""
    query = sa.select(incident).where(incident.c.id == incident_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    ticket = tickets.of_incident(connection, incident_id)
    said = verdicts.of_incident(connection, incident_id)
    return Facts(
        incident_id,
        Kind(row.kind),
        Severity(row.severity),
        row.reach,
        row.started_at,
        row.ended_at,
        _witnesses(connection, incident_id),
        None if ticket is None else ticket.number,
        None if ticket is None else ticket.state,
        said[0].is_true if said else None,
    )


def _witnesses(connection: sa.Connection, incident_id: int) -> tuple[Witnessed, ...]:
    query = sa.select(alert).where(alert.c.incident_id == incident_id)
    return tuple(
        Witnessed(
            row.rule,
            row.place,
            row.property,
            row.value,
            row.started_at,
            row.ended_at,
            row.reason_zh,
            row.reason_en,
            None if row.lon is None else (row.lon, row.lat),
        )
        for row in connection.execute(query.order_by(alert.c.started_at, alert.c.id))
    )
