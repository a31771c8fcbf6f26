"""Patrols as rows. Their entries in the log are what is scored; the rows are for pages."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, schema
from xunhe.desk.patrols import KIND, Means, Patrol

_FIELDS = ("post", "reaches", "means", "started_at", "ended_at", "length_m", "problems", "note")


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
    return [
        Patrol(
            row.post,
            tuple(row.reaches),
            Means(row.means),
            row.started_at,
            row.ended_at,
            row.length_m,
            tuple(row.problems),
            row.note,
        )
        for row in connection.execute(query)
    ]
