"""Fifty operators without screens, in a process of their own: PORT COOKIE COUNT.

Each follows the stream as its page does. When an incident or alert comes it asks for the stream of
incidents at once and for the rest a moment later, as main.js does. Says `ready` once all listen.
Sockets and not an HTTP client: the measured machine must not be busy with being fifty browsers.
"""

import asyncio
import random
import sys

_NEWS = (b"event: incident\n", b"event: alert\n")
_LATER = ("/fragments/numbers", "/fragments/tickets", "/map/states.json")
_SOON_S, _SPREAD_S = 0.3, 0.9  # as in main.js


async def main(port: str, cookie: str, count: str) -> None:
    """Until the process is ended."""
    listening = asyncio.Semaphore(0)
    operators = [_Operator(int(port), cookie) for _ in range(int(count))]
    tasks = [asyncio.create_task(operator.follow(listening)) for operator in operators]
    for _ in tasks:
        await listening.acquire()
    print("ready", flush=True)
    await asyncio.gather(*tasks)


class _Operator:
    """One page's connections: the stream, and one kept open for what it asks."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port = port
        self._head = (
            f"Host: 127.0.0.1:{port}\r\nCookie: xunhe_session={cookie}\r\n"
            "Accept-Encoding: gzip\r\n\r\n"
        )
        self._asking: asyncio.Task[None] | None = None

    async def follow(self, listening: asyncio.Semaphore) -> None:
        """The stream, for good."""
        stream, writer = await asyncio.open_connection("127.0.0.1", self._port)
        asked = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(f"GET /api/v1/events HTTP/1.1\r\n{self._head}".encode())
        if b" 200 " not in await stream.readline():
            raise RuntimeError("the stream was refused")
        listening.release()
        while line := await stream.readline():
            if line in _NEWS and (self._asking is None or self._asking.done()):
                self._asking = asyncio.create_task(self._ask(*asked))

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._get(reader, writer, "/fragments/incidents")
        await asyncio.sleep(_SOON_S + random.random() * _SPREAD_S)  # noqa: S311  no secret
        for path in _LATER:
            await self._get(reader, writer, path)

    async def _get(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
    ) -> None:
        writer.write(f"GET {path} HTTP/1.1\r\n{self._head}".encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"{path}: {status.decode()}")
        size = 0
        while (line := await reader.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        await reader.readexactly(size)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
