"""A real SMTP server on a port of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

_START_S = 60.0


class Inbox:
    """What it was given; refuses recipients at `refused.example`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802  the library's name
        self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any
    ) -> str:
        if to.endswith("refused.example"):
            return "550 no such user"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  the library's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        await asyncio.sleep(0)
        return "250 OK"


class _OnAnyPort(Controller):
    """The system chooses the port while it listens: nobody can take it before."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[tuple[Inbox, int]]:
    """What it is given, and its port."""
    inbox = Inbox()
    server = _OnAnyPort(inbox, hostname="127.0.0.1", port=0, ready_timeout=_START_S)
    server.start()
    yield inbox, server.port
    server.stop()
