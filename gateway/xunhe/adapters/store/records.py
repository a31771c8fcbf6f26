"""Records and what is made of them: raw records, observations, rejections, counters."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xunhe.adapters.store.schema import counter, observation, record, rejected
from xunhe.domain.observation import Sample
from xunhe.domain.rejection import Reason

PAYLOAD_KEPT = 2048  # bytes of a rejected payload
_REJECTED_KEPT = 10_000  # rows of unproved origin; the counters keep the totals


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
    rows = connection.execute(
        sa.select(record.c.seq, record.c.slot).where(
            record.c.device == device,
            record.c.boot == boot,
            record.c.seq.between(first, first + count - 1),
        )
    )
    return {row.seq: row.slot for row in rows}


def insert_record(
    connection: sa.Connection, device: str, boot: int, seq: int, slot: bytes, at: datetime
) -> None:
    """Keep a raw record; its key must be new."""
    connection.execute(
        record.insert().values(device=device, boot=boot, seq=seq, slot=slot, received_at=at)
    )


def insert_sample(
    connection: sa.Connection, sample: Sample, device: str, boot: int, seq: int
) -> None:
    """Keep a record's values as observations, one row each."""
    key = {"station": sample.station, "time": sample.time, "device": device}
    connection.execute(
        observation.insert(),
        [
            {**key, "boot": boot, "seq": seq, "property": prop, "value": value, "flag": flag}
            for prop, (value, flag) in sample.values.items()
        ],
    )


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


def samples_between(
    connection: sa.Connection, station: str, since: datetime, until: datetime
) -> list[Sample]:
    """The samples of a station in a span of time, both ends included, in the order of time."""
    rows = connection.execute(
        sa.select(observation)
        .where(observation.c.station == station, observation.c.time.between(since, until))
        .order_by(observation.c.time, observation.c.device, observation.c.boot, observation.c.seq)
    )
    return [
        Sample(station, key[0], {row.property: (row.value, row.flag) for row in group})
        for key, group in groupby(rows, key=lambda row: (row.time, row.device, row.boot, row.seq))
    ]
