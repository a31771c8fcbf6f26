"""A consistent copy of the database while the gateway writes, and what such a copy is worth.

VACUUM INTO reads one snapshot: writers go on, and unlike the online backup it never starts again
because somebody wrote.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from xunhe.adapters.backup.errors import BackupError


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file of evidence that a row says is there; `size` bytes."""

    sha256: str
    size: int


def take(database: Path, copy: Path) -> None:
    """Write a copy to a name that is free; BackupError where the database cannot be read."""
    if not database.is_file():
        raise BackupError(
            f"没有数据库 {database} / there is no database {database}: check store.database, or run"
            " the command in the gateway's working folder"
        )
    copy.touch(mode=0o600)  # it holds the keys of the devices; VACUUM INTO takes an empty file
    try:
        with closing(sqlite3.connect(database, timeout=60)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise BackupError(
            f"无法复制数据库 {database} / cannot copy it: {error}. 请运行 / run: xunhe doctor"
        ) from error


def flaws(database: Path) -> list[str]:
    """What SQLite finds wrong with a database that nobody writes to; empty where it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    flaws = [] if found == ["ok"] else found
    return flaws + [f"row {row[1]} of {row[0]} has no row in {row[2]}" for row in orphans]


def revision(database: Path) -> str | None:
    """The form of the tables; None where there are none yet."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        has = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if connection.execute(has).fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def claimed(database: Path) -> list[Claimed]:
    """The files of evidence that should be there."""
    query = (
        "SELECT sha256, max(size) FROM evidence WHERE removed_at IS NULL"
        " GROUP BY sha256 ORDER BY sha256"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [Claimed(*row) for row in connection.execute(query)]


def settle(copy: Path, database: Path, gone: Iterable[str]) -> list[str]:
    """Files that went since the copy was taken: say so in the copy, as the database does now.

    The digests that the database does not know to be gone either: they are lost.
    """
    lost = []
    with closing(sqlite3.connect(database)) as now, closing(sqlite3.connect(copy)) as then:
        for sha256 in gone:
            found = now.execute(
                "SELECT id, removed_at, detail FROM evidence WHERE sha256 = ?", (sha256,)
            ).fetchall()
            if any(removed_at is None for _, removed_at, _ in found):
                lost.append(sha256)
                continue
            then.executemany(
                "UPDATE evidence SET removed_at = ?, detail = ? WHERE id = ?",
                [(removed_at, detail, key) for key, removed_at, detail in found],
            )
        then.commit()
    return lost


def is_in_use(database: Path) -> bool:
    """Does a gateway, or anything else, have this database open?

    Every connection in WAL mode holds a shared lock on the file for as long as it is open.
    """
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:  # no database at all: nobody can be using it
            return False
        connection.rollback()
    return False
