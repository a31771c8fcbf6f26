"""Neighbours (跨界联防): tickets offered to them and by them, as files and as requests."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, File, Path, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.supervision import offers as kept_offers
from xunhe.adapters.supervision.offers import Border, Decision
from xunhe.desk import offers
from xunhe.desk.offers import Offer, OfferError
from xunhe.desk.roles import Role
from xunhe.web import forms
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.failures import ERRORS, WRITE_ERRORS, NotFoundError
from xunhe.web.form_fields import Sent, Text, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Choice, Column, listed
from xunhe.web.models import Reason
from xunhe.web.templates import render
from xunhe.web.wording import Words

pages = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", tags=["supervision"], responses={**ERRORS, **WRITE_ERRORS})

Name = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The offer's name: its hash")]
Neighbour = Annotated[str, Field(min_length=1, max_length=64)]

STANDINGS = {
    "waiting": Words("待答复", "Waits for its answer"),
    "accepted": Words("已接收", "Accepted"),
    "refused": Words("未接收", "Refused"),
}


class Offered(BaseModel):
    """A ticket is offered to a neighbour."""

    to: Neighbour
    reason: Reason


class Answered(BaseModel):
    """Accepted with the reach where its ticket is opened, refused without one."""

    reach: Annotated[str, Field(max_length=64)] | None = None
    reason: Reason


class TakenIn(BaseModel):
    """What came in; `is_new` is false where it is known."""

    offer: str
    is_new: bool


class OfferForm(Offered):
    """The same as a form."""

    ticket: Annotated[int, Field(ge=1, le=2**53)]


class AnswerForm(Answered):
    """The same as a form."""

    offer: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reach: Text = None


OFFERS: Sequence[Column[Offer]] = (
    Column("at", Words("移交", "Offered"), lambda one: one.entry.at),
    Column("from", Words("移出", "From"), lambda one: one.sender),
    Column("to", Words("移入", "To"), lambda one: one.recipient),
    Column("ticket", Words("工单", "Ticket"), lambda one: one.ticket),
    Column("problem", Words("问题", "Problem"), lambda one: one.description, is_sortable=False),
    Column("standing", Words("答复", "Answer"), lambda one: STANDINGS[_standing(one)].zh),
)


@api.post("/tickets/{ticket_id}/offer", operation_id="offerTicket", status_code=201)
def offer(console: ConsoleDep, request: Request, ticket_id: Id, said: Offered) -> dict[str, Any]:
    """Hand a ticket over to a neighbour; what is answered is to be brought to him."""
    with console.database.write() as connection:
        offices = offices_write(request, console, connection)
        entry = _border(console).offer(
            connection, ticket_id, said.to, said.reason, offices, console.clock.now()
        )
    console.live.notify()
    return dict(offers.written(entry))


@api.get("/desk/offers/{name}", operation_id="getOffer")
def travelling(console: ConsoleDep, name: Name) -> dict[str, Any]:
    """What travels to the neighbour: our offer, or our answer to his."""
    with console.database.read() as connection:
        made = kept_offers.made(connection).get(name)
        received = kept_offers.received(connection).get(name)
    entry = made.entry if made else received.answer if received else None
    if entry is None:
        raise NotFoundError("offer or answer", "移交或答复", name)
    return dict(offers.written(entry))


@api.post("/desk/offers", operation_id="takeOffer")
def take_in(console: ConsoleDep, request: Request, content: dict[str, Any]) -> TakenIn:
    """Take in a neighbour's offer, or his answer to ours; twice is once."""
    entry = offers.read(content)
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE)
        kept = _border(console).take_in(connection, entry, actor, console.clock.now())
    console.live.notify()
    name = str(entry.data.get("offer", entry.hash))
    return TakenIn(offer=name, is_new=kept is not None)


@api.post("/desk/offers/{name}/answer", operation_id="answerOffer", status_code=201)
def answer(console: ConsoleDep, request: Request, name: Name, said: Answered) -> dict[str, Any]:
    """Accept a neighbour's offer, which opens a ticket, or refuse it."""
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE)
        decision = Decision(said.reach, said.reason)
        entry = _border(console).answer(connection, name, decision, actor, console.clock.now())
    console.live.notify()
    return dict(offers.written(entry))


@pages.get("/desk/offers")
def page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """What was offered to neighbours; with `?show=received` what they offered."""
    return _page(request, console, asked, forms.EMPTY)


@pages.post("/desk/offers")
def offer_form(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Offer a ticket."""
    failed = done(OfferForm, sent, lambda said: offer(console, request, said.ticket, said))
    return _answer(request, console, failed, "made")


@pages.post("/desk/offers/files")
def file(request: Request, console: ConsoleDep, content: Annotated[UploadFile, File()]) -> Response:
    """Take in the file of a neighbour."""
    try:
        taken = _parsed(content.file.read())
        entry = offers.read(taken)
        take_in(console, request, taken)
    except OfferError as error:
        return _answer(
            request, console, forms.EMPTY.with_problem("content", error.zh, error.en), "received"
        )
    shown = "received" if entry.kind == offers.MADE else "made"
    return _answer(request, console, None, shown)


@pages.post("/desk/offers/answers")
def answer_form(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Answer an offer."""

    def act(said: AnswerForm) -> None:
        is_refusal = "refuse" in sent
        if said.reach is None and not is_refusal:
            raise OfferError("接收须选河段 / choose the reach to accept it")
        answered = Answered(reach=None if is_refusal else said.reach, reason=said.reason)
        answer(console, request, said.offer, answered)

    return _answer(request, console, done(AnswerForm, sent, act), "received")


def _border(console: Console) -> Border:
    return Border(console.desk, console.papers.office.name)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OfferError("文件不是 JSON / the file is no JSON") from error
    return found if isinstance(found, dict) else {}


def _answer(request: Request, console: Console, failed: Filled | None, shown: str) -> Response:
    if failed is None:
        return RedirectResponse(f"/desk/offers?show={shown}", 303)
    return _page(request, console, Asked("/desk/offers", chosen={"show": shown}), failed)


def _page(request: Request, console: Console, asked: Asked, form: Filled) -> Response:
    shows_received = asked.chosen.get("show") == "received"
    with console.database.read() as connection:
        kept = kept_offers.received if shows_received else kept_offers.made
        rows = list(kept(connection).values())[::-1]
    choices: tuple[Choice[Offer], ...] = (
        Choice("standing", Words("答复", "Answer"), list(STANDINGS.items()), _standing),
    )
    found = listed(rows, OFFERS, asked, choices)
    if asked.is_csv:
        return found.csv("offers")
    page = render(
        request,
        "office/offers.html",
        found=found,
        shows_received=shows_received,
        standings=STANDINGS,
        standing=_standing,
        waiting=[one for one in rows if one.answer is None],
        reaches=console.registry.reaches,
        form=form,
    )
    page.status_code = 200 if form.is_fit else 422
    return page


def _standing(one: Offer) -> str:
    if one.is_accepted is None:
        return "waiting"
    return "accepted" if one.is_accepted else "refused"
