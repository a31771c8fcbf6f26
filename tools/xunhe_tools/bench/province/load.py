"""A thousand gateways' worth of parcels, published by MQTT from one process.

Wire format, signatures and topics are the real ones; only the connections are shared, a few for
all gateways, because a broker's cost for idle connections is not what is measured here.
"""

import asyncio
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import nats
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from xunhe.adapters.province import topics
from xunhe.adapters.province.parcel import (
    Parcel,
    decode_receipt,
    encode_parcel,
    tag_of,
)
from xunhe_tools.province import water
from xunhe_tools.province.land import INTERVAL_S, Land, key_of
from xunhe_tools.province.nodes import Node

READINGS_A_BATCH = 10
_CONNECTIONS = 6
_IN_FLIGHT = 200
_PATIENCE_S = 300.0
_TURNS = 30  # at most so many batches of a buoy, the last one now


class LoadError(RuntimeError):
    """What was published has not arrived, or not been answered, in time."""


@dataclass(slots=True)
class Load:
    """Publishes parcels and hears their receipts."""

    nodes: Sequence[Node]
    _waiting: set[bytes] = field(default_factory=set)
    _clients: list[paho.Client] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)
    answered_s: float = 0.0  # when the last receipt came, monotonic

    def open(self) -> None:
        """Connect; the first connection hears the receipts of all gateways."""
        for number in range(_CONNECTIONS):
            client = paho.Client(CallbackAPIVersion.VERSION2, f"load-{number}")
            client.max_inflight_messages_set(_IN_FLIGHT)
            client.connect("127.0.0.1", self.nodes[number % len(self.nodes)].ports.mqtt)
            self._clients.append(client)
        granted = threading.Event()
        ear = self._clients[0]
        ear.on_message = self._on_message
        ear.on_subscribe = lambda *_: granted.set()
        for client in self._clients:
            client.loop_start()
        ear.subscribe(topics.down("+"), 0)
        if not granted.wait(30):
            raise LoadError("the broker has not granted the subscription to receipts")

    def close(self) -> None:
        """Disconnect."""
        for client in self._clients:
            client.disconnect()
            client.loop_stop()

    def publish(self, parcels: Sequence[tuple[str, bytes]]) -> None:
        """Into the stream; returns once all of them lie there."""
        self._done.clear()
        self._waiting = {tag_of(wire) for _, wire in parcels}
        for number, (gateway, wire) in enumerate(parcels):
            client = self._clients[1 + number % (_CONNECTIONS - 1)]
            client.publish(topics.up(gateway), wire, qos=1)
        asyncio.run(_until_stored(self.nodes[0].address, len(parcels)))

    def wait(self) -> None:
        """Until every parcel has its receipt."""
        if not self._done.wait(_PATIENCE_S):
            raise LoadError(f"{len(self._waiting)} parcels without a receipt")

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        gateway = topics.sender(message.topic)
        self._waiting.difference_update(
            decode_receipt(gateway, bytes(message.payload), key_of(gateway))
        )
        self.answered_s = time.monotonic()
        if not self._waiting:
            self._done.set()


def parcels(
    land: Land, count: int, turn: int, now_s: int, chance: random.Random
) -> list[tuple[str, bytes]]:
    """`count` parcels of a batch of ten each, from buoys all over the province.

    `turn` counts up: each is a buoy's next batch.
    """
    made: list[tuple[str, bytes]] = []
    first_s = now_s - (_TURNS - turn) * READINGS_A_BATCH * INTERVAL_S
    times_s = [first_s + INTERVAL_S * k for k in range(READINGS_A_BATCH)]
    buoys = [buoy for code in land.codes() for buoy in land.buoys_of(code)]
    for number, buoy in enumerate(chance.sample(buoys, count)):
        records = water.readings(chance, times_s, 1 + READINGS_A_BATCH * turn)
        body = water.batch(buoy, records)
        parcel = Parcel(number, now_s * 1000, f"{buoy.station}/readings", body)
        wire = encode_parcel(buoy.gateway, parcel, key_of(buoy.gateway))
        made.append((buoy.gateway, wire))
    return made


async def _until_stored(address: str, count: int) -> None:
    client = await nats.connect(address)
    stream = client.jetstream()
    end_s = time.monotonic() + _PATIENCE_S
    try:
        while (stored := (await stream.stream_info(topics.STREAM)).state.messages) < count:
            if time.monotonic() > end_s:
                raise LoadError(f"{stored} of {count} parcels reached the stream")
            await asyncio.sleep(0.1)
    finally:
        await client.close()
