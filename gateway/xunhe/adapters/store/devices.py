"""Devices and their keys."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xunhe.adapters.store.schema import device


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
    row = connection.execute(sa.select(device).where(device.c.device == address)).first()
    return None if row is None else Device(row.device, row.station, row.key)
