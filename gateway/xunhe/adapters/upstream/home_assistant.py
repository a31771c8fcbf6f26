"""Home Assistant over its broker: it finds every station by itself, and sees its newest values.

    homeassistant/sensor/xunhe_<station>_<property>/config   retained: what there is
    <topic>/<station>/state                                  retained: the newest decoded values
    <topic>/status                                           retained: online | offline (will)
After https://www.home-assistant.io/integrations/mqtt/ (discovery, sensor).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import paho.mqtt.client as paho

from xunhe.adapters.upstream.connection import Connection
from xunhe.domain.observation import USABLE_FLAGS
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.domain.registry import Registry
from xunhe.outward_settings.upstream import HomeAssistantSettings
from xunhe.water.properties import named

# Those of our properties that Home Assistant has a device class for.
_CLASSES = {
    "water_temp_c": "temperature",
    "ph": "ph",
    "battery_v": "voltage",
    "conductivity_us_cm": "conductivity",
}


class HomeAssistant:
    """The newest of each station; what is older than what was shown is done without being sent."""

    pace = Pace(live_for=timedelta(minutes=2))  # what is shown already needs no sending

    def __init__(self, settings: HomeAssistantSettings, registry: Registry) -> None:
        self.name = f"home_assistant.{settings.name}"
        self._settings, self._registry = settings, registry
        self._announced: set[tuple[str, str]] = set()
        self._shown: dict[str, datetime] = {}
        self._link = Connection(settings, self._greet, client_id=f"xunhe-ha-{settings.name}")
        self._link.client.will_set(self._status, "offline", qos=1, retain=True)

    def wants(self, message: Message) -> bool:
        """Readings."""
        return message.kind == "readings"

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """DONE with the broker's PUBACK; LATER ends it."""
        if (trouble := self._link.trouble()) is not None:
            return [Outcome(Sent.LATER, trouble)]
        outcomes: list[Outcome] = []
        for message in messages:
            outcomes.append(self._show(message))
            if outcomes[-1] is not DONE:
                break
        return outcomes

    def close(self) -> None:
        """Leave the broker as unavailable."""
        self._publish(self._status, "offline")
        self._link.close()

    @property
    def _status(self) -> str:
        return f"{self._settings.topic}/status"

    def _greet(self, client: paho.Client) -> None:
        """A broker may have lost what it retained: everything is announced again."""
        self._announced.clear()
        client.publish(self._status, "online", qos=1, retain=True)

    def _show(self, message: Message) -> Outcome:
        station, values = message.body["station"], message.body["values"]
        if message.at < self._shown.get(station, message.at):
            return DONE
        if all(self._announce(station, prop) for prop in values):
            state = json.dumps(state_of(message.at, values))
            if self._publish(self._state(station), state):
                self._shown[station] = message.at
                return DONE
        return Outcome(Sent.LATER, "the broker has not confirmed it")

    def _state(self, station: str) -> str:
        return f"{self._settings.topic}/{station}/state"

    def _announce(self, station: str, prop: str) -> bool:
        """True once the broker has what Home Assistant needs to know of a property."""
        if (station, prop) in self._announced:
            return True
        known = self._registry.stations.get(station)
        name = station if known is None else f"{known.name} {known.name_en}"
        config = config_of(station, name, prop, self._state(station), self._status)
        topic = f"{self._settings.discovery}/sensor/{config['unique_id']}/config"
        is_there = self._publish(topic, json.dumps(config, ensure_ascii=False))
        if is_there:
            self._announced.add((station, prop))
        return is_there

    def _publish(self, topic: str, payload: str) -> bool:
        return self._link.publish(topic, payload, self._settings.confirm_s, retain=True)


def state_of(at: datetime, values: Mapping[str, Sequence[float | None]]) -> dict[str, Any]:
    """The values flat, each beside its QARTOD flag: {"at", "ph": 7.1, "ph_flag": 1, …}."""
    state: dict[str, Any] = {"at": at.isoformat()}
    for prop, (value, flag) in values.items():
        state |= {prop: value, f"{prop}_flag": flag}
    return state


def config_of(
    station: str, name: str, prop: str, state_topic: str, status_topic: str
) -> dict[str, Any]:
    """The announcement of one property. A value whose flag is doubtful shows as unknown."""
    zh, en, unit = named(prop)
    usable = " or ".join(f"value_json.{prop}_flag == {flag}" for flag in sorted(USABLE_FLAGS))
    config = {
        "unique_id": f"xunhe_{station}_{prop}",
        "name": f"{zh} {en}",
        "state_topic": state_topic,
        "value_template": f"{{{{ value_json.{prop} if {usable} else none }}}}",
        "json_attributes_topic": state_topic,
        "availability_topic": status_topic,
        "state_class": "measurement",
        "device": {"identifiers": [f"xunhe_{station}"], "name": name, "manufacturer": "xunhe 巡河"},
    }
    if unit:
        config["unit_of_measurement"] = unit
    if prop in _CLASSES:
        config["device_class"] = _CLASSES[prop]
    return config
