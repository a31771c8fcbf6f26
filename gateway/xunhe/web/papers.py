"""Papers: issued, listed, printed, as PDF and .docx; evidence packages; sign boards."""

from collections.abc import Sequence
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.documents.docx import docx
from xunhe.adapters.documents.pdf import pdf
from xunhe.adapters.documents.pictures import hidden_faces
from xunhe.adapters.documents.qr import data_uri
from xunhe.adapters.store import documents, tickets
from xunhe.adapters.store.documents import KeptPaper
from xunhe.adapters.supervision import circulars
from xunhe.desk.documents.circular import circular_paper
from xunhe.desk.documents.model import Issued, Kind, Paper, day_zh, minute_zh
from xunhe.desk.documents.periodical import report_paper
from xunhe.desk.periods import Period
from xunhe.desk.roles import Actor, Relation, Role, relations
from xunhe.desk.routing import superiors
from xunhe.domain.ticket import Ticket
from xunhe.web.api import MAX_PAGE, Id, Limit, Offset
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read, offices_write, require
from xunhe.web.failures import ERRORS, WRITE_ERRORS, NotFoundError, RefusedError
from xunhe.web.models import Instant
from xunhe.web.registry_api import sign_boards
from xunhe.web.supervision import named, period_of, report
from xunhe.web.templates import render

router = APIRouter(responses=ERRORS)

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
BoardCode = Annotated[str, Path(max_length=64)]
Suffix = Literal["pdf", "docx"]
TicketPaper = Literal[Kind.ASSIGNMENT, Kind.URGING, Kind.REFERRAL]
Words = Annotated[str, Field(max_length=500)]

_ISSUERS = {
    Kind.ASSIGNMENT: {Relation.OFFICE, Relation.OWNER, Relation.SUPERIOR},
    Kind.URGING: {Relation.OFFICE, Relation.SUPERIOR},
    Kind.REFERRAL: {Relation.OFFICE},
}
_MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
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
    kind: Kind | None = None,
    subject: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[PaperView]:
    """Papers, the newest first."""
    with console.database.read() as connection:
        found = documents.newest(connection, kind, subject, limit, offset)
        return [_view(kept) for kept in found]


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
    return _issue(console, request, ticket_id, asked)


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
        return _view(console.papers.issue(connection, paper, actor, now))


@router.post("/tickets/{ticket_id}/documents", include_in_schema=False)
def issue_on_page(
    console: ConsoleDep,
    request: Request,
    ticket_id: Id,
    kind: Annotated[TicketPaper, Form()],
    words: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The page's form."""
    _issue(console, request, ticket_id, PaperAsked(kind=kind, words=words))
    return RedirectResponse(f"/tickets/{ticket_id}/documents", 303)


@router.get("/tickets/{ticket_id}/documents", include_in_schema=False)
def of_ticket(console: ConsoleDep, request: Request, ticket_id: Id) -> Response:
    """A ticket's papers, and the form to issue one."""
    with console.database.read() as connection:
        ticket = tickets.find(connection, ticket_id)
        if ticket is None:
            raise NotFoundError("ticket", "工单", ticket_id)
        subject = f"ticket:{ticket_id}"
        found = list(documents.newest(connection, subject=subject, limit=MAX_PAGE))
    papers = [_view(kept) for kept in found]
    return render(request, "ticket-papers.html", ticket=ticket, papers=papers)


@router.get("/documents", include_in_schema=False)
def all_papers(console: ConsoleDep, request: Request, offset: Offset = 0) -> Response:
    """Every paper, the newest first."""
    with console.database.read() as connection:
        found = list(documents.newest(connection, limit=MAX_PAGE, offset=offset))
    papers = [_view(kept) for kept in found]
    return render(request, "papers.html", papers=papers, boards=sign_boards(console))


@router.get("/documents/{document_id}.{suffix}", include_in_schema=False)
def as_file(console: ConsoleDep, document_id: Id, suffix: Suffix) -> Response:
    """A paper as PDF or .docx."""
    return _file(console, _kept(console, document_id).issued, suffix)


@router.get("/documents/{document_id}", include_in_schema=False)
def on_page(console: ConsoleDep, request: Request, document_id: Id) -> Response:
    """A paper to print."""
    return _page(request, _kept(console, document_id).issued, f"/documents/{document_id}")


@router.get("/boards/{code}.{suffix}", include_in_schema=False)
def board_file(console: ConsoleDep, code: BoardCode, suffix: Suffix) -> Response:
    """A sign board as PDF or .docx."""
    return _file(console, _board(console, code), suffix)


@router.get("/boards/{code}", include_in_schema=False)
def board_page(console: ConsoleDep, request: Request, code: BoardCode) -> Response:
    """A sign board to print."""
    return _page(request, _board(console, code), f"/boards/{code}")


@router.get("/packages/{digest}.zip", include_in_schema=False)
def package(console: ConsoleDep, request: Request, digest: Digest) -> Response:
    """An evidence package. For the office."""
    with console.database.read() as connection:
        require(offices_read(request, console, connection), Role.OFFICE)
    path = console.papers.settings.packages / f"{digest}.zip"
    if not path.is_file():
        raise NotFoundError("package", "证据包", digest)
    return FileResponse(path, media_type="application/zip", filename=f"evidence-{digest[:12]}.zip")


def _issue(console: Console, request: Request, ticket_id: int, asked: PaperAsked) -> PaperView:
    now = console.clock.now()
    with console.database.write() as connection:
        ticket = console.desk.find(connection, ticket_id)
        actor = _issuer(console, offices_write(request, console, connection), ticket, asked.kind)
    if asked.kind is Kind.REFERRAL:
        made, kept = console.papers.refer(console.database, ticket_id, actor, now)
        return _view(kept, f"/packages/{made.digest}.zip")
    issue_one = console.papers.assign if asked.kind is Kind.ASSIGNMENT else console.papers.urge
    with console.database.write() as connection:
        return _view(issue_one(connection, ticket_id, asked.words.strip(), actor, now))


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


def _kept(console: Console, document_id: int) -> KeptPaper:
    with console.database.read() as connection:
        found = documents.find(connection, document_id)
    if found is None:
        raise NotFoundError("document", "文件", document_id)
    return found


def _board(console: Console, code: str) -> Issued:
    if code not in console.registry.boards:
        raise NotFoundError("sign board", "公示牌", code)
    with console.database.read() as connection:
        return console.papers.sign_board(connection, code, console.clock.now())


def _file(console: Console, issued: Issued, suffix: Suffix) -> Response:
    draw = pdf if suffix == "pdf" else docx
    data = draw(issued, hidden_faces(console.blurred))
    return Response(data, media_type=_MEDIA[suffix])


def _page(request: Request, issued: Issued, address: str) -> Response:
    body, by_hand = issued.paper.halves()
    links = [
        {"href": f"{address}.pdf", "zh": "PDF", "en": ""},
        {"href": f"{address}.docx", "zh": "Word", "en": ".docx"},
    ]
    return render(
        request,
        "document.html",
        issued=issued,
        paper=issued.paper,
        body=body,
        by_hand=by_hand,
        links=links,
        code_uri=data_uri,
        day_zh=day_zh,
        minute_zh=minute_zh,
    )


def _view(kept: KeptPaper, package: str | None = None) -> PaperView:
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
