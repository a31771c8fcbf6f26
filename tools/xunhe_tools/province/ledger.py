"""What the gateways acknowledged to buoys, against what the province holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.store import schema, upward
from xunhe.adapters.store.database import Database

Key = tuple[str, int, int]  # device, boot, seq


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts at one instant. `lost`: acknowledged, not waiting at its gateway, not in the store."""

    acknowledged: int
    waiting: int
    stored: int
    lost: int
    incidents: int
    tickets: int
    duplicate_tickets: int
    rejected: int

    def as_json(self) -> Mapping[str, int]:
        """For a script."""
        return asdict(self)


def count_waiting(folder: Path) -> int:
    """Parcels that the gateways of a folder have yet to bring."""
    total = 0
    for path in _stores(folder):
        database = Database(path)
        with database.read() as connection:
            total += upward.count(connection)
        database.close()
    return total


def audit(folder: Path, url: str) -> Standing:
    """Compare key by key. What waits is looked at first, so that nothing slips between."""
    acknowledged: set[Key] = set()
    for path in _stores(folder):
        database = Database(path)
        acknowledged |= _keys(database)
        database.close()
    waiting = count_waiting(folder)
    province = Database(url)
    stored = _keys(province)
    with province.read() as connection:
        standing = Standing(
            acknowledged=len(acknowledged),
            waiting=waiting,
            stored=len(stored),
            lost=max(len(acknowledged - stored) - waiting, 0),
            incidents=_count(connection, schema.incident),
            tickets=_count(connection, schema.ticket),
            duplicate_tickets=_double_tickets(connection),
            rejected=_count(connection, schema.rejected),
        )
    province.close()
    return standing


def _stores(folder: Path) -> list[Path]:
    return sorted(folder.glob("G*.sqlite3"))


def _keys(database: Database) -> set[Key]:
    record = schema.record
    with database.read() as connection:
        rows = connection.execute(sa.select(record.c.device, record.c.boot, record.c.seq))
        return {(device, boot, seq) for device, boot, seq in rows}


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _double_tickets(connection: sa.Connection) -> int:
    """Tickets beyond the first of an incident."""
    link = schema.ticket_incident.c
    query = sa.select(sa.func.count() - sa.func.count(link.incident_id.distinct()))
    return connection.execute(query).scalar_one()
