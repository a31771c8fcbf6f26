"""The list of tickets, filtered and sorted by the database: a hundred thousand are no hindrance."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.store.ticket_filters import NEWEST, ORDERS, Filters, Order
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.lights import Light
from xunhe.desk.seats import seats_of
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State
from xunhe.web import supervision, supervision_words, wording
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.listing import A_PAGE, Asked, AskedDep, Choice, Column, Listing
from xunhe.web.office import words
from xunhe.web.scope import reaches_of
from xunhe.web.supervision_models import ListedView
from xunhe.web.templates import render
from xunhe.web.wording import Words

_AT_ONCE = 1000  # rows of an export that are read together

router = APIRouter(include_in_schema=False)

TICKETS: Sequence[Column[ListedView]] = (
    Column("number", Words("编号", "Number"), lambda ticket: ticket.number),
    Column(
        "light",
        Words("灯", "Light"),
        lambda ticket: ticket.light.value if ticket.light else None,
        is_sortable=False,
    ),
    Column("state", Words("状态", "State"), lambda ticket: ticket.state_zh),
    Column("category", Words("类别", "Category"), lambda ticket: category_zh(ticket.category)),
    Column("severity", Words("程度", "Severity"), lambda ticket: ticket.severity),
    Column("source", Words("来源", "Source"), lambda ticket: ticket.source),
    Column("post", Words("责任岗位", "Post"), lambda ticket: ticket.post.title),
    Column("reach", Words("河段", "Reach"), lambda ticket: ticket.reach),
    Column("opened", Words("发现", "Found"), lambda ticket: ticket.opened_at),
    Column("due", Words("时限", "Due"), lambda ticket: ticket.due_at),
)


def category_zh(code: str) -> str:
    """A category's name, or the code that has none."""
    return CATEGORIES[code].zh if code in CATEGORIES else code


@router.get("/desk/list")
def list_page(request: Request, console: ConsoleDep, asked: AskedDep) -> Response:
    """Tickets by light, state, category, severity, source, unit and reach."""
    filters = _filters(request, console, asked)
    with console.database.read() as connection:
        if asked.is_csv:
            return _listing(console, asked, _all(console, connection, filters, asked)).csv(
                "tickets"
            )
        page = supervision.tickets(console, connection, filters, A_PAGE, asked.first, _order(asked))
    return render(
        request,
        "supervision-list.html",
        found=_listing(console, asked, page.items, page.total),
        categories=CATEGORIES,
        reaches=console.registry.reaches,
        said=supervision_words,
        words=words,
    )


def _listing(console: Console, asked: Asked, rows: Any, total: int = 0) -> Listing[ListedView]:
    return Listing(TICKETS, rows, total, asked, tuple(_choices(console)))


def _all(
    console: Console, connection: sa.Connection, filters: Filters, asked: Asked
) -> Iterator[ListedView]:
    """Every ticket that passes, a thousand at a time."""
    offset = 0
    while True:
        page = supervision.tickets(console, connection, filters, _AT_ONCE, offset, _order(asked))
        yield from page.items
        offset += _AT_ONCE
        if offset >= page.total:
            return


def _order(asked: Asked) -> Order:
    return Order(asked.sort_key, asked.is_descending) if asked.sort_key in ORDERS else NEWEST


def _filters(request: Request, console: Console, asked: Asked) -> Filters:
    """What the address asks for; what names nothing that is known asks for nothing."""
    chosen, seats = asked.chosen, seats_of(console.registry)
    unit, is_open = chosen.get("unit"), chosen.get("open")
    return Filters(
        state=_one_of(State, chosen.get("state")),
        is_open=None if is_open is None else is_open == "yes",
        light=_one_of(Light, chosen.get("light")),
        posts=None if unit is None else {p for p in seats.posts if seats.unit_of(p) == unit},
        reaches=reaches_of(request),
        reach=chosen.get("reach"),
        category=chosen.get("category"),
        source=_one_of(Source, chosen.get("source")),
        severity=_one_of(Severity, chosen.get("severity")),
        campaign=chosen.get("campaign"),
        number_has=asked.q or None,
    )


def _one_of(kind: Any, value: str | None) -> Any:
    return kind(value) if value in {each.value for each in kind} else None


def _choices(console: Console) -> Iterator[Choice[ListedView]]:
    registry = console.registry
    yield _choice("light", "灯", "Light", supervision_words.LIGHTS)
    yield _choice("state", "状态", "State", wording.TICKET_STATES)
    categories = {code: Words(each.zh, each.en) for code, each in CATEGORIES.items()}
    yield _choice("category", "类别", "Category", categories)
    yield _choice("severity", "程度", "Severity", wording.SEVERITIES)
    yield _choice("source", "来源", "Source", words.SOURCES)
    units = {code: Words(unit.name, "") for code, unit in registry.units.items()}
    yield _choice("unit", "单位", "Unit", units)
    reaches = {code: Words(reach.name, "") for code, reach in registry.reaches.items()}
    yield _choice("reach", "河段", "Reach", reaches)


def _choice(key: str, zh: str, en: str, options: Any) -> Choice[ListedView]:
    return Choice(
        key, Words(zh, en), [(getattr(k, "value", k), said) for k, said in options.items()]
    )
