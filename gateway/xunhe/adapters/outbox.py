"""Sends what the outbox holds, in order, until the broker has confirmed each message."""

import json
import logging

import sqlalchemy as sa
from paho.mqtt.enums import MQTTErrorCode

from xunhe.adapters.mqtt import Link
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.schema import outbox
from xunhe.domain.clock import Clock

log = logging.getLogger(__name__)

_CONFIRM_S = 5.0
_AT_ONCE = 50


def send_waiting(database: Database, link: Link, clock: Clock) -> int:
    """Send the oldest waiting messages; stops at the first that is not confirmed.

    Returns how many were sent. A kill between sending and marking sends a message again: receivers
    tell by its `key`.
    """
    with database.read() as connection:
        waiting = connection.execute(
            sa.select(outbox)
            .where(outbox.c.sent_at.is_(None))
            .order_by(outbox.c.id)
            .limit(_AT_ONCE)
        ).all()
    for sent, row in enumerate(waiting):
        if not link.is_up:
            return sent
        payload = json.dumps({"key": row.key, **row.payload}, ensure_ascii=False).encode()
        info = link.publish(row.topic, payload)
        confirmed = info.rc is MQTTErrorCode.MQTT_ERR_SUCCESS
        if confirmed:
            info.wait_for_publish(_CONFIRM_S)
            confirmed = info.is_published()
        _mark(database, row.id, clock, confirmed=confirmed)
        if not confirmed:
            log.warning("outbox key=%s not confirmed, attempt %d", row.key, row.attempts + 1)
            return sent
    return len(waiting)


def _mark(database: Database, row_id: int, clock: Clock, *, confirmed: bool) -> None:
    values = {"attempts": outbox.c.attempts + 1}
    if confirmed:
        values["sent_at"] = sa.literal(clock.now(), outbox.c.sent_at.type)
    with database.write() as connection:
        connection.execute(outbox.update().where(outbox.c.id == row_id).values(**values))
