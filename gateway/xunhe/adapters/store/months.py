"""Room for observations: PostgreSQL keeps them in a table a month (UTC), made when one is needed.

So the newest month, which everybody asks for, stays small, and an old one is put away whole.
SQLite keeps all months in one table and needs none of this.
"""

import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from xunhe.adapters.store.schema import observation

log = logging.getLogger(__name__)

# Where a PostgreSQL connection notes the months that its transaction has seen.
SEEN = "months of observations"
_MAKING = 0x6D6F6E7468  # "month" in ASCII: two do not make the same table
_THERE = sa.text(
    "SELECT 1 FROM pg_class WHERE relname = :name AND relnamespace = current_schema()::regnamespace"
)

_LIST = sa.text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
    " WHERE inhparent = to_regclass(:parent)"
)
_NAME = re.compile(r".*_(\d{4})_(\d{2})")
_LOCK_NOT_AVAILABLE = "55P03"
# Whoever reads observations waits behind us as long: one who reads for longer is not waited for.
_PATIENCE_MS = 1000


def make_room(connection: sa.Connection, times: Iterable[datetime]) -> None:
    """See that observations of these instants have a place, in the caller's transaction."""
    seen: set[tuple[int, int]] | None = connection.info.get(SEEN)
    if seen is None:
        return
    for month in sorted({_month_of(time) for time in times} - seen):
        if not _is_there(connection, month):
            _make(connection, month)
        seen.add(month)


def are_kept_apart(connection: sa.Connection) -> bool:
    """Does each month lie in a table of its own?"""
    return SEEN in connection.info


def drop_oldest(connection: sa.Connection, before: datetime) -> int:
    """Put the oldest month away whole where all of it is older than an instant.

    Returns how many rows that were; 0 where no month is old enough, or where somebody reads.
    """
    found = connection.execute(_LIST, {"parent": observation.name}).scalars()
    limit_ms = round(before.timestamp() * 1000)
    old = sorted(name for name in found if _start_ms(_next(_month_named(name))) <= limit_ms)
    return _drop(connection, old[0]) if old else 0


def _drop(connection: sa.Connection, name: str) -> int:
    rows: int = connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
            connection.exec_driver_sql(f"DROP TABLE {name}")
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        log.info("%s is being read: it goes another time", name)
        return 0
    return rows


def _month_named(name: str) -> tuple[int, int]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is no table of a month")
    return int(found[1]), int(found[2])


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
