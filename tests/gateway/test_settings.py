"""Settings: defaults work, a wrong key is named with the nearest right one, all are documented."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from xunhe.settings import (
    ClockSettings,
    LiveDroneSettings,
    RadioPortSettings,
    Settings,
    SettingsError,
    load,
)

DOCUMENT = Path(__file__).parents[2] / "docs/settings.md"


def of(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "xunhe.toml"
    path.write_text(text)
    return load(path)


def test_an_empty_file_gives_the_defaults_and_they_listen_on_this_machine_only(
    tmp_path: Path,
) -> None:
    settings = of(tmp_path, "")
    assert settings == Settings()
    assert (settings.web.host, settings.mqtt.host) == ("127.0.0.1", "127.0.0.1")
    assert settings.web.read_without_login is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[web]\nprot = 1", "unknown key web.prot; did you mean port?"),
        ("[wbe]\nport = 1", "unknown key wbe; did you mean web?"),
        ("[clock]\nwall_s=1\nriver_s=1\nfactr=2", "unknown key clock.factr; did you mean factor?"),
        ("[[radio.ports]]\nport='x'\nbuad=1", "key radio.ports.0.buad; did you mean baud?"),
        ("[web]\nport = 70000", "web.port: Input should be less than or equal to 65535"),
        ("[rules]\nfile = 3", "rules.file"),
        ("[web", "xunhe.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        of(tmp_path, text)
    assert message in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load(tmp_path / "none.toml")


def test_every_setting_stands_in_the_manual() -> None:
    text = DOCUMENT.read_text("utf-8")
    for section, field in Settings.model_fields.items():
        model = ClockSettings if section == "clock" else field.annotation
        assert f"[{section}]" in text
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name in model.model_fields:
            assert f"`{name}`" in text, f"docs/settings.md does not mention {section}.{name}"
    for name in RadioPortSettings.model_fields:
        assert f"`{name}`" in text, f"docs/settings.md does not mention radio.ports.{name}"
    for name in LiveDroneSettings.model_fields:
        assert f"`{name}`" in text, f"docs/settings.md does not mention drones.live.{name}"
