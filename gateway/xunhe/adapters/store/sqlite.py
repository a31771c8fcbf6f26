"""SQLite: one file, WAL, synchronous FULL, so that a COMMIT survives power loss."""

from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.address import file_of
from xunhe.adapters.store.pools import Pools
from xunhe.adapters.store.turns import Turns

_BUSY_TIMEOUT_MS = 10_000


def pools(url: sa.URL) -> Pools:
    """Connections to a file, which is made with its folder where there is none."""
    path = file_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # it holds the keys of the devices; SQLite's side files follow suit
    writer = _pool(url, "IMMEDIATE")  # whoever appends takes a writer's turn: there is one only
    return Pools(writer, writer, _pool(url, "DEFERRED"), Turns())


def _pool(url: sa.URL, begin: str) -> sa.Engine:
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own transaction control would begin too late: see the event below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine
