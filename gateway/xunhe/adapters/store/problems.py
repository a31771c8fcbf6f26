"""Tickets for supervision: the filtered list, the board of lights, and the problems of a period.

The light of a ticket is here as SQL, so that a hundred thousand of them can be counted; a test
holds it against `desk.lights` and `desk.problems`, instant by instant.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import ticket
from xunhe.adapters.store.ticket_filters import NEWEST, OPEN, Filters, Order, conditions
from xunhe.adapters.store.ticket_rows import ticket_of
from xunhe.desk.lights import Light
from xunhe.desk.periods import Period
from xunhe.desk.problems import CLOSED, IN_HANDS, NOT_FOUND, Finding, Problem, per_mille
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State, Ticket
from xunhe.settings import SupervisionSettings

_TICKING = tuple(state.value for state in State if state.is_ticking)
_IN_HANDS = tuple(state.value for state in IN_HANDS)
_CLOSED = frozenset(state.value for state in CLOSED)
_NOT_FOUND = frozenset(state.value for state in NOT_FOUND)
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


def _ms(instant: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as the integer that it is on disk."""
    return sa.type_coerce(instant, sa.BigInteger)


_FINDINGS = sa.select(
    *(ticket.c[name] for name in ("id", "reach", "category", "source", "severity", "state")),
    _ms(ticket.c.opened_at),
    _ms(ticket.c.closed_at),
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
class Listed:
    """A ticket of the list and its light."""

    ticket: Ticket
    light: Light


def listed(
    connection: sa.Connection,
    filters: Filters,
    lamp: Lamp,
    limit: int,
    offset: int,
    order: Order = NEWEST,
) -> list[Listed]:
    """Tickets that pass the filters, the newest first or in another order."""
    query = sa.select(ticket, lamp.light().label("light")).where(*conditions(filters, lamp.light()))
    query = query.order_by(*order.clauses()).limit(limit).offset(offset)
    return [Listed(ticket_of(row), Light(row.light)) for row in connection.execute(query)]


def count(connection: sa.Connection, filters: Filters, lamp: Lamp) -> int:
    """How many tickets pass the filters."""
    query = sa.select(sa.func.count()).select_from(ticket).where(*conditions(filters, lamp.light()))
    return connection.execute(query).scalar_one()


def board(connection: sa.Connection, lamp: Lamp) -> dict[str, dict[Light, int]]:
    """The lights of all open tickets, counted by post."""
    light = lamp.light().label("light")
    query = sa.select(ticket.c.post, light, sa.func.count())
    query = query.where(ticket.c.state.in_(OPEN)).group_by(ticket.c.post, light)
    counts: dict[str, dict[Light, int]] = {}
    for post, colour, number in connection.execute(query):
        counts.setdefault(post, {})[Light(colour)] = number
    return counts


def of_period(connection: sa.Connection, period: Period) -> list[Finding]:
    """What was found or closed in a period, for its report: ten thousand rows are read in 50 ms."""
    was_touched = sa.or_(_within(ticket.c.opened_at, period), _within(ticket.c.closed_at, period))
    found: Iterable[Any] = connection.execute(_FINDINGS.where(was_touched))
    return [
        Finding(
            ticket_id,
            reach,
            category,
            _SOURCES[source],
            _SEVERITIES[severity],
            state not in _NOT_FOUND,
            datetime.fromtimestamp(opened_ms / 1000, UTC),
            datetime.fromtimestamp(closed_ms / 1000, UTC)
            if closed_ms is not None and state in _CLOSED
            else None,
        )
        for ticket_id, reach, category, source, severity, state, opened_ms, closed_ms in found
    ]


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
    query = query.where(ticket.c.state.in_(OPEN), ticket.c.opened_at < before)
    return connection.execute(query).scalar_one()


def _within(column: sa.Column[Any], period: Period) -> sa.ColumnElement[bool]:
    return sa.and_(column >= period.start, column < period.end)


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
