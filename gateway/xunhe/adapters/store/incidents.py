"""Incidents, their alerts, their one ticket and its outbox entry: always in one transaction.

Every insert has a unique key, so that the same finding twice, in any order, changes nothing.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.desk_opening import TicketOpener
from xunhe.adapters.recording_lines import Ended, Renewed
from xunhe.adapters.store import decisions, silences, upward
from xunhe.adapters.store.decisions import Outcome
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.schema import alert, incident
from xunhe.adapters.store.traces import keep_trace
from xunhe.alerts.grouping import Joined, Link, OpenIncident, join
from xunhe.alerts.muting import Muted, silenced
from xunhe.alerts.rulebook import RuleBook
from xunhe.desk.rules import DeskRules
from xunhe.domain.incident import Cleared, Finding, Kind, Severity, Witness
from xunhe.domain.network import Network

_ORDER = list(Severity)
# How long before a finding an incident may have ended and still gain it as a witness.
MEMORY = timedelta(days=2)
_CHANGING = ("value", "state", "count", "area_m2", "reason_zh", "reason_en")
_WITNESS = tuple(f.name for f in fields(Witness))

AlertKey = sa.Row[int, int, str, datetime | None]


@dataclass(frozen=True, slots=True)
class IncidentBook:
    """Writes what the rules decided."""

    network: Network
    rules: RuleBook
    desk: DeskRules = field(default_factory=DeskRules)

    def raise_finding(self, connection: sa.Connection, finding: Finding, now: datetime) -> None:
        """Join the finding to its incident, or open one with its ticket; once, however often."""
        if _same_alert(connection, finding) is None:
            self._raise(connection, finding, finding.at, now)

    def mute(self, connection: sa.Connection, muted: Muted, now: datetime) -> None:
        """Keep why a finding raises no alarm."""
        decisions.muted(connection, muted, now)

    def _raise(
        self, connection: sa.Connection, finding: Finding, at: datetime, now: datetime
    ) -> None:
        """A new finding; silences count that are in force at the instant `at`."""
        reach = finding.reach_in(self.network.registry)
        muted = silenced(finding, reach, at, silences.in_force(connection, at))
        if muted is not None:
            self.mute(connection, muted, now)
            return
        self._pass_on(connection, Renewed(now, finding))
        candidates = _candidates(connection, finding)
        link = join(finding, candidates, self.network, self.rules.grouping)
        if link is None:
            incident_id = self._open(connection, finding, now)
        else:
            incident_id = link.incident_id
            _extend(connection, incident_id, finding)
        self._ticket.witness(connection, incident_id, finding, now)
        row = _alert_row(incident_id, finding, link, self._muted_by(finding, link), now)
        _insert_alert(connection, finding, row)
        if finding.kind is Kind.DISCHARGE:
            keep_trace(connection, incident_id, self.network.registry, now)

    def _muted_by(self, finding: Finding, link: Link | None) -> int | None:
        """The alert upstream of which this is the same water, where such repeats are muted."""
        is_repeat = link is not None and link.why is Joined.CAME_DOWNSTREAM
        if link is None or not is_repeat or finding.kind not in self.rules.links_downstream:
            return None
        return link.witness.alert_id

    def renew(self, connection: sa.Connection, finding: Finding, now: datetime) -> None:
        """A finding goes on, has changed or come back; one that is not known is raised."""
        known = _same_alert(connection, finding)
        if known is None:
            self._raise(connection, finding, now, now)
            return
        self._pass_on(connection, Renewed(now, finding))
        worst = max(Severity(known.severity), finding.severity, key=_ORDER.index)
        changed = {name: getattr(finding, name) for name in _CHANGING} | {"severity": worst.value}
        goes_on = alert.update().where(alert.c.id == known.id).values(changed | {"ended_at": None})
        connection.execute(goes_on)
        _extend(connection, known.incident_id, finding)
        joined = "grew"
        if known.ended_at is not None:
            joined = "came_back"
            self._ticket.witness(connection, known.incident_id, finding, now)
        emit(connection, "alert", {"alert_id": known.id, "joined": joined, **changed}, now)

    def _pass_on(self, connection: sa.Connection, step: Renewed | Ended) -> None:
        """To the province's desk, where there is one."""
        if self.desk.is_elsewhere:
            upward.add_step(connection, step)

    @property
    def _ticket(self) -> TicketOpener:
        return TicketOpener(self.network.registry, self.desk, self.rules.ticket.hours)

    def _open(self, connection: sa.Connection, finding: Finding, now: datetime) -> int:
        reach = finding.reach_in(self.network.registry)
        row = {
            "reach": reach,
            "kind": finding.kind.value,
            "station": finding.station,
            "zone": finding.zone,
            "severity": finding.severity.value,
            "started_at": finding.at,
            "opened_at": now,
        }
        incident_id = _insert(connection, incident, row)
        emit(connection, "incident", {"incident_id": incident_id, **_plain(row)}, now)
        return incident_id

    def clear(self, connection: sa.Connection, cleared: Cleared, now: datetime) -> None:
        """End the alert; the incident ends with the last of its alerts."""
        where = (
            alert.c.station == cleared.station,
            alert.c.zone == cleared.zone,
            alert.c.rule == str(cleared.rule),
            alert.c.ended_at.is_(None),
        )
        rows = connection.execute(sa.select(alert.c.id, alert.c.incident_id).where(*where)).all()
        connection.execute(alert.update().where(*where).values(ended_at=cleared.at))
        if rows:
            self._pass_on(connection, Ended(now, cleared))
        for alert_id, incident_id in rows:
            decisions.cleared(connection, cleared, alert_id, now)
            if (ended_at := _ended_at(connection, incident_id)) is not None:
                connection.execute(
                    incident.update().where(incident.c.id == incident_id).values(ended_at=ended_at)
                )
                ended = {"incident_id": incident_id, "ended_at": ended_at.isoformat()}
                emit(connection, "incident", ended, now)


