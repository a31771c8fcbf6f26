"""Records and what is made of them: raw records, observations, rejections, counters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import bulk
from xunhe.adapters.store.months import make_room
from xunhe.adapters.store.schema import counter, observation, record, rejected
from xunhe.adapters.store.upsert import insert
from xunhe.domain.observation import Sample
from xunhe.domain.rejection import Reason
from xunhe_buoy import record as wire

# Whatever a buoy can send. Asking for these by name lets the primary keys lead to a span of time.
PROPS = tuple(sorted({name for profile in wire.PROFILES.values() for name, _ in profile.channels}))
OBSERVATION = ("station", "property", "time", "device", "boot", "seq", "value", "flag")
PAYLOAD_KEPT = 2048  # bytes of a rejected payload
_REJECTED_KEPT = 10_000  # rows of unproved origin; the counters keep the totals

# What every frame asks, built once.
_STORED = sa.select(record.c.seq, record.c.slot).where(
    record.c.device == sa.bindparam("device"),
    record.c.boot == sa.bindparam("boot"),
    record.c.seq.between(sa.bindparam("first"), sa.bindparam("last")),
)
_NEWEST = sa.select(sa.func.max(record.c.seq)).where(
    record.c.device == sa.bindparam("device"), record.c.boot == sa.bindparam("boot")
)
_BEFORE = (
    sa.select(record.c.slot)
    .where(
        record.c.device == sa.bindparam("device"),
        record.c.boot.in_((sa.bindparam("boot"), sa.bindparam("boot_before"))),
        record.c.seq == sa.bindparam("seq"),
    )
    .order_by(record.c.boot.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A frame or a record that could not be used."""

    reason: Reason
    detail: str
    topic: str
    payload: bytes
    size: int
    station: str | None = None
    device: str | None = None
    boot: int | None = None
    seq: int | None = None


def stored_slots(
    connection: sa.Connection, device: str, boot: int, first: int, count: int
) -> dict[int, bytes]:
    """Sequence number → slot of the records in a range that are stored already."""
    span = {"device": device, "boot": boot, "first": first, "last": first + count - 1}
    rows = connection.execute(_STORED, span)
    return {row.seq: row.slot for row in rows}


def newest_seq(connection: sa.Connection, device: str, boot: int) -> int:
    """The greatest number that is stored of a device's boot; 0 where there is none."""
    return connection.execute(_NEWEST, {"device": device, "boot": boot}).scalar() or 0


def record_before(
    connection: sa.Connection, device: str, boot: int, seq: int
) -> wire.Record | None:
    """The record that the device wrote before this one, in the same boot or the one before."""
    before = {"device": device, "boot": boot, "boot_before": boot - 1, "seq": seq - 1}
    slot = connection.execute(_BEFORE, before).scalar()
    return None if slot is None else wire.unpack_slot(slot)


def insert_sample(
    connection: sa.Connection, sample: Sample, device: str, boot: int, seq: int
) -> None:
    """Keep a record's values as observations, one row each."""
    make_room(connection, [sample.time])
    bulk.insert(connection, observation, OBSERVATION, values_of(sample, device, boot, seq))


def values_of(sample: Sample, device: str, boot: int, seq: int) -> list[tuple[Any, ...]]:
    """A record's values as rows of OBSERVATION."""
    time_ms = bulk.instant_ms(sample.time)
    return [
        (sample.station, prop, time_ms, device, boot, seq, value, flag)
        for prop, (value, flag) in sample.values.items()
    ]


def reject(connection: sa.Connection, what: Rejected, at: datetime) -> None:
    """Keep what could not be used and count it.

    Of what nobody has proved to have sent the oldest rows go. An authentic record was acknowledged
    and freed by its device: it stays, once, however often it is sent again.
    """
    if what.device is not None and _is_kept(connection, what):
        count(connection, "duplicate", 1)
        return
    result = connection.execute(
        rejected.insert().values(
            at=at,
            reason=what.reason.value,
            detail=what.detail,
            topic=what.topic[:200],
            station=what.station,
            device=what.device,
            boot=what.boot,
            seq=what.seq,
            size=what.size,
            payload=what.payload[:PAYLOAD_KEPT],
        )
    )
    newest = result.inserted_primary_key
    if newest is not None:
        oldest = rejected.c.id <= newest[0] - _REJECTED_KEPT
        connection.execute(rejected.delete().where(oldest, rejected.c.device.is_(None)))
    count(connection, f"rejected.{what.reason.value}", 1)


def _is_kept(connection: sa.Connection, what: Rejected) -> bool:
    same = sa.select(rejected.c.id).where(
        rejected.c.device == what.device,
        rejected.c.boot == what.boot,
        rejected.c.seq == what.seq,
        rejected.c.reason == what.reason.value,
        rejected.c.payload == what.payload[:PAYLOAD_KEPT],
    )
    return connection.execute(same).first() is not None


def count(connection: sa.Connection, name: str, n: int) -> None:
    """Add to a counter that outlives the process."""
    statement = insert(counter).values(name=name, n=n)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"n": counter.c.n + n})
    )


def columns_between(
    connection: sa.Connection,
    station: str,
    props: Collection[str],
    since: datetime,
    until: datetime,
) -> dict[float, dict[str, tuple[float | None, int]]]:
    """What a station measured in a span, both ends included: Unix seconds → values with flags.

    Of two samples at one instant the one with the greater key counts.
    """
    time_ms = sa.type_coerce(observation.c.time, sa.BigInteger).label("time_ms")
    query = (
        sa.select(time_ms, observation.c.property, observation.c.value, observation.c.flag)
        .where(*_of(station, props), observation.c.time.between(since, until))
        .order_by(time_ms, observation.c.device, observation.c.boot, observation.c.seq)
    )
    found: dict[float, dict[str, tuple[float | None, int]]] = {}
    for at_ms, prop, value, flag in connection.execute(query):
        found.setdefault(at_ms / 1000, {})[prop] = (value, flag)
    return found


def has_after(
    connection: sa.Connection, station: str, props: Collection[str], at: datetime
) -> bool:
    """Is there a sample of a later instant?"""
    query = sa.select(sa.literal(1)).where(*_of(station, props), observation.c.time > at)
    return connection.execute(query.limit(1)).first() is not None


def _of(station: str, props: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return observation.c.station == station, observation.c.property.in_(props)
