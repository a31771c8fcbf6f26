"""A platform's broker: a delivery ends with the platform's word, not with the broker's."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from tests.fakes.mosquitto import MOSQUITTO, free_port, mosquitto
from tests.gateway.conftest import START
from xunhe.adapters.upstream.mqtt import MqttUpstream, acknowledged
from xunhe.domain.outward import Message, Outcome, Sent
from xunhe.outward_settings.upstream import MqttUpstreamSettings

WAIT_S = 10.0


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
def port(tmp_path: Path) -> Iterator[int]:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with mosquitto(tmp_path) as port:
        yield port


@pytest.fixture
def platform(port: int) -> Iterator[Platform]:
    platform = Platform(port)
    yield platform
    platform.close()


def link(port: int, **changed: Any) -> MqttUpstream:
    given = {"name": "city", "host": "127.0.0.1", "port": port, "tls": False, "topic": "city"}
    return MqttUpstream(MqttUpstreamSettings.model_validate(given | changed))


def readings(*keys: str) -> list[Message]:
    body = {"station": "YX-S1", "values": {"ph": [7.1, 1]}}
    return [Message(key, "readings", START, body, "YX-S1") for key in keys]


def sent(up: MqttUpstream, messages: list[Message]) -> list[Outcome]:
    """Until the link is up."""
    ready = threading.Event()
    for _ in range(100):
        outcomes = list(up.send(messages))
        if outcomes and outcomes[0].detail != "not connected yet":
            return outcomes
        ready.wait(0.05)
    raise AssertionError("the link never came up")


def test_a_delivery_ends_when_the_platform_names_its_key(port: int, platform: Platform) -> None:
    up = link(port)
    outcomes = sent(up, readings("a", "b"))
    assert [outcome.sent for outcome in outcomes] == [Sent.DONE] * 2
    assert platform.topics == ["city/YX-S1/readings"] * 2
    assert platform.stored["a"]["values"] == {"ph": [7.1, 1]}
    up.close()


def test_a_platform_that_is_silent_keeps_everything_waiting(port: int, platform: Platform) -> None:
    platform.acknowledges = False
    up = link(port, ack_wait_s=0.3)
    (outcome,) = sent(up, readings("a", "b"))
    assert (outcome.sent, "not acknowledged" in outcome.detail) == (Sent.LATER, True)
    platform.acknowledges = True
    assert [each.sent for each in up.send(readings("a", "b"))] == [Sent.DONE] * 2
    up.close()


def test_a_platform_without_acknowledgement_is_trusted_as_far_as_its_broker(
    port: int, platform: Platform
) -> None:
    platform.acknowledges = False
    up = link(port, ack="broker")
    assert [each.sent for each in sent(up, readings("a"))] == [Sent.DONE]
    up.close()


def test_no_broker_is_the_links_trouble() -> None:
    up = link(free_port())
    (outcome,) = up.send(readings("a"))
    assert outcome.sent is Sent.LATER
    up.close()


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
