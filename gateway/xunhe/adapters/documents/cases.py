"""A ticket as its papers tell it, joined from the store and the registry."""

from itertools import chain

import sqlalchemy as sa

from xunhe.adapters.evidence import JPEG
from xunhe.adapters.store import citizens, queries, tickets
from xunhe.adapters.store.evidence import EvidenceRow, Role, of_ticket
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.documents.case import Case
from xunhe.desk.documents.model import Fact, Picture, minute_zh
from xunhe.desk.documents.words import SEVERITIES_ZH, SOURCES_ZH
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Ticket

_PICTURES = 4  # on a paper: the evidence package holds them all
_WITNESSES = 12


class NoTicketError(LookupError):
    """There is no ticket of this id."""


def case_of(connection: sa.Connection, registry: Registry, ticket_id: int) -> Case:
    """The case of a ticket. NoTicketError."""
    ticket = tickets.find(connection, ticket_id)
    if ticket is None:
        raise NoTicketError(f"no ticket {ticket_id}")
    incidents = tickets.incidents_of(connection, ticket.id)
    evidence = _witnesses(connection, registry, incidents)
    evidence += [
        Fact(minute_zh(report.received_at), "收到群众举报", report.received_at)
        for report in citizens.of_ticket(connection, ticket.id)
    ]
    evidence.sort(key=lambda fact: fact.at or ticket.opened_at)
    pictures = _pictures(of_ticket(connection, ticket.id, incidents), registry)
    reach = registry.reaches[ticket.reach]
    return Case(
        ticket_id=ticket.id,
        number=ticket.number,
        source=SOURCES_ZH[ticket.source],
        category=CATEGORIES[ticket.category].zh,
        severity=SEVERITIES_ZH[ticket.severity],
        river=reach.river,
        reach=reach.name,
        place=_place(connection, registry, ticket),
        owner=office_name(registry, ticket.post),
        handler=office_name(registry, ticket.handler) if ticket.handler else "",
        state=ticket.state.label_zh,
        found_at=min([ticket.opened_at, *(fact.at for fact in evidence if fact.at)]),
        opened_at=ticket.opened_at,
        due_at=ticket.deadline.due_at,
        is_provisional=ticket.deadline.is_provisional,
        evidence=tuple(evidence[:_WITNESSES]),
        pictures=tuple(pictures[:_PICTURES]),
    )


def office_name(registry: Registry, code: str) -> str:
    """The title of a post or the name of a department; a code that is neither stays as it is."""
    if code in registry.posts:
        return registry.posts[code].title
    if code in registry.departments:
        return registry.departments[code].name
    return code


def place_name(registry: Registry, code: str) -> str:
    """The name of a place with its code; of one that is no longer registered the code alone."""
    return f"{registry.place(code).name}（{code}）" if registry.knows(code) else code


def _place(connection: sa.Connection, registry: Registry, ticket: Ticket) -> str:
    if ticket.lon_lat is not None:
        lon, lat = ticket.lon_lat
        return f"东经 {lon:.5f}°，北纬 {lat:.5f}°"
    if ticket.incident_id is None:
        return registry.reaches[ticket.reach].name
    first = queries.witnesses(connection, ticket.incident_id)[:1]
    return "、".join(place_name(registry, alert.place) for alert in first)


def _witnesses(connection: sa.Connection, registry: Registry, incidents: list[int]) -> list[Fact]:
    alerts = chain.from_iterable(queries.witnesses(connection, known) for known in incidents)
    return [
        Fact(
            minute_zh(alert.started_at),
            f"{place_name(registry, alert.station)}：{alert.reason_zh}",
            alert.started_at,
        )
        for alert in alerts
    ]


def _pictures(rows: list[EvidenceRow], registry: Registry) -> list[Picture]:
    brought = {
        Role.REPORT.value: "群众举报照片",
        Role.FOUND.value: "巡河发现照片",
        Role.HANDLING.value: "处理照片",
    }
    return [
        Picture(
            row.sha256, brought.get(row.role) or place_name(registry, row.camera), row.camera_at
        )
        for row in rows
        if row.role in (Role.PICTURE.value, *brought)
        and row.removed_at is None
        and row.media_type == JPEG
    ]
