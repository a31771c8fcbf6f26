"""As of what the tables stand: what was made for one version serves everybody until the next."""

import sqlalchemy as sa

from xunhe.adapters.store import queries
from xunhe.web.console import Console

Version = tuple[int, int, int]


def version_of(console: Console, connection: sa.Connection) -> Version:
    """The newest event, the readings ever stored, and the machine's second, since time passes."""
    second = int(console.clock.now().timestamp() / console.time_factor)
    return queries.last_event_id(connection), queries.readings_counter(connection), second


def stand(connection: sa.Connection) -> dict[str, object]:
    """Up to where a live page is as it is drawn: it follows the stream from there."""
    return {
        "last_event_id": queries.last_event_id(connection),
        "last_event_at": queries.last_event_at(connection),
    }
