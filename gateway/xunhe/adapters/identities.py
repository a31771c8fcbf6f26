"""Looks for copies of a buoy's identity among authentic frames, inside the caller's transaction."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.recording_lines import Ended, Event, Renewed
from xunhe.adapters.store import enrolments, schema
from xunhe.adapters.store.devices import Device
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.alerts.identity import Life, Sign, cloned
from xunhe.domain.incident import Cleared, Rule
from xunhe.domain.registry import Registry
from xunhe_buoy import record as wire

# Asked of every device that is heard for the first time, built once.
_RAISED = sa.select(schema.alert.c.raised_at).where(
    schema.alert.c.station == sa.bindparam("station"),
    schema.alert.c.rule == Rule.CLONED.value,
    schema.alert.c.ended_at.is_(None),
)
_FIRST_OF_BOOT = (
    sa.select(schema.record.c.boot, schema.record.c.slot)
    .where(
        schema.record.c.device == sa.bindparam("device"),
        schema.record.c.received_at >= sa.bindparam("since"),
    )
    .order_by(schema.record.c.boot.desc(), schema.record.c.seq)
    .limit(1)
)


class IdentityGuard:
    """Remembers the life of each device; `forget` after a transaction that failed."""

    def __init__(self, registry: Registry, book: IncidentBook) -> None:
        self._registry = registry
        self._book = book
        self._lives: dict[str, Life | None] = {}
        self._keys: dict[str, bytes] = {}

    def forget(self) -> None:
        """What is in memory may not be in the store."""
        self._lives.clear()
        self._keys.clear()

    def heard(self, connection: sa.Connection, device: Device, now: datetime) -> list[Event]:
        """An authentic frame came: what was said of the device before its key was made is over."""
        if self._keys.get(device.device) == device.key:
            return []
        self._keys[device.device] = device.key
        self._lives.pop(device.device, None)
        raised_at = _raised_at(connection, device.station)
        enrolled_at = enrolments.enrolled_at(connection, device.device)
        if raised_at is None or enrolled_at is None or enrolled_at <= raised_at:
            return []
        over = Cleared(Rule.CLONED, device.station, now)
        self._book.clear(connection, over, now)
        return [Ended(now, over)]

    def see(
        self, connection: sa.Connection, device: Device, reading: wire.Record, now: datetime
    ) -> list[Event]:
        """A record that is about to be stored; another board may have written it."""
        if reading.time_quality != wire.TIME_SYNCED:
            return []
        if device.device not in self._lives:
            self._lives[device.device] = _known_life(connection, device)
        life = self._lives[device.device]
        if life is None:
            self._lives[device.device] = Life(reading.boot, reading.time_s)
            return []
        self._lives[device.device] = life.after(reading.boot, reading.time_s)
        if not life.contradicts(reading.boot, reading.time_s):
            return []
        return self.tell(connection, device, Sign.OVERLAP, now)

    def tell(
        self, connection: sa.Connection, device: Device, sign: Sign, now: datetime
    ) -> list[Event]:
        """Raise the alert, unless it goes on already."""
        station = self._registry.stations.get(device.station)
        if station is None or _raised_at(connection, device.station) is not None:
            return []
        finding = cloned(station, device.device, sign, now)
        self._book.renew(connection, finding, now)
        return [Renewed(now, finding)]


def _raised_at(connection: sa.Connection, station: str) -> datetime | None:
    """When the alert of a copy was raised that still goes on at a station."""
    found: datetime | None = connection.execute(_RAISED, {"station": station}).scalar()
    return found


def _known_life(connection: sa.Connection, device: Device) -> Life | None:
    """The latest boot among the records that came since the key in force is."""
    since = enrolments.enrolled_at(connection, device.device)
    row = connection.execute(_FIRST_OF_BOOT, {"device": device.device, "since": since}).first()
    return None if row is None else Life(row.boot, wire.unpack_slot(row.slot).time_s)
