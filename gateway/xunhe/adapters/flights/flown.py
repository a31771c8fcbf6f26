"""A flight as a patrol (空中巡河) of a post: its track, and how much of the reach was pictured."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.phone_desk import NotThereError, Walk, add_walk
from xunhe.adapters.store.patrols import TrackSource
from xunhe.desk.patrols import Means
from xunhe.desk.track import Fix
from xunhe.domain.flight import Flight
from xunhe.domain.registry import Registry


def walk(flight: Flight, began: datetime, post: str, problems: tuple[int, ...]) -> Walk:
    """The patrol; `began` is by the gateway's clock."""
    coverage = flight.coverage
    return Walk(
        key=flight.id,
        post=post,
        means=Means.DRONE,
        fixes=[
            Fix(began + timedelta(seconds=point.time_s), point.lon_lat) for point in flight.path
        ],
        source=TrackSource.FLIGHT,
        started_at=began,
        ended_at=began + timedelta(seconds=flight.lasts_s),
        problems=problems,
        note=flight.film,
        seen=None if coverage is None else {coverage.reach: min(coverage.share, 1.0)},
    )


def add(
    connection: sa.Connection, registry: Registry, made: Walk, actor: str, now: datetime
) -> int | None:
    """Keep it; its id, None where it saw no water of its post."""
    try:
        return add_walk(connection, registry, made, actor, now)[0]
    except NotThereError:
        return None
