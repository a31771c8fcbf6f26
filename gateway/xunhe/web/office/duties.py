"""My duties (履职手册): for each post its waters, tasks, patrols, open tickets and whom to call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.store import problems
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.supervision import adoptions, reports
from xunhe.desk.lights import Light
from xunhe.desk.patrols import Made, rule_of
from xunhe.desk.periods import Span, period_at
from xunhe.desk.scoring import patrols_made
from xunhe.desk.seats import seats_of
from xunhe.domain.offices import Department, Level
from xunhe.domain.registry import Place, Post, Reach
from xunhe.web import supervision, supervision_words
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import NotFoundError
from xunhe.web.listing import AskedDep, Choice, Column, listed
from xunhe.web.office import words
from xunhe.web.scope import reaches_of
from xunhe.web.supervision_models import ListedView, TaskView
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

_MOST_TICKETS = 100


@dataclass(frozen=True, slots=True)
class OfPost:
    """A post and how many of its tickets have which light."""

    post: Post
    unit: str
    lights: dict[Light, int]


@dataclass(frozen=True, slots=True)
class Water:
    """A reach of the post with what lies along it."""

    reach: Reach
    stations: tuple[str, ...]
    sections: tuple[str, ...]
    outfalls: tuple[str, ...]
    boards: tuple[str, ...]
    adopters: int


@dataclass(frozen=True, slots=True)
class Duties:
    """Everything that a post answers for now."""

    post: Post
    unit: str
    waters: tuple[Water, ...]
    tasks: tuple[TaskView, ...]
    tickets: tuple[ListedView, ...]
    walked: Made
    above: tuple[Post, ...]
    below: tuple[Post, ...]
    departments: tuple[Department, ...]


POSTS: Sequence[Column[OfPost]] = (
    Column("post", Words("岗位", "Post"), lambda one: one.post.title),
    Column("level", Words("层级", "Level"), lambda one: one.post.level.label_zh),
    Column("unit", Words("单位", "Unit"), lambda one: one.unit),
    Column("reaches", Words("河段", "Reaches"), lambda one: len(one.post.reaches), is_number=True),
    *(
        Column(
            light.value,
            said,
            lambda one, light=light: one.lights.get(light, 0),  # type: ignore[misc]
            is_number=True,
        )
        for light, said in supervision_words.LIGHTS.items()
    ),
)


@router.get("/desk/duties")
def page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """Every post, with its open tickets by light."""
    reaches, seats = reaches_of(request), seats_of(console.registry)
    with console.database.read() as connection:
        lights = problems.board(connection, supervision.lamp(console, connection))
    rows = [
        OfPost(post, supervision.name_of(console, seats.unit_of(code)), lights.get(code, {}))
        for code, post in console.registry.posts.items()
        if reaches is None or reaches.issuperset(post.reaches)
    ]
    level: Choice[OfPost] = Choice(
        "level",
        Words("层级", "Level"),
        [(each.label_en, Words(each.label_zh, each.label_en)) for each in Level],
        lambda one: one.post.level.label_en,
    )
    found = listed(rows, POSTS, asked, [level])
    return found.csv("posts") if asked.is_csv else render(request, "office/posts.html", found=found)


@router.get("/desk/duties/{post}")
def of_post(request: Request, console: ConsoleDep, post: str) -> Response:
    """A post's duties, on one sheet."""
    if post not in console.registry.posts:
        raise NotFoundError("post", "岗位", post)
    with console.database.read() as connection:
        found = _duties(console, connection, console.registry.posts[post])
    return render(
        request,
        "office/duties.html",
        duties=found,
        rule=rule_of(found.post.level, console.supervision.patrols),
        period=period_at(console.clock.now(), Span.MONTH),
        said=supervision_words,
        words=words,
        name_of=lambda code: supervision.name_of(console, code),
    )


def _duties(console: Console, connection: sa.Connection, post: Post) -> Duties:
    registry, now = console.registry, console.clock.now()
    month, year = period_at(now, Span.MONTH), period_at(now, Span.YEAR).year
    seats, rules = seats_of(registry), console.supervision.patrols
    known = reports.patrols_of(connection, seats, rules, month)
    adopted = adoptions.running(connection, now)
    filters = Filters(posts={post.code}, is_open=True)
    others = [
        other
        for other in registry.posts.values()
        if other.code != post.code and set(other.reaches) & set(post.reaches)
    ]
    units = {unit.code for unit in registry.units_of(post.code)}
    return Duties(
        post=post,
        unit=supervision.name_of(console, seats.unit_of(post.code)),
        waters=tuple(_water(console, code, adopted[code]) for code in post.reaches),
        tasks=tuple(
            task
            for task in supervision.task_views(console, connection, year)
            if task.post == post.code
        ),
        tickets=tuple(supervision.tickets(console, connection, filters, _MOST_TICKETS, 0).items),
        walked=patrols_made(known, seats, rules, month, now)[post.code],
        above=tuple(sorted((o for o in others if o.level < post.level), key=_by_level)),
        below=tuple(sorted((o for o in others if o.level > post.level), key=_by_level)),
        departments=tuple(d for d in registry.departments.values() if d.unit in units),
    )


def _by_level(post: Post) -> int:
    return post.level


def _water(console: Console, reach: str, adopters: int) -> Water:
    registry = console.registry

    def along(places: Mapping[str, Place]) -> tuple[str, ...]:
        return tuple(place.name for place in places.values() if place.reach == reach)

    return Water(
        registry.reaches[reach],
        along(registry.stations),
        along(registry.sections),
        along(registry.outfalls),
        along(registry.boards),
        adopters,
    )
