"""Every look at personal data: who, when, at what, and why he said he had to."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.schema import look

MAX_WHY = 200  # characters


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `subject` is the path that was asked; `why` is empty where nobody asked for it."""

    at: datetime
    user: str
    role: str
    what_zh: str
    what_en: str
    subject: str
    why: str


def note(connection: sa.Connection, made: Look) -> None:
    """Keep one look, in the caller's transaction."""
    connection.execute(sa.insert(look).values(**asdict(made)))


def newest(connection: sa.Connection, limit: int, offset: int = 0) -> Iterator[Look]:
    """The looks, the newest first."""
    columns = [column for column in look.c if column.name != "id"]
    query = sa.select(*columns).order_by(look.c.id.desc()).limit(limit).offset(offset)
    for row in connection.execute(query):
        yield Look(*row)


def count(connection: sa.Connection) -> int:
    """How many there are."""
    return connection.execute(sa.select(sa.func.count()).select_from(look)).scalar_one()
