"""Notifications: channels, who gets what by which of them, and who is on call."""

from datetime import datetime, time
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from xunhe.settings import Count, MailSettings, Positive, Section

Name = Annotated[str, Field(pattern=r"^[\w.-]+$")]
Filled = Annotated[str, Field(min_length=1)]


def _web_address(url: str) -> str:
    found = urlsplit(url)
    is_printed = url.isprintable() and " " not in url
    if found.scheme not in ("http", "https") or not found.hostname or not is_printed:
        raise ValueError("not a web address: it begins with https:// and names a host")
    if found.port == 0:  # one above 65535 is an error already
        raise ValueError("port 0 is none")
    return url


# It often holds a key: errors do not repeat it.
WebAddress = Annotated[str, AfterValidator(_web_address), Field(repr=False)]


class RobotSettings(Section):
    """A robot of a group chat. `secret` signs, where the robot asks for it."""

    kind: Literal["wecom", "dingtalk", "feishu"]
    name: Name
    url: WebAddress
    secret: Filled | None = Field(default=None, repr=False)


class MailChannelSettings(Section):
    """Mail by a server that takes it from this machine; recipients say `to`."""

    kind: Literal["mail"]
    name: Name
    server: MailSettings


class SmsSettings(Section):
    """Short messages by a 4G modem on a serial port; recipients say `to`: +8613800000000."""

    kind: Literal["sms"]
    name: Name
    port: Filled
    baud: Annotated[int, Field(ge=1200, le=921_600)] = 115_200
    a_day: Annotated[int, Field(ge=1)] = 200


class AppriseSettings(Section):
    """Any service that apprise knows, by its URL; needs `pip install apprise`."""

    kind: Literal["apprise"]
    name: Name
    url: Filled = Field(repr=False)


Channel = Annotated[
    RobotSettings | MailChannelSettings | SmsSettings | AppriseSettings, Field(discriminator="kind")
]


class RecipientSettings(Section):
    """Who is told. `offices` are posts, departments, units or `office`, as tickets name them.

    From `least` severity on; what is not severe waits while it is `quiet`, what is minor for
    `digest` of the day, where these are given. `to` is an address or a number: personal data that
    stays in this file.
    """

    name: Name
    channel: Name
    offices: tuple[str, ...] = ()
    to: str = Field(default="", repr=False)
    least: Literal["minor", "major", "severe"] = "minor"
    quiet: tuple[time, time] | None = None
    digest: time | None = None

    @model_validator(mode="after")
    def _is_quiet_for_a_while(self) -> Self:
        if self.quiet is not None and self.quiet[0] == self.quiet[1]:
            raise ValueError(f"recipient {self.name}: quiet begins and ends at the same time")
        return self


class RotaSettings(Section):
    """Recipients who take turns for some offices, `days` each, the first from `since` on."""

    offices: tuple[str, ...]
    turns: tuple[Name, ...] = Field(min_length=1)
    since: datetime
    days: Positive = 7

    @model_validator(mode="after")
    def _is_aware(self) -> Self:
        if self.since.tzinfo is None:
            raise ValueError("since needs an offset, such as 2026-11-23T08:00:00+08:00")
        return self


class NotifySettings(Section):
    """When a notice is repeated, and when somebody else is told."""

    remind_minutes: Positive = 30
    reminders: Count = 2
    escalate_minutes: Positive = 30
