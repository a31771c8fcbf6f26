"""Papers in the JSON API: issued and listed. Drawn and shown: paper_pages."""

from collections.abc import Sequence
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from xunhe.adapters.store import documents, problems
from xunhe.adapters.store.documents import KeptPaper
from xunhe.adapters.supervision import circulars
from xunhe.desk.documents.circular import circular_paper
from xunhe.desk.documents.model import Kind, Paper
from xunhe.desk.documents.periodical import report_paper
from xunhe.desk.periods import Period
from xunhe.desk.roles import Actor, Relation, Role, relations
from xunhe.desk.routing import superiors
from xunhe.domain.ticket import Ticket
from xunhe.web.api import Id, Limit, Offset
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.failures import ERRORS, WRITE_ERRORS, NotFoundError, RefusedError
from xunhe.web.models import Instant
from xunhe.web.scope import reaches_of
from xunhe.web.supervision import named, period_of, report

router = APIRouter(responses=ERRORS)

TicketPaper = Literal[Kind.ASSIGNMENT, Kind.URGING, Kind.REFERRAL]
Words = Annotated[str, Field(max_length=500)]

_ISSUERS = {
    Kind.ASSIGNMENT: {Relation.OFFICE, Relation.OWNER, Relation.SUPERIOR},
    Kind.URGING: {Relation.OFFICE, Relation.SUPERIOR},
    Kind.REFERRAL: {Relation.OFFICE},
}


class PaperAsked(BaseModel):
    """A paper about a ticket. `words`: what it demands, or why it urges."""

    kind: TicketPaper
    words: Words = ""


class PeriodicalAsked(BaseModel):
    """A paper about a period, such as 2026-07, 2026Q3 or 2026; a circular is of a month."""

    kind: Literal[Kind.CIRCULAR, Kind.MONTHLY]
    period: Annotated[str, Field(max_length=7)]


class PaperView(BaseModel):
    """An issued paper."""

    id: int
    kind: str
    number: str
    title: str
    subject: str = Field(description="Such as ticket:12")
    issued_at: Instant
    actor: str
    url: str
    package: str | None = Field(None, description="Address of the evidence package")


@router.get("/api/v1/documents", tags=["desk"], operation_id="listPapers")
def listed(
    console: ConsoleDep,
    request: Request,
    kind: Kind | None = None,
    subject: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[PaperView]:
    """Papers, the newest first."""
    with console.database.read() as connection:
        found = list(documents.newest(connection, kind, subject, limit, offset))
        return [view(kept) for kept in visible(connection, found, reaches_of(request))]


@router.post(
    "/api/v1/tickets/{ticket_id}/documents",
    tags=["desk"],
    operation_id="issuePaper",
    status_code=201,
    responses=WRITE_ERRORS,
)
def issue(console: ConsoleDep, request: Request, ticket_id: Id, asked: PaperAsked) -> PaperView:
    """Issue 交办单 (office, owner, chiefs above), 督办函 (office, chiefs above) or 移送函 with its
    evidence package (office).
    """
    return issue_about(console, request, ticket_id, asked)


@router.post(
    "/api/v1/documents",
    tags=["desk"],
    operation_id="issuePeriodical",
    status_code=201,
    responses=WRITE_ERRORS,
)
def issue_periodical(console: ConsoleDep, request: Request, asked: PeriodicalAsked) -> PaperView:
    """Issue the 通报 of a published month, or 月报, 季通报, 年总结. For the office."""
    period, now = period_of(asked.period), console.clock.now()
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE).code
        paper = _periodical(console, connection, asked.kind, period)
        return view(console.papers.issue(connection, paper, actor, now))


def issue_about(console: Console, request: Request, ticket_id: int, asked: PaperAsked) -> PaperView:
    """Issue a paper about a ticket."""
    now = console.clock.now()
    with console.database.write() as connection:
        ticket = console.desk.find(connection, ticket_id)
        actor = _issuer(console, offices_write(request, console, connection), ticket, asked.kind)
    if asked.kind is Kind.REFERRAL:
        made, kept = console.papers.refer(console.database, ticket_id, actor, now)
        return view(kept, f"/packages/{made.digest}.zip")
    issue_one = console.papers.assign if asked.kind is Kind.ASSIGNMENT else console.papers.urge
    with console.database.write() as connection:
        return view(issue_one(connection, ticket_id, asked.words.strip(), actor, now))


def _issuer(console: Console, offices: Sequence[Actor], ticket: Ticket, kind: Kind) -> str:
    """Code of the first office that may issue this paper about this ticket, or RefusedError."""
    above = superiors(console.registry, ticket.reach, ticket.post)
    for office in offices:
        if relations(office, ticket, above) & _ISSUERS[kind]:
            return office.code
    raise RefusedError(403, "not_yours", "your office may not do this", "您的岗位无权进行此操作")


def _periodical(console: Console, connection: sa.Connection, kind: Kind, period: Period) -> Paper:
    names = named(console, connection)
    if kind is Kind.MONTHLY:
        return report_paper(report(console, connection, period), names)
    published = circulars.of_month(connection, period)
    if published is None:
        raise NotFoundError("published circular", "已发布的亮灯通报", period.label)
    return circular_paper(published, names)


def visible(
    connection: sa.Connection, found: Sequence[KeptPaper], reaches: frozenset[str] | None
) -> list[KeptPaper]:
    """The papers that somebody may see: those about a ticket of another reach are left out."""
    if reaches is None:
        return list(found)
    ids = {kept.id: _ticket_of(kept) for kept in found}
    known = problems.of_ids(connection, {ticket for ticket in ids.values() if ticket is not None})
    allowed = {None, *(problem.id for problem in known if problem.reach in reaches)}
    return [kept for kept in found if ids[kept.id] in allowed]


def _ticket_of(kept: KeptPaper) -> int | None:
    kind, _, number = kept.issued.paper.subject.partition(":")
    return int(number) if kind == "ticket" else None


def subject_of(kind: Kind, label: str) -> str:
    """What a paper about a period is about, as it stands in its row."""
    return f"{'month' if kind is Kind.CIRCULAR else 'period'}:{label}"


def view(kept: KeptPaper, package: str | None = None) -> PaperView:
    """A paper as lists show it."""
    issued = kept.issued
    return PaperView(
        id=kept.id,
        kind=issued.paper.kind.value,
        number=issued.number,
        title=issued.paper.title,
        subject=issued.paper.subject,
        issued_at=issued.issued_at,
        actor=kept.actor,
        url=f"/documents/{kept.id}",
        package=package,
    )
