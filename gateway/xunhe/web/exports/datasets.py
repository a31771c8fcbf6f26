"""What can be exported: columns, and rows batch by batch. Nothing that names a person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import spans
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.observed import Observed, Stream, streams
from xunhe.adapters.store.spans import Span
from xunhe.codecs.tables import Cell, Column, Row
from xunhe.desk.categories import CATEGORIES
from xunhe.domain.position import LonLat
from xunhe.domain.registry import Registry, Station
from xunhe.water.properties import named
from xunhe.web.console import iso
from xunhe.web.wording import INCIDENT_KINDS, TICKET_STATES

_UTC = "UTC"
_FLAG = "QARTOD"
_LEAST = timedelta(milliseconds=1)  # apart are two instants of the store


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants: a span, and what he may see (`reaches` None: everything)."""

    database: Database
    registry: Registry
    span: Span
    reaches: frozenset[str] | None

    def shows(self, reach: str) -> bool:
        """May he see what lies in this reach?"""
        return self.reaches is None or reach in self.reaches


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table that begins to be read when its batches are."""

    columns: Sequence[Column]
    batches: Iterator[Sequence[Row]]


def observations(asked: Asked) -> Dataset:
    """A row for each reading of a station: every value beside its flag."""
    stations = [s for s in asked.registry.stations.values() if asked.shows(s.reach)]
    with asked.database.read() as connection:
        found = streams(connection, (station.code for station in stations))
    props = sorted({stream.prop for stream in found})
    columns = [Column("station"), Column("time", _UTC)]
    for prop in props:
        columns += [Column(prop, named(prop)[2]), Column(f"{prop}_flag", _FLAG)]
    return Dataset(columns, _observations(asked, found, props))


def incidents(asked: Asked) -> Dataset:
    """A row for each incident."""
    names = "id", "kind", "kind_zh", "severity", "reach", "place"
    columns = [Column(name) for name in names]
    columns += [Column(name, _UTC) for name in ("started_at", "opened_at", "ended_at")]
    return Dataset(columns, _rows(asked, spans.incidents, _incident))


def tickets(asked: Asked) -> Dataset:
    """A row for each ticket, without anybody's words."""
    names = "number", "source", "category", "category_zh", "severity", "reach", "post", "state"
    columns = [Column(name) for name in (*names, "state_zh", "incident")]
    columns += [Column(name, _UTC) for name in ("opened_at", "due_at", "closed_at")]
    return Dataset(columns, _rows(asked, spans.tickets, _ticket))


def external(asked: Asked) -> Dataset:
    """A row for each value of a laboratory or another system."""
    names = "place", "property", "value", "unit", "is_below_limit", "source"
    columns = [*(Column(name) for name in names), Column("time", _UTC)]
    return Dataset(columns, _rows(asked, spans.external, _external))


DATASETS: Mapping[str, Callable[[Asked], Dataset]] = {
    "observations": observations,
    "incidents": incidents,
    "tickets": tickets,
    "external": external,
}


def _observations(
    asked: Asked, found: Sequence[Stream], props: Sequence[str]
) -> Iterator[Sequence[Row]]:
    for code, streams_there in groupby(found, key=lambda stream: stream.station):
        there = list(streams_there)
        span = _within(asked.span, there)
        measured = [stream.prop for stream in there]
        station = asked.registry.stations[code]
        for batch in spans.observations(asked.database, code, measured, span):
            readings = groupby(
                batch, key=lambda each: (each.time, each.device, each.boot, each.seq)
            )
            yield [_reading(station, list(values), props) for _, values in readings]


def _within(span: Span, found: Sequence[Stream]) -> Span:
    """The part of a span in which there is anything at all."""
    first = min(stream.first for stream in found)
    last = max(stream.last for stream in found)
    return Span(max(span.since, first), min(span.until, last + _LEAST))


def _reading(station: Station, values: Sequence[Observed], props: Sequence[str]) -> Row:
    found = {each.prop: each for each in values}
    first = values[0]
    at = iso(first.time)
    cells: list[Cell] = [station.code, at]
    for prop in props:
        each = found.get(prop)
        cells += [None, None] if each is None else [each.value, each.flag]
    key = f"{station.code}:{first.device}:{first.boot}:{first.seq}"
    return Row(key, cells, station.lon_lat)


Read = Callable[[Database, Span], Iterator[Sequence[sa.Row[Any]]]]


def _rows(
    asked: Asked, read: Read, row_of: Callable[[Asked, sa.Row[Any]], Row | None]
) -> Iterator[Sequence[Row]]:
    for batch in read(asked.database, asked.span):
        rows = (row_of(asked, found) for found in batch)
        yield [row for row in rows if row is not None]


def _incident(asked: Asked, found: sa.Row[Any]) -> Row | None:
    if not asked.shows(found.reach):
        return None
    ended = found.ended_at and iso(found.ended_at)
    cells = (
        found.id,
        found.kind,
        INCIDENT_KINDS[found.kind].zh,
        found.severity,
        found.reach,
        found.station,
        iso(found.started_at),
        iso(found.opened_at),
        ended,
    )
    return Row(str(found.id), cells, _where(asked.registry, found.station))


def _ticket(asked: Asked, found: sa.Row[Any]) -> Row | None:
    if not asked.shows(found.reach):
        return None
    cells = (
        found.number,
        found.source,
        found.category,
        CATEGORIES[found.category].zh,
        found.severity,
        found.reach,
        found.post,
        found.state,
        TICKET_STATES[found.state].zh,
        found.incident_id,
        iso(found.opened_at),
        iso(found.due_at),
        found.closed_at and iso(found.closed_at),
    )
    has_place = found.lon is not None and found.lat is not None
    return Row(found.number, cells, (found.lon, found.lat) if has_place else None)


def _external(asked: Asked, found: sa.Row[Any]) -> Row | None:
    place = asked.registry.place(found.place) if asked.registry.knows(found.place) else None
    if place is None or not asked.shows(place.reach):
        return None
    cells = (
        found.place,
        found.property,
        found.value,
        named(found.property)[2],
        found.is_below_limit,
        found.source,
        iso(found.time),
    )
    return Row(str(found.id), cells, place.lon_lat)


def _where(registry: Registry, code: str) -> LonLat | None:
    return registry.place(code).lon_lat if registry.knows(code) else None
