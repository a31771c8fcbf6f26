"""Month's end: reports and circulars, and the numbered papers that are made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import desk_log, documents
from xunhe.adapters.supervision import circulars
from xunhe.desk.circular import Circular
from xunhe.desk.documents.model import Kind
from xunhe.desk.periods import Period, Span, period_at
from xunhe.web import forms, papers, supervision_words
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import Asked, AskedDep, Column, listed
from xunhe.web.papers import PaperView, PeriodicalAsked
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """A period with its circular (of months) and its papers, where they are there."""

    period: Period
    circular: Circular | None
    circular_paper: PaperView | None
    report_paper: PaperView | None
    is_over: bool


class PaperForm(BaseModel):
    """Which paper, of which period."""

    kind: Literal[Kind.CIRCULAR, Kind.MONTHLY]
    period: Annotated[str, Field(max_length=7)]


COLUMNS: tuple[Column[Issue], ...] = (
    Column("period", Words("周期", "Period"), lambda one: one.period.label),
    Column("lights", Words("亮灯", "Lights"), lambda one: _lights(one.circular), is_sortable=False),
    Column(
        "circular",
        Words("通报", "Circular"),
        lambda one: one.circular_paper.number if one.circular_paper else None,
    ),
    Column(
        "report",
        Words("月报、季通报、年总结", "Report"),
        lambda one: one.report_paper.number if one.report_paper else None,
    ),
)


@router.get("/desk/months")
def page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """Every month, quarter and year since the log began, the newest first."""
    return _page(request, console, asked, forms.EMPTY)


@router.post("/desk/papers")
def issue(request: Request, console: ConsoleDep, sent: Sent) -> Response:
    """Make the paper of a period, or show the one that was made: a number is taken once."""
    made: list[PaperView] = []

    def act(said: PaperForm) -> None:
        found = _paper(console, said.kind, papers.subject_of(said.kind, said.period))
        asked = PeriodicalAsked(kind=said.kind, period=said.period)
        made.append(found or papers.issue_periodical(console, request, asked))

    failed = done(PaperForm, sent, act)
    if failed is None:
        return RedirectResponse(made[0].url, 303)
    answer = _page(request, console, Asked("/desk/months"), failed)
    answer.status_code = 422
    return answer


def _page(request: Request, console: Console, asked: Asked, form: Filled) -> Response:
    with console.database.read() as connection:
        rows = list(_issues(console, connection))
    found = listed(rows, COLUMNS, asked)
    if asked.is_csv:
        return found.csv("months")
    return render(
        request,
        "office/months.html",
        found=found,
        form=form,
        circular_day=console.supervision.circular_day,
        said=supervision_words,
    )


def _issues(console: Console, connection: sa.Connection) -> Iterator[Issue]:
    first = desk_log.first(connection)
    if first is None:
        return
    published = {made.month: made for made in circulars.published(connection)}
    known = {
        (kept.issued.paper.kind, kept.issued.paper.subject): papers.view(kept)
        for kind in (Kind.CIRCULAR, Kind.MONTHLY)
        for kept in documents.newest(connection, kind, limit=10_000)
    }
    now = console.clock.now()
    for period in _periods(first.at, now):
        yield Issue(
            period,
            published.get(period),
            known.get((Kind.CIRCULAR, papers.subject_of(Kind.CIRCULAR, period.label))),
            known.get((Kind.MONTHLY, papers.subject_of(Kind.MONTHLY, period.label))),
            now >= period.end,
        )


def _periods(since: datetime, now: datetime) -> Iterator[Period]:
    """Months, and after the last of its months each quarter and year, the newest first."""
    month, first = period_at(now, Span.MONTH), period_at(since, Span.MONTH)
    while month >= first:
        for span in (Span.YEAR, Span.QUARTER):
            if month.first_month % span == 0 or month.contains(now):
                yield period_at(month.start, span)
        yield month
        month = month.before


def _paper(console: Console, kind: Kind, subject: str) -> PaperView | None:
    with console.database.read() as connection:
        kept = next(documents.newest(connection, kind, subject, limit=1), None)
    return None if kept is None else papers.view(kept)


def _lights(made: Circular | None) -> str | None:
    if made is None:
        return None
    lights = supervision_words.LIGHTS.items()
    return " ".join(f"{words.zh}{made.count(light)}" for light, words in lights)
