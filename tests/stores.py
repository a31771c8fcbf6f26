"""Databases for tests on a PostgreSQL server: copies of one that was migrated once."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from xunhe.adapters.store.database import Database
from xunhe_tools.private_postgres import PrivatePostgres

_TEMPLATE = "migrated"
_numbers = count(1)


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
