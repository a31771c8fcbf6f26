"""Silences: kept for good, with how much each has hidden."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.schema import decision, silence
from xunhe.alerts.muting import Labels, Silence


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """A silence with what it hid: `hidden` findings, the newest at `last_hidden_at`."""

    silence: Silence
    ended_by: str | None
    hidden: int
    last_hidden_at: datetime | None


def add(
    connection: sa.Connection,
    labels: Labels,
    starts_at: datetime,
    ends_at: datetime,
    author: str,
    reason: str,
) -> int:
    """Keep a new silence; its id. ValueError where it has no label, no reason or no length."""
    if not any(asdict(labels).values()):
        raise ValueError("a silence needs at least one label: it must not hide everything")
    if not reason.strip() or not author.strip():
        raise ValueError("a silence needs its author and the reason")
    if ends_at <= starts_at:
        raise ValueError("a silence must end after it begins")
    row = {**asdict(labels), "starts_at": starts_at, "ends_at": ends_at}
    row |= {"author": author, "reason": reason.strip()}
    key = connection.execute(silence.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError("no key came back for the new silence")
    return int(key[0])


def end(connection: sa.Connection, silence_id: int, now: datetime, actor: str) -> bool:
    """End a silence before its time; False where it is not in force any more."""
    still = (silence.c.id == silence_id, silence.c.ends_at > now)
    ended = silence.update().where(*still).values(ends_at=now, ended_by=actor)
    return connection.execute(ended).rowcount > 0


def in_force(connection: sa.Connection, at: datetime) -> list[Silence]:
    """Those that hold at an instant, the oldest first."""
    query = sa.select(silence).where(silence.c.starts_at <= at, silence.c.ends_at > at)
    return [_silence(row) for row in connection.execute(query.order_by(silence.c.id))]


def newest(connection: sa.Connection, limit: int, offset: int = 0) -> list[SilenceRow]:
    """All silences, newest first."""
    query = _with_hidden().order_by(silence.c.id.desc()).limit(limit).offset(offset)
    return [_row(row) for row in connection.execute(query)]


def find(connection: sa.Connection, silence_id: int) -> SilenceRow | None:
    """One silence."""
    row = connection.execute(_with_hidden().where(silence.c.id == silence_id)).first()
    return None if row is None else _row(row)


def _with_hidden() -> sa.Select[tuple[object, ...]]:
    hidden = sa.func.count(decision.c.id).label("hidden")
    last = sa.func.max(decision.c.last_at).label("last_hidden_at")
    query = sa.select(silence, hidden, last)
    return query.outerjoin(decision, decision.c.silence_id == silence.c.id).group_by(silence.c.id)


def _row(row: sa.Row[tuple[object, ...]]) -> SilenceRow:
    return SilenceRow(_silence(row), row.ended_by, row.hidden, row.last_hidden_at)


def _silence(row: sa.Row[tuple[object, ...]]) -> Silence:
    labels = Labels(row.station, row.reach, row.rule, row.kind, row.zone)
    return Silence(row.id, labels, row.starts_at, row.ends_at, row.author, row.reason)
