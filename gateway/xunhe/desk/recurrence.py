"""What has come back: a problem of the same reach, kind and zone soon after its ticket was closed.

It is the same problem and no new one: its ticket opens again with its history, as 顽疾.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Place:
    """What makes two incidents the same problem."""

    reach: str
    kind: str
    zone: str


@dataclass(frozen=True, slots=True)
class ClosedTicket:
    """A ticket whose work was done, with the place of its first incident.

    `closed_at` is that of the work where nobody has closed it yet.
    """

    ticket_id: int
    place: Place
    handled_at: datetime
    closed_at: datetime


def reopened_by(
    place: Place, at: datetime, closed: Iterable[ClosedTicket], within: timedelta
) -> int | None:
    """The ticket that a new incident opens again: of those closed within the time, the newest.

    Exactly `within` after the closing still counts. `at` is when it was seen: what was seen before
    the work was done, and becomes known late, is no return.
    """
    found = [
        ticket
        for ticket in closed
        if ticket.place == place and ticket.handled_at < at <= ticket.closed_at + within
    ]
    newest = max(found, key=lambda ticket: (ticket.closed_at, ticket.ticket_id), default=None)
    return None if newest is None else newest.ticket_id
