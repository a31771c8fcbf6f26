"""Readings as they are taken in: the records and observations of a transaction, written at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import bulk
from xunhe.adapters.store.bells import ring_for
from xunhe.adapters.store.months import make_room
from xunhe.adapters.store.records import OBSERVATION, values_of
from xunhe.adapters.store.schema import arrival, observation, record
from xunhe.domain.observation import Sample

_RECORD = ("device", "boot", "seq", "slot", "received_at")


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading with its values; `slot` is what the device said, empty when read again."""

    sample: Sample
    device: str
    boot: int
    seq: int
    slot: bytes = b""

    @property
    def key(self) -> tuple[str, int, int]:
        """Of the record."""
        return self.device, self.boot, self.seq


def insert(connection: sa.Connection, readings: Collection[Taken], at: datetime) -> None:
    """Keep records and their values; their keys must be new."""
    at_ms = bulk.instant_ms(at)
    rows = [(r.device, r.boot, r.seq, r.slot, at_ms) for r in readings]
    bulk.insert(connection, record, _RECORD, rows)
    make_room(connection, (r.sample.time for r in readings))
    values = [row for r in readings for row in values_of(r.sample, *r.key)]
    bulk.insert(connection, observation, OBSERVATION, values)


def insert_arrivals(connection: sa.Connection, readings: Collection[Taken]) -> None:
    """Note that samples have come in, for those who send them on."""
    if readings:
        connection.execute(arrival.insert(), [_arrival(taken) for taken in readings])
        ring_for(connection, arrival.name)


def _arrival(taken: Taken) -> dict[str, Any]:
    sample = taken.sample
    return {
        "key": f"{taken.device}:{taken.boot}:{taken.seq}",
        "station": sample.station,
        "time": sample.time,
        "sample": sample.values,
    }
