"""Which backups stay, and when the newest good one was made: what the alarm of a late one asks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.backup.taking import PATTERN
from xunhe.adapters.store.schema import counter

_MADE_AT_S = "backup.made_at_s"


def prune(folder: Path, kept: int) -> Sequence[Path]:
    """Delete all but the newest backups of a folder, by the instant in their names; those gone."""
    found = sorted(folder.glob(PATTERN))
    leaving = found[: max(len(found) - kept, 0)]
    for path in leaving:
        path.unlink()
    return leaving


def note(connection: sa.Connection, made_at: datetime) -> None:
    """Remember a backup that was read back and found whole."""
    seconds = round(made_at.timestamp())
    changed = counter.update().where(counter.c.name == _MADE_AT_S).values(n=seconds)
    if connection.execute(changed).rowcount == 0:
        connection.execute(counter.insert().values(name=_MADE_AT_S, n=seconds))


def newest(connection: sa.Connection) -> datetime | None:
    """When the newest good backup was made, in the machine's time; None: never."""
    query = sa.select(counter.c.n).where(counter.c.name == _MADE_AT_S)
    seconds = connection.execute(query).scalar()
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
