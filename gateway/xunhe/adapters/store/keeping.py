"""Readings by the batch, for several writers at once: what is new is kept, once.

A record's key is (device, boot, seq). It goes in first: whoever else brings the same waits for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import bulk
from xunhe.adapters.store.months import make_room
from xunhe.adapters.store.records import OBSERVATION, stored_slots, values_of
from xunhe.adapters.store.schema import observation, record
from xunhe.domain.observation import Sample
from xunhe_buoy import record as wire

_RECORD = ("device", "boot", "seq", "slot", "received_at")
Key = tuple[str, int, int]  # device, boot, seq


@dataclass(frozen=True, slots=True)
class Brought:
    """A reading of an authentic frame, and what it means."""

    device: str
    reading: wire.Record
    sample: Sample

    @property
    def key(self) -> Key:
        """What makes it this reading."""
        return self.device, self.reading.boot, self.reading.seq


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch. `conflicting`: other content lies under their keys."""

    new: tuple[Brought, ...]
    duplicates: tuple[Brought, ...]
    conflicting: tuple[Brought, ...]


def keep_all(connection: sa.Connection, brought: Sequence[Brought], at: datetime) -> Kept:
    """Keep records and their values, in the caller's appending transaction."""
    first: dict[Key, Brought] = {}
    repeated = []
    for one in brought:
        if one.key in first:
            repeated.append(one)
        else:
            first[one.key] = one
    keys = bulk.insert_new(connection, record, _RECORD, [_row(one, at) for one in first.values()])
    new = tuple(one for key, one in first.items() if key in keys)
    make_room(connection, (one.sample.time for one in new))
    values = [row for one in new for row in values_of(one.sample, *one.key)]
    bulk.insert(connection, observation, OBSERVATION, values)
    known = [one for key, one in first.items() if key not in keys]
    duplicates, conflicting = _told_apart(connection, known + repeated)
    return Kept(new, duplicates, conflicting)


def _row(one: Brought, at: datetime) -> tuple[Any, ...]:
    return *one.key, wire.pack_slot(one.reading), bulk.instant_ms(at)


def _told_apart(
    connection: sa.Connection, known: Sequence[Brought]
) -> tuple[tuple[Brought, ...], tuple[Brought, ...]]:
    """Those that lie there as they are, and those whose keys have other content."""
    slots: dict[Key, bytes] = {}
    for (device, boot, first), count in _runs({one.key for one in known}):
        found = stored_slots(connection, device, boot, first, count)
        slots |= {(device, boot, seq): slot for seq, slot in found.items()}
    is_same = [slots[one.key] == wire.pack_slot(one.reading) for one in known]
    return (
        tuple(one for one, same in zip(known, is_same, strict=True) if same),
        tuple(one for one, same in zip(known, is_same, strict=True) if not same),
    )


def _runs(keys: Iterable[Key]) -> Iterator[tuple[Key, int]]:
    """Keys that follow each other, as a frame has them: the first, and how many."""
    numbered = enumerate(sorted(keys))
    for _, run in groupby(numbered, lambda each: (*each[1][:2], each[1][2] - each[0])):
        followers = [key for _, key in run]
        yield followers[0], len(followers)
