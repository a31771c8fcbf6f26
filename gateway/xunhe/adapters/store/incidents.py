"""Incidents, their alerts, their one ticket and its outbox entry: always in one transaction.

Every insert has a unique key, so that the same finding twice, in any order, changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import alert, event, incident, outbox, ticket, ticket_log
from xunhe.alerts.grouping import OpenIncident, join
from xunhe.desk.routing import due, number, route
from xunhe.domain.incident import Cleared, Finding, Kind, Rule, Severity, Witness
from xunhe.domain.network import Network
from xunhe.domain.ticket import State

_ORDER = list(Severity)
# How long before a finding an incident may have begun and still gain it as a witness.
_MEMORY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class IncidentBook:
    """Writes what the rules decided."""

    network: Network
    ticket_hours: float

    def raise_finding(self, connection: sa.Connection, finding: Finding, now: datetime) -> None:
        """Join the finding to its incident, or open one with its ticket; once, however often."""
        if _is_known(connection, finding):
            return
        joined = join(finding, _candidates(connection, finding), self.network)
        if joined is None:
            incident_id = self._open(connection, finding, now)
            reason = "opened"
        else:
            incident_id, reason = joined[0], joined[1].value
            _extend(connection, incident_id, finding)
        _insert_alert(connection, incident_id, finding, reason, now)

    def _open(self, connection: sa.Connection, finding: Finding, now: datetime) -> int:
        reach = self.network.registry.stations[finding.station].reach
        row = {
            "reach": reach,
            "kind": finding.rule.kind.value,
            "station": finding.station,
            "severity": finding.severity.value,
            "started_at": finding.at,
            "opened_at": now,
        }
        incident_id = _insert(connection, incident, row)
        emit(connection, "incident", {"incident_id": incident_id, **_plain(row)}, now)
        self._open_ticket(connection, incident_id, reach, finding, now)
        return incident_id

    def _open_ticket(
        self,
        connection: sa.Connection,
        incident_id: int,
        reach: str,
        finding: Finding,
        now: datetime,
    ) -> None:
        post = route(self.network.registry, reach)
        row = {
            "number": f"opening-{incident_id}",
            "incident_id": incident_id,
            "post": post.code,
            "reach": reach,
            "state": State.UNVERIFIED.value,
            "opened_at": now,
            "due_at": due(now, self.ticket_hours),
            "revision": 1,
        }
        ticket_id = _insert(connection, ticket, row)
        row["number"] = number(ticket_id, now)
        connection.execute(
            ticket.update().where(ticket.c.id == ticket_id).values(number=row["number"])
        )
        connection.execute(
            ticket_log.insert().values(
                ticket_id=ticket_id,
                at=now,
                actor="xunhe",
                to_state=State.UNVERIFIED.value,
                reason=f"{finding.reason_zh} / {finding.reason_en}",
            )
        )
        message = {"ticket_id": ticket_id, **_plain(row), "reason_zh": finding.reason_zh}
        emit(connection, "ticket", message, now)
        connection.execute(
            outbox.insert().values(
                key=f"ticket:{ticket_id}:opened",
                topic=f"xunhe/v1/desk/{post.code}/tickets",
                payload={**message, "reason_en": finding.reason_en},
                created_at=now,
                attempts=0,
            )
        )

    def clear(self, connection: sa.Connection, cleared: Cleared, now: datetime) -> None:
        """End the alert; the incident ends with the last of its alerts."""
        where = (
            alert.c.station == cleared.station,
            alert.c.rule == cleared.rule.value,
            alert.c.ended_at.is_(None),
        )
        rows = connection.execute(sa.select(alert.c.incident_id).where(*where)).all()
        connection.execute(alert.update().where(*where).values(ended_at=cleared.at))
        for (incident_id,) in rows:
            still = sa.select(alert.c.id).where(
                alert.c.incident_id == incident_id, alert.c.ended_at.is_(None)
            )
            if connection.execute(still).first() is None:
                connection.execute(
                    incident.update()
                    .where(incident.c.id == incident_id)
                    .values(ended_at=cleared.at)
                )
                ended = {"incident_id": incident_id, "ended_at": cleared.at.isoformat()}
                emit(connection, "incident", ended, now)


def active_findings(connection: sa.Connection, station: str, at: datetime) -> dict[Rule, Finding]:
    """What the rules found at a station up to an instant of its water and have not yet cleared.

    A late sample knows nothing of what was found in later water, and must not clear it.
    """
    where = (alert.c.station == station, alert.c.ended_at.is_(None), alert.c.started_at <= at)
    return {
        Rule(row.rule): Finding(
            Rule(row.rule),
            row.station,
            row.property,
            row.started_at,
            Severity(row.severity),
            row.value,
            row.baseline,
            row.reason_zh,
            row.reason_en,
        )
        for row in connection.execute(sa.select(alert).where(*where))
    }


def emit(connection: sa.Connection, kind: str, data: dict[str, Any], now: datetime) -> None:
    """Put an event into the stream that pages follow."""
    connection.execute(event.insert().values(at=now, kind=kind, data=data))


def _is_known(connection: sa.Connection, finding: Finding) -> bool:
    same = sa.select(alert.c.id).where(
        alert.c.station == finding.station,
        alert.c.rule == finding.rule.value,
        alert.c.started_at == finding.at,
    )
    return connection.execute(same).first() is not None


def _candidates(connection: sa.Connection, finding: Finding) -> list[OpenIncident]:
    rows = connection.execute(
        sa.select(
            incident.c.id, incident.c.kind, alert.c.station, alert.c.started_at, alert.c.ended_at
        )
        .join(alert, alert.c.incident_id == incident.c.id)
        .where(incident.c.started_at >= finding.at - _MEMORY)
        .order_by(incident.c.id, alert.c.id)
    )
    return [
        OpenIncident(
            incident_id,
            Kind(kind),
            tuple(Witness(row.station, row.started_at, row.ended_at) for row in group),
        )
        for (incident_id, kind), group in groupby(rows, key=lambda row: (row.id, row.kind))
    ]


def _extend(connection: sa.Connection, incident_id: int, finding: Finding) -> None:
    before = connection.execute(
        sa.select(incident.c.severity).where(incident.c.id == incident_id)
    ).scalar_one()
    worst = max(Severity(before), finding.severity, key=_ORDER.index)
    connection.execute(
        incident.update()
        .where(incident.c.id == incident_id)
        .values(severity=worst.value, ended_at=None)
    )


def _insert_alert(
    connection: sa.Connection, incident_id: int, finding: Finding, joined: str, now: datetime
) -> None:
    row = {
        "incident_id": incident_id,
        "station": finding.station,
        "rule": finding.rule.value,
        "property": finding.prop,
        "severity": finding.severity.value,
        "started_at": finding.at,
        "raised_at": now,
        "value": finding.value,
        "baseline": finding.baseline,
        "reason_zh": finding.reason_zh,
        "reason_en": finding.reason_en,
    }
    alert_id = _insert(connection, alert, row)
    emit(connection, "alert", {"alert_id": alert_id, "joined": joined, **_plain(row)}, now)


def _insert(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> int:
    key = connection.execute(table.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError(f"no key came back for the new row of {table.name}")
    return int(key[0])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON takes it."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
