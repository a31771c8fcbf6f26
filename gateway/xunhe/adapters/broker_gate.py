"""The gate before the embedded broker: TLS, a CONNECT in time, a name with its password.

Whoever the gate refuses, amqtt never hears of: it would drop the session of any client whose id a
stranger names, before it asks for his password (amqtt 0.12.1, `_initialize_client_session`). For
the same reason a client's id is his name.
"""

import asyncio
import logging
import ssl
from collections import defaultdict
from pathlib import Path
from typing import Any

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.errors import NoDataError

from xunhe.adapters.broker_rights import InForce, Rights
from xunhe.adapters.https import authority
from xunhe.codecs import mqtt_connect
from xunhe.codecs.mqtt_connect import Connect, ConnectError

log = logging.getLogger(__name__)

LISTENER = "default"  # amqtt insists on one of this name
MOST_BYTES = 1 << 18  # of a field of a packet: the longest that is sent here are releases' parts
_CONNECT_S = 10.0
_REFUSED = b"\x20\x02\x00\x05"  # CONNACK: not authorised (3.2.2.3)


class Gate:
    """Listens with TLS; hands over to `broker` who comes with the right name and password."""

    def __init__(self, broker: Broker, in_force: InForce, folder: Path) -> None:
        self._broker, self._in_force, self._folder = broker, in_force, folder
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._show_certificate()
        self._server: asyncio.Server | None = None
        self._inside: dict[str, set[asyncio.StreamWriter]] = defaultdict(set)

    async def open(self, host: str, port: int) -> None:
        """Listen. OSError where the port is taken."""
        self._server = await asyncio.start_server(
            self._take, host, port, ssl=self._context, ssl_handshake_timeout=_CONNECT_S
        )

    def close(self) -> None:
        """Listen no more, and send everybody away."""
        if self._server is not None:
            self._server.close()
        self._send_away(set(self._inside))

    def change(self, rights: Rights) -> None:
        """Other rights, and the present certificate; whose account changed must come again."""
        before, after = self._in_force.rights.accounts, rights.accounts
        self._in_force.rights = rights
        self._show_certificate()
        self._send_away({name for name in self._inside if after.get(name) != before.get(name)})

    def _show_certificate(self) -> None:
        self._context.load_cert_chain(
            self._folder / authority.SERVER, self._folder / authority.SERVER_KEY
        )

    def _send_away(self, names: set[str]) -> None:
        for name in names:
            for writer in self._inside.pop(name):
                writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        try:
            async with asyncio.timeout(_CONNECT_S):
                packet, wanted = await _first_packet(reader)
            self._check(wanted)
        except (ConnectError, EOFError, TimeoutError, OSError) as error:
            log.warning("broker refuses %s: %s", peer, error or "no CONNECT in time")
            writer.write(_REFUSED)
            writer.close()
            return
        name = wanted.user or ""
        self._inside[name].add(writer)
        try:
            await self._broker.external_connected(
                _Admitted(packet, reader), StreamWriterAdapter(writer), LISTENER
            )
        finally:
            self._inside[name].discard(writer)
            writer.close()

    def _check(self, wanted: Connect) -> None:
        """ConnectError where he may not come in."""
        rights = self._in_force.rights
        if not rights.admits(wanted.user, wanted.password):
            raise ConnectError(f"user {(wanted.user or 'none')[:64]!r}: unknown or wrong password")
        if wanted.client_id != wanted.user:
            raise ConnectError(f"user {wanted.user!r} must be his client id too")
        topic = wanted.will_topic
        if topic is not None and not rights.lets_send(wanted.user, topic):
            raise ConnectError(f"user {wanted.user!r} may not leave a will on {topic[:100]!r}")


async def _first_packet(reader: asyncio.StreamReader) -> tuple[bytes, Connect]:
    """The CONNECT, as it came and as it is meant."""
    head = await reader.readexactly(2)
    while (size := mqtt_connect.body_size(head)) is None:
        head += await reader.readexactly(1)
    body = await reader.readexactly(size)
    return head + body, mqtt_connect.parse(body)


class _Admitted(StreamReaderAdapter):  # type: ignore[misc]  # amqtt is untyped
    """The connection as amqtt reads it: once more from its CONNECT, and nothing of any size."""

    def __init__(self, connect: bytes, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self._connect = connect
        self._is_over = False

    async def read(self, n: int = -1) -> bytes:
        """Exactly `n` bytes. NoDataError for more than any packet has, and nothing after it."""
        if self._connect:
            found, self._connect = self._connect[:n], self._connect[n:]
            return found
        if self._is_over:
            return b""  # the end, as amqtt knows it: after an error it would read on
        if n > MOST_BYTES:
            self._is_over = True
            raise NoDataError(f"a field of {n} bytes, at most {MOST_BYTES}")
        return bytes(await super().read(n))


class RightsBroker(Broker):  # type: ignore[misc]  # amqtt is untyped
    """amqtt without a leak of its version 0.12.1."""

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Any
    ) -> None:
        """Only to who has the subscription: at every CONNECT amqtt goes through everybody's."""
        having = self.subscriptions.get(subscription[0], ())
        if any(known.client_id == session.client_id for known, _ in having):
            await super()._publish_retained_messages_for_subscription(subscription, session)
