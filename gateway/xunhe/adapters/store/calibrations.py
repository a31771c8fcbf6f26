"""Certificates of calibrations, as the technician's tool sent them: each once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xunhe.adapters.store.schema import calibration


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
    statement = insert(calibration).values(**row).on_conflict_do_nothing()
    return connection.execute(statement).rowcount > 0


def of_device(connection: sa.Connection, device: str, limit: int = 100) -> list[KeptCalibration]:
    """The certificates of a device, newest first."""
    query = sa.select(calibration).where(calibration.c.device == device)
    rows = connection.execute(query.order_by(calibration.c.at.desc()).limit(limit))
    return [KeptCalibration(**row._mapping) for row in rows]
