"""What a gateway of a province has yet to bring to the desk. Written with what it tells of."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.recording_lines import Ended, Renewed, dumps, to_line
from xunhe.adapters.store.schema import upward

STEP, EVIDENCE = "step", "evidence"  # subjects; every other one is <station>/<kind> of a frame
ORDERED = (STEP, EVIDENCE)  # the next of these goes once the one before has its receipt


def add_frame(connection: sa.Connection, topic: str, frame: bytes, now: datetime) -> None:
    """A frame that was taken in, as it came; `topic` is xunhe/v1/<station>/<kind>."""
    subject = topic.split("/", 2)[2]
    connection.execute(upward.insert().values(at=now, subject=subject, body=frame))


def add_step(connection: sa.Connection, step: Renewed | Ended) -> None:
    """What was found, changed or is over."""
    body = to_line(step).encode()
    connection.execute(upward.insert().values(at=step.at, subject=STEP, body=body))


def add_evidence(connection: sa.Connection, told: Mapping[str, Any], now: datetime) -> None:
    """Which files witness a finding; the files themselves stay here."""
    body = dumps(told).encode()
    connection.execute(upward.insert().values(at=now, subject=EVIDENCE, body=body))


def waiting(connection: sa.Connection, after: int, limit: int) -> list[sa.Row[Any]]:
    """The next frames behind a number, the oldest first: id, at, subject, body."""
    query = sa.select(upward).where(upward.c.id > after, upward.c.subject.not_in(ORDERED))
    return list(connection.execute(query.order_by(upward.c.id).limit(limit)))


def first_ordered(connection: sa.Connection) -> sa.Row[Any] | None:
    """The oldest step or evidence that waits."""
    query = sa.select(upward).where(upward.c.subject.in_(ORDERED))
    return connection.execute(query.order_by(upward.c.id).limit(1)).first()


def remove(connection: sa.Connection, numbers: Collection[int]) -> None:
    """The desk has them."""
    connection.execute(upward.delete().where(upward.c.id.in_(numbers)))


def count(connection: sa.Connection) -> int:
    """How many wait."""
    return connection.execute(sa.select(sa.func.count()).select_from(upward)).scalar_one()


def oldest(connection: sa.Connection) -> datetime | None:
    """When the first of those that wait was written, in the gateway's time."""
    return connection.execute(sa.select(sa.func.min(upward.c.at))).scalar()
