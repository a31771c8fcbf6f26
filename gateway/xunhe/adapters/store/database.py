"""Opens the database by its address: an SQLite file, or a PostgreSQL database by its URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from alembic.command import upgrade
from alembic.config import Config

from xunhe.adapters.store import postgresql, sqlite
from xunhe.adapters.store.address import UnreachableError, file_of, is_file, url_of
from xunhe.adapters.store.bells import Bells, take_rings

_ENGINES = {"sqlite": sqlite.pools, "postgresql": postgresql.pools}


class Database:
    """The store. `write` serialises writers from the first statement; readers never wait.

    `address`: the path of an SQLite file, or an URL `postgresql://user@host/name`. Raises
    AddressError where it is neither.
    """

    def __init__(self, address: Path | str) -> None:
        self.url = url_of(address)
        self.bells = Bells()
        self._pools = _ENGINES[self.url.get_backend_name()](self.url)

    @classmethod
    def open(cls, address: Path | str) -> Self:
        """The store of this address with its tables in this version's form."""
        database = cls(address)
        database.migrate()
        return database

    @property
    def is_file(self) -> bool:
        """Is the store an SQLite file, not a server's?"""
        return is_file(self.url)

    @property
    def path(self) -> Path:
        """The SQLite file. Raises AddressError where the store is none."""
        return file_of(self.url)

    def migrate(self) -> None:
        """Bring the tables to this version's form, keeping what they hold.

        UnreachableError where a server does not answer.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.write() as connection:
                config.attributes["connection"] = connection
                upgrade(config, "head")
        except sa.exc.OperationalError as error:
            if self.is_file:
                raise
            raise UnreachableError(f"{self.url!s}: {error.orig}") from error

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block, or rolls back with its error."""
        with self._turn(self._pools.writer) as connection:
            yield connection

    @contextmanager
    def append(self) -> Iterator[sa.Connection]:
        """As `write`, beside other writers where the engine can: for rows with keys of their own.

        What it has read may change before it commits. Events, arrivals, tickets and the log need
        `write`: their numbers are in the order of the commits.
        """
        with self._turn(self._pools.appender) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A consistent snapshot for reading."""
        with self._pools.reader.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self, pool: sa.Engine) -> Iterator[sa.Connection]:
        try:
            with self._pools.turns, pool.begin() as connection:
                take_rings(connection)  # of a transaction that was rolled back
                yield connection
                rings = take_rings(connection)
        except sa.exc.OperationalError:
            # A file that cannot be opened for writing for an instant is opened for reading, and a
            # connection like that stays so: the next transaction gets a new one.
            pool.dispose()
            raise
        self.bells.ring(rings)

    def close(self) -> None:
        """Give all connections back."""
        self._pools.dispose()
