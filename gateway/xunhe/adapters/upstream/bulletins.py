"""Writes bulletins: follows the stream of events and tells each change of an incident once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.outbox.sources import Events
from xunhe.adapters.store import deliveries, tickets
from xunhe.adapters.store.bells import ring_for
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.facts import facts_of
from xunhe.adapters.store.schema import alert, bulletin
from xunhe.desk.categories import of_incident
from xunhe.domain.bulletin import Change, Facts, Witnessed, change_of, signature, told_of
from xunhe.domain.clock import Clock
from xunhe.domain.outward import Message
from xunhe.domain.position import LonLat
from xunhe.domain.registry import Registry

NAME = "bulletins"  # of its mark in the store
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class BulletinDesk:
    """`step` runs in a thread of its own; `clock` is the river's."""

    database: Database
    registry: Registry
    clock: Clock

    def step(self) -> int:
        """Look at the events that are new; returns how many they were."""
        source = Events()
        with self.database.read() as connection:
            mark = deliveries.mark_of(connection, NAME, source.name)
            rows = [] if mark is None else source.after(connection, mark, _AT_ONCE)
            begins_at = source.newest(connection)
        if mark is not None and not rows:
            return 0
        with self.database.write() as connection:
            for incident_id in _touched(connection, [message for _, message in rows]):
                self._tell(connection, incident_id)
            position = rows[-1][0] if rows else begins_at
            deliveries.set_mark(connection, NAME, source.name, position)
        return len(rows)

    def _tell(self, connection: sa.Connection, incident_id: int) -> None:
        facts = facts_of(connection, incident_id)
        if facts is None:
            return
        before = _before(connection, incident_id)
        change = change_of(facts, Change(before[-1].change) if before else None)
        if change is None or (before and before[-1].signature == signature(facts)):
            return
        row = {
            "incident_id": incident_id,
            "change": change.value,
            "at": self.clock.now(),
            "signature": signature(facts),
            "body": self._body(facts, change, before),
        }
        connection.execute(bulletin.insert().values(row))
        ring_for(connection, bulletin.name)

    def _body(
        self, facts: Facts, change: Change, before: Sequence[sa.Row[Any]]
    ) -> Mapping[str, Any]:
        """Everything a receiver needs, as JSON takes it; instants are ISO 8601 in UTC."""
        reach = self.registry.reaches[facts.reach]
        told = told_of(facts)
        category = of_incident(facts.kind.value)
        where = self._where(told[0]) if told else None
        return {
            "incident": facts.incident_id,
            "change": change.value,
            "kind": facts.kind.value,
            "words": {"zh": category.zh, "en": category.en},
            "severity": facts.severity.value,
            "reach": {"code": reach.code, "name": reach.name, "name_en": reach.name_en},
            "lon_lat": where,
            "started_at": facts.started_at.isoformat(),
            "ended_at": facts.ended_at and facts.ended_at.isoformat(),
            "is_confirmed": facts.is_confirmed,
            "ticket": facts.ticket,
            "ticket_state": facts.ticket_state and facts.ticket_state.value,
            "witnesses": [_witness(each) for each in told],
            "before": [[row.id, row.at.isoformat()] for row in before],
        }

    def _where(self, seen: Witnessed) -> LonLat | None:
        if seen.lon_lat is not None or not self.registry.knows(seen.place):
            return seen.lon_lat
        return self.registry.place(seen.place).lon_lat


def _witness(each: Witnessed) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "place": each.place,
        "property": each.prop,
        "value": each.value,
        "started_at": each.started_at.isoformat(),
        "ended_at": each.ended_at and each.ended_at.isoformat(),
        "reason": {"zh": each.reason_zh, "en": each.reason_en},
    }


def _before(connection: sa.Connection, incident_id: int) -> Sequence[sa.Row[Any]]:
    query = sa.select(bulletin).where(bulletin.c.incident_id == incident_id)
    return connection.execute(query.order_by(bulletin.c.id)).all()


def _touched(connection: sa.Connection, events: Sequence[Message]) -> list[int]:
    """The incidents that events are about, each once, in their order."""
    found: dict[int, None] = {}
    for event in events:
        for incident_id in _incidents(connection, event.body):
            found[incident_id] = None
    return list(found)


def _incidents(connection: sa.Connection, data: Mapping[str, Any]) -> Sequence[int]:
    if data.get("incident_id") is not None:
        return [data["incident_id"]]
    if "alert_id" in data:
        query = sa.select(alert.c.incident_id).where(alert.c.id == data["alert_id"])
        return connection.execute(query).scalars().all()
    return tickets.incidents_of(connection, data["ticket_id"]) if "ticket_id" in data else []


@dataclass(frozen=True, slots=True)
class Published:
    """A bulletin as it was told. `is_withdrawn`: a later one of its incident takes it back."""

    number: int
    at: datetime
    body: Mapping[str, Any]
    is_withdrawn: bool


def published(connection: sa.Connection, since: datetime, limit: int) -> Sequence[Published]:
    """The last bulletin of each incident that was told of since an instant, the newest first."""
    last = sa.select(sa.func.max(bulletin.c.id)).group_by(bulletin.c.incident_id)
    query = sa.select(bulletin).where(bulletin.c.at >= since, bulletin.c.id.in_(last))
    rows = connection.execute(query.order_by(bulletin.c.id.desc()).limit(limit))
    return [Published(row.id, row.at, row.body, False) for row in rows]


def find_published(connection: sa.Connection, number: int) -> Published | None:
    """The bulletin of a number."""
    row = connection.execute(sa.select(bulletin).where(bulletin.c.id == number)).first()
    if row is None:
        return None
    later = sa.select(bulletin.c.id).where(
        bulletin.c.incident_id == row.incident_id,
        bulletin.c.id > number,
        bulletin.c.change == Change.WITHDRAWN.value,
    )
    is_withdrawn = connection.execute(later.limit(1)).first() is not None
    return Published(row.id, row.at, row.body, is_withdrawn)
