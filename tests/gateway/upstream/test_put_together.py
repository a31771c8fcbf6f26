"""The file of links becomes couriers, each with what it reads."""

import pytest

from tests.fakes.mosquitto import free_port
from tests.gateway.conftest import StandingClock
from xunhe.adapters.mqtt import Link
from xunhe.adapters.store.database import Database
from xunhe.domain.registry import Registry
from xunhe.outward import put_together
from xunhe.outward_settings.file import OutwardFile
from xunhe.settings import MqttSettings

BROKER = {"host": "127.0.0.1", "port": 1883, "tls": False}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"sparkplug": [{"name": "scada", "group": "g", **BROKER}]}, "sparkplug.scada"),
        ({"home_assistant": [{"name": "office", **BROKER}]}, "home_assistant.office"),
    ],
)
def test_a_link_of_readings_makes_the_intake_note_them(
    database: Database, registry: Registry, clock: StandingClock, said: object, name: str
) -> None:
    file = OutwardFile.model_validate(said)
    link = Link(MqttSettings(port=free_port()))
    out = put_together(database, registry, link, clock, file, str)
    assert [courier.destination.name for courier in out.couriers] == ["broker", name]
    assert out.sends_samples


def test_two_links_of_one_name_are_refused() -> None:
    link = {"name": "office", **BROKER}
    with pytest.raises(ValueError, match="two links are called office"):
        OutwardFile.model_validate({"home_assistant": [link], "mqtt": [link]})
