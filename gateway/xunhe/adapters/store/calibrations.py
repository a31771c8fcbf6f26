"""Certificates of calibrations, as the technician's tool sent them: each once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import calibration
from xunhe.adapters.store.upsert import insert, is_new


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """A certificate with who sent it; `content` is the tool's JSON."""

    certificate: str
    station: str
    device: str
    probe: str
    quantity: str
    at: datetime
    due_at: datetime
    actor: str
    received_at: datetime
    content: dict[str, Any]


def keep(connection: sa.Connection, kept: KeptCalibration) -> bool:
    """Keep a certificate; False where it is kept already."""
    row = {name: getattr(kept, name) for name in KeptCalibration.__dataclass_fields__}
    return is_new(connection, insert(calibration).values(**row))


def of_device(connection: sa.Connection, device: str, limit: int = 100) -> list[KeptCalibration]:
    """The certificates of a device, newest first."""
    query = sa.select(calibration).where(calibration.c.device == device)
    rows = connection.execute(query.order_by(calibration.c.at.desc()).limit(limit))
    return [KeptCalibration(**row._mapping) for row in rows]
