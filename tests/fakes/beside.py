"""Parts of the virtual river that live on an event loop, running beside a test in a thread."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xunhe_tools.virtual_river.modem import Modem, ModemFaults
from xunhe_tools.virtual_river.modem_dialects import MODEMS
from xunhe_tools.virtual_river.radio_air import AirFaults, RadioAir


@contextmanager
def _running(work: Coroutine[Any, Any, None]) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)

    def serve() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()  # what it waits on is closed after it
        loop.close()


@contextmanager
def modem(folder: Path, dialect: str, faults: ModemFaults | None = None) -> Iterator[Modem]:
    """A 4G modem of this make with its terminal in `folder`, until the block ends."""
    found = MODEMS[dialect](folder, faults)
    with _running(found.run()):
        yield found
    found.close()


@contextmanager
def radio_air(folder: Path, *names: str, faults: AirFaults | None = None) -> Iterator[RadioAir]:
    """Radios of these names in one air, until the block ends."""
    air = RadioAir(folder, names, faults or AirFaults())

    async def carry() -> None:
        air.open()
        try:
            await asyncio.Event().wait()
        finally:
            air.close()

    with _running(carry()):
        yield air
