"""Devices and their keys."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xunhe.adapters.store.schema import device, station_status
from xunhe.domain.status import BuoyStatus, ProbeErrors

_FIND = sa.select(device).where(device.c.device == sa.bindparam("address"))  # for every frame


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device: where it stands and the key that it signs with (32 bytes)."""

    device: str
    station: str
    key: bytes


def enrol(connection: sa.Connection, enrolled: Device, at: datetime) -> None:
    """Register a device; a device that is enrolled again gets the new station and key."""
    if len(bytes.fromhex(enrolled.device)) != 6:
        raise ValueError(f"device {enrolled.device!r} must be 12 hexadecimal digits")
    if len(enrolled.key) != 32:
        raise ValueError(
            f"key of device {enrolled.device} has {len(enrolled.key)} bytes, must be 32"
        )
    row = {"station": enrolled.station, "key": enrolled.key, "enrolled_at": at}
    statement = insert(device).values(device=enrolled.device, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["device"], set_=row))


def find(connection: sa.Connection, address: str) -> Device | None:
    """The device with this address (12 hexadecimal digits), if it is enrolled."""
    row = connection.execute(_FIND, {"address": address}).first()
    return None if row is None else Device(row.device, row.station, row.key)


def at_station(connection: sa.Connection, station: str) -> Device | None:
    """The device that was enrolled last at a station, if any."""
    query = sa.select(device).where(device.c.station == station)
    row = connection.execute(query.order_by(device.c.enrolled_at.desc())).first()
    return None if row is None else Device(row.device, row.station, row.key)


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