def active_findings(connection: sa.Connection, station: str) -> list[Finding]:
    """What was found at a station and has not cleared, in the order of the water's time."""
    query = sa.select(alert).where(alert.c.station == station, alert.c.ended_at.is_(None))
    return [
        Finding(
            row.rule,
            row.station,
            row.property,
            row.started_at,
            Severity(row.severity),
            row.value,
            row.baseline,
            row.reason_zh,
            row.reason_en,
        )
        for row in connection.execute(query.order_by(alert.c.started_at, alert.c.id))
    ]


def find_alert(
    connection: sa.Connection, station: str, zone: str, rule: str, started_at: datetime
) -> AlertKey | None:
    """The alert of this identity: its id, incident_id, severity and ended_at."""
    columns = (alert.c.id, alert.c.incident_id, alert.c.severity, alert.c.ended_at)
    query = sa.select(*columns).where(
        alert.c.station == station,
        alert.c.zone == zone,
        alert.c.rule == str(rule),
        alert.c.started_at == started_at,
    )
    return connection.execute(query).first()


def _same_alert(connection: sa.Connection, finding: Finding) -> AlertKey | None:
    return find_alert(connection, finding.station, finding.zone, finding.rule, finding.at)


def _ended_at(connection: sa.Connection, incident_id: int) -> datetime | None:
    """When the last of its alerts ended; None while one goes on. Reports may come out of order."""
    going_on = sa.func.count().filter(alert.c.ended_at.is_(None))
    query = sa.select(going_on, sa.func.max(alert.c.ended_at))
    count, last = connection.execute(query.where(alert.c.incident_id == incident_id)).one()
    return None if count else last


def _candidates(connection: sa.Connection, finding: Finding) -> list[OpenIncident]:
    rows = connection.execute(
        sa.select(
            incident.c.id,
            incident.c.kind,
            alert.c.id.label("alert_id"),
            *(alert.c[name] for name in _WITNESS if name != "alert_id"),
        )
        .join(alert, alert.c.incident_id == incident.c.id)
        .where(sa.or_(incident.c.ended_at.is_(None), incident.c.ended_at >= finding.at - MEMORY))
        .order_by(incident.c.id, alert.c.id)
    )
    return [
        OpenIncident(
            incident_id,
            Kind(kind),
            tuple(Witness(*(row._mapping[name] for name in _WITNESS)) for row in group),
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


def _alert_row(
    incident_id: int, finding: Finding, link: Link | None, muted_by: int | None, now: datetime
) -> dict[str, Any]:
    lon, lat = finding.spot.lon_lat if finding.spot else (None, None)
    return {
        "incident_id": incident_id,
        "station": finding.station,
        "place": finding.where,
        "zone": finding.zone,
        "rule": str(finding.rule),
        "property": finding.prop,
        "severity": finding.severity.value,
        "started_at": finding.at,
        "raised_at": now,
        "value": finding.value,
        "baseline": finding.baseline,
        "state": finding.state,
        "count": finding.count,
        "area_m2": finding.area_m2,
        "reason_zh": finding.reason_zh,
        "reason_en": finding.reason_en,
        "joined": "opened" if link is None else link.why.value,
        "muted_by": muted_by,
        "lon": lon,
        "lat": lat,
    }


def _insert_alert(connection: sa.Connection, finding: Finding, row: dict[str, Any]) -> None:
    alert_id = _insert(connection, alert, row)
    joined, now = row["joined"], row["raised_at"]
    if row["muted_by"] is not None:
        outcome = Outcome.LINKED
    else:
        outcome = Outcome.OPENED if joined == "opened" else Outcome.JOINED
    decisions.raised(connection, finding, alert_id, outcome, joined, now)
    emit(connection, "alert", {"alert_id": alert_id, **_plain(row)}, now)


def _insert(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> int:
    key = connection.execute(table.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError(f"no key came back for the new row of {table.name}")
    return int(key[0])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON takes it."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
