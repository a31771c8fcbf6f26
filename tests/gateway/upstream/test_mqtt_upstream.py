"""A platform's broker: a delivery ends with the platform's word, not with the broker's."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from tests.fakes.mosquitto import nobody
from tests.gateway.upstream.listener import WAIT_S, readings, sent
from xunhe.adapters.upstream.mqtt import MqttUpstream, acknowledged
from xunhe.domain.outward import Sent
from xunhe.outward_settings.upstream import MqttUpstreamSettings


class Platform:
    """A city's platform: stores what comes and names the keys that it has stored."""

    def __init__(self, port: int) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.topics: list[str] = []
        self.acknowledges = True
        ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe([("city/+/readings", 1), ("city/incident", 1)])
        assert ready.wait(WAIT_S)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        body = json.loads(message.payload)
        self.stored[body["key"]] = body
        self.topics.append(message.topic)
        if self.acknowledges:
            self.client.publish("city/ack", json.dumps({"keys": [body["key"]]}), qos=1)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def platform(broker: int) -> Iterator[Platform]:
    platform = Platform(broker)
    yield platform
    platform.close()


def link(port: int, **changed: Any) -> MqttUpstream:
    given = {
        "name": "city",
        "host": "127.0.0.1",
        "port": port,
        "tls": False,
        "topic": "city",
        "ack_wait_s": WAIT_S,
    }
    return MqttUpstream(MqttUpstreamSettings.model_validate(given | changed))


def test_a_delivery_ends_when_the_platform_names_its_key(broker: int, platform: Platform) -> None:
    up = link(broker)
    outcomes = sent(up, readings("a"), readings("b"))
    assert [outcome.sent for outcome in outcomes] == [Sent.DONE] * 2
    assert platform.topics == ["city/YX-S1/readings"] * 2
    assert platform.stored["a"]["values"] == {"ph": [7.1, 1]}
    up.close()


def test_a_platform_that_is_silent_keeps_everything_waiting(
    broker: int, platform: Platform
) -> None:
    platform.acknowledges = False
    up = link(broker, ack_wait_s=0.3)
    (outcome,) = sent(up, readings("a"), readings("b"))
    assert (outcome.sent, "not acknowledged" in outcome.detail) == (Sent.LATER, True)
    platform.acknowledges = True
    assert [each.sent for each in up.send([readings("a"), readings("b")])] == [Sent.DONE] * 2
    up.close()


def test_a_platform_without_acknowledgement_is_trusted_as_far_as_its_broker(
    broker: int, platform: Platform
) -> None:
    platform.acknowledges = False
    up = link(broker, ack="broker")
    assert [each.sent for each in sent(up, readings("a"))] == [Sent.DONE]
    up.close()


def test_no_broker_is_the_links_trouble() -> None:
    with nobody() as port:
        up = link(port)
        (outcome,) = up.send([readings("a")])
        up.close()
    assert outcome.sent is Sent.LATER


@given(st.binary(max_size=40))
def test_no_acknowledgement_is_too_strange(payload: bytes) -> None:
    assert all(isinstance(key, str) for key in acknowledged(payload))


@pytest.mark.parametrize(
    ("payload", "keys"),
    [
        (b'{"key": "a"}', ["a"]),
        (b'{"keys": ["a", 3, "b"]}', ["a", "b"]),
        (b'{"keys": "a"}', []),
        (b"[1]", []),
        (b"{}", []),
    ],
)
def test_keys_are_read_one_or_many(payload: bytes, keys: list[str]) -> None:
    assert acknowledged(payload) == keys
