"""A copy of the store as a backup holds it: an SQLite file, or PostgreSQL's own dump."""

from pathlib import Path

from xunhe.adapters.backup import server_dump, snapshot
from xunhe.adapters.backup.snapshot import Claimed

_DUMP = b"PGDMP"  # how pg_dump's custom format begins


def flaws(copy: Path) -> list[str]:
    """What its own engine finds wrong with it; empty where it is sound."""
    return server_dump.flaws(copy) if is_dump(copy) else snapshot.flaws(copy)


def revision(copy: Path) -> str | None:
    """The form of the tables; None where there are none yet."""
    return server_dump.revision(copy) if is_dump(copy) else snapshot.revision(copy)


def claimed(copy: Path) -> list[Claimed]:
    """The files of evidence that should be there."""
    return server_dump.claimed(copy) if is_dump(copy) else snapshot.claimed(copy)


def is_dump(copy: Path) -> bool:
    """Is it one of PostgreSQL's?"""
    with copy.open("rb") as file:
        return file.read(len(_DUMP)) == _DUMP
