"""Sparkplug B as a destination: readings become metrics of an edge node.

Sparkplug sends data with QoS 0, which nobody acknowledges. After each batch the node asks for its
commands once more: a broker reads a connection in order, so its SUBACK proves that it has read what
came before. It proves nothing about any host application; `primary_host` makes the readings wait
while that one says that it is away.
"""

import json
import logging
import threading
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

from xunhe.adapters.upstream.connection import Connection
from xunhe.adapters.upstream.sparkplug_node import EdgeNode, Packet
from xunhe.codecs.protobuf import WireError
from xunhe.codecs.sparkplug import REBIRTH, commands, state_topic
from xunhe.domain.clock import Clock
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.upstream import SparkplugSettings

log = logging.getLogger(__name__)

_BATCH = 100


class Sparkplug:
    """One edge node. `river` is the readings' clock, which payloads are stamped by."""

    def __init__(self, settings: SparkplugSettings, river: Clock) -> None:
        self.name = f"sparkplug.{settings.name}"
        self._live_for = timedelta(seconds=settings.live_s)
        self.pace = Pace(batch=_BATCH, live_for=self._live_for)
        self._settings, self._river = settings, river
        self._node = EdgeNode(settings.group, settings.node, has_aliases=settings.aliases)
        self._birth_is_due = threading.Event()
        self._host_is_there = threading.Event()
        self._confirmed: set[int] = set()  # mids of SUBSCRIBE
        self._told = threading.Condition()
        self._link = Connection(settings, self._greet, client_id=f"xunhe-spb-{settings.name}")
        self._client = self._link.client
        self._client.on_pre_connect = self._leave_a_will
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe

    def wants(self, message: Message) -> bool:
        """Readings; Sparkplug has no form for an incident."""
        return message.kind == "readings"

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Births where they are due, then all data; done once the broker has read it all."""
        if (trouble := self._trouble()) is not None:
            return [Outcome(Sent.LATER, trouble)]
        is_birth = self._birth_is_due.is_set()
        if not messages and not is_birth:
            return []
        self._birth_is_due.clear()
        packets = [*self._node.births(self._river.now())] if is_birth else []
        for message in messages:
            packets += self._data(message)
        if self._publish(packets):
            return [DONE] * max(len(messages), 1)
        self._birth_is_due.set()
        return [Outcome(Sent.LATER, "the broker has not confirmed it")]

    def close(self) -> None:
        """Leave the broker. Whoever does so in order says it himself: the broker drops the will."""
        if self._client.is_connected():
            topic, payload = self._node.death(self._river.now())
            self._link.publish(topic, payload, self._settings.confirm_s, retain=False)
        self._link.close()

    def _trouble(self) -> str | None:
        trouble = self._link.trouble()
        if trouble is None and self._settings.primary_host and not self._host_is_there.is_set():
            return f"host application {self._settings.primary_host} is not there"
        return trouble

    def _data(self, message: Message) -> Iterable[Packet]:
        now = self._river.now()
        is_late = now - message.at > self._live_for
        station, values = message.body["station"], message.body["values"]
        return self._node.data(station, values, message.at, now, is_late=is_late)

    def _publish(self, packets: Iterable[Packet]) -> bool:
        for topic, payload in packets:
            if self._client.publish(topic, payload, qos=0).rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
        code, mid = self._client.subscribe(self._node.commands, 1)
        return code is MQTTErrorCode.MQTT_ERR_SUCCESS and self._is_confirmed(mid)

    def _is_confirmed(self, mid: int | None) -> bool:
        with self._told:
            found = self._told.wait_for(lambda: mid in self._confirmed, self._settings.confirm_s)
            self._confirmed.clear()
            return found

    def _leave_a_will(self, client: paho.Client, _data: Any) -> None:
        topic, payload = self._node.will(self._river.now())
        client.will_set(topic, payload, qos=1)

    def _greet(self, client: paho.Client) -> None:
        self._host_is_there.clear()
        topics = [(self._node.commands, 1)]
        if self._settings.primary_host:
            topics.append((state_topic(self._settings.primary_host), 1))
        client.subscribe(topics)
        self._birth_is_due.set()

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, _codes: Any, _p: Any) -> None:
        with self._told:
            self._confirmed.add(mid)
            self._told.notify_all()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        payload = bytes(message.payload)
        if message.topic != self._node.commands:
            self._hear_host(payload)
        elif asks_for_rebirth(payload):
            self._birth_is_due.set()

    def _hear_host(self, payload: bytes) -> None:
        """Births follow its return, since it may have forgotten what the aliases mean."""
        if not is_online(payload):
            self._host_is_there.clear()
        elif not self._host_is_there.is_set():
            self._birth_is_due.set()
            self._host_is_there.set()


def asks_for_rebirth(payload: bytes) -> bool:
    """Does an NCMD ask for new births? False for one that is damaged, which is logged."""
    try:
        return any(each.name == REBIRTH and each.value for each in commands(payload))
    except WireError as error:
        log.warning("unreadable NCMD of %d bytes: %s", len(payload), error)
        return False


def is_online(payload: bytes) -> bool:
    """What a host application says of itself: {"online": true, "timestamp": …}."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):  # the latter by a thousand brackets
        return False
    return isinstance(said, dict) and said.get("online") is True
