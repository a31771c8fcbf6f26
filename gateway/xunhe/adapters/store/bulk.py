"""Many rows at once, past SQLAlchemy's work on each value, by the fastest way of each engine.

Rows are plain values in the order of `names`; instants are milliseconds: see `instant_ms`.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import upsert

Names = Sequence[str]
Rows = Sequence[tuple[Any, ...]]


def instant_ms(at: datetime) -> int:
    """An aware instant as it lies on disk: see schema.Instant."""
    return round(at.timestamp() * 1000)


def insert(connection: sa.Connection, table: sa.Table, names: Names, rows: Rows) -> None:
    """Insert rows. A key that is taken is an error."""
    if rows:
        _ALL[connection.dialect.name](connection, table.name, names, rows)


def insert_new(
    connection: sa.Connection, table: sa.Table, names: Names, rows: Rows
) -> set[tuple[Any, ...]]:
    """Insert the rows whose primary keys are not taken; the keys of these.

    Writers that bring the same keys at the same time wait for each other's COMMIT, in the order of
    the keys, so that none waits in a circle.
    """
    return _NEW[connection.dialect.name](connection, table, names, rows) if rows else set()


def _execute(connection: sa.Connection, table: str, names: Names, rows: Rows) -> None:
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(statement, list(rows))


def _execute_new(
    connection: sa.Connection, table: sa.Table, names: Names, rows: Rows
) -> set[tuple[Any, ...]]:
    untyped = sa.table(table.name, *(sa.column(name) for name in names))
    key = [untyped.c[column.name] for column in table.primary_key]
    statement = upsert.insert(untyped).on_conflict_do_nothing().returning(*key)
    named = [dict(zip(names, row, strict=True)) for row in rows]
    return {tuple(row) for row in connection.execute(statement, named)}


def _copy(connection: sa.Connection, table: str, names: Names, rows: Rows) -> None:
    """By PostgreSQL's COPY, which takes rows several times as fast as INSERT."""
    statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    with (
        _wrapped(connection, statement),
        closing(connection.connection.cursor()) as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _copy_new(
    connection: sa.Connection, table: sa.Table, names: Names, rows: Rows
) -> set[tuple[Any, ...]]:
    """COPY knows no ON CONFLICT: the rows go through a table of this connection."""
    waiting = f"waiting_{table.name}"
    key = ", ".join(table.primary_key.columns.keys())
    run = connection.exec_driver_sql
    run(f"CREATE TEMP TABLE IF NOT EXISTS {waiting} (LIKE {table.name}) ON COMMIT DELETE ROWS")
    _copy(connection, waiting, names, rows)
    moved = run(
        f"INSERT INTO {table.name} SELECT * FROM {waiting} ORDER BY {key}"  # noqa: S608
        f" ON CONFLICT DO NOTHING RETURNING {key}"
    )
    found = {tuple(row) for row in moved}
    run(f"TRUNCATE {waiting}")
    return found


@contextmanager
def _wrapped(connection: sa.Connection, statement: str) -> Iterator[None]:
    """The driver's errors as SQLAlchemy's, which callers know how to meet."""
    driver = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except driver as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, driver) from error


_ALL = {"sqlite": _execute, "postgresql": _copy}
_NEW = {"sqlite": _execute_new, "postgresql": _copy_new}
