"""Citizens' reports as the office reads them, with their words and telephones."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.store import citizens, personal, tickets
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.citizens import verify_by
from xunhe.desk.roles import Role
from xunhe.domain.ticket import State
from xunhe.web.api import MAX_PAGE
from xunhe.web.console import ConsoleDep
from xunhe.web.desk_access import offices_read, require
from xunhe.web.failures import NotFoundError
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A report as the office reads it; `text` None once erased."""

    row: citizens.ReportRow
    number: str
    state: State
    text: str | None
    phone: str
    is_late: bool


@router.get("/desk/reports")
def listed(request: Request, console: ConsoleDep) -> Response:
    """Citizens' reports with their words, the newest first. For the office."""
    now = console.clock.now()
    found = []
    with console.database.read() as connection:
        require(offices_read(request, console, connection), Role.OFFICE)
        for row in citizens.newest(connection, MAX_PAGE):
            ticket = tickets.find(connection, row.ticket_id)
            if ticket is None:
                raise NotFoundError("ticket", "工单", row.ticket_id)
            words = personal.find(connection, row.personal_id) or {}
            by = verify_by(row.received_at, console.citizens.settings.verify_hours)
            is_late = ticket.state is State.UNVERIFIED and now >= by
            text, phone = words.get("text"), words.get("phone", "")
            found.append(Listed(row, ticket.number, ticket.state, text, phone, is_late))
    return render(request, "desk-reports.html", rows=found, names=CATEGORIES)
