"""Forgets what has arrived: deliveries after some days, samples once everybody has planned them."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store import deliveries
from xunhe.adapters.store.schema import arrival, delivery_mark

KEPT = timedelta(days=7)


def prune(connection: sa.Connection, now: datetime, destinations: list[str]) -> int:
    """Delete what no destination of the settings needs any more; returns how many rows went."""
    count = deliveries.prune(connection, now - KEPT)
    mine = (delivery_mark.c.source == "arrival", delivery_mark.c.destination.in_(destinations))
    planned = connection.execute(
        sa.select(sa.func.min(delivery_mark.c.position)).where(*mine)
    ).scalar()
    if planned is not None:
        count += connection.execute(arrival.delete().where(arrival.c.id <= planned)).rowcount
    return count
