"""Adopted reaches (认领河段): the pledge to sign, one's own, and for the office all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import personal
from xunhe.adapters.supervision import adoptions
from xunhe.adapters.supervision.adoptions import Wish
from xunhe.desk.adoption import PLEDGE, Adoption, AdoptionError, Standing
from xunhe.desk.log import Entry
from xunhe.desk.roles import Actor, Role
from xunhe.domain.clock import SHANGHAI
from xunhe.web import forms
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read, offices_write, require
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import AskedDep, Choice, Column, listed
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

SIGNING = (Role.VOLUNTEER, Role.OFFICE)
STANDINGS = {standing.name.lower(): Words(*standing.value) for standing in Standing}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """An adoption as a page shows it; `name` and `phone` are empty once they are erased."""

    adoption: Adoption
    reach: str
    standing: str
    name: str = ""
    phone: str = ""

    @property
    def last_day(self) -> date:
        """The last day of its time, in Asia/Shanghai."""
        return (self.adoption.until.astimezone(SHANGHAI) - _DAY).date()

    @property
    def first_day(self) -> date:
        """The first day of its time, in Asia/Shanghai."""
        return self.adoption.since.astimezone(SHANGHAI).date()

    @property
    def is_running(self) -> bool:
        """Can it still be ended?"""
        return self.standing in ("ahead", "running")


class PledgeForm(BaseModel):
    """The pledge, signed by writing one's name."""

    reach: Annotated[str, Field(min_length=1, max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    phone: Annotated[str, Field(max_length=32)] = ""
    since: date
    until: date
    agreed: Literal["true"]


class EndForm(BaseModel):
    """Why it ends."""

    adoption: Annotated[int, Field(ge=1, le=2**53)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


COLUMNS: Sequence[Column[Shown]] = (
    Column("id", Words("编号", "No."), lambda one: one.adoption.id, is_number=True),
    Column("reach", Words("河段", "Reach"), lambda one: one.reach),
    Column("name", Words("认领人", "Adopter"), lambda one: one.name),
    Column("phone", Words("电话", "Telephone"), lambda one: one.phone, is_sortable=False),
    Column("since", Words("起", "From"), lambda one: one.first_day.isoformat()),
    Column("until", Words("止", "To"), lambda one: one.last_day.isoformat()),
    Column("signed", Words("签订", "Signed"), lambda one: one.adoption.signed_at),
    Column("standing", Words("状态", "Standing"), lambda one: STANDINGS[one.standing].zh),
)


@router.get("/desk/adoptions")
def page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """All adoptions, with the adopters."""
    with console.database.read() as connection:
        known = adoptions.adoptions(connection).values()
        rows = [_named(connection, one) for one in _shown(console, known)]
    choices: tuple[Choice[Shown], ...] = (
        Choice("standing", Words("状态", "Standing"), list(STANDINGS.items()), _standing),
    )
    found = listed(rows, COLUMNS, asked, choices)
    if asked.is_csv:
        return found.csv("adoptions")
    return render(request, "office/adoptions.html", found=found, standings=STANDINGS)


@router.get("/desk/adoptions/new")
def new_page(request: Request, console: ConsoleDep) -> Response:
    """The pledge, and what one has signed oneself."""
    return _new(request, console, forms.EMPTY)


@router.post("/desk/adoptions/new")
def sign(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Sign it."""

    def act(said: PledgeForm) -> None:
        if said.reach not in console.registry.reaches:
            raise AdoptionError(f"未登记河段 {said.reach} / no reach {said.reach}")
        since, until = _midnight(said.since), _midnight(said.until) + _DAY
        wish = Wish(said.name, said.phone, said.reach, since, until)
        _write(console, request, lambda c, by, at: adoptions.sign(c, wish, by, at))

    return _answer(request, console, done(PledgeForm, sent, act))


@router.post("/desk/adoptions/ending")
def end(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """End one before its time."""

    def act(said: EndForm) -> None:
        _write(
            console,
            request,
            lambda c, by, at: adoptions.end(c, said.adoption, said.reason, by, at),
        )

    return _answer(request, console, done(EndForm, sent, act))


def _answer(request: Request, console: Console, failed: Filled | None) -> Response:
    if failed is None:
        return RedirectResponse("/desk/adoptions/new", 303)
    return _new(request, console, failed)


def _write(
    console: Console, request: Request, writing: Callable[[sa.Connection, Actor, datetime], Entry]
) -> None:
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), *SIGNING)
        writing(connection, actor, console.clock.now())


def _new(request: Request, console: Console, form: Filled) -> Response:
    with console.database.read() as connection:
        offices = offices_read(request, console, connection)
        known = adoptions.adoptions(connection).values()
    is_office = any(office.role is Role.OFFICE for office in offices)
    persons = {office.person for office in offices} - {None}
    own = _shown(console, (one for one in known if is_office or one.by in persons))
    answer = render(
        request,
        "office/adoption-new.html",
        form=form,
        own=[one for one in own if one.is_running],
        is_office=is_office,
        pledge=Words(*PLEDGE.split(" / ")),
        reaches=console.registry.reaches,
        standings=STANDINGS,
        today=console.clock.now().astimezone(SHANGHAI).date(),
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer


def _shown(console: Console, known: Iterable[Adoption]) -> Iterator[Shown]:
    now, reaches = console.clock.now(), console.registry.reaches
    for one in known:
        name = reaches[one.reach].name if one.reach in reaches else one.reach
        yield Shown(one, name, one.standing(now).name.lower())


def _named(connection: sa.Connection, one: Shown) -> Shown:
    who = personal.find(connection, one.adoption.id) or {}
    return replace(one, name=who.get("name", ""), phone=who.get("phone", ""))


def _standing(one: Shown) -> str:
    return one.standing


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
