"""What cannot work in `outward.toml` is told when it is read, without the secrets in it."""

from pathlib import Path
from typing import Any

import pytest

from xunhe.outward_settings.file import OutwardFile, load_outward
from xunhe.settings import SettingsError

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hook(url: str) -> dict[str, Any]:
    return {"webhook": [{"name": "city", "url": url, "secret": SECRET}]}


@pytest.mark.parametrize(
    "url",
    [
        "https://city.example/hooks/xunhe?key=a%20b",
        "http://127.0.0.1:8080",
        "http://[::1]:1/",
        "http://h:65535/",
    ],
)
def test_a_web_address_is_taken(url: str) -> None:
    assert OutwardFile.model_validate(hook(url)).webhook[0].url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "city.example/very-secret",
        "ftp://city.example/very-secret",
        "https:///very-secret",
        "http://[very-secret",
        "http://h:65536/very-secret",
        "http://h:0/very-secret",
        "http://h/very-secret b",
        "http://h/very-secret\x00",
    ],
)
def test_what_is_no_web_address_is_told_and_not_repeated(url: str, tmp_path: Path) -> None:
    file = tmp_path / "outward.toml"
    shown = url.replace("\x00", "\\u0000")
    file.write_text(f'[[webhook]]\nname = "city"\nurl = "{shown}"\nsecret = "{SECRET}"\n', "utf-8")
    with pytest.raises(SettingsError, match=r"webhook\.0\.url") as found:
        load_outward(file)
    assert "very-secret" not in str(found.value)


SERVER = {"host": "smtp.example.org", "sender": "x@example.org", "to": []}
CHANNELS = [
    {"kind": "sms", "name": "modem", "port": "/dev/ttyUSB2"},
    {"kind": "mail", "name": "mail", "server": SERVER},
    {"kind": "mail", "name": "office-mail", "server": SERVER | {"to": ["office@example.org"]}},
]


def told(channel: str, **said: Any) -> OutwardFile:
    who = {"name": "somebody", "channel": channel, **said}
    return OutwardFile.model_validate({"channel": CHANNELS, "recipient": [who]})


@pytest.mark.parametrize(
    ("channel", "to"),
    [("modem", "+8613800000000"), ("mail", "a@example.org"), ("office-mail", "")],
)
def test_whoever_can_be_reached_is_taken(channel: str, to: str) -> None:
    assert told(channel, to=to).recipient[0].to == to


@pytest.mark.parametrize(
    ("channel", "words"),
    [("modem", "wants `to`"), ("mail", "wants `to`"), ("nowhere", "is not in this file")],
)
def test_whoever_cannot_be_reached_is_told_by_name(channel: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"recipient somebody.* {channel} {words}"):
        told(channel)


def test_quiet_hours_that_end_where_they_begin_are_told() -> None:
    with pytest.raises(ValueError, match="quiet begins and ends"):
        told("mail", to="a@example.org", quiet=["22:00", "22:00"])
