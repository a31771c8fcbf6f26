"""A gateway's link to the desk of the province, by MQTT.

The table `upward` is its outbox: rows are written with what they tell of, and go with the receipt
that the desk signed after its COMMIT. What the broker says of a publish (PUBACK) frees nothing.
"""

import contextlib
import logging
import queue
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
import sqlalchemy as sa

from xunhe.adapters.province import topics
from xunhe.adapters.province.parcel import Parcel, ParcelError, decode_receipt, encode_parcel
from xunhe.adapters.province.window import Window
from xunhe.adapters.store import upward
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.connection import Connection
from xunhe.outward_settings.upstream import ProvinceSettings

log = logging.getLogger(__name__)

_WINDOW = 256  # parcels on their way
_PATIENCE_S = 5.0  # with a node that is away
_SETTLE_S = 0.2  # receipts are collected so long: one COMMIT for many


class Uplink:
    """Brings what waits to the desk. `step` runs in a thread of its own."""

    def __init__(
        self,
        settings: ProvinceSettings,
        database: Database,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._gateway = settings, settings.name
        self._key = bytes.fromhex(settings.key)
        self._database, self._seconds = database, seconds
        self._window = Window(_WINDOW, settings.again_s)
        self._receipts: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._read_up_to = 0
        self.misread = 0  # receipts that the desk has not signed
        self._turn = 0
        self._up_s = seconds()  # when the link was up last, or another node was tried
        self._link = self._connection()

    def step(self) -> int:
        """Send what there is room for, take receipts; returns how many parcels moved."""
        if self._link.trouble() is not None:
            self._try_another()
            return 0
        self._up_s = self._seconds()
        settled = self._window.settle(self._told())
        if settled:
            with self._database.write() as connection:
                upward.remove(connection, settled)
        going = self._window.due(self._seconds()) + self._next()
        for wire in going:
            self._link.client.publish(topics.up(self._gateway), wire, qos=1)
        return len(settled) + len(going)

    def close(self) -> None:
        """Leave the broker."""
        self._link.close()

    def _connection(self) -> Connection:
        """To the node whose turn it is. A session is not kept: what is lost with it goes again."""
        name = f"xunhe-gateway-{self._gateway}"
        link = Connection(self._settings.at_node(self._turn), self._listen, client_id=name)
        link.client.on_message = self._on_message
        return link

    def _try_another(self) -> None:
        if self._settings.nodes and self._seconds() - self._up_s >= _PATIENCE_S:
            self._link.close()
            self._turn += 1
            self._up_s = self._seconds()
            self._link = self._connection()

    def _next(self) -> list[bytes]:
        """What goes now for the first time."""
        with self._database.read() as connection:
            rows = upward.waiting(connection, self._read_up_to, max(self._window.room - 1, 0))
            ordered = None if self._window.has_ordered else upward.first_ordered(connection)
        wires = [self._send(row, is_ordered=False) for row in rows]
        if rows:
            self._read_up_to = rows[-1].id
        if ordered is not None:
            wires.append(self._send(ordered, is_ordered=True))
        return wires

    def _send(self, row: sa.Row[Any], *, is_ordered: bool) -> bytes:
        parcel = Parcel(row.id, round(row.at.timestamp() * 1000), row.subject, row.body)
        wire = encode_parcel(self._gateway, parcel, self._key)
        self._window.add(wire, row.id, self._seconds(), is_ordered=is_ordered)
        return wire

    def _told(self) -> list[bytes]:
        """The tags of the receipts that have come; waits a little for the first."""
        tags: list[bytes] = []
        with contextlib.suppress(queue.Empty):
            tags.append(self._receipts.get(timeout=_SETTLE_S))
            while True:
                tags.append(self._receipts.get_nowait())
        return tags

    def _listen(self, client: paho.Client) -> None:
        client.subscribe(topics.down(self._gateway), 1)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            tags = decode_receipt(self._gateway, bytes(message.payload), self._key)
        except ParcelError as error:
            self.misread += 1
            log.warning("gateway=%s receipt refused: %s", self._gateway, error)
            return
        for tag in tags:
            self._receipts.put(tag)
