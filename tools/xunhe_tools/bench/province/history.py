"""Years that were not measured: rows of the store made from rows that are there."""

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database


def readings(database: Database) -> int:
    """How many lie in the store."""
    with database.read() as connection:
        return connection.execute(
            sa.select(sa.func.count()).select_from(schema.record)
        ).scalar_one()


def grow(database: Database, at_least: int) -> int:
    """Double what is there, as boots that never were, until so many readings lie there."""
    while (found := readings(database)) < at_least:
        with database.append() as connection:
            for table in (schema.record, schema.observation):
                connection.execute(_again(table))
    with database.append() as connection:
        connection.exec_driver_sql("ANALYZE")
    return found


def bytes_a_reading(database: Database) -> float:
    """Of the store, with the indexes of records and observations."""
    query = sa.text(
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c"
        " WHERE c.relkind = 'r' AND (c.relname = 'record' OR c.relname LIKE 'observation%')"
    )
    with database.read() as connection:
        size = connection.execute(query).scalar_one()
    return float(size) / readings(database)


def _again(table: sa.Table) -> sa.Insert:
    """Every row again, its boot behind the last one."""
    last = sa.select(sa.func.max(table.c.boot)).scalar_subquery()
    columns = [column if column.name != "boot" else column + last for column in table.c]
    names = [column.name for column in table.c]
    return table.insert().from_select(names, sa.select(*columns))
