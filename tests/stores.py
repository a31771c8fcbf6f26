"""Databases for tests: copies of one that was migrated once, which is ten times as quick."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from xunhe.adapters.store.database import Database
from xunhe_tools.private_postgres import PrivatePostgres

_TEMPLATE = "migrated"
_numbers = count(1)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.sqlite3"
        Database.open(path).close()
        return path.read_bytes()


def migrated_file(path: Path) -> Path:
    """The path, with a migrated, empty SQLite database on it."""
    path.touch(0o600)  # as the store makes it
    path.write_bytes(_migrated())
    return path


def make_template(server: PrivatePostgres) -> None:
    """Migrate the database that every test gets a copy of."""
    create(server, _TEMPLATE)
    Database.open(server.url(_TEMPLATE)).close()


@contextmanager
def copied(server: PrivatePostgres) -> Iterator[str]:
    """The address of a migrated, empty database, which is dropped in the end."""
    name = f"test_{next(_numbers)}"
    create(server, name, f"TEMPLATE {_TEMPLATE} STRATEGY file_copy")
    try:
        yield server.url(name)
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def create(server: PrivatePostgres, name: str, how: str = "") -> None:
    """Make a database."""
    _run(server, f"CREATE DATABASE {name} {how}")


def _run(server: PrivatePostgres, statement: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement)
