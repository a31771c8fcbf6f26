"""What a simulated modem has of the world: one real TCP connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from xunhe_tools.virtual_river.modem import ModemFaults, RefusedError, end

_READ_BYTES = 1024


class Connection:
    """One TCP connection to the world, with what arrived and was not read yet.

    `on_data` is called when something arrives after all was read, `on_end` when the peer is gone.
    """

    def __init__(
        self, faults: ModemFaults, on_data: Callable[[], None], on_end: Callable[[], None]
    ) -> None:
        self._faults = faults
        self._on_data, self._on_end = on_data, on_end
        self._waiting = bytearray()
        self._task: asyncio.Task[None] | None = None

    async def open(self, host: str, port: int) -> None:
        """Connect; OSError where that fails."""
        reader, self._writer = await asyncio.open_connection(host, port)
        self._task = asyncio.create_task(self._pump(reader))

    async def _pump(self, reader: asyncio.StreamReader) -> None:
        arrived, most = 0, self._faults.drops_after_bytes
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_READ_BYTES):
                arrived += len(data)
                if most is not None and arrived > most:
                    break
                was_empty = not self._waiting
                self._waiting += data
                if was_empty:
                    self._on_data()
        self._writer.close()
        self._on_end()

    async def send(self, data: bytes) -> None:
        """All of it; RefusedError where the connection is gone."""
        if self._writer.is_closing():
            raise RefusedError
        self._writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    def take(self, size: int) -> tuple[bytes, int]:
        """(up to `size` bytes, how many still wait)."""
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data, len(self._waiting)

    async def close(self) -> None:
        """Hang up."""
        await end(self._task)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
