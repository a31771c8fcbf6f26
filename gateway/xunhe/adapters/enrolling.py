"""Takes a sealed enrolment in, by the API or from a file: opened, checked, put in force at once."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.enrolment_seal import Enrolment, new_secret, public_key, unseal
from xunhe.adapters.store import enrolments
from xunhe.adapters.store.devices import Device
from xunhe.adapters.store.enrolments import Enrolled, EnrolmentError
from xunhe.domain.registry import Registry


def sealing_key(connection: sa.Connection, now: datetime) -> bytes:
    """The public half of this gateway's key, 32 bytes."""
    return public_key(enrolments.secret(connection, now, new_secret))


def open_sealed(connection: sa.Connection, sealed: bytes, now: datetime) -> Enrolment:
    """What the bytes hold; SealError where they are not for this gateway."""
    return unseal(sealed, enrolments.secret(connection, now, new_secret))


def put_in_force(
    connection: sa.Connection,
    registry: Registry,
    enrolment: Enrolment,
    now: datetime,
    *,
    is_carried: bool,
) -> Enrolled:
    """Enrol; EnrolmentError for an unknown station, a revoked key, or a carried one of old."""
    if enrolment.station not in registry.stations:
        known = ", ".join(sorted(registry.stations))
        raise EnrolmentError(f"station {enrolment.station} is not registered; known: {known}")
    device = Device(enrolment.device, enrolment.station, enrolment.key)
    made_at = enrolment.made_at if is_carried else None
    return enrolments.enrol(connection, device, now, made_at)
