"""What supervision sends to offices: one outbox message a key."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.raised import raise_message
from xunhe.adapters.store.schema import outbox
from xunhe.desk.log import JSON


def send(
    connection: sa.Connection, key: str, office: str, payload: Mapping[str, JSON], at: datetime
) -> None:
    """Put a message to an office into the outbox, unless this key has been sent."""
    known = sa.select(outbox.c.id).where(outbox.c.key == key)
    if connection.execute(known).first() is None:
        raise_message(connection, key, f"xunhe/v1/desk/{office}/supervision", payload, at)
