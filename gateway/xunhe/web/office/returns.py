"""What units hand in: village ledgers by the 25th, monthly reports by the 1st, yearly ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import problems
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.supervision import returns as kept_returns
from xunhe.desk import fields, returns
from xunhe.desk.log import Entry
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.seats import seats_of
from xunhe.desk.village import closes_at, opens_at
from xunhe.domain.offices import Level, Unit
from xunhe.web import forms, supervision, supervision_words, supervision_writes
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Choice, Column, listed
from xunhe.web.supervision_said import ReturnSaid
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Label = Annotated[str | None, Query(max_length=7)]

STANDINGS = {
    "handed_in": Words("已报", "Handed in"),
    "late": Words("迟报", "Late"),
    "missing": Words("逾期未报", "Overdue"),
    "awaited": Words("待报", "Awaited"),
    "not_owed": Words("不须上报", "Not owed"),
}
_OWED_BY = {Span.MONTH: Level.VILLAGE, Span.YEAR: Level.TOWNSHIP}


@dataclass(frozen=True, slots=True)
class OfUnit:
    """What a unit owes for a period and how that stands; `ledger`: problems in its ledger."""

    unit: Unit
    ledger: int
    standing: str
    at: datetime | None
    text: str


class ReturnForm(BaseModel):
    """A report that a unit hands in."""

    unit: Annotated[str, Field(min_length=1, max_length=64)]
    text: Annotated[str, Field(min_length=1, max_length=2000)]


UNITS: Sequence[Column[OfUnit]] = (
    Column("unit", Words("单位", "Unit"), lambda one: one.unit.name),
    Column("level", Words("层级", "Level"), lambda one: one.unit.level.label_zh),
    Column("ledger", Words("台账问题", "In its ledger"), lambda one: one.ledger, is_number=True),
    Column("standing", Words("月报", "Report"), lambda one: STANDINGS[one.standing].zh),
    Column("at", Words("上报时间", "Handed in"), lambda one: one.at),
    Column("text", Words("内容", "Text"), lambda one: one.text, is_sortable=False),
)


@router.get("/desk/returns")
def page(request: Request, console: ConsoleDep, asked: AskedDep, period: Label = None) -> Response:
    """The units of a month or a year, last month unless another is asked for."""
    of = supervision.period_of(period) if period else _last_month(console)
    return _page(request, console, asked, of, forms.EMPTY)


@router.post("/desk/returns/{label}")
def submit(request: Request, console: ConsoleDep, label: str, sent: Sent) -> Response:
    """A unit hands in its report; late from its deadline's very second on."""
    period = supervision.period_of(label)
    failed = done(
        ReturnForm,
        sent,
        lambda said: supervision_writes.submit(
            console, request, said.unit, ReturnSaid(period=label, text=said.text)
        ),
    )
    if failed is None:
        return RedirectResponse(f"/desk/returns?period={label}", 303)
    asked = Asked("/desk/returns", chosen={"period": label})
    return _page(request, console, asked, period, failed)


def _last_month(console: Console) -> Period:
    return period_at(console.clock.now(), Span.MONTH).before


def _page(
    request: Request, console: Console, asked: Asked, period: Period, form: Filled
) -> Response:
    with console.database.read() as connection:
        rows = list(_of_units(console, connection, period))
        drafts = {one.unit.code: _draft(console, connection, one, period) for one in rows}
    standings = [pair for pair in STANDINGS.items() if pair[0] != "not_owed"]
    choices: tuple[Choice[OfUnit], ...] = (
        Choice("standing", Words("上报", "Report"), standings, lambda one: one.standing),
    )
    found = listed(rows, UNITS, asked, choices)
    if asked.is_csv:
        return found.csv(f"returns-{period.label}")
    answer = render(
        request,
        "office/returns.html",
        period=period,
        found=found,
        deadline=returns.deadline(period, console.supervision),
        last_day=console.supervision.ledger_last_day,
        standings=STANDINGS,
        owing=[one for one in rows if one.standing in ("awaited", "missing")],
        drafts=drafts,
        form=form,
        said=supervision_words,
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer


def _of_units(console: Console, connection: sa.Connection, period: Period) -> Iterator[OfUnit]:
    submitted = kept_returns.submitted(connection, period)
    is_over = console.clock.now() >= returns.deadline(period, console.supervision)
    for code, unit in console.registry.units.items():
        if unit.level is not _OWED_BY.get(period.span) and code not in submitted:
            continue
        entry = submitted.get(code)
        yield OfUnit(
            unit,
            problems.count(
                connection,
                _ledger(console, code, period),
                supervision.lamp(console, connection),
            ),
            _standing(entry, is_over),
            entry.at if entry else None,
            fields.text(entry, "text") if entry else "",
        )


def _standing(entry: Entry | None, is_over: bool) -> str:
    if entry is not None:
        return "late" if fields.flag(entry, "is_late") else "handed_in"
    return "missing" if is_over else "awaited"


def _ledger(console: Console, unit: str, period: Period) -> Filters:
    """What was found in the ledger's time: of a month from the 25th to the 25th."""
    seats, last_day = seats_of(console.registry), console.supervision.ledger_last_day
    months = period.parts(Span.MONTH)
    return Filters(
        posts={code for code in seats.posts if seats.unit_of(code) == unit},
        opened_from=opens_at(months[0], last_day),
        opened_before=closes_at(months[-1], last_day),
    )


def _draft(console: Console, connection: sa.Connection, one: OfUnit, period: Period) -> str:
    """The report as the desk knows it: the unit adds what it did besides."""
    filters = _ledger(console, one.unit.code, period)
    lamp = supervision.lamp(console, connection)
    still_open = Filters(
        posts=filters.posts,
        opened_from=filters.opened_from,
        opened_before=filters.opened_before,
        is_open=True,
    )
    is_open = problems.count(connection, still_open, lamp)
    return (
        f"{one.unit.name}{period.label_zh}：纳入台账问题 {one.ledger} 个，"
        f"已办结 {one.ledger - is_open} 个，正在办理 {is_open} 个。"
    )
