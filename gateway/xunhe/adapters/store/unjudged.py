"""The table of readings that are stored and acknowledged and wait for their judgement."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import bulk
from xunhe.adapters.store.records import PROPS
from xunhe.adapters.store.schema import observation
from xunhe.adapters.store.schema import unjudged as table
from xunhe.adapters.store.taken import Taken
from xunhe.domain.observation import Sample

_KEY = ("station", "time", "device", "boot", "seq")


def add(connection: sa.Connection, readings: Collection[tuple[Taken, bool]]) -> None:
    """These wait, in this order; those that are marked go first."""
    rows = [
        (
            taken.sample.station,
            bulk.instant_ms(taken.sample.time),
            *taken.key,
            goes_first,
        )
        for taken, goes_first in readings
    ]
    bulk.insert(connection, table, (*_KEY, "goes_first"), rows)


def take(connection: sa.Connection, most: int, station: str | None = None) -> Sequence[Taken]:
    """Remove and give those that have waited longest, of a station or of all, at most so many."""
    if most <= 0:
        return ()
    chosen = sa.select(table).order_by(table.c.id).limit(most)
    if station is not None:
        chosen = chosen.where(table.c.station == station)
    oldest = chosen.subquery()
    same = (observation.c[name] == oldest.c[name] for name in _KEY)
    query = (
        sa.select(
            oldest.c.id,
            *(oldest.c[name] for name in _KEY),
            observation.c.property,
            observation.c.value,
            observation.c.flag,
        )
        .join(observation, sa.and_(*same, observation.c.property.in_(PROPS)))
        .order_by(oldest.c.id)
    )
    groups = groupby(connection.execute(query), key=lambda row: tuple(row[: 1 + len(_KEY)]))
    found = {key[0]: _taken(key, rows) for key, rows in groups}
    connection.execute(table.delete().where(table.c.id.in_(found)))
    return list(found.values())


def count(connection: sa.Connection) -> int:
    """How many wait."""
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def stations_first(connection: sa.Connection) -> Sequence[str]:
    """Stations with a reading that is to go first."""
    query = sa.select(table.c.station).where(table.c.goes_first).distinct()
    return connection.execute(query.order_by(table.c.station)).scalars().all()


def _taken(key: Any, rows: Iterable[Any]) -> Taken:
    _, station, time, device, boot, seq = key
    values = {row.property: (row.value, row.flag) for row in rows}
    return Taken(Sample(station, time, values), device, boot, seq)
