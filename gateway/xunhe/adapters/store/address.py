"""Where a store lies: the path of an SQLite file, or the URL of a PostgreSQL database."""

from pathlib import Path

import sqlalchemy as sa

_KNOWN = ("sqlite", "postgresql")
_WANTED = (
    "it must be the path of a file, sqlite:///path or postgresql://user@host/name"
    " (地址须为文件路径或 postgresql://)"
)


class AddressError(ValueError):
    """An address that no store can have; says which ones can."""


class UnreachableError(AddressError):
    """No store answers at an address, or not in time; says what it said."""


def url_of(address: Path | str) -> sa.URL:
    """An address as an URL; printed, it hides its password. Raises AddressError."""
    if "://" not in str(address):
        return sa.URL.create("sqlite", database=str(address))
    try:
        url = sa.make_url(str(address))
    except (sa.exc.ArgumentError, ValueError) as error:
        # The address may hold a password: the error does not repeat it.
        raise AddressError(f"the database's address cannot be read; {_WANTED}") from error
    if url.get_backend_name() not in _KNOWN or not url.database:
        raise AddressError(f"no database at {url!s}; {_WANTED}")
    return url


def is_there(address: Path | str) -> bool:
    """Has a store been made at this address? A database on a server is made before its address."""
    url = url_of(address)
    return url.get_backend_name() != "sqlite" or file_of(url).exists()


def file_of(url: sa.URL) -> Path:
    """The file of an SQLite store. Raises AddressError where the store is no file."""
    if url.get_backend_name() != "sqlite":
        raise AddressError(
            f"{url!s} 不是文件，请用数据库自己的工具 / is no file: use the server's own tools"
            " (pg_dump, pgBackRest; docs/operations.md)"
        )
    return Path(url.database or "")


def file_at(address: Path | str) -> Path:
    """The file of the SQLite store at an address. Raises AddressError where there is none."""
    return file_of(url_of(address))


def is_file(address: Path | str | sa.URL) -> bool:
    """Is the store at this address a file?"""
    url = address if isinstance(address, sa.URL) else url_of(address)
    return url.get_backend_name() == "sqlite"
