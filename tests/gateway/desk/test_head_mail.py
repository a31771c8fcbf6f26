"""The log's head by mail, taken by a real SMTP server; one that refuses stops nothing."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.gateway.web.console_server import free_port
from xunhe.adapters.desk_head import HeadKeeper, published
from xunhe.adapters.store import desk_log
from xunhe.adapters.store.database import Database
from xunhe.settings import MailSettings

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)


@dataclass
class Letterbox:
    """Keeps what comes in; `answer` is what the server says to it."""

    answer: str = "250 OK"
    letters: list[Envelope] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802  the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.letters.append(envelope)
        return self.answer


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def mail(letterbox: Letterbox) -> Iterator[MailSettings]:
    port = free_port()
    server = Controller(letterbox, hostname="127.0.0.1", port=port)
    server.start()
    to = ("office@example.org", "audit@example.org")
    yield MailSettings(host="127.0.0.1", port=port, sender="desk@example.org", to=to)
    server.stop()


def told(database: Database) -> str:
    with database.write() as connection:
        return desk_log.append(connection, AT, "office", "task.set", "task:1", {}).hash


def test_the_head_comes_by_mail_to_everybody_who_keeps_it(
    database: Database, tmp_path: Path, mail: MailSettings, letterbox: Letterbox
) -> None:
    digest = told(database)
    HeadKeeper(database, tmp_path / "heads", mail).tick(AT)
    (letter,) = letterbox.letters
    assert letter.rcpt_tos == list(mail.to)
    assert isinstance(letter.content, bytes)
    message = message_from_bytes(letter.content, policy=policy.default)
    assert message["Subject"] == f"巡河日志 xunhe desk log 1 {digest[:12]}"
    body = message.get_body()
    assert body is not None
    assert f"seq 1\nhash {digest}\n" in body.get_content().replace("\r\n", "\n")


def test_a_mail_that_is_refused_is_said_and_the_file_has_the_head(
    database: Database,
    tmp_path: Path,
    mail: MailSettings,
    letterbox: Letterbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    letterbox.answer = "554 not here"
    digest = told(database)
    with caplog.at_level(logging.WARNING):
        HeadKeeper(database, tmp_path / "heads", mail).tick(AT)
    assert "was not mailed" in caplog.text
    assert published(tmp_path / "heads") == {1: digest}
