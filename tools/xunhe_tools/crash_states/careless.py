"""Starts `xunhe` with a store that breaks its promise: what such a test must find.

    python -m xunhe_tools.crash_states.careless unsynced run --config FILE
    python -m xunhe_tools.crash_states.careless early run --config FILE

`unsynced` is SQLite with synchronous=NORMAL: a COMMIT does not wait for the disk. `early` says that
a transaction is committed and commits it when the next one begins: acknowledgements leave before.
"""

import sqlite3
import sys
from functools import partial
from typing import Any, Self

from xunhe_tools.cli import main

_owing: list[sqlite3.Connection] = []  # what was called committed and is not


class Unsynced(sqlite3.Connection):
    """Never asks for full synchronisation."""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """As asked, but for the promise."""
        return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), *parameters)


class _PayingCursor(sqlite3.Cursor):
    def execute(self, sql: str, *parameters: Any) -> Self:
        if sql.startswith("BEGIN"):
            while _owing:
                sqlite3.Connection.commit(_owing.pop())
        return super().execute(sql, *parameters)


class Early(sqlite3.Connection):
    """Commits when the next transaction begins."""

    def cursor(self, factory: Any = _PayingCursor) -> Any:
        """A cursor that pays what is owed."""
        return super().cursor(factory)

    def commit(self) -> None:
        """Say so."""
        _owing.append(self)

    def rollback(self) -> None:
        """What was called committed is no longer rolled back."""
        if self not in _owing:
            super().rollback()


_KINDS: dict[str, type[sqlite3.Connection]] = {"unsynced": Unsynced, "early": Early}


def _connect_by(factory: type[sqlite3.Connection]) -> None:
    made = partial(sqlite3.connect, factory=factory)
    sqlite3.dbapi2.connect = made  # type: ignore[assignment]


if __name__ == "__main__":
    _connect_by(_KINDS[sys.argv.pop(1)])
    main()
