"""Scores of units and posts, and how they came about: every deduction with its log entry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from xunhe.desk import scoring
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.scores import Grade
from xunhe.desk.scoring import Counted
from xunhe.desk.seats import seats_of
from xunhe.desk.tally import Tally
from xunhe.domain.offices import Level
from xunhe.web import forms, supervision, supervision_words, supervision_writes
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import NotFoundError
from xunhe.web.form_fields import Sent, done
from xunhe.web.forms import Filled
from xunhe.web.listing import AskedDep, Choice, Column, Listing, listed
from xunhe.web.office import words
from xunhe.web.supervision_models import ScoresView, ScoreView
from xunhe.web.supervision_said import GradeSaid
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Label = Annotated[str | None, Query(max_length=7)]

KINDS = {"unit": Words("单位", "Units"), "post": Words("岗位", "Posts")}


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit or a post with its score."""

    code: str
    name: str
    kind: str  # unit | post
    level: Level | None
    score: ScoreView

    @property
    def taken(self) -> float:
        """All deductions together."""
        return sum(line.points for line in self.score.lines if line.points < 0)

    @property
    def added(self) -> float:
        """All bonuses together."""
        return sum(line.points for line in self.score.lines if line.points > 0)


class GradeForm(BaseModel):
    """The grade of a unit for a year."""

    grade: Grade
    year: Annotated[int, Field(ge=2000, le=2999)]


COLUMNS: Sequence[Column[Scored]] = (
    Column("name", Words("单位或岗位", "Unit or post"), lambda one: one.name),
    Column("level", Words("层级", "Level"), lambda one: one.level.label_zh if one.level else None),
    Column("base", Words("基础分", "Base"), lambda one: one.score.base, is_number=True),
    Column("taken", Words("扣分", "Taken"), lambda one: one.taken, is_number=True),
    Column("added", Words("加分", "Added"), lambda one: one.added, is_number=True),
    Column("total", Words("得分", "Score"), lambda one: one.score.total, is_number=True),
)


@router.get("/desk/scores")
def page(request: Request, console: ConsoleDep, asked: AskedDep, period: Label = None) -> Response:
    """The scores of a quarter or year, counted from the log."""
    now = console.clock.now()
    of = supervision.period_of(period) if period else period_at(now, Span.YEAR)
    with console.database.read() as connection:
        found = supervision.scores(console, connection, of)
    kind = asked.chosen.get("kind", "unit")
    choice: Choice[Scored] = Choice(
        "level",
        Words("层级", "Level"),
        [(level.label_en, Words(level.label_zh, level.label_en)) for level in Level],
        lambda one: one.level.label_en if one.level else None,
    )
    rows = [one for one in _scored(console, found) if one.kind == kind]
    listing: Listing[Scored] = listed(rows, COLUMNS, asked, [choice])
    if asked.is_csv:
        return listing.csv(f"scores-{kind}-{of.label}")
    return render(
        request,
        "office/scores.html",
        period=of,
        found=listing,
        kind=kind,
        kinds=KINDS,
        differences=found.differences,
        periods=_periods(of.year),
        said=supervision_words,
    )


@router.get("/desk/scores/{label}/{code}")
def derivation(request: Request, console: ConsoleDep, label: str, code: str) -> Response:
    """How a score came about."""
    return _derivation(request, console, label, code, forms.EMPTY)


@router.post("/desk/scores/{label}/{code}/grade")
def grade(request: Request, console: ConsoleDep, label: str, code: str, sent: Sent) -> Response:
    """The grade of a unit for a year, by a chief of the district or above."""
    failed = done(
        GradeForm,
        sent,
        lambda said: supervision_writes.grade(
            console, request, code, GradeSaid(year=said.year, grade=said.grade)
        ),
    )
    if failed is None:
        return RedirectResponse(f"/desk/scores/{label}/{code}", 303)
    return _derivation(request, console, label, code, failed)


@router.post("/desk/scores/{year}/water")
def compare_water(request: Request, console: ConsoleDep, year: int) -> Response:
    """Compare the year's water with the one before anew: late laboratory values are taken up."""
    supervision_writes.compare_water(console, request, year)
    return RedirectResponse(f"/desk/scores?period={year}", 303)


def _derivation(
    request: Request, console: Console, label: str, code: str, form: Filled
) -> Response:
    now, rules, period = console.clock.now(), console.supervision, supervision.period_of(label)

    def ask(tally: Tally) -> list[Counted]:
        counted = scoring.counted(tally, period, rules, now)
        return [one for one in counted if code in (one.unit, one.post)]

    with console.database.read() as connection:
        found = supervision.scores(console, connection, period)
        counted = console.tally.read(connection, now, ask)
        named = supervision.named(console, connection)
        names = {one.subject: named(one.subject) for one in counted}
    scored = next((one for one in _scored(console, found) if one.code == code), None)
    if scored is None:
        raise NotFoundError("unit or post", "单位或岗位", code)
    answer = render(
        request,
        "office/score.html",
        period=period,
        scored=scored,
        counted=counted,
        names=names,
        weights=rules.scores,
        form=form,
        words=words,
        said=supervision_words,
        name_of=lambda code: supervision.name_of(console, code),
    )
    answer.status_code = 200 if form.is_fit else 422
    return answer


def _scored(console: Console, found: ScoresView) -> Iterator[Scored]:
    registry, seats = console.registry, seats_of(console.registry)
    for code, score in found.units.items():
        name = supervision.name_of(console, code)
        yield Scored(code, name, "unit", seats.units.get(code), score)
    for code, score in found.posts.items():
        post = registry.posts[code]
        yield Scored(code, post.title, "post", post.level, score)


def _periods(year: int) -> list[Period]:
    """The year and its quarters, and the year before."""
    of_year = Period(year, 1, Span.YEAR)
    return [of_year.before, of_year, *of_year.parts(Span.QUARTER), of_year.after]
