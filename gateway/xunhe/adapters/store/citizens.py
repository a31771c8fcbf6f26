"""Citizens' reports as rows, and the open problems that a new one may be about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.queries import OPEN_STATES
from xunhe.adapters.store.schema import citizen_report, incident, points_transfer, ticket
from xunhe.desk.citizens import OpenProblem
from xunhe.domain.position import LonLat
from xunhe.domain.registry import Registry


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report; `ticket_id` is the ticket that it opened or joined."""

    id: int
    code_hash: str
    received_at: datetime
    category: str
    lon: float
    lat: float
    reach: str
    personal_id: int
    ticket_id: int
    joined: bool
    account: str | None
    rated: bool


def add(connection: sa.Connection, row: Mapping[str, object]) -> int:
    """A new report; its id."""
    key = connection.execute(citizen_report.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError("no key came back for the new row of citizen_report")
    return int(key[0])


def by_code(connection: sa.Connection, code_hash: str) -> ReportRow | None:
    """The report with a tracking code of this hash."""
    query = sa.select(citizen_report).where(citizen_report.c.code_hash == code_hash)
    row = connection.execute(query).first()
    return None if row is None else ReportRow(*row)


def of_ticket(connection: sa.Connection, ticket_id: int) -> list[ReportRow]:
    """The reports of a ticket and of those that were merged into it, the first one first."""
    family = sa.select(ticket.c.id).where(ticket.c.id == ticket_id).cte(recursive=True)
    family = family.union(sa.select(ticket.c.id).where(ticket.c.merged_into == family.c.id))
    ids = sa.select(family.c.id)
    query = sa.select(citizen_report).where(citizen_report.c.ticket_id.in_(ids))
    rows = connection.execute(query.order_by(citizen_report.c.received_at, citizen_report.c.id))
    return [ReportRow(*row) for row in rows]


def newest(connection: sa.Connection, limit: int = 50, offset: int = 0) -> list[ReportRow]:
    """Reports, the newest first."""
    query = sa.select(citizen_report).order_by(citizen_report.c.id.desc())
    return [ReportRow(*row) for row in connection.execute(query.limit(limit).offset(offset))]


def reward_key(report: ReportRow) -> str:
    """The key of the transfer that rewards a report: an account earns once by each ticket."""
    return f"report:{report.ticket_id}:{report.account}"


def unrewarded(connection: sa.Connection) -> list[ReportRow]:
    """Reports with an account that no transfer has rewarded yet."""
    ticket_id = sa.cast(citizen_report.c.ticket_id, sa.String)
    key = sa.literal("report:").concat(ticket_id).concat(":").concat(citizen_report.c.account)
    query = (
        sa.select(citizen_report)
        .outerjoin(points_transfer, points_transfer.c.key == key)
        .where(citizen_report.c.account.is_not(None), points_transfer.c.id.is_(None))
        .order_by(citizen_report.c.id)
    )
    return [ReportRow(*row) for row in connection.execute(query)]


def set_account(connection: sa.Connection, report_id: int, account: str) -> None:
    """Say whom the points of a report go to."""
    where = citizen_report.c.id == report_id
    connection.execute(citizen_report.update().where(where).values(account=account))


def set_rated(connection: sa.Connection, report_id: int) -> None:
    """Say that the sender has rated the answer."""
    where = citizen_report.c.id == report_id
    connection.execute(citizen_report.update().where(where).values(rated=True))


def open_problems(
    connection: sa.Connection, registry: Registry, reaches: set[str]
) -> list[OpenProblem]:
    """The open tickets of some reaches that have a position: their own, or their first witness's.

    What sensors found lies at the place of the incident's station or camera.
    """
    query = (
        sa.select(ticket.c.id, ticket.c.category, ticket.c.lon, ticket.c.lat, incident.c.station)
        .outerjoin(incident, incident.c.id == ticket.c.incident_id)
        .where(ticket.c.reach.in_(reaches), ticket.c.state.in_(OPEN_STATES))
    )
    rows = connection.execute(query).all()
    placed = [(row.id, row.category, _position(row, registry)) for row in rows]
    return [OpenProblem(number, kind, at) for number, kind, at in placed if at is not None]


def _position(
    row: sa.Row[int, str, float | None, float | None, str | None], registry: Registry
) -> LonLat | None:
    if row.lon is not None and row.lat is not None:
        return row.lon, row.lat
    if row.station is None or not registry.knows(row.station):
        return None
    return registry.place(row.station).lon_lat
