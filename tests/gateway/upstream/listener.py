"""Somebody who listens at a broker, beside the link under test."""

import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.gateway.conftest import START
from xunhe.domain.outward import Message, Outcome

WAIT_S = 60.0


class Sender(Protocol):
    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]: ...


class Listener:
    """What came on some topics, in its order."""

    def __init__(self, port: int, *topics: str) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []  # topic, payload, retained
        self._changed = threading.Condition()
        ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe([(topic, 1) for topic in topics])
        assert ready.wait(WAIT_S)

    def wait_for(self, count: int) -> list[tuple[str, bytes, bool]]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, WAIT_S), self.heard
            return list(self.heard)

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self.client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WAIT_S)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        with self._changed:
            self.heard.append((message.topic, bytes(message.payload), message.retain))
            self._changed.notify_all()


def readings(key: str, station: str = "YX-S1", at: Any = START, **values: Any) -> Message:
    body = {"station": station, "values": values or {"ph": [7.1, 1]}}
    return Message(key, "readings", at, body, station)


def sent(up: Sender, *messages: Message) -> list[Outcome]:
    """Until the link is up."""
    pause, end_s = threading.Event(), time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        outcomes = list(up.send(messages))
        if outcomes and outcomes[0].detail != "not connected yet":
            return outcomes
        pause.wait(0.05)
    raise AssertionError("the link never came up")
