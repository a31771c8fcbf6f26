"""The gateways of a province and the steps that were taken from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store.schema import gateway, step_taken
from xunhe.adapters.store.upsert import insert, is_new

KEY_SIZE = 32
# A step can come again as long as the stream keeps it: see province.jetstream.
STEPS_KEPT = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway; `revoked_at`: since when nothing of it is taken."""

    code: str
    enrolled_at: datetime
    revoked_at: datetime | None
    heard_at: datetime | None


def enrol(connection: sa.Connection, code: str, key: bytes, now: datetime) -> None:
    """Take a gateway in, or give it a new key (32 bytes; ValueError otherwise)."""
    if len(key) != KEY_SIZE:
        raise ValueError(f"key of gateway {code} has {len(key)} bytes, must be {KEY_SIZE}")
    row = {"key": key, "enrolled_at": now, "revoked_at": None}
    statement = insert(gateway).values(code=code, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=row))


def revoke(connection: sa.Connection, code: str, now: datetime) -> bool:
    """Take nothing of it any more; False where it is not known."""
    known = gateway.update().where(gateway.c.code == code).values(revoked_at=now)
    return connection.execute(known).rowcount > 0


def keys(connection: sa.Connection, codes: Iterable[str]) -> dict[str, bytes]:
    """The keys in force of those of these gateways that are enrolled."""
    query = sa.select(gateway.c.code, gateway.c.key).where(
        gateway.c.code.in_(list(codes)), gateway.c.revoked_at.is_(None)
    )
    return {row.code: row.key for row in connection.execute(query)}


def listed(connection: sa.Connection) -> list[Gateway]:
    """All of them, by code."""
    columns = (gateway.c.code, gateway.c.enrolled_at, gateway.c.revoked_at, gateway.c.heard_at)
    rows = connection.execute(sa.select(*columns).order_by(gateway.c.code))
    return [Gateway(*row) for row in rows]


def hear(connection: sa.Connection, codes: Iterable[str], now: datetime) -> None:
    """Something authentic came from these gateways."""
    heard = gateway.update().where(gateway.c.code.in_(list(codes)))
    connection.execute(heard.values(heard_at=now))


def is_first(connection: sa.Connection, code: str, tag: bytes, now: datetime) -> bool:
    """Note a step; False where it was taken before."""
    row = {"gateway": code, "tag": tag, "taken_at": now}
    return is_new(connection, insert(step_taken).values(**row))


def forget_steps(connection: sa.Connection, now: datetime) -> int:
    """Forget steps that no stream holds any more; returns how many."""
    old = step_taken.c.taken_at < now - STEPS_KEPT
    return connection.execute(step_taken.delete().where(old)).rowcount
