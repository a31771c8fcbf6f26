"""Keys of devices over time: each new one revokes the one before, and a revoked one never returns.

The key in force stands in the table `device`, those before in `revoked_key`: a frame signed with
one of them is proof that an old copy of the identity is alive.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import devices
from xunhe.adapters.store.schema import device, enrolment_seal, record, report, revoked_key


class EnrolmentError(ValueError):
    """An enrolment that must not be followed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment did. `first_boot` is a boot number that no frame of the device had yet."""

    device: str
    station: str
    has_replaced: bool
    first_boot: int


def enrol(
    connection: sa.Connection,
    enrolled: devices.Device,
    at: datetime,
    made_at: datetime | None = None,
) -> Enrolled:
    """Put a key in force and revoke the one before it.

    `made_at`: when a carried key was made. EnrolmentError for a key that was revoked before, or
    that is older than the one in force: an old file would take a working buoy off the air.
    """
    known = connection.execute(
        sa.select(device).where(device.c.device == enrolled.device)
    ).one_or_none()
    if is_revoked(connection, enrolled.device, enrolled.key):
        raise EnrolmentError(
            f"this key of device {enrolled.device} was revoked: provision the buoy again"
        )
    old = None if known is None or hmac.compare_digest(known.key, enrolled.key) else known
    if old is not None and made_at is not None and made_at < old.enrolled_at:
        raise EnrolmentError(
            f"device {enrolled.device} got a newer key at {old.enrolled_at.isoformat()}; this one"
            f" was made at {made_at.isoformat()}: provision the buoy again"
        )
    if old is not None:
        _revoke(connection, old, at)
    devices.enrol(connection, enrolled, at)
    first_boot = last_boot(connection, enrolled.device) + 1
    return Enrolled(enrolled.device, enrolled.station, old is not None, first_boot)


def revoke(connection: sa.Connection, address: str, at: datetime) -> bool:
    """Take a device's key out of force: it was lost or stolen. False where it has none."""
    known = connection.execute(sa.select(device).where(device.c.device == address)).one_or_none()
    if known is None:
        return False
    _revoke(connection, known, at)
    connection.execute(device.delete().where(device.c.device == address))
    return True


def is_revoked(connection: sa.Connection, address: str, key: bytes) -> bool:
    """Was this key of the device taken out of force?"""
    return signer(connection, address, lambda old: hmac.compare_digest(old, key)) is not None


def signer(
    connection: sa.Connection, address: str, fits: Callable[[bytes], bool]
) -> datetime | None:
    """When the revoked key that `fits` was revoked, if one does."""
    query = sa.select(revoked_key).where(revoked_key.c.device == address)
    newest = revoked_key.c.revoked_at.desc()
    rows = connection.execute(query.order_by(newest))
    return next((row.revoked_at for row in rows if fits(row.key)), None)


def last_boot(connection: sa.Connection, address: str) -> int:
    """The greatest boot number that the device was heard with; 0 before the first."""
    greatest = [
        connection.execute(
            sa.select(sa.func.max(table.c.boot)).where(table.c.device == address)
        ).scalar()
        for table in (record, report)
    ]
    return max(boot or 0 for boot in greatest)


def enrolled_at(connection: sa.Connection, address: str) -> datetime | None:
    """Since when the key in force is in force."""
    query = sa.select(device.c.enrolled_at).where(device.c.device == address)
    found: datetime | None = connection.execute(query).scalar()
    return found


def secret(connection: sa.Connection, at: datetime, make: Callable[[], bytes]) -> bytes:
    """The secret half of this gateway's sealing key; made at the first call."""
    found = connection.execute(sa.select(enrolment_seal.c.secret)).scalar()
    if found is None:
        found = make()
        connection.execute(enrolment_seal.insert().values(id=1, secret=found, made_at=at))
    return bytes(found)


def _revoke(connection: sa.Connection, row: sa.Row[Any], at: datetime) -> None:
    connection.execute(
        revoked_key.insert().values(
            device=row.device,
            key=row.key,
            station=row.station,
            enrolled_at=row.enrolled_at,
            revoked_at=at,
        )
    )
