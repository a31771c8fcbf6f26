"""Secrets stand in no representation, no source file and no screen."""

import re
from pathlib import Path

import pytest

from xunhe.adapters.enrolment_seal import Enrolment
from xunhe.adapters.mqtt import Credentials
from xunhe.adapters.store.devices import Device
from xunhe.domain.clock import SystemClock
from xunhe.outward_settings.notify import RobotSettings
from xunhe.outward_settings.upstream import BrokerSettings
from xunhe.settings import (
    MailSettings,
    MqttSettings,
    Settings,
    SettingsError,
    WebSettings,
    load,
)

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-this-test"
_PRIVATE = re.compile(
    r"BEGIN (EC |RSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40}"
)
_FOLDERS = ("docs", "firmware", "gateway", "hardware", "models", "tests", "tools")
_TEXTS = {".py", ".md", ".toml", ".json", ".html", ".js", ".sh", ".conf", ".pem", ".key", ".yml"}


@pytest.mark.parametrize(
    "holder",
    [
        Device("a4cf12000001", "YX-S1", SECRET.encode()),
        Enrolment("a4cf12000001", "YX-S1", SECRET.encode(), SystemClock().now(), "Li"),
        Credentials("gateway", SECRET, None),  # type: ignore[arg-type]
        MqttSettings(user="u", password=SECRET, readers={"panel": SECRET}),
        WebSettings(read_token=SECRET),
        MailSettings(host="h", sender="a@b", to=("c@d",), password=SECRET),
        Settings(mqtt=MqttSettings(password=SECRET)),
        BrokerSettings(name="p", host="h", user="u", password=SECRET),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_a_secret_stands_in_no_representation(holder: object) -> None:
    assert SECRET not in repr(holder)
    assert SECRET not in str(holder)
    assert SECRET.encode().hex() not in repr(holder)


def test_the_secret_of_a_robot_stands_in_no_representation() -> None:
    hidden = {name for name, about in RobotSettings.model_fields.items() if not about.repr}
    assert {"url", "secret"} & set(RobotSettings.model_fields) <= hidden


def test_a_mistake_in_the_settings_is_told_without_the_secret_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "xunhe.toml"
    file.write_text(f'[mqtt]\npassword = "{SECRET}"\nport = 99999\nuser = ["{SECRET}"]\n')
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert "mqtt.port" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_no_private_key_lies_in_the_repository() -> None:
    for folder in _FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in _TEXTS and path.is_file():
                assert not _PRIVATE.search(path.read_text("utf-8", "replace")), path
