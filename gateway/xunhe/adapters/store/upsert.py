"""INSERT … ON CONFLICT for both engines.

SQLite took this clause from PostgreSQL, and both compilers of SQLAlchemy read the same statement;
PostgreSQL's says a little more (constraints by name), which nobody here uses.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

__all__ = ["insert", "is_new"]


def is_new(connection: sa.Connection, row: Insert) -> bool:
    """Insert one row unless its key is there; False where it is.

    PostgreSQL's driver reports no rowcount (-1) for such an INSERT, so the row itself is asked for.
    """
    kept = row.on_conflict_do_nothing().returning(*row.table.primary_key)
    return connection.execute(kept).first() is not None
