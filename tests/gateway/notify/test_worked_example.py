"""What docs/notifications.md shows happens: its channels deliver, its people are told in turn."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fakes.mail_server import Inbox
from tests.fakes.robots import SECRET, robot
from tests.fakes.sms_modem import sms_modem
from tests.gateway.notify.test_channels import messages
from xunhe.adapters.notify.channels import channel_of
from xunhe.desk.notices import Book, goes_at
from xunhe.domain.clock import SHANGHAI, SystemClock
from xunhe.domain.incident import Severity
from xunhe.domain.outward import Sent
from xunhe.outward_settings.file import OutwardFile, load_outward
from xunhe.outward_settings.notify import Channel, MailChannelSettings, RobotSettings, SmsSettings
from xunhe_tools.cli import app

PAGE = (Path(__file__).parents[3] / "docs/notifications.md").read_text("utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    block = re.search(r"```toml outward\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    path = tmp_path / "outward.toml"
    path.write_text(block[1], "utf-8")
    return path


@pytest.fixture
def file(path: Path) -> OutwardFile:
    return load_outward(path)


def test_its_file_is_checked_as_the_page_says(path: Path) -> None:
    assert "xunhe link check outward.toml" in PAGE
    result = CliRunner().invoke(app, ["link", "check", str(path)])
    assert result.exit_code == 0
    assert "channel 5" in result.stdout


def sent(channel: Channel, to: str) -> Sequence[Sent]:
    destination = channel_of(channel, SystemClock())
    return [each.sent for each in destination.send(messages("工单 XH-2026-0004", to=to))]


def test_each_of_its_channels_delivers(file: OutwardFile, inbox: tuple[Inbox, int]) -> None:
    taken, port = inbox
    to = {each.channel: each.to for each in file.recipient}
    for channel in file.channel:
        match channel:
            case RobotSettings():
                with robot(channel.kind) as server:
                    here = {"url": server.url, "secret": channel.secret and SECRET}
                    assert sent(channel.model_copy(update=here), "") == [Sent.DONE]
                    assert server.texts == ["工单 XH-2026-0004"]
            case MailChannelSettings():
                local = {"host": "127.0.0.1", "port": port, "starttls": False}
                server = channel.server.model_copy(update=local)
                here = {"server": server}
                assert sent(channel.model_copy(update=here), to[channel.name]) == [Sent.DONE]
                assert taken.mails[0]["to"] == to[channel.name]
            case SmsSettings():
                with sms_modem() as modem:
                    here = {"port": modem.path}
                    assert sent(channel.model_copy(update=here), to[channel.name]) == [Sent.DONE]
                    assert len(modem.taken) == 1


def test_its_people_are_told_when_it_says(file: OutwardFile) -> None:
    book = Book(file.recipient, file.rota)
    begins = file.rota[0].since

    def told(office: str, severity: Severity, at: datetime) -> list[str]:
        return [each.name for each in book.told(office, severity, at)]

    assert told("VILLAGE-1", Severity.MINOR, begins) == ["village"]
    assert told("office", Severity.SEVERE, begins) == ["duty-a"]
    assert told("office", Severity.MAJOR, begins) == []
    assert told("office", Severity.MAJOR, begins + timedelta(days=7)) == ["duty-b"]
    night = datetime(2026, 11, 23, 23, 30, tzinfo=SHANGHAI)
    village = file.recipient[0]
    goes = {severity: goes_at(village, severity, night) - night for severity in Severity}
    assert goes == {
        Severity.MINOR: timedelta(hours=18),
        Severity.MAJOR: timedelta(hours=7.5),
        Severity.SEVERE: timedelta(0),
    }
