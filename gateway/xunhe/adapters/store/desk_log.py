"""The rows of the desk's log. `append` belongs into the transaction of the change it tells of."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import desk_head, desk_log
from xunhe.desk.log import JSON, Broken, Entry, Flaw, canonical, chained, first_broken, iso
from xunhe.desk.roles import SYSTEM

# Writers look at the clock before they wait for their turn: less than this is no clock set back.
_WAIT = timedelta(minutes=1)


def append(
    connection: sa.Connection,
    at: datetime,
    actor: str,
    kind: str,
    subject: str,
    data: Mapping[str, JSON],
) -> Entry:
    """Add an entry in the caller's writing transaction. A clock that went back is told first."""
    previous = last(connection)
    if previous is not None and at < previous.at - _WAIT:
        told: dict[str, JSON] = {"from": iso(previous.at), "to": iso(at)}
        clock = chained(previous, previous.at, SYSTEM.code, "clock.set_back", "clock", told)
        previous = _insert(connection, clock)
    return _insert(connection, chained(previous, at, actor, kind, subject, data))


def entries(
    connection: sa.Connection,
    after_seq: int = 0,
    kinds: Collection[str] | None = None,
    subject: str | None = None,
) -> Iterator[Entry]:
    """Entries after one, in order; of these kinds, of this subject."""
    query = sa.select(desk_log).where(desk_log.c.seq > after_seq)
    if kinds is None:
        query = query.order_by(desk_log.c.seq)
    else:  # ordered by a sum, so that SQLite takes the index by kind and does not walk the log
        query = query.where(desk_log.c.kind.in_(kinds)).order_by(desk_log.c.seq + 0)
    if subject is not None:
        query = query.where(desk_log.c.subject == subject)
    # Closed even where the reader stops half-way: PostgreSQL holds a cursor for it.
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        for row in rows:
            yield _entry(row)


def page(connection: sa.Connection, after_seq: int, limit: int) -> list[Entry]:
    """So many entries after one, in order."""
    query = sa.select(desk_log).where(desk_log.c.seq > after_seq)
    rows = connection.execute(query.order_by(desk_log.c.seq).limit(limit))
    return [_entry(row) for row in rows]


def first(connection: sa.Connection) -> Entry | None:
    """The oldest entry."""
    return next(iter(page(connection, 0, 1)), None)


def last(connection: sa.Connection) -> Entry | None:
    """The newest entry."""
    query = sa.select(desk_log).order_by(desk_log.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _entry(row)


def hash_of(connection: sa.Connection, seq: int) -> str | None:
    """The hash of an entry; None where there is none."""
    query = sa.select(desk_log.c.hash).where(desk_log.c.seq == seq)
    return connection.execute(query).scalar()


def first_flaw(
    connection: sa.Connection, published: Mapping[int, str] | None = None
) -> Broken | None:
    """The first entry that breaks the chain or is not what was published; None where all holds.

    `published`: heads (seq: hash) that were kept elsewhere, beside those of this store.
    """
    heads = {row.seq: row.hash for row in connection.execute(sa.select(desk_head))}
    heads |= published or {}
    reading = _Reading(connection)
    broken = first_broken(reading)
    found = [broken] if broken else []
    if reading.unreadable is not None:
        found.append(Broken(reading.unreadable, Flaw.UNREADABLE))
    for seq, expected in sorted(heads.items()):
        if hash_of(connection, seq) != expected:
            found.append(Broken(seq, Flaw.HEAD))
            break
    return min(found, key=lambda flaw: flaw.seq, default=None)


class _Reading:
    """All entries until the first that cannot be read."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.unreadable: int | None = None

    def __iter__(self) -> Iterator[Entry]:
        raw = sa.types.NullType()
        columns: list[sa.ColumnElement[Any]] = [sa.type_coerce(c, raw) for c in desk_log.c]
        query = sa.select(*columns).order_by(desk_log.c.seq)
        for row in self._connection.execute(query):
            try:
                entry = _raw_entry(row)
            except (ValueError, TypeError, OverflowError, OSError):
                self.unreadable = row[0]
                return
            yield entry


def _raw_entry(row: Sequence[Any]) -> Entry:
    """An entry from what lies on the disk, whatever that is."""
    seq, at_ms, actor, kind, subject, data, prev, digest = row
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return Entry(seq, at, actor, kind, subject, json.loads(data), prev, digest)


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(**{**row._mapping, "data": json.loads(row.data)})


def _insert(connection: sa.Connection, entry: Entry) -> Entry:
    row = {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "data": canonical(entry.data),
        "prev": entry.prev,
        "hash": entry.hash,
    }
    connection.execute(desk_log.insert().values(**row))
    return entry
