"""Tickets for supervision: the filtered list, the board of lights, and the problems of a period.

The light of a ticket is here as SQL, so that a hundred thousand of them can be counted; a test
holds it against `desk.lights` and `desk.problems`, instant by instant.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import ticket
from xunhe.adapters.store.ticket_rows import ticket_of
from xunhe.desk.lights import Light
from xunhe.desk.periods import Period
from xunhe.desk.problems import CLOSED, IN_HANDS, Problem, per_mille
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State, Ticket
from xunhe.settings import SupervisionSettings

_OPEN = tuple(state.value for state in State if state.is_open)
_TICKING = tuple(state.value for state in State if state.is_ticking)
_IN_HANDS = tuple(state.value for state in IN_HANDS)
_CLOSED = frozenset(state.value for state in CLOSED)
_WAITING = tuple(sorted({*_TICKING} - {*_IN_HANDS, State.HANDLED.value}))

# Enums by value: looking one up costs a fraction of making one, ten thousand times a report.
_SOURCES = {source.value: source for source in Source}
_SEVERITIES = {severity.value: severity for severity in Severity}
_STATES = {state.value: state for state in State}

_COLUMNS = (
    "id",
    "reach",
    "post",
    "category",
    "source",
    "severity",
    "state",
    "opened_at",
    "due_at",
    "closed_at",
    "clock_stopped_at",
    "paused_s",
    "is_difficult",
    "repeat_reports",
)


@dataclass(frozen=True, slots=True)
class Lamp:
    """What decides lights at an instant: the rules, and the tickets of which handlers warned."""

    at: datetime
    rules: SupervisionSettings
    warned: Collection[int] = ()

    def light(self) -> sa.ColumnElement[str]:
        """The light of a row of `ticket`, as SQL."""
        table = ticket.c
        is_ticking = table.state.in_(_TICKING)
        is_behind = sa.or_(
            sa.and_(table.state.in_(_WAITING), self._has_gone(self.rules.in_hands_by)),
            sa.and_(table.state.in_(_IN_HANDS), self._has_gone(self.rules.handled_by)),
            table.id.in_(self.warned),
        )
        return sa.case(
            (sa.and_(is_ticking, table.due_at <= self.at), Light.RED.value),
            (sa.and_(is_ticking, is_behind), Light.YELLOW.value),
            else_=Light.GREEN.value,
        )

    def _has_gone(self, fraction: float) -> sa.ColumnElement[bool]:
        """This fraction of the time that the problem is given, pauses left out, is over."""
        paused = sa.func.round(ticket.c.paused_s * 1000)
        began = _ms(ticket.c.opened_at) + paused
        gone = round(self.at.timestamp() * 1000) - began
        return gone * 1000 >= per_mille(fraction) * (_ms(ticket.c.due_at) - began)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None asks for nothing."""

    state: State | None = None
    is_open: bool | None = None
    light: Light | None = None
    posts: Collection[str] | None = None
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


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket of the list and its light."""

    ticket: Ticket
    light: Light


def listed(
    connection: sa.Connection, filters: Filters, lamp: Lamp, limit: int, offset: int
) -> list[Listed]:
    """Tickets that pass the filters, the newest first."""
    query = sa.select(ticket, lamp.light().label("light")).where(*_conditions(filters, lamp))
    query = query.order_by(ticket.c.id.desc()).limit(limit).offset(offset)
    return [Listed(ticket_of(row), Light(row.light)) for row in connection.execute(query)]


def count(connection: sa.Connection, filters: Filters, lamp: Lamp) -> int:
    """How many tickets pass the filters."""
    query = sa.select(sa.func.count()).select_from(ticket).where(*_conditions(filters, lamp))
    return connection.execute(query).scalar_one()


def board(connection: sa.Connection, lamp: Lamp) -> dict[str, dict[Light, int]]:
    """The lights of all open tickets, counted by post."""
    light = lamp.light().label("light")
    query = sa.select(ticket.c.post, light, sa.func.count())
    query = query.where(ticket.c.state.in_(_OPEN)).group_by(ticket.c.post, light)
    counts: dict[str, dict[Light, int]] = {}
    for post, colour, number in connection.execute(query):
        counts.setdefault(post, {})[Light(colour)] = number
    return counts


def of_period(connection: sa.Connection, period: Period) -> list[Problem]:
    """The problems that were opened or closed in a period, by id."""
    return _problems(
        connection, sa.or_(_within(ticket.c.opened_at, period), _within(ticket.c.closed_at, period))
    )


def of_ids(connection: sa.Connection, ids: Collection[int]) -> list[Problem]:
    """The problems of these ids."""
    return _problems(connection, ticket.c.id.in_(ids))


def closed_in(connection: sa.Connection, period: Period) -> list[int]:
    """The ids of what was closed (销号) in a period and still is: what a look-back draws from."""
    query = sa.select(ticket.c.id).where(
        _within(ticket.c.closed_at, period),
        ticket.c.state.in_([state.value for state in CLOSED]),
    )
    return list(connection.execute(query).scalars())


def open_count(connection: sa.Connection, before: datetime) -> int:
    """Problems opened before an instant that are open now."""
    query = sa.select(sa.func.count()).select_from(ticket)
    query = query.where(ticket.c.state.in_(_OPEN), ticket.c.opened_at < before)
    return connection.execute(query).scalar_one()


def _within(column: sa.Column[Any], period: Period) -> sa.ColumnElement[bool]:
    return sa.and_(column >= period.start, column < period.end)


def _ms(instant: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as the integer that it is on disk."""
    return sa.type_coerce(instant, sa.BigInteger)


def _problems(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Problem]:
    columns = [ticket.c[name] for name in _COLUMNS]
    query = sa.select(*columns).where(where).order_by(ticket.c.id)
    return [_problem(row) for row in connection.execute(query)]


def _problem(row: sa.Row[Any]) -> Problem:
    return Problem(
        row.id,
        row.reach,
        row.post,
        row.category,
        _SOURCES[row.source],
        _SEVERITIES[row.severity],
        _STATES[row.state],
        row.opened_at,
        row.due_at,
        row.closed_at if row.state in _CLOSED else None,
        row.clock_stopped_at,
        row.paused_s,
        row.is_difficult,
        row.repeat_reports,
    )


_EQUAL = ("state", "reach", "source", "severity", "handler", "campaign", "number")


def _conditions(filters: Filters, lamp: Lamp) -> Iterator[sa.ColumnElement[bool]]:
    table = ticket.c
    for name in _EQUAL:
        value = getattr(filters, name)
        if value is not None:
            yield table[name] == value
    if filters.is_open is not None:
        yield _is_open(filters.is_open)
    if filters.light is not None:
        yield sa.and_(_is_open(True), lamp.light() == filters.light.value)
    if filters.posts is not None:
        yield table.post.in_(filters.posts)
    if filters.category is not None:
        yield _is_of_category(filters.category)
    if filters.opened_from is not None:
        yield table.opened_at >= filters.opened_from
    if filters.opened_before is not None:
        yield table.opened_at < filters.opened_before
    if filters.due_before is not None:
        yield table.due_at < filters.due_before


def _is_open(wanted: bool) -> sa.ColumnElement[bool]:
    return ticket.c.state.in_(_OPEN) if wanted else ticket.c.state.not_in(_OPEN)


def _is_of_category(category: str) -> sa.ColumnElement[bool]:
    """A leaf, or everything in a group of the tree."""
    in_group = ticket.c.category.startswith(f"{category}.", autoescape=True)
    return sa.or_(ticket.c.category == category, in_group)
