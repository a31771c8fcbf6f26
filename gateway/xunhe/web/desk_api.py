"""The desk's part of the JSON API: problems found by people, steps, members, the log's head."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request

from xunhe.adapters.store import desk_log
from xunhe.desk.roles import Role
from xunhe.web import models
from xunhe.web.api import MAX_PAGE, Id, ticket_detail
from xunhe.web.console import ConsoleDep
from xunhe.web.desk_access import offices_read, require
from xunhe.web.desk_members import add_member, listed
from xunhe.web.desk_models import (
    EntryView,
    HeadView,
    MemberAdded,
    MemberView,
    ProblemFound,
    StepAsked,
)
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, NotFoundError
from xunhe.web.ticket_moves import found_by_person, take

router = APIRouter(prefix="/api/v1", responses=ERRORS)


@router.post("/tickets", tags=["tickets"], operation_id="reportProblem", responses=WRITE_ERRORS)
def report(console: ConsoleDep, request: Request, found: ProblemFound) -> models.TicketDetail:
    """A problem that a person found becomes a ticket: one a key, however often it is sent."""
    opened = found_by_person(console, request, found)
    return ticket_detail(console, request, opened.id)


@router.post(
    "/tickets/{ticket_id}/steps",
    tags=["tickets"],
    operation_id="stepTicket",
    responses=WRITE_ERRORS,
)
def step(
    console: ConsoleDep, request: Request, ticket_id: Id, asked: StepAsked
) -> models.TicketDetail:
    """Take a step. Which the reader may try stands in `actions` of the ticket."""
    take(console, request, ticket_id, asked)
    return ticket_detail(console, request, ticket_id)


@router.get("/desk/members", tags=["desk"], operation_id="listMembers", responses=WRITE_ERRORS)
def members(console: ConsoleDep, request: Request) -> list[MemberView]:
    """Everybody with a seat at the desk. For the office."""
    with console.database.read() as connection:
        require(offices_read(request, console, connection), Role.OFFICE)
        return listed(console, connection)


@router.post(
    "/desk/members",
    tags=["desk"],
    operation_id="addMember",
    status_code=201,
    responses=WRITE_ERRORS,
)
def member(console: ConsoleDep, request: Request, added: MemberAdded) -> MemberView:
    """A new account with its seat. For the office."""
    return add_member(console, request, added)


@router.get("/desk/log", tags=["desk"], operation_id="readDeskLog")
def log(
    console: ConsoleDep,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
) -> list[EntryView]:
    """Entries of the log after one, in order: a chain that anybody can check."""
    with console.database.read() as connection:
        found = desk_log.page(connection, after, limit)
        return [EntryView(**asdict(entry)) for entry in found]


@router.get("/desk/head", tags=["desk"], operation_id="getDeskHead", responses=NOT_FOUND)
def head(console: ConsoleDep) -> HeadView:
    """The newest entry's number and hash: kept elsewhere, it binds all before it."""
    with console.database.read() as connection:
        newest = desk_log.last(connection)
    if newest is None:
        raise NotFoundError("entry", "日志", 0)
    return HeadView(seq=newest.seq, hash=newest.hash, at=newest.at)
