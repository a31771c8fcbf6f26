"""Papers on their pages: listed, printed, as PDF and .docx; evidence packages; sign boards."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from xunhe.adapters.documents.docx import docx
from xunhe.adapters.documents.pdf import pdf
from xunhe.adapters.documents.pictures import hidden_faces
from xunhe.adapters.documents.qr import data_uri
from xunhe.adapters.store import documents, tickets
from xunhe.adapters.store.documents import KeptPaper
from xunhe.desk.documents.model import Issued, Kind, day_zh, minute_zh
from xunhe.desk.roles import Role
from xunhe.web.api import MAX_PAGE, Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read, require
from xunhe.web.failures import NotFoundError
from xunhe.web.listing import AskedDep, Choice, Column, listed
from xunhe.web.papers import PaperAsked, PaperView, TicketPaper, issue_about, view, visible
from xunhe.web.registry_api import sign_boards
from xunhe.web.scope import reaches_of
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
BoardCode = Annotated[str, Path(max_length=64)]
Suffix = Literal["pdf", "docx"]

_MOST = 10_000  # papers on one list

_MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

PAPERS: Sequence[Column[PaperView]] = (
    Column("number", Words("文号", "Number"), lambda paper: paper.number),
    Column("kind", Words("种类", "Kind"), lambda paper: Kind(paper.kind).label_zh),
    Column("title", Words("标题", "Title"), lambda paper: paper.title),
    Column("date", Words("日期", "Date"), lambda paper: paper.issued_at),
    Column("actor", Words("签发", "Issued by"), lambda paper: paper.actor),
)
_KIND: Choice[PaperView] = Choice(
    "kind",
    Words("种类", "Kind"),
    [(kind.value, Words(kind.label_zh, "")) for kind in Kind if kind is not Kind.SIGN_BOARD],
    lambda paper: paper.kind,
)


@router.post("/tickets/{ticket_id}/documents")
def issue_on_page(
    console: ConsoleDep,
    request: Request,
    ticket_id: Id,
    kind: Annotated[TicketPaper, Form()],
    words: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The page's form."""
    issue_about(console, request, ticket_id, PaperAsked(kind=kind, words=words))
    return RedirectResponse(f"/tickets/{ticket_id}/documents", 303)


@router.get("/tickets/{ticket_id}/documents")
def of_ticket(console: ConsoleDep, request: Request, ticket_id: Id) -> Response:
    """A ticket's papers, and the form to issue one."""
    with console.database.read() as connection:
        ticket = tickets.find(connection, ticket_id)
        if ticket is None:
            raise NotFoundError("ticket", "工单", ticket_id)
        subject = f"ticket:{ticket_id}"
        found = list(documents.newest(connection, subject=subject, limit=MAX_PAGE))
    papers = [view(kept) for kept in found]
    return render(request, "ticket-papers.html", ticket=ticket, papers=papers)


@router.get("/documents")
def all_papers(console: ConsoleDep, request: Request, asked: AskedDep) -> Response:
    """Every paper, the newest first, and the sign boards."""
    with console.database.read() as connection:
        kept = list(documents.newest(connection, limit=_MOST))
        found = [view(one) for one in visible(connection, kept, reaches_of(request))]
    listing = listed(found, PAPERS, asked, [_KIND])
    if asked.is_csv:
        return listing.csv("papers")
    return render(request, "papers.html", papers=listing, boards=sign_boards(console))


@router.get("/documents/{document_id}.{suffix}")
def as_file(console: ConsoleDep, request: Request, document_id: Id, suffix: Suffix) -> Response:
    """A paper as PDF or .docx."""
    return _file(console, _kept(console, request, document_id).issued, suffix)


@router.get("/documents/{document_id}")
def on_page(console: ConsoleDep, request: Request, document_id: Id) -> Response:
    """A paper to print."""
    return _page(request, _kept(console, request, document_id).issued, f"/documents/{document_id}")


@router.get("/boards/{code}.{suffix}")
def board_file(console: ConsoleDep, code: BoardCode, suffix: Suffix) -> Response:
    """A sign board as PDF or .docx."""
    return _file(console, _board(console, code), suffix)


@router.get("/boards/{code}")
def board_page(console: ConsoleDep, request: Request, code: BoardCode) -> Response:
    """A sign board to print."""
    return _page(request, _board(console, code), f"/boards/{code}")


@router.get("/packages/{digest}.zip")
def package(console: ConsoleDep, request: Request, digest: Digest) -> Response:
    """An evidence package. For the office."""
    with console.database.read() as connection:
        require(offices_read(request, console, connection), Role.OFFICE)
    path = console.papers.settings.packages / f"{digest}.zip"
    if not path.is_file():
        raise NotFoundError("package", "证据包", digest)
    return FileResponse(path, media_type="application/zip", filename=f"evidence-{digest[:12]}.zip")


def _kept(console: Console, request: Request, document_id: int) -> KeptPaper:
    with console.database.read() as connection:
        found = documents.find(connection, document_id)
        if found is None or not visible(connection, [found], reaches_of(request)):
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
