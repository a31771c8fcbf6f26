"""Readings for tests: as frames bring them, and what lies in the store."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from tests.gateway.conftest import START
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.keeping import Brought, Key
from xunhe.domain.observation import Sample
from xunhe_buoy import record as wire

DEVICE = "020000000000"


def reading(
    seq: int, device: str = DEVICE, *, ph: float = 7.0, at: datetime | None = None
) -> Brought:
    """The so-many-th reading of a device, by default a minute after the one before it."""
    time = at or START + timedelta(minutes=seq)
    names = [name for name, _ in wire.RIVER.channels]
    scaled = tuple(round(ph * 100) if name == "ph" else 1 for name in names)
    record = wire.Record(1, seq, round(time.timestamp()), scaled, (wire.GOOD,) * len(names))
    values = {"ph": (ph, wire.GOOD), "do_mg_l": (6.5, wire.GOOD)}
    return Brought(device, record, Sample(f"S-{device}", time, values))


def stored(database: Database) -> dict[Key, list[float]]:
    """The keys that lie in the store, with the pH of each."""
    record, observation = schema.record.c, schema.observation.c
    with database.read() as connection:
        rows = connection.execute(sa.select(record.device, record.boot, record.seq))
        found: dict[Key, list[float]] = {tuple(row): [] for row in rows}
        query = sa.select(observation.device, observation.boot, observation.seq, observation.value)
        for device, boot, seq, value in connection.execute(
            query.where(observation.property == "ph")
        ):
            found[device, boot, seq].append(value)
    return found
