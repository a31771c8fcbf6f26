"""Inspections (暗访) and look-backs (回头看): what they found, what is still to be seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.supervision import lookbacks
from xunhe.desk import fields
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.lookback import LookBack
from xunhe.domain.ticket import Source
from xunhe.web import forms, supervision, supervision_words, supervision_writes
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Choice, Column, Listing, listed
from xunhe.web.office import words
from xunhe.web.office.tickets import TICKETS
from xunhe.web.scope import reaches_of
from xunhe.web.supervision_models import ListedView
from xunhe.web.supervision_said import InspectionSaid
from xunhe.web.templates import render
from xunhe.web.wording import Words

_MOST_INSPECTED = 5000  # 暗访 of all years

router = APIRouter(include_in_schema=False)

RESULTS = {
    "waiting": Words("待查", "To be looked at"),
    "holds": Words("已整改到位", "It holds"),
    "failed": Words("未到位，已重开", "It does not: reopened"),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A ticket of a sample."""

    quarter: str
    ticket: ListedView
    result: str
    note: str = ""
    at: datetime | None = None
    by: str = ""


class InspectionForm(BaseModel):
    """What was found."""

    quarter: Annotated[str, Field(max_length=7)]
    holds: Literal["yes", "no"]
    note: Annotated[str, Field(min_length=1, max_length=500)]


LOOKED: Sequence[Column[Looked]] = (
    Column("quarter", Words("季度", "Quarter"), lambda one: one.quarter),
    Column("number", Words("工单", "Ticket"), lambda one: one.ticket.number),
    Column("post", Words("责任岗位", "Post"), lambda one: one.ticket.post.title),
    Column("reach", Words("河段", "Reach"), lambda one: one.ticket.reach),
    Column("closed", Words("销号", "Closed"), lambda one: one.ticket.closed_at),
    Column("result", Words("结果", "Result"), lambda one: RESULTS[one.result].zh),
    Column("at", Words("复查", "Looked at"), lambda one: one.at),
    Column("by", Words("复查岗位", "By"), lambda one: one.by),
    Column("note", Words("情况", "Note"), lambda one: one.note),
)


@router.get("/desk/inspections")
def page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """Look-backs; with `?show=inspections` the tickets that inspections opened."""
    return _page(request, console, asked, forms.EMPTY, None)


@router.post("/desk/inspections/{ticket_id}")
def inspect(request: Request, console: ConsoleDep, ticket_id: Id, sent: Sent) -> Response:
    """Write what a look-back found; where it does not hold, the ticket is reopened."""

    def act(said: InspectionForm) -> None:
        found = InspectionSaid(quarter=said.quarter, holds=said.holds == "yes", note=said.note)
        supervision_writes.inspect(console, request, ticket_id, found)

    failed = done(InspectionForm, sent, act)
    if failed is None:
        return RedirectResponse("/desk/inspections", 303)
    return _page(request, console, Asked("/desk/inspections"), failed, ticket_id)


def _page(
    request: Request, console: Console, asked: Asked, form: Filled, failed_at: int | None
) -> Response:
    with console.database.read() as connection:
        samples = lookbacks.all_of(connection)
        looked = _listing(request, console, connection, samples, asked)
        filters = Filters(source=Source.INSPECTION, reaches=reaches_of(request))
        tickets = supervision.tickets(console, connection, filters, _MOST_INSPECTED, 0)
    opened = listed(tickets.items, TICKETS, asked)
    shows_inspections = asked.chosen.get("show") == "inspections"
    if asked.is_csv:
        return opened.csv("inspections") if shows_inspections else looked.csv("look-backs")
    answer = render(
        request,
        "office/inspections.html",
        looked=looked,
        opened=opened,
        samples=sorted(samples.items(), reverse=True),
        shows_inspections=shows_inspections,
        results=RESULTS,
        form=form,
        failed_at=failed_at,
        said=supervision_words,
        words=words,
        categories=CATEGORIES,
        reaches=console.registry.reaches,
        name_of=lambda code: supervision.name_of(console, code),
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer


def _listing(
    request: Request,
    console: Console,
    connection: sa.Connection,
    samples: dict[str, LookBack],
    asked: Asked,
) -> Listing[Looked]:
    drawn = {ticket for sample in samples.values() for ticket in sample.tickets}
    filters = Filters(ids=drawn, reaches=reaches_of(request))
    page = supervision.tickets(console, connection, filters, max(len(drawn), 1), 0)
    by_id = {ticket.id: ticket for ticket in page.items}
    rows = _looked(connection, samples, by_id)
    choices: tuple[Choice[Looked], ...] = (
        Choice("result", Words("结果", "Result"), list(RESULTS.items()), lambda one: one.result),
        Choice(
            "quarter",
            Words("季度", "Quarter"),
            [(label, Words(label, "")) for label in sorted(samples, reverse=True)],
            lambda one: one.quarter,
        ),
    )
    return listed(rows, LOOKED, asked, choices)


def _looked(
    connection: sa.Connection, samples: dict[str, LookBack], by_id: dict[int, ListedView]
) -> Iterator[Looked]:
    told = {
        (fields.text(entry, "quarter"), entry.subject): entry
        for entry in desk_log.entries(connection, kinds=["lookback.inspected"])
    }
    for label, sample in sorted(samples.items(), reverse=True):
        for ticket in sample.tickets:
            entry = told.get((label, f"ticket:{ticket}"))
            if ticket not in by_id:
                continue
            if entry is None:
                yield Looked(label, by_id[ticket], "waiting")
                continue
            result = "holds" if fields.flag(entry, "holds") else "failed"
            note = fields.text(entry, "note", "")
            yield Looked(label, by_id[ticket], result, note, entry.at, entry.actor)
