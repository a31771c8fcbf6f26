"""Devices and their keys."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import device, station_status
from xunhe.adapters.store.upsert import insert
from xunhe.domain.status import BuoyStatus, ProbeErrors

_FIND = sa.select(device).where(device.c.device == sa.bindparam("address"))
_FIND_ALL = sa.select(device).where(device.c.device.in_(sa.bindparam("addresses", expanding=True)))


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device: where it stands and the key that it signs with (32 bytes).

    `left_at`: since when another one has had its station; what it measures later is refused.
    """

    device: str
    station: str
    key: bytes = field(repr=False)
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A device's time at a station: from its enrolment until another one took over."""

    device: str
    enrolled_at: datetime
    left_at: datetime | None


class AlreadyElsewhereError(ValueError):
    """The device serves at another station."""

    def __init__(self, device: str, station: str) -> None:
        self.device, self.station = device, station
        super().__init__(f"device {device} serves at {station}")


def enrol(connection: sa.Connection, enrolled: Device, at: datetime) -> None:
    """Register a device; a device that is enrolled again gets the new station and key."""
    if len(bytes.fromhex(enrolled.device)) != 6:
        raise ValueError(f"device {enrolled.device!r} must be 12 hexadecimal digits")
    if len(enrolled.key) != 32:
        raise ValueError(
            f"key of device {enrolled.device} has {len(enrolled.key)} bytes, must be 32"
        )
    row = {"station": enrolled.station, "key": enrolled.key, "enrolled_at": at, "left_at": None}
    statement = insert(device).values(device=enrolled.device, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["device"], set_=row))


def replace(connection: sa.Connection, successor: Device, at: datetime) -> tuple[str, ...]:
    """A device takes a station over from those that serve there; the addresses of these.

    Their rows stay, so that what they measured before `at` and have not sent yet still counts.
    AlreadyElsewhereError where the new one serves at another station. ValueError as `enrol`.
    """
    known = find(connection, successor.device)
    if known is not None and known.left_at is None and known.station != successor.station:
        raise AlreadyElsewhereError(known.device, known.station)
    serving = (device.c.station == successor.station, device.c.left_at.is_(None))
    query = sa.select(device.c.device).where(*serving, device.c.device != successor.device)
    left = tuple(connection.execute(query.order_by(device.c.enrolled_at)).scalars())
    connection.execute(device.update().where(device.c.device.in_(left)).values(left_at=at))
    enrol(connection, successor, at)
    return left


def find(connection: sa.Connection, address: str) -> Device | None:
    """The device with this address (12 hexadecimal digits), if it is enrolled."""
    row = connection.execute(_FIND, {"address": address}).first()
    return None if row is None else Device(row.device, row.station, row.key, row.left_at)


def find_all(connection: sa.Connection, addresses: Collection[str]) -> dict[str, Device]:
    """Those of these devices that are enrolled, by address."""
    rows = connection.execute(_FIND_ALL, {"addresses": list(addresses)})
    return {row.device: Device(row.device, row.station, row.key, row.left_at) for row in rows}


def at_station(connection: sa.Connection, station: str) -> Device | None:
    """The device that was enrolled last at a station, if any."""
    row = connection.execute(_newest_first(station)).first()
    return None if row is None else Device(row.device, row.station, row.key, row.left_at)


def services(connection: sa.Connection, station: str) -> list[Service]:
    """The devices of a station, the one that serves first, then the newest."""
    rows = connection.execute(_newest_first(station))
    return [Service(row.device, row.enrolled_at, row.left_at) for row in rows]


def enrolled(connection: sa.Connection) -> list[tuple[Device, datetime]]:
    """Every device with the instant of its enrolment, by station."""
    rows = connection.execute(sa.select(device).order_by(device.c.station, device.c.device))
    return [(Device(row.device, row.station, row.key), row.enrolled_at) for row in rows]


def keep_status(
    connection: sa.Connection, station: str, status: BuoyStatus, at: datetime, *, is_farewell: bool
) -> None:
    """Keep what a buoy last said of itself; a farewell only tells that it has gone."""
    row = {
        "received_at": at,
        "device": status.device,
        "is_online": status.is_online,
        "pending": status.pending,
        "dropped": status.dropped,
        "probe_errors": [[e.probe, e.reason, e.times] for e in status.probe_errors],
    }
    changed = {"is_online": False, "received_at": at} if is_farewell else row
    statement = insert(station_status).values(station=station, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["station"], set_=changed))


def statuses(connection: sa.Connection) -> dict[str, BuoyStatus]:
    """Station → what its buoy last said of itself."""
    return {
        row.station: BuoyStatus(
            row.device,
            row.is_online,
            row.pending,
            row.dropped,
            tuple(ProbeErrors(*errors) for errors in row.probe_errors),
        )
        for row in connection.execute(sa.select(station_status))
    }


def _newest_first(station: str) -> sa.Select[Any]:
    has_left = sa.case((device.c.left_at.is_(None), 0), else_=1)
    query = sa.select(device).where(device.c.station == station)
    return query.order_by(has_left, device.c.enrolled_at.desc(), device.c.device)
