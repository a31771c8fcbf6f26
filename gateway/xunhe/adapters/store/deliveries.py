"""Deliveries: one row for a message and a destination, from planning to the end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.bells import ring_for
from xunhe.adapters.store.schema import delivery as table
from xunhe.adapters.store.schema import delivery_mark
from xunhe.adapters.store.upsert import insert
from xunhe.domain.outward import Message

LONGEST_PAUSE = timedelta(days=2)  # quiet hours end within a day, retries come within minutes


class State(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # put aside: shown to people, who may send it again


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that may go now."""

    id: int
    message: Message
    attempts: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a destination's deliveries stand; the sent ones are those that are still kept."""

    waiting: int
    dead: int
    sent: int
    oldest_waiting: datetime | None  # when it was raised, in the river's time


def mark_of(connection: sa.Connection, destination: str, source: str) -> int | None:
    """How far a source has been planned for a destination; None before its first time."""
    query = sa.select(delivery_mark.c.position).where(
        delivery_mark.c.destination == destination, delivery_mark.c.source == source
    )
    return connection.execute(query).scalar()


def set_mark(connection: sa.Connection, destination: str, source: str, position: int) -> None:
    """Everything of a source up to here has been planned."""
    new = insert(delivery_mark).values(destination=destination, source=source, position=position)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["destination", "source"], set_={"position": position}
        )
    )


def add(
    connection: sa.Connection,
    destination: str,
    messages: Iterable[Message],
    now: datetime,
    next_at: datetime | None = None,
) -> None:
    """Plan messages, to go from `next_at` on; one that this destination has had, by its key, is
    not planned again."""
    rows = [
        {
            "destination": destination,
            "key": message.key,
            "lane": message.lane,
            "kind": message.kind,
            "at": message.at,
            "body": dict(message.body),
            "state": State.WAITING,
            "attempts": 0,
            "planned_at": now,
            "next_at": next_at or now,
        }
        for message in messages
    ]
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)
        ring_for(connection, destination)


def due(
    connection: sa.Connection,
    destination: str,
    now: datetime,
    count: int,
    live_since: datetime | None,
) -> list[Waiting]:
    """The next `count` that may go: those raised since `live_since` first, then the oldest.

    A lane whose first message waits for its next attempt is left out whole. One that would wait
    longer than anything does was planned by a clock that has been set back since: it may go.
    """
    live = [] if live_since is None else _due(connection, destination, now, count, live_since)
    rest = _due(connection, destination, now, count) if len(live) < count else []
    known = {each.id for each in live}
    return (live + [each for each in rest if each.id not in known])[:count]


def _due(
    connection: sa.Connection,
    destination: str,
    now: datetime,
    count: int,
    since: datetime | None = None,
) -> list[Waiting]:
    mine = (table.c.destination == destination, table.c.state == State.WAITING)
    pauses = sa.and_(table.c.next_at > now, table.c.next_at <= now + LONGEST_PAUSE)
    blocked = sa.select(table.c.lane).where(*mine, pauses)
    query = sa.select(table).where(*mine, table.c.lane.not_in(blocked))
    if since is not None:
        query = query.where(table.c.at >= since)
    rows = connection.execute(query.order_by(table.c.id).limit(count))
    return [Waiting(row.id, _message(row), row.attempts) for row in rows]


def sent(connection: sa.Connection, delivery_ids: Collection[int], now: datetime) -> None:
    """The receiver has them."""
    values = {"state": State.SENT, "sent_at": now, "error": "", "attempts": table.c.attempts + 1}
    if delivery_ids:
        connection.execute(table.update().where(table.c.id.in_(delivery_ids)).values(**values))


def failed(
    connection: sa.Connection, delivery_id: int, detail: str, next_at: datetime | None
) -> None:
    """It was not taken; tried again at `next_at`, or put aside where that is None."""
    state = {"state": State.DEAD} if next_at is None else {"next_at": next_at}
    values = {"error": detail, "attempts": table.c.attempts + 1, **state}
    connection.execute(table.update().where(table.c.id == delivery_id).values(**values))


def withdraw(connection: sa.Connection, kind: str, key_start: str) -> None:
    """Forget what still waits of a kind, by how its keys begin: nobody needs it any more."""
    mine = (table.c.state == State.WAITING, table.c.kind == kind)
    begins = table.c.key.startswith(key_start, autoescape=True)
    connection.execute(table.delete().where(*mine, begins))


def resend(connection: sa.Connection, delivery_id: int, now: datetime) -> bool:
    """Let one that was put aside wait again. False where there is none of that id."""
    destination = connection.execute(
        table.update()
        .where(table.c.id == delivery_id, table.c.state == State.DEAD)
        .values(state=State.WAITING, next_at=now, attempts=0)
        .returning(table.c.destination)
    ).scalar()
    if destination is not None:
        ring_for(connection, destination)
    return destination is not None


def standing(connection: sa.Connection) -> dict[str, Standing]:
    """How the deliveries of every destination stand."""

    def count(state: State) -> sa.ColumnElement[int]:
        return sa.func.count().filter(table.c.state == state)

    oldest = sa.func.min(table.c.at).filter(table.c.state == State.WAITING)
    query = sa.select(
        table.c.destination,
        *(count(state) for state in (State.WAITING, State.DEAD, State.SENT)),
        oldest,
    ).group_by(table.c.destination)
    return {name: Standing(*found) for name, *found in connection.execute(query)}


def dead(connection: sa.Connection, limit: int) -> list[sa.Row[Any]]:
    """The newest deliveries that were put aside, whole rows."""
    query = sa.select(table).where(table.c.state == State.DEAD).order_by(table.c.id.desc())
    return list(connection.execute(query.limit(limit)))


def prune(connection: sa.Connection, before: datetime) -> int:
    """Forget what was sent before an instant; returns how many."""
    old = (table.c.state == State.SENT, table.c.sent_at < before)
    return connection.execute(table.delete().where(*old)).rowcount


def _message(row: sa.Row[Any]) -> Message:
    return Message(row.key, row.kind, row.at, row.body, row.lane)
