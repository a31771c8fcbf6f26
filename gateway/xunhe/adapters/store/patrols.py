"""Patrols as rows. Their entries in the log are what is scored; the rows are for pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, schema
from xunhe.desk.patrols import KIND, Means, Patrol
from xunhe.desk.track import Fix

_FIELDS = (
    "post",
    "reaches",
    "means",
    "started_at",
    "ended_at",
    "length_m",
    "problems",
    "note",
    "seen",
)


class TrackSource(StrEnum):
    """What recorded a track."""

    PHONE = "phone"
    GPX = "gpx"
    FLIGHT = "flight"


@dataclass(frozen=True, slots=True)
class Tracked:
    """A patrol with its id and, where one was recorded, the positions of its track."""

    id: int
    patrol: Patrol
    fixes: tuple[Fix, ...] = ()
    source: TrackSource | None = None


def add(connection: sa.Connection, patrol: Patrol, actor: str, at: datetime) -> bool:
    """Keep a patrol, in the table and in the log; False where it is known already."""
    table = schema.patrol
    known = sa.select(table.c.id).where(
        table.c.post == patrol.post, table.c.started_at == patrol.started_at
    )
    if connection.execute(known).first() is not None:
        return False
    row = {name: getattr(patrol, name) for name in _FIELDS}
    lists = {"reaches": list(patrol.reaches), "problems": list(patrol.problems)}
    connection.execute(
        table.insert().values(**row | lists | {"means": patrol.means.value}, received_at=at)
    )
    desk_log.append(connection, at, actor, KIND, f"post:{patrol.post}", patrol.data())
    return True


def began(
    connection: sa.Connection,
    start: datetime,
    end: datetime,
    posts: Collection[str] | None = None,
) -> list[Patrol]:
    """The patrols that began in [start, end), of some posts or of all, in order."""
    table = schema.patrol
    query = sa.select(*(table.c[name] for name in _FIELDS)).order_by(table.c.started_at)
    query = query.where(table.c.started_at >= start, table.c.started_at < end)
    if posts is not None:
        query = query.where(table.c.post.in_(posts))
    return [_patrol(row) for row in connection.execute(query)]


def of_key(connection: sa.Connection, key: str) -> int | None:
    """The id of the patrol whose track came in under this key."""
    table = schema.patrol_track
    query = sa.select(table.c.patrol_id).where(table.c.key == key)
    return connection.execute(query).scalar_one_or_none()


def id_of(connection: sa.Connection, patrol: Patrol) -> int:
    """The id of a patrol that is kept."""
    table = schema.patrol
    query = sa.select(table.c.id).where(
        table.c.post == patrol.post, table.c.started_at == patrol.started_at
    )
    return int(connection.execute(query).scalar_one())


def add_track(
    connection: sa.Connection,
    patrol_id: int,
    patrol: Patrol,
    key: str,
    source: TrackSource,
    fixes: Sequence[Fix],
) -> None:
    """Keep where a patrol went."""
    row = {
        "patrol_id": patrol_id,
        "key": key,
        "source": source.value,
        "fixes": [_packed(fix, patrol.started_at) for fix in fixes],
    }
    connection.execute(schema.patrol_track.insert().values(**row))


def find(connection: sa.Connection, patrol_id: int) -> Tracked | None:
    """A patrol with its track."""
    query = _with_track().where(schema.patrol.c.id == patrol_id)
    row = connection.execute(query).first()
    return None if row is None else _tracked(row)


def newest(connection: sa.Connection, posts: Collection[str], limit: int) -> list[Tracked]:
    """The last patrols of some posts, the newest first."""
    query = _with_track().where(schema.patrol.c.post.in_(posts))
    rows = connection.execute(query.order_by(schema.patrol.c.started_at.desc()).limit(limit))
    return [_tracked(row) for row in rows]


def _with_track() -> sa.Select[Any]:
    track = schema.patrol_track
    return sa.select(schema.patrol, track.c.fixes, track.c.source).outerjoin(
        track, track.c.patrol_id == schema.patrol.c.id
    )


def _patrol(row: sa.Row[Any]) -> Patrol:
    return Patrol(
        row.post,
        tuple(row.reaches),
        Means(row.means),
        row.started_at,
        row.ended_at,
        row.length_m,
        tuple(row.problems),
        row.note,
        row.seen,
    )


def _tracked(row: sa.Row[Any]) -> Tracked:
    fixes = tuple(_unpacked(packed, row.started_at) for packed in row.fixes or ())
    return Tracked(row.id, _patrol(row), fixes, row.source and TrackSource(row.source))


def _packed(fix: Fix, start: datetime) -> list[float]:
    lon, lat = fix.lon_lat
    since_start_s = round((fix.at - start).total_seconds(), 1)
    return [since_start_s, round(lon, 6), round(lat, 6), round(fix.accuracy_m, 1)]


def _unpacked(packed: Sequence[float], start: datetime) -> Fix:
    since_start_s, lon, lat, accuracy_m = packed
    return Fix(start + timedelta(seconds=since_start_s), (lon, lat), accuracy_m)
