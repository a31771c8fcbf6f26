"""Up to which event each account has looked, and what has come since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from xunhe.adapters.store.expressions import greater
from xunhe.adapters.store.schema import event, operator_look
from xunhe.adapters.store.upsert import insert

T = TypeVar("T")

_LISTED = 2000  # events that are read: after a month away, a list helps nobody


@dataclass(frozen=True, slots=True)
class Look:
    """The last event that an account has seen, and when it saw it."""

    event_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """What came after a look, by id; `is_cut` where there was more than is listed."""

    incidents: tuple[int, ...]
    tickets: tuple[int, ...]
    cameras: tuple[str, ...]
    is_cut: bool


def of(connection: sa.Connection, user: str) -> Look | None:
    """Its last look; None for its first visit."""
    query = sa.select(operator_look.c.event_id, operator_look.c.at)
    row = connection.execute(query.where(operator_look.c.user == user)).first()
    return None if row is None else Look(*row)


def keep(connection: sa.Connection, user: str, look: Look) -> None:
    """Keep a look; the event never goes back, since two pages may be open."""
    said = insert(operator_look).values(user=user, event_id=look.event_id, at=look.at)
    newer = {
        "event_id": greater(operator_look.c.event_id, said.excluded.event_id),
        "at": said.excluded.at,
    }
    connection.execute(said.on_conflict_do_update(index_elements=["user"], set_=newer))


def missed(connection: sa.Connection, after: int) -> Missed:
    """What became new after an event."""
    kinds = ("incident", "ticket", "camera")
    query = sa.select(event).where(event.c.id > after, event.c.kind.in_(kinds))
    rows = connection.execute(query.order_by(event.c.id.desc()).limit(_LISTED)).all()
    return Missed(
        _once(row.data["incident_id"] for row in rows if _is_opening(row)),
        _once(row.data["ticket_id"] for row in rows if row.kind == "ticket"),
        _once(row.data["camera"] for row in rows if row.kind == "camera" and row.data["camera"]),
        len(rows) == _LISTED,
    )


def _is_opening(row: sa.Row[Any]) -> bool:
    """An incident is told twice: when it opens, with its kind, and when it ends."""
    return row.kind == "incident" and "kind" in row.data


def _once(found: Iterable[T]) -> tuple[T, ...]:
    """Each once, in the same order."""
    return tuple(dict.fromkeys(found))
