"""Observations as streams: one property of one station, and pages of what such streams hold."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.observed_filter import COLUMNS, KEY, condition, key_values
from xunhe.adapters.store.schema import observation as table
from xunhe.codecs.odata_filter import Expression, ODataError


@dataclass(frozen=True, slots=True)
class Stream:
    """A property of a station that has been observed from `first` to `last`."""

    station: str
    prop: str
    first: datetime
    last: datetime

    @property
    def key(self) -> str:
        """Such as `YX-S1:do_mg_l`."""
        return f"{self.station}:{self.prop}"


@dataclass(frozen=True, slots=True)
class Observed:
    """One value; `key` is that of its row."""

    station: str
    prop: str
    time: datetime
    device: str
    boot: int
    seq: int
    value: float | None
    flag: int

    @property
    def key(self) -> str:
        """The row's primary key as text."""
        ms = round(self.time.timestamp() * 1000)
        return f"{self.station}:{self.prop}:{ms}:{self.device}:{self.boot}:{self.seq}"


def streams(connection: sa.Connection, stations: Iterable[str]) -> list[Stream]:
    """Those that hold anything. Short walks of the primary key: grouping would read it whole."""
    return [
        Stream(station, prop, *_ends(connection, station, prop))
        for station in stations
        for prop in _properties(connection, station)
    ]


def _properties(connection: sa.Connection, station: str) -> Iterator[str]:
    prop: str | None = ""
    while True:
        query = sa.select(sa.func.min(table.c.property)).where(table.c.station == station)
        prop = connection.execute(query.where(table.c.property > prop)).scalar()
        if prop is None:
            return
        yield prop


def _ends(connection: sa.Connection, station: str, prop: str) -> tuple[datetime, datetime]:
    """When it was observed first and last."""
    query = sa.select(table.c.time).where(table.c.station == station, table.c.property == prop)
    first, last = (
        connection.execute(query.order_by(order).limit(1)).scalar_one()
        for order in (table.c.time, table.c.time.desc())
    )
    return first, last


def find(connection: sa.Connection, key: str) -> Observed | None:
    """The observation of a key."""
    values = key_values(key)
    if values is None:
        return None
    query = sa.select(table).where(*(c == v for c, v in zip(KEY, values, strict=True)))
    row = connection.execute(query).first()
    return None if row is None else Observed(*row)


def count(connection: sa.Connection, among: Sequence[Stream], wanted: Expression | None) -> int:
    """How many observations of these streams a filter lets through."""
    where = [] if wanted is None else [condition(wanted)]
    found = 0
    for stream in among:
        query = sa.select(sa.func.count()).where(*_mine(stream), *where)
        found += connection.execute(query.select_from(table)).scalar_one()
    return found


def page(
    connection: sa.Connection,
    among: Sequence[Stream],
    wanted: Expression | None,
    orderby: Sequence[tuple[str, bool]],
    skip: int,
    top: int,
) -> list[Observed]:
    """A page of these streams, in the order of their keys unless told otherwise.

    Each stream is read in its own order and no further than the page; then they are merged.
    """
    where = [] if wanted is None else [condition(wanted)]
    path, is_descending = orderby[0] if orderby else ("id", False)
    columns = _order(path)
    order = [column.desc() if is_descending else column for column in columns]
    query = sa.select(table).where(*where).order_by(*order)
    if len(among) == 1:
        return list(_rows(connection, query.where(*_mine(among[0])).offset(skip).limit(top)))
    query = query.limit(skip + top)
    rows = [_rows(connection, query.where(*_mine(stream))) for stream in among]
    merged = heapq.merge(*rows, key=lambda row: _rank(row, path), reverse=is_descending)
    return list(islice(merged, skip, skip + top))


def _order(path: str) -> tuple[sa.ColumnElement[Any], ...]:
    if path in ("id", "@iot.id"):
        return KEY
    if path not in COLUMNS:
        raise ODataError(f"$orderby: observations are ordered by id, {', '.join(COLUMNS)}")
    return (COLUMNS[path], *KEY)


def _rank(row: Observed, path: str) -> tuple[Any, ...]:
    """What SQL orders by: a missing value comes first."""
    key = (row.station, row.prop, row.time, row.device, row.boot, row.seq)
    match path:
        case "result":
            return (row.value is not None, row.value or 0.0, *key)
        case "resultQuality":
            return (row.flag, *key)
        case "phenomenonTime" | "resultTime":
            return (row.time, *key)
    return key


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Observed]:
    return (Observed(*row) for row in connection.execute(query))


def _mine(stream: Stream) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.station == stream.station, table.c.property == stream.prop
