"""What the pages of the links show happens, to the letter: their settings, topics and messages."""

import json
import re
from pathlib import Path
from typing import Any

from esio_spb_builder.core import sparkplug_b_pb2

from tests.gateway.conftest import START, StandingClock
from tests.gateway.upstream.listener import WAIT_S, Listener, readings, sent
from tests.gateway.upstream.web_receiver import Receiver
from xunhe.adapters.upstream.home_assistant import HomeAssistant
from xunhe.adapters.upstream.mqtt import MqttUpstream
from xunhe.adapters.upstream.sparkplug import Sparkplug
from xunhe.adapters.upstream.webhook import Webhook
from xunhe.domain.clock import SystemClock
from xunhe.domain.outward import Message, Sent
from xunhe.domain.registry import Registry
from xunhe.outward_settings.file import OutwardFile, load_outward

DOCS = Path(__file__).parents[3] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def file_of(name: str, folder: Path) -> OutwardFile:
    block = re.search(r"```toml outward\n(.*?)```", page(name), re.DOTALL)
    assert block is not None
    path = folder / "outward.toml"
    path.write_text(block[1], "utf-8")
    return load_outward(path)


def here(broker: int) -> dict[str, Any]:
    """Where the example says a platform of others, and what its broker would want."""
    return {"host": "127.0.0.1", "port": broker, "tls": False, "ca": None, "user": None}


def topics_of(name: str) -> list[str]:
    """The first cells of the table of topics."""
    return re.findall(r"^\| `([\w./-]+/[\w./-]+)` \|", page(name), re.MULTILINE)


def shown_after(name: str, topic: str) -> dict[str, Any]:
    """The JSON in the row of a topic."""
    found = re.search(rf"^\| `{topic}` \|[^`]*`(\{{.*?\}})`", page(name), re.MULTILINE)
    assert found is not None
    shown: dict[str, Any] = json.loads(found[1].replace(", …", "").replace('"…"', '"-"'))
    return shown


def test_the_webhook_is_posted_what_its_page_shows(receiver: Receiver, tmp_path: Path) -> None:
    block = re.search(r"```json\n(.*?)```", page("webhooks"), re.DOTALL)
    assert block is not None
    shown = json.loads(block[1])
    assert shown["data"].pop("…") == "…"
    (settings,) = file_of("webhooks", tmp_path).webhook
    hook = Webhook(
        settings.model_copy(update={"url": receiver.url}), shown["source"], SystemClock()
    )
    body = shown["data"]
    at = START.fromisoformat(shown["time"])
    message = Message(shown["id"], "incident", at, body, f"incident:{body['incident']}")
    assert [each.sent for each in hook.send([message])] == [Sent.DONE]
    ((headers, posted),) = receiver.posted
    assert json.loads(posted) == shown
    named = set(re.findall(r"`(webhook-[a-z]+)`", page("webhooks")))
    assert named == {name for name in headers if name.startswith("webhook-")}


def test_a_platform_hears_the_topics_of_its_page_and_ends_a_delivery(
    broker: int, tmp_path: Path
) -> None:
    (settings,) = file_of("mqtt-upstream", tmp_path).mqtt
    on_readings, on_incident, on_ack = topics_of("mqtt-upstream")
    platform = Listener(broker, on_readings, on_incident)
    shown = shown_after("mqtt-upstream", on_readings)
    told = shown_after("mqtt-upstream", on_incident)

    def answer(_client: Any, _data: Any, message: Any) -> None:
        key = json.loads(message.payload)["key"]
        platform.heard.append((message.topic, bytes(message.payload), False))
        platform.client.publish(on_ack, json.dumps({"keys": [key]}), qos=1)

    platform.client.on_message = answer
    up = MqttUpstream(settings.model_copy(update=here(broker)))
    reading = readings(shown["key"], shown["station"], **shown["values"])
    incident = Message(told["key"], "incident", START, {"change": told["change"]}, "incident:4")
    outcomes = sent(up, reading, incident)
    up.close()
    platform.close()
    assert [each.sent for each in outcomes] == [Sent.DONE] * 2
    heard = {topic: json.loads(payload) for topic, payload, _ in platform.heard}
    assert heard[on_readings] == shown | {"at": heard[on_readings]["at"]}
    assert {name: heard[on_incident][name] for name in told} == told


def test_a_scada_host_hears_the_topics_of_its_page(broker: int, tmp_path: Path) -> None:
    (settings,) = file_of("sparkplug", tmp_path).sparkplug
    shown = [topic for topic in topics_of("sparkplug") if topic.startswith("spBv1.0/")]
    born, device, data, death, command, state = shown
    host = Listener(broker, "spBv1.0/district-7/#")
    up = Sparkplug(settings.model_copy(update=here(broker)), StandingClock(START))
    (outcome,) = sent(up, readings("a"))
    assert outcome.sent is Sent.LATER
    host.publish(state, b'{"online": true, "timestamp": 1}', retain=True)
    assert up._host_is_there.wait(WAIT_S)
    sent(up, readings("a"))
    assert [topic for topic, _, _ in host.wait_for(3)] == [born, device, data]
    host.publish(command, _rebirth())
    host.wait_for(4)
    sent(up)
    assert [topic for topic, _, _ in host.wait_for(6)][4:] == [born, device]
    up.close()
    assert host.wait_for(7)[6][0] == death
    host.close()


def _rebirth() -> bytes:
    asked = sparkplug_b_pb2.Payload()
    metric = asked.metrics.add()
    metric.name, metric.datatype, metric.boolean_value = "Node Control/Rebirth", 11, True
    return bytes(asked.SerializeToString())


def test_a_home_finds_what_its_page_shows(broker: int, registry: Registry, tmp_path: Path) -> None:
    (settings,) = file_of("home-assistant", tmp_path).home_assistant
    config, state, status = topics_of("home-assistant")
    shown = shown_after("home-assistant", state)
    up = HomeAssistant(settings.model_copy(update=here(broker)), registry)
    at = START.fromisoformat(shown["at"])
    sent(up, readings("a", at=at, ph=[shown["ph"], shown["ph_flag"]]))
    late = Listener(broker, config, state, status)
    found = {topic: payload for topic, payload, _ in late.wait_for(3)}
    late.close()
    up.close()
    assert json.loads(found[state]) == shown
    assert found[status] == b"online"
    assert json.loads(found[config])["state_topic"] == state
