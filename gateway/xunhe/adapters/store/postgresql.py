"""PostgreSQL: the same store for many processes at once."""

import sqlalchemy as sa

from xunhe.adapters.store import months
from xunhe.adapters.store.address import AddressError
from xunhe.adapters.store.pools import Pools

_LOCK_TIMEOUT_MS = 10_000
# "xunhe" in ASCII. A writer holds it: what SQLite's BEGIN IMMEDIATE does for a file.
_WRITERS_TURN = 0x78756E6865


def pools(url: sa.URL) -> Pools:
    """Connections to a database, which must exist. Raises AddressError where psycopg is missing."""
    try:
        from xunhe.adapters.store.postgresql_text import configure  # noqa: PLC0415  optional
    except ModuleNotFoundError as error:
        raise AddressError(
            "PostgreSQL 需要 psycopg / PostgreSQL needs psycopg: pip install 'xunhe[scale]'"
        ) from error
    writer, appender, whole = (_pool(url) for _ in range(3))
    for pool in (writer, appender, whole):
        sa.event.listen(pool, "connect", configure)
    for pool in (writer, appender):
        sa.event.listen(pool, "begin", _see_no_months_yet)
    sa.event.listen(writer, "begin", _wait_for_the_turn)
    reader = whole.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Pools(writer, appender, reader)


def _see_no_months_yet(connection: sa.Connection) -> None:
    connection.info[months.SEEN] = set()


def _wait_for_the_turn(connection: sa.Connection) -> None:
    """Each later statement has a snapshot of its own: it sees what the writer before committed."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_TURN})")


def _pool(url: sa.URL) -> sa.Engine:
    # The address may have options of its own, and the last counts. A COMMIT is answered once it
    # is on the disk, whatever the server or the address would have.
    asked = str(url.query.get("options", ""))
    options = f"-c lock_timeout={_LOCK_TIMEOUT_MS} {asked} -c synchronous_commit=on"
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg").update_query_dict({"options": options}),
        connect_args={"application_name": "xunhe"},
        pool_pre_ping=True,  # a server that was started again is met without an error
    )
