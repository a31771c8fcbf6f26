"""A PostgreSQL database as one file and back: pg_dump and pg_restore, in processes of their own.

A dump is one instant of the database, taken while everybody writes. It is restored into an empty
database only, in one transaction: all of it or nothing.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.backup.snapshot import Claimed
from xunhe.adapters.store import evidence
from xunhe.adapters.store.address import url_of
from xunhe.adapters.store.database import Database

_COPY = re.compile(r"COPY \S+ \((?P<columns>[^)]*)\) FROM stdin;")
_END, _NULL = r"\.", r"\N"
_TABLES = sa.text("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema::regnamespace")
_ENVIRONMENT = {"host": "PGHOST", "port": "PGPORT", "username": "PGUSER", "password": "PGPASSWORD"}


def take(address: str, copy: Path) -> None:
    """Dump the database to a new file. BackupError where the program or the server is missing."""
    copy.touch(mode=0o600)  # it holds the keys of devices and gateways
    how = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--file={copy}"]
    done = _run("pg_dump", *how, address=address)
    if done.returncode:
        raise BackupError(
            f"无法转储数据库 {public(address)} / cannot dump it: {done.stderr.strip()}."
            " 请核对地址、权限与 pg_dump 的版本 / check the address, the rights, pg_dump's version"
        )


def flaws(dump: Path) -> list[str]:
    """What pg_restore finds wrong when it reads every row of a dump; empty where it is sound."""
    done = _run("pg_restore", f"--file={os.devnull}", str(dump))
    return [done.stderr.strip() or "pg_restore failed"] if done.returncode else []


def revision(dump: Path) -> str | None:
    """The form of the tables; None where there are none yet."""
    return next((row["version_num"] for row in _rows(dump, "alembic_version")), None)


def claimed(dump: Path) -> list[Claimed]:
    """The files of evidence that should be there."""
    sizes = {
        row["sha256"]: int(row["size"])
        for row in _rows(dump, "evidence")
        if row["removed_at"] == _NULL
    }
    return [Claimed(*each) for each in sorted(sizes.items())]


def put_back(dump: Path, address: str) -> None:
    """Fill an empty database. BackupError, and nothing of it in there, where that fails."""
    how = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    done = _run(
        "pg_restore", *how, f"--dbname={url_of(address).database}", str(dump), address=address
    )
    if done.returncode:
        raise BackupError(f"未能恢复到 {public(address)} / not restored: {done.stderr.strip()}")


def is_empty(address: str) -> bool:
    """Has the database no table? BackupError where it cannot be asked."""
    database = Database(address)
    try:
        with database.read() as connection:
            return bool(connection.execute(_TABLES).scalar_one() == 0)
    except sa.exc.OperationalError as error:
        raise BackupError(
            f"数据库 {public(address)} 没有应答 / does not answer: {error.orig}. 先建空库 / make an"
            " empty one first: createdb"
        ) from error
    finally:
        database.close()


def still_claimed(address: str, gone: Iterable[str]) -> list[str]:
    """Of these files of evidence, those that the database still takes to be there."""
    database = Database(address)
    try:
        with database.read() as connection:
            here = evidence.claimed(connection)
    finally:
        database.close()
    return [sha256 for sha256 in gone if sha256 in here]


def public(address: str) -> str:
    """The address without a password, as it may be written down."""
    return url_of(address)._replace(password=None).render_as_string()


def _rows(dump: Path, table: str) -> Iterator[Mapping[str, str]]:
    """The rows of a small table, as PostgreSQL's COPY writes them."""
    done = _run("pg_restore", "--data-only", f"--table={table}", "--file=-", str(dump))
    columns: list[str] | None = None
    for line in done.stdout.splitlines():
        if columns is None:
            found = _COPY.fullmatch(line)
            columns = found["columns"].replace('"', "").split(", ") if found else None
        elif line == _END:
            return
        else:
            yield dict(zip(columns, line.split("\t"), strict=True))


def _run(
    program: str, *arguments: str, address: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs; the address, and its password, by the environment."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"没有 {program} / no {program}: apt-get install postgresql-client")
    where = {} if address is None else environment(address)
    return subprocess.run(  # noqa: S603 (PostgreSQL's own program, found in PATH)
        [path, *arguments], capture_output=True, text=True, env={**os.environ, **where}, check=False
    )


def environment(address: str) -> dict[str, str]:
    """What libpq reads the address from: not the command line, which everybody can see."""
    url = url_of(address)
    given = {name: str(value) for name, value in url.query.items() if name in _ENVIRONMENT}
    for name in _ENVIRONMENT:
        if (value := getattr(url, name)) is not None:
            given[name] = str(value)
    return {_ENVIRONMENT[name]: value for name, value in given.items()} | {
        "PGDATABASE": url.database or ""
    }
