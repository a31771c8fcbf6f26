"""The stream of events that pages follow."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.bells import ring_for
from xunhe.adapters.store.schema import event


def emit(connection: sa.Connection, kind: str, data: dict[str, Any], now: datetime) -> None:
    """Put an event into the stream, in the caller's transaction."""
    connection.execute(event.insert().values(at=now, kind=kind, data=data))
    ring_for(connection, event.name)
