"""Which of the desk workers does what only one may do: send notices out, make the rounds.

A lock of the session on the shared PostgreSQL: it goes with its holder, however that ends.
"""

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from xunhe.adapters.store.database import Database

_LOCK = sa.text("SELECT pg_try_advisory_lock(:key)")
_ALIVE = sa.text("SELECT 1")
_KEY = 0x78756E6864  # "xunhd"; the store's own turn has another
_FOR_S = 1.0  # how long an answer holds


class Duty:
    """Thread-safe. On SQLite there is one process, and the duty is its own."""

    def __init__(self, database: Database, seconds: Callable[[], float] = time.monotonic) -> None:
        self._engine = (
            sa.create_engine(
                database.url.set(drivername="postgresql+psycopg"),
                poolclass=sa.NullPool,
                isolation_level="AUTOCOMMIT",
            )
            if database.url.get_backend_name() == "postgresql"
            else None
        )
        self._seconds, self._guard = seconds, threading.Lock()
        self._held: sa.Connection | None = None
        self._asked_s, self._is_mine = -_FOR_S, self._engine is None

    def is_mine(self) -> bool:
        """Is this process on duty? While the store is away nobody is."""
        with self._guard:
            if self._engine is not None and self._seconds() - self._asked_s >= _FOR_S:
                self._is_mine = self._ask(self._engine)
                self._asked_s = self._seconds()
            return self._is_mine

    def close(self) -> None:
        """Hand the duty over."""
        with self._guard:
            self._drop()

    def _ask(self, engine: sa.Engine) -> bool:
        try:
            if self._held is not None:
                self._held.execute(_ALIVE)
                return True
            connection = engine.connect()
            if connection.execute(_LOCK, {"key": _KEY}).scalar_one():
                self._held = connection
                return True
            connection.close()
        except sa.exc.OperationalError:
            self._drop()
        return False

    def _drop(self) -> None:
        if self._held is not None:
            self._held.invalidate()
            self._held.close()
            self._held = None
