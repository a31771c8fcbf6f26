"""Personal data: kept apart from the log, so that they can be erased and the chain still holds.

The log has the row's id and a salted hash. Erasing drops data and salt: the hash then proves
nothing about anybody, and its entry stays as it was.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.schema import desk_member, personal
from xunhe.desk.log import JSON, canonical


class UnknownPersonalError(ValueError):
    """There are no personal data of this id."""


class StillNeededError(ValueError):
    """The data belong to an account that is in use."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the log may hold of personal data."""

    id: int
    hash: str  # SHA-256 of salt and canonical JSON, hex

    def told(self) -> dict[str, JSON]:
        """As it stands in the log."""
        return {"personal": self.id, "hash": self.hash}


def keep(connection: sa.Connection, kind: str, data: Mapping[str, JSON], at: datetime) -> Kept:
    """Store personal data in the caller's transaction."""
    salt = secrets.token_hex(16)
    row = {"kind": kind, "data": dict(data), "salt": salt, "kept_at": at}
    key = connection.execute(personal.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError("no key came back for the new row of personal")
    return Kept(int(key[0]), _hash(salt, data))


def find(connection: sa.Connection, personal_id: int) -> dict[str, Any] | None:
    """The data; None once they are erased. UnknownPersonalError where there never were any."""
    query = sa.select(personal.c.data).where(personal.c.id == personal_id)
    row = connection.execute(query).first()
    if row is None:
        raise UnknownPersonalError(f"no personal data {personal_id}")
    return None if row.data is None else dict(row.data)


def erase(connection: sa.Connection, personal_id: int, actor: str, at: datetime) -> bool:
    """Forget the data and say so in the log; False where they were forgotten before.

    StillNeededError where an account belongs to them: take the account away first.
    """
    member = sa.select(desk_member.c.user).where(desk_member.c.personal_id == personal_id)
    if connection.execute(member).first() is not None:
        raise StillNeededError(
            f"personal data {personal_id} belong to an account: take the account away first"
        )
    if find(connection, personal_id) is None:
        return False
    gone = {"data": None, "salt": "", "erased_at": at}
    connection.execute(personal.update().where(personal.c.id == personal_id).values(**gone))
    subject = f"personal:{personal_id}"
    desk_log.append(connection, at, actor, "personal.erased", subject, {"personal": personal_id})
    return True


def matches(connection: sa.Connection, kept: Kept) -> bool:
    """Are the stored data still those that the log has the hash of? False once erased."""
    query = sa.select(personal.c.data, personal.c.salt).where(personal.c.id == kept.id)
    row = connection.execute(query).first()
    return row is not None and row.data is not None and _hash(row.salt, row.data) == kept.hash


def _hash(salt: str, data: Mapping[str, JSON]) -> str:
    return hashlib.sha256((salt + canonical(data)).encode()).hexdigest()
