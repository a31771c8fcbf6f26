"""Reads `outward.toml`."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from xunhe.outward_settings.hj212 import Hj212InSettings, Hj212Settings
from xunhe.outward_settings.notify import (
    Channel,
    MailChannelSettings,
    NotifySettings,
    RecipientSettings,
    RotaSettings,
    SmsSettings,
)
from xunhe.outward_settings.upstream import (
    CapSettings,
    HomeAssistantSettings,
    MqttUpstreamSettings,
    Open311Settings,
    ProvinceSettings,
    SparkplugSettings,
    WebhookSettings,
)
from xunhe.settings import Section, checked, nearest, read_toml


class OutwardFile(Section):
    """The whole file; everything in it is optional."""

    webhook: tuple[WebhookSettings, ...] = ()
    mqtt: tuple[MqttUpstreamSettings, ...] = ()
    hj212: tuple[Hj212Settings, ...] = ()
    hj212_in: Hj212InSettings | None = None
    sparkplug: tuple[SparkplugSettings, ...] = ()
    home_assistant: tuple[HomeAssistantSettings, ...] = ()
    cap: CapSettings | None = None
    open311: Open311Settings | None = None
    province: ProvinceSettings | None = None
    notify: NotifySettings = NotifySettings()
    channel: tuple[Channel, ...] = ()
    recipient: tuple[RecipientSettings, ...] = ()
    rota: tuple[RotaSettings, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        channels = [channel.name for channel in self.channel]
        people = [recipient.name for recipient in self.recipient]
        for what, names in (("channel", channels), ("recipient", people)):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"two entries of {what} are called {name}")
        links = [each.name for each in (*self.mqtt, *self.sparkplug, *self.home_assistant)]
        links += [each.name for each in self.webhook] + [each.name for each in self.hj212]
        for name in links:
            if links.count(name) > 1:
                raise ValueError(f"two links are called {name}")
        for recipient in self.recipient:
            _check(recipient.channel, channels, f"recipient {recipient.name}: channel")
        for rota in self.rota:
            for name in rota.turns:
                _check(name, people, "rota: recipient")
        return self

    @model_validator(mode="after")
    def _everybody_can_be_reached(self) -> Self:
        channels = {channel.name: channel for channel in self.channel}
        for recipient in self.recipient:
            if not recipient.to and _wants_to(channels[recipient.channel]):
                raise ValueError(f"recipient {recipient.name}: {recipient.channel} wants `to`")
        return self


def _wants_to(channel: Channel) -> bool:
    """Does whoever is told by this channel have to say where?"""
    match channel:
        case SmsSettings():
            return True
        case MailChannelSettings():
            return not channel.server.to
    return False


def _check(name: str, known: list[str], what: str) -> None:
    if name not in known:
        raise ValueError(f"{what} {name} is not in this file{nearest(name, known)}")


def load_outward(path: Path | None) -> OutwardFile:
    """The file's content; nothing leaves where there is none. SettingsError names what is wrong."""
    if path is None:
        return OutwardFile()
    return checked(OutwardFile, read_toml(path), str(path))
