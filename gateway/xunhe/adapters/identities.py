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
    alert = schema.alert
    query = sa.select(alert.c.raised_at).where(
        alert.c.station == station, alert.c.rule == Rule.CLONED.value, alert.c.ended_at.is_(None)
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def _known_life(connection: sa.Connection, device: Device) -> Life | None:
    """The latest boot among the records that came since the key in force is."""
    record = schema.record
    since = enrolments.enrolled_at(connection, device.device)
    boot = connection.execute(
        sa.select(sa.func.max(record.c.boot)).where(
            record.c.device == device.device, record.c.received_at >= since
        )
    ).scalar()
    if boot is None:
        return None
    first = sa.select(record.c.slot).where(
        record.c.device == device.device, record.c.boot == boot, record.c.received_at >= since
    )
    slot = connection.execute(first.order_by(record.c.seq).limit(1)).scalar_one()
    return Life(boot, wire.unpack_slot(slot).time_s)
