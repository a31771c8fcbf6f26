"""Room for observations: PostgreSQL keeps them in a table a month (UTC), made when one is needed.

So the newest month, which everybody asks for, stays small, and an old one can be put away whole.
SQLite keeps all months in one table and needs none of this.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from xunhe.adapters.store.schema import observation

# Where a PostgreSQL connection notes the months that its transaction has seen.
SEEN = "months of observations"
_MAKING = 0x6D6F6E7468  # "month" in ASCII: two do not make the same table
_THERE = sa.text(
    "SELECT 1 FROM pg_class WHERE relname = :name AND relnamespace = current_schema()::regnamespace"
)


def make_room(connection: sa.Connection, times: Iterable[datetime]) -> None:
    """See that observations of these instants have a place, in the caller's transaction."""
    seen: set[tuple[int, int]] | None = connection.info.get(SEEN)
    if seen is None:
        return
    for month in sorted({_month_of(time) for time in times} - seen):
        if not _is_there(connection, month):
            _make(connection, month)
        seen.add(month)


def _month_of(time: datetime) -> tuple[int, int]:
    at = time.astimezone(UTC)
    return at.year, at.month


def _name_of(month: tuple[int, int]) -> str:
    return f"{observation.name}_{month[0]:04d}_{month[1]:02d}"


def _is_there(connection: sa.Connection, month: tuple[int, int]) -> bool:
    # Asked of the catalogue's rows: to_regclass() would answer from before we waited for a lock.
    return connection.execute(_THERE, {"name": _name_of(month)}).first() is not None


def _make(connection: sa.Connection, month: tuple[int, int]) -> None:
    """Made apart and attached then: nobody who reads or writes other months has to wait."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
    if _is_there(connection, month):  # another one's, while we waited
        return
    name, parent = _name_of(month), observation.name
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {parent} INCLUDING ALL)")
    connection.exec_driver_sql(
        f"ALTER TABLE {parent} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ({_start_ms(month)}) TO ({_start_ms(_next(month))})"
    )


def _next(month: tuple[int, int]) -> tuple[int, int]:
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def _start_ms(month: tuple[int, int]) -> int:
    return round(datetime(*month, 1, tzinfo=UTC).timestamp() * 1000)
