"""An MQTT client over TLS that asks for whatever it is told, allowed or not; the buoy's codec."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress

from xunhe_buoy import mqtt_codec as codec

_WAIT_S = 20.0
_FILTERS_AT_ONCE = 50


class RefusedError(ConnectionError):
    """The broker does not let this client in."""


class Peer:
    """One connection; `heard` is (topic, payload) of everything that came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._buf = bytearray()
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self.heard: list[tuple[str, bytes]] = []
        self.news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def join(
        cls,
        address: tuple[str, int],
        context: ssl.SSLContext,
        user: str | None,
        password: str | None,
        *,
        client_id: str | None = None,
        will_topic: str | None = None,
    ) -> "Peer":
        """Come in. RefusedError where the broker says no; ssl.SSLError where TLS does."""
        reader, writer = await asyncio.open_connection(*address, ssl=context)
        peer = cls(reader, writer)
        will = None if will_topic is None else (will_topic, b"gone")
        name = client_id or user or "nobody"
        writer.write(codec.connect(name, user, password, 60, will))
        try:
            _, body = await peer._packet()
            codec.parse_connack(body)
        except (codec.MqttError, OSError, EOFError) as error:
            peer.abandon()
            raise RefusedError(str(error)) from error
        peer._listening = asyncio.create_task(peer._listen())
        return peer

    async def subscribe(self, filters: Sequence[str]) -> list[bool]:
        """Ask for each; True where the broker grants it, which does not yet mean that it sends."""
        granted: list[bool] = []
        for at in range(0, len(filters), _FILTERS_AT_ONCE):
            part = filters[at : at + _FILTERS_AT_ONCE]
            self._writer.write(codec.subscribe(1 + at % 65535, part, 0))
            answer = await asyncio.wait_for(self._answers.get(), _WAIT_S)
            granted += [code < 0x80 for code in answer[2:]]
        return granted

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send with QoS 0."""
        self._writer.write(codec.publish(topic, payload, retain=retain))
        await self._writer.drain()

    async def hear(self, payload: bytes, times: int = 1) -> None:
        """Wait until this payload has come so often. TimeoutError."""
        async with asyncio.timeout(_WAIT_S * 6):
            while sum(got == payload for _, got in self.heard) < times:
                self.news.clear()
                await self.news.wait()

    async def ended(self) -> bool:
        """Does the broker close the connection soon?"""
        if self._listening is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._listening), _WAIT_S)
        return self._listening is None or self._listening.done()

    def abandon(self) -> None:
        """Go without a word."""
        if self._listening is not None:
            self._listening.cancel()
        self._writer.transport.abort()

    async def _listen(self) -> None:
        with suppress(OSError, EOFError, codec.MqttError):
            while True:
                first, body = await self._packet()
                if first >> 4 == codec.PUBLISH:
                    message = codec.parse_publish(first, body)
                    self.heard.append((message.topic, message.payload))
                    self.news.set()
                elif first >> 4 == codec.SUBACK:
                    self._answers.put_nowait(body)

    async def _packet(self) -> tuple[int, bytes]:
        while (packet := codec.take_packet(self._buf)) is None:
            data = await self._reader.read(1 << 16)
            if not data:
                raise EOFError("the broker has closed the connection")
            self._buf += data
        first, body = packet
        return int(first), bytes(body)
