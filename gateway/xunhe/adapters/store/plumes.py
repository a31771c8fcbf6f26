"""Gathers from the store what stations and cameras say of an incident's plume."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from xunhe.adapters.store import schema
from xunhe.adapters.store.queries import AlertRow, witnesses
from xunhe.adapters.store.records import columns_between
from xunhe.domain.incident import Kind, Rule
from xunhe.domain.observation import Sample
from xunhe.domain.registry import Registry, Station
from xunhe.water.change import DAY, REACH_BACK, change
from xunhe.water.evidence import Alarm, Evidence, Sight, Watch
from xunhe.water.graph import RiverGraph
from xunhe.water.series import Series
from xunhe.water.signature import LEAST_CHANGE

_DELAY_SAMPLES = 4  # a rule looks at some samples before it speaks,
_PLUME_SAMPLES = 3  # and the last of them are of the plume
_LOOKED_AT = timedelta(hours=1)  # of the plume, once it has come
_FILMED_BEFORE = timedelta(days=1)  # how old a camera's sight of an outfall may be


def gather(
    connection: sa.Connection, incident_id: int, graph: RiverGraph, now: datetime
) -> Evidence | None:
    """The evidence of a discharge; None where no witness stands at a registered place."""
    registry = graph.registry
    rows = [row for row in witnesses(connection, incident_id) if registry.knows(row.place)]
    at_stations = [row for row in rows if row.station in registry.stations]
    alarms = _alarms(connection, registry, at_stations or rows, now)
    if not alarms:
        return None
    since = _instant(alarms[0].from_s) - _FILMED_BEFORE
    watches = _watches(connection, graph, alarms)
    return Evidence(alarms, watches, tuple(_sights(connection, registry, since, now)))


def confirmed(connection: sa.Connection, registry: Registry) -> Mapping[str, int]:
    """By source, how many incidents at its outfall people have found true."""
    newest = sa.select(sa.func.max(schema.verdict.c.id)).group_by(schema.verdict.c.incident_id)
    query = (
        sa.select(schema.alert.c.place, schema.alert.c.incident_id)
        .join(schema.verdict, schema.verdict.c.incident_id == schema.alert.c.incident_id)
        .where(schema.verdict.c.id.in_(newest), schema.verdict.c.is_true)
        .distinct()
    )
    counts = Counter(place for place, _ in connection.execute(query))
    return {
        source.code: counts[source.outfall]
        for source in registry.sources.values()
        if source.outfall is not None and counts[source.outfall]
    }


def _alarms(
    connection: sa.Connection, registry: Registry, rows: Sequence[AlertRow], now: datetime
) -> tuple[Alarm, ...]:
    """One for each place, the earliest first."""
    places = dict.fromkeys(row.place for row in rows)
    found = [
        _alarm(connection, registry, [row for row in rows if row.place == place], now)
        for place in places
    ]
    return tuple(sorted(found, key=lambda alarm: alarm.to_s))


def _alarm(
    connection: sa.Connection, registry: Registry, rows: Sequence[AlertRow], now: datetime
) -> Alarm:
    first = rows[0]
    station = registry.stations.get(first.station)
    delay = timedelta(seconds=_DELAY_SAMPLES * station.interval_s if station else 0)
    ended = [row.ended_at.timestamp() for row in rows if row.ended_at is not None]
    return Alarm(
        place=first.place,
        from_s=(first.started_at - delay).timestamp(),
        to_s=first.started_at.timestamp(),
        until_s=max(ended) if len(ended) == len(rows) else None,
        changes=_changes(connection, first.started_at, station, now) if station else {},
    )


def _changes(
    connection: sa.Connection, started_at: datetime, station: Station, now: datetime
) -> dict[str, float]:
    since = started_at - timedelta(seconds=(_PLUME_SAMPLES - 0.5) * station.interval_s)
    until = max(started_at, min(now, started_at + _LOOKED_AT)) + timedelta(seconds=1)
    samples = [
        sample
        for days in (1, 0)
        for sample in _samples(
            connection, station.code, since - REACH_BACK - days * DAY, until - days * DAY
        )
    ]
    found = {
        prop: change(Series.of(samples, prop), since.timestamp(), until.timestamp())
        for prop in LEAST_CHANGE
    }
    return {prop: value for prop, value in found.items() if value is not None}


def _watches(
    connection: sa.Connection, graph: RiverGraph, alarms: Sequence[Alarm]
) -> tuple[Watch, ...]:
    """The stations above the alarms that worked and found nothing while the plume came down."""
    found = []
    for station in graph.registry.stations.values():
        ways = [
            (alarm, travel)
            for alarm in alarms
            if alarm.place != station.code
            and (travel := graph.travel(station.code, alarm.place)) is not None
        ]
        if not ways:
            continue
        since = _instant(min(alarm.from_s - travel.late_s for alarm, travel in ways))
        until = _instant(max(alarm.to_s for alarm, _ in ways))
        if not _has_found_something(connection, station.code, since, until):
            samples = _samples(connection, station.code, since, until)
            found.append(Watch(station.code, station.interval_s, _usable_times_s(samples)))
    return tuple(found)


def _has_found_something(
    connection: sa.Connection, station: str, since: datetime, until: datetime
) -> bool:
    table = schema.alert
    query = (
        sa.select(table.c.id)
        .join(schema.incident, schema.incident.c.id == table.c.incident_id)
        .where(
            table.c.station == station,
            schema.incident.c.kind == Kind.DISCHARGE.value,
            table.c.started_at <= until,
            sa.or_(table.c.ended_at.is_(None), table.c.ended_at >= since),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def _usable_times_s(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """When any of the judged properties was measured and may be judged."""
    usable = [s.time.timestamp() for s in samples if any(s.usable(p) is not None for p in s.values)]
    return np.array(usable, np.float64)


def _samples(
    connection: sa.Connection, station: str, since: datetime, until: datetime
) -> list[Sample]:
    rows = columns_between(connection, station, list(LEAST_CHANGE), since, until)
    return [Sample(station, _instant(time_s), values) for time_s, values in rows.items()]


def _sights(
    connection: sa.Connection, registry: Registry, since: datetime, now: datetime
) -> list[Sight]:
    """Outfalls that cameras saw flow, in this incident or another one."""
    table = schema.alert
    query = sa.select(table.c.place, table.c.started_at, table.c.ended_at).where(
        table.c.rule == Rule.SEEN_DISCHARGE.value,
        table.c.place.in_(list(registry.outfalls)),
        table.c.started_at <= now,
        sa.or_(table.c.ended_at.is_(None), table.c.ended_at >= since),
    )
    return [
        Sight(place, True, started_at.timestamp(), (ended_at or now).timestamp())
        for place, started_at, ended_at in connection.execute(query)
    ]


def _instant(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)
