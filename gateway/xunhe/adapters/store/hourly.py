"""Hourly medians of what was usable: written when an hour is over, read two weeks back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
import sqlalchemy as sa

from xunhe.adapters.store.records import PROPS
from xunhe.adapters.store.schema import hourly_median as table
from xunhe.adapters.store.upsert import insert
from xunhe.water.series import Hourly

# Asked for every sample.
_HAS = (
    sa.select(sa.literal(1))
    .where(
        table.c.station == sa.bindparam("station"),
        table.c.property.in_(PROPS),
        table.c.start == sa.bindparam("start"),
    )
    .limit(1)
)


def read(
    connection: sa.Connection, station: str, since: datetime, until: datetime
) -> dict[str, Hourly]:
    """The hours of a station that begin within a span (the end exclusive), by property."""
    query = (
        sa.select(table.c.property, table.c.start, table.c.median, table.c.count)
        .where(*_of(station), table.c.start >= since, table.c.start < until)
        .order_by(table.c.property, table.c.start)
    )
    rows = connection.execute(query)
    return {
        prop: _hourly([(start.timestamp(), median, count) for _, start, median, count in group])
        for prop, group in groupby(rows, key=lambda row: row.property)
    }


def has(connection: sa.Connection, station: str, start_s: float) -> bool:
    """Has this hour of a station been written?"""
    start = datetime.fromtimestamp(start_s, UTC)
    return connection.execute(_HAS, {"station": station, "start": start}).first() is not None


def keep(connection: sa.Connection, station: str, hours: Mapping[str, Hourly]) -> None:
    """Write hours, replacing those that are there."""
    rows = [
        {
            "station": station,
            "property": prop,
            "start": datetime.fromtimestamp(float(start), UTC),
            "median": None if np.isnan(median) else float(median),
            "count": int(count),
        }
        for prop, hourly in hours.items()
        for start, median, count in zip(hourly.starts_s, hourly.medians, hourly.counts, strict=True)
    ]
    if not rows:
        return
    new = insert(table)
    changed = {name: new.excluded[name] for name in ("median", "count")}
    connection.execute(
        new.on_conflict_do_update(index_elements=["station", "property", "start"], set_=changed),
        rows,
    )


def _of(station: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.station == station, table.c.property.in_(PROPS)


def _hourly(rows: list[tuple[float, float | None, int]]) -> Hourly:
    return Hourly(
        np.array([start for start, _, _ in rows], np.float64),
        np.array([np.nan if median is None else median for _, median, _ in rows], np.float64),
        np.array([count for _, _, count in rows], np.int32),
    )
