"""How lists of tickets are narrowed down and sorted, as SQL."""

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import ticket
from xunhe.desk.lights import Light
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State

OPEN = tuple(state.value for state in State if state.is_open)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None asks for nothing."""

    state: State | None = None
    is_open: bool | None = None
    light: Light | None = None
    ids: Collection[int] | None = None
    posts: Collection[str] | None = None
    reaches: Collection[str] | None = None
    reach: str | None = None
    category: str | None = None
    source: Source | None = None
    severity: Severity | None = None
    handler: str | None = None
    campaign: str | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    due_before: datetime | None = None
    number: str | None = None
    number_has: str | None = None


_SEVERITY = sa.case({"severe": 2, "major": 1}, value=ticket.c.severity, else_=0)
ORDERS: Mapping[str, sa.ColumnElement[Any]] = {
    "number": ticket.c.id,
    "severity": _SEVERITY,
    **{key: ticket.c[key] for key in ("state", "category", "source", "post", "reach")},
    **{key: ticket.c[f"{key}_at"] for key in ("opened", "due", "closed")},
}


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: a key of `ORDERS`; the newest first among equals."""

    key: str
    is_descending: bool = False

    def clauses(self) -> list[sa.ColumnElement[Any]]:
        """For the query."""
        column = ORDERS[self.key]
        return [column.desc() if self.is_descending else column.asc(), ticket.c.id.desc()]


NEWEST = Order("number", is_descending=True)


_EQUAL = ("state", "reach", "source", "severity", "handler", "campaign", "number")


def conditions(filters: Filters, light: sa.ColumnElement[str]) -> Iterator[sa.ColumnElement[bool]]:
    """What a row must fulfil; `light` is its light as SQL."""
    table = ticket.c
    for name in _EQUAL:
        value = getattr(filters, name)
        if value is not None:
            yield table[name] == value
    if filters.is_open is not None:
        yield _is_open(filters.is_open)
    if filters.light is not None:
        yield sa.and_(_is_open(True), light == filters.light.value)
    yield from _within_limits(filters)
    if filters.number_has is not None:
        yield table.number.contains(filters.number_has, autoescape=True)
    if filters.category is not None:
        yield _is_of_category(filters.category)


def _within_limits(filters: Filters) -> Iterator[sa.ColumnElement[bool]]:
    table = ticket.c
    limits: tuple[tuple[sa.Column[Any], Callable[[Any, Any], Any], Any], ...] = (
        (table.id, sa.Column.in_, filters.ids),
        (table.post, sa.Column.in_, filters.posts),
        (table.reach, sa.Column.in_, filters.reaches),
        (table.opened_at, operator.ge, filters.opened_from),
        (table.opened_at, operator.lt, filters.opened_before),
        (table.due_at, operator.lt, filters.due_before),
    )
    for column, holds, limit in limits:
        if limit is not None:
            yield holds(column, limit)


def _is_open(wanted: bool) -> sa.ColumnElement[bool]:
    return ticket.c.state.in_(OPEN) if wanted else ticket.c.state.not_in(OPEN)


def _is_of_category(category: str) -> sa.ColumnElement[bool]:
    """A leaf, or everything in a group of the tree."""
    in_group = ticket.c.category.startswith(f"{category}.", autoescape=True)
    return sa.or_(ticket.c.category == category, in_group)
