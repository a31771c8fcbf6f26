"""Home Assistant finds stations at the broker by what is retained there."""

import json
from datetime import timedelta
from typing import Any

from jinja2 import Environment

from tests.fakes.mosquitto import nobody
from tests.gateway.conftest import START
from tests.gateway.upstream.listener import Listener, readings, sent
from xunhe.adapters.upstream.home_assistant import HomeAssistant
from xunhe.domain.outward import Sent
from xunhe.domain.registry import Registry
from xunhe.outward_settings.upstream import HomeAssistantSettings

VALUES = {"water_temp_c": [17.2, 1], "nh3n_mg_l": [3.1, 4]}


def link(port: int, registry: Registry) -> HomeAssistant:
    given = {"name": "office", "host": "127.0.0.1", "port": port, "tls": False, "topic": "river"}
    return HomeAssistant(HomeAssistantSettings.model_validate(given), registry)


def retained(port: int, count: int) -> dict[str, Any]:
    """What somebody who comes later finds."""
    late = Listener(port, "homeassistant/#", "river/#")
    found = {topic: data for topic, data, is_retained in late.wait_for(count) if is_retained}
    late.close()
    return {t: json.loads(d) if d[:1] == b"{" else d.decode() for t, d in found.items()}


def test_whoever_comes_later_finds_stations_and_their_newest(
    broker: int, registry: Registry
) -> None:
    up = link(broker, registry)
    old = readings("b", at=START - timedelta(hours=1), **{"water_temp_c": [3.0, 1]})
    outcomes = sent(up, readings("a", **VALUES), old)
    assert [outcome.sent for outcome in outcomes] == [Sent.DONE] * 2
    found = retained(broker, 4)
    assert found["river/status"] == "online"
    assert found["river/YX-S1/state"] == {
        "at": START.isoformat(),
        "water_temp_c": 17.2,
        "water_temp_c_flag": 1,
        "nh3n_mg_l": 3.1,
        "nh3n_mg_l_flag": 4,
    }
    config = found["homeassistant/sensor/xunhe_YX-S1_water_temp_c/config"]
    assert (config["device_class"], config["unit_of_measurement"]) == ("temperature", "°C")
    assert config["state_topic"] == "river/YX-S1/state"
    assert registry.stations["YX-S1"].name in config["device"]["name"]
    ammonia = found["homeassistant/sensor/xunhe_YX-S1_nh3n_mg_l/config"]
    assert "device_class" not in ammonia
    up.close()
    assert retained(broker, 4)["river/status"] == "offline"


def test_a_doubtful_value_shows_as_unknown(broker: int, registry: Registry) -> None:
    up = link(broker, registry)
    sent(up, readings("a", **VALUES))
    found = retained(broker, 4)
    state = found["river/YX-S1/state"]
    shown = {
        prop: Environment(autoescape=True)
        .from_string(found[f"homeassistant/sensor/xunhe_YX-S1_{prop}/config"]["value_template"])
        .render(value_json=state)
        for prop in VALUES
    }
    assert shown == {"water_temp_c": "17.2", "nh3n_mg_l": "None"}
    up.close()


def test_no_broker_is_the_links_trouble(registry: Registry) -> None:
    with nobody() as port:
        up = link(port, registry)
        (outcome,) = up.send([readings("a")])
        up.close()
    assert outcome.sent is Sent.LATER
