"""Open tickets as the one screen shows them: how many of each light, and which are due first."""

from collections.abc import Collection

import sqlalchemy as sa

from xunhe.adapters.store.problems import Lamp, Listed
from xunhe.adapters.store.queries import OPEN_STATES
from xunhe.adapters.store.schema import ticket
from xunhe.adapters.store.ticket_rows import ticket_of
from xunhe.desk.lights import Light


def lights(
    connection: sa.Connection, lamp: Lamp, reaches: Collection[str] | None
) -> dict[Light, int]:
    """How many open tickets have which light; `reaches` None: everywhere."""
    light = lamp.light().label("light")
    query = sa.select(light, sa.func.count()).where(_is_open(reaches)).group_by(light)
    counted = {Light(colour): number for colour, number in connection.execute(query)}
    return {colour: counted.get(colour, 0) for colour in Light}


def due_first(
    connection: sa.Connection, lamp: Lamp, limit: int, reaches: Collection[str] | None
) -> list[Listed]:
    """Open tickets, those first whose deadline comes first or passed first."""
    query = sa.select(ticket, lamp.light().label("light")).where(_is_open(reaches))
    query = query.order_by(ticket.c.due_at, ticket.c.id).limit(limit)
    return [Listed(ticket_of(row), Light(row.light)) for row in connection.execute(query)]


def _is_open(reaches: Collection[str] | None) -> sa.ColumnElement[bool]:
    is_open = ticket.c.state.in_(OPEN_STATES)
    return is_open if reaches is None else sa.and_(is_open, ticket.c.reach.in_(reaches))
