"""Dispatch meetings (调度), with proof: the district's every quarter, a township's every month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import desk_log
from xunhe.desk import fields
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.returns import HELD, MEETINGS
from xunhe.domain.offices import Unit
from xunhe.web import forms, supervision_writes
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Choice, Column, listed
from xunhe.web.supervision_said import MeetingSaid
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Year = Annotated[int | None, Query(ge=2000, le=2999)]

STANDINGS = {
    "held": Words("已调度", "Held"),
    "missing": Words("未调度", "Not held"),
    "awaited": Words("本期", "This period"),
}


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that a unit owes for a period."""

    unit: Unit
    period: Period
    standing: str
    at: datetime | None = None
    proof: str = ""


class MeetingForm(BaseModel):
    """A meeting that was held."""

    meeting: Annotated[str, Field(pattern=r"^.{1,64}:2\d{3}(-\d\d|Q\d)$")]
    proof: Annotated[str, Field(min_length=1, max_length=2000)]


MEETING_COLUMNS: Sequence[Column[Meeting]] = (
    Column("unit", Words("单位", "Unit"), lambda one: one.unit.name),
    Column("period", Words("周期", "Period"), lambda one: one.period.label),
    Column("standing", Words("状态", "Standing"), lambda one: STANDINGS[one.standing].zh),
    Column("at", Words("登记", "Noted"), lambda one: one.at),
    Column("proof", Words("佐证", "Proof"), lambda one: one.proof, is_sortable=False),
)


@router.get("/desk/meetings")
def page(request: Request, console: ConsoleDep, asked: AskedDep, year: Year = None) -> Response:
    """The meetings of a year."""
    of_year = year or period_at(console.clock.now(), Span.YEAR).year
    return _page(request, console, asked, of_year, forms.EMPTY)


@router.post("/desk/meetings/{year}")
def hold(request: Request, console: ConsoleDep, year: int, sent: Sent) -> Response:
    """Note a meeting that was held, with its proof."""

    def act(said: MeetingForm) -> None:
        unit, _, label = said.meeting.rpartition(":")
        held = MeetingSaid(period=label, proof=said.proof)
        supervision_writes.meeting(console, request, unit, held)

    failed = done(MeetingForm, sent, act)
    if failed is None:
        return RedirectResponse(f"/desk/meetings?year={year}", 303)
    asked = Asked("/desk/meetings", chosen={"year": str(year)})
    return _page(request, console, asked, year, failed)


def _page(request: Request, console: Console, asked: Asked, year: int, form: Filled) -> Response:
    with console.database.read() as connection:
        rows = list(_owed(console, connection, year))
    choices: tuple[Choice[Meeting], ...] = (
        Choice("standing", Words("状态", "Standing"), list(STANDINGS.items()), _standing),
    )
    found = listed(rows, MEETING_COLUMNS, asked, choices)
    if asked.is_csv:
        return found.csv(f"meetings-{year}")
    answer = render(
        request,
        "office/meetings.html",
        year=year,
        found=found,
        open_ones=[one for one in rows if one.standing != "held"],
        standings=STANDINGS,
        form=form,
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer


def _standing(one: Meeting) -> str:
    return one.standing


def _owed(console: Console, connection: sa.Connection, year: int) -> Iterator[Meeting]:
    """Every meeting whose period has begun, the newest first."""
    held = {
        (entry.subject.removeprefix("unit:"), fields.text(entry, "period")): entry
        for entry in desk_log.entries(connection, kinds=[HELD])
    }
    now = console.clock.now()
    of_year = Period(year, 1, Span.YEAR)
    for unit in console.registry.units.values():
        span = MEETINGS.get(unit.level)
        for period in of_year.parts(span)[::-1] if span else ():
            entry = held.get((unit.code, period.label))
            if entry is not None:
                yield Meeting(unit, period, "held", entry.at, fields.text(entry, "proof"))
            elif now >= period.start:
                yield Meeting(unit, period, "missing" if now >= period.end else "awaited")
