"""How far a release has come at each station: the command that offered it, and what the buoy told.

The newest of the buoy's own events counts; before the first one, the state of the command does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import command, report

# What a buoy tells of a release (firmware, update/updates.py); the last three are final.
STAGED, CONFIRMED, ROLLED_BACK, REFUSED = "staged", "confirmed", "rolled back", "refused"
_ACCEPTED = "accepted"  # the command was; the buoy is pulling the pieces


@dataclass(frozen=True, slots=True)
class Offer:
    """A release at one station; `state`: queued, sent, accepted, or the buoy's own word."""

    station: str
    device: str
    state: str
    reason: str | None
    at: datetime


def offers(connection: sa.Connection, release: int) -> list[Offer]:
    """Where a release was offered, by station; of several offers to a device the last counts."""
    number = command.c.content["update", "release"].as_string()
    rows = connection.execute(
        sa.select(command).where(number == str(release)).order_by(command.c.id)
    )
    last = {row.device: row for row in rows}
    told = _told(connection, release, last)
    found = [told.get(device) or _as_commanded(row) for device, row in last.items()]
    return sorted(found, key=lambda offer: (offer.station, offer.device))


def _as_commanded(row: sa.Row[Any]) -> Offer:
    state = {"confirmed": _ACCEPTED}.get(row.state, row.state)
    at = row.answered_at or row.sent_at or row.created_at
    return Offer(row.station, row.device, state, row.reason, at)


def _told(connection: sa.Connection, release: int, known: Iterable[str]) -> dict[str, Offer]:
    query = sa.select(report).where(
        report.c.device.in_(list(known)),
        report.c.type == "event",
        report.c.content["event"].as_string() == "update",
        report.c.content["release"].as_string() == str(release),
    )
    order = (report.c.boot, report.c.number)
    return {
        row.device: Offer(
            row.station,
            row.device,
            str(row.content.get("state")),
            row.content.get("reason"),
            row.received_at,
        )
        for row in connection.execute(query.order_by(*order))
    }
