"""What the desk raises for offices: rows of the outbox, in the transaction that raised them."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.bells import ring_for
from xunhe.adapters.store.schema import outbox
from xunhe.desk.log import JSON


def raise_message(
    connection: sa.Connection, key: str, topic: str, payload: Mapping[str, JSON], at: datetime
) -> None:
    """Put a message into the outbox; its key must be new."""
    row = {"key": key, "topic": topic, "payload": dict(payload), "created_at": at}
    connection.execute(outbox.insert().values(**row))
    ring_for(connection, outbox.name)
