"""The probes of a virtual board, and the vessels that a hand puts them into.

They are the virtual river's, on a real serial line. In the river they feel its noise; in a vessel
only one moment of it, as a probe does that has settled.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from xunhe_tools.buoy.calibrate_buffers import BUFFERS, buffer_value
from xunhe_tools.buoy.calibrate_standards import AIR, ZERO
from xunhe_tools.virtual_river.bus import ProbeBus
from xunhe_tools.virtual_river.chemistry import (
    Water,
    free_ammonia_share,
    oxygen_saturation_mg_l,
)
from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.model import baseline
from xunhe_tools.virtual_river.probes import Probe
from xunhe_tools.virtual_river.script import ProbeFault
from xunhe_tools.virtual_river.serial_line import SerialLine

RIVER = "river"
PROBES = (("Y504", 1), ("Y532", 2), ("Y560", 3))  # as the wizard of `provision` proposes
VESSELS = f"{RIVER}, {', '.join(BUFFERS)}, {AIR}, {ZERO}, 1.0 (mg/L NH4-N)"
_ROOM_C = 22.0
_START_S = 20.0


class VesselError(ValueError):
    """No such vessel stands on the desk."""


def in_vessel(word: str) -> Water:
    """What is in a vessel: a buffer, air-saturated or oxygen-free water, mg/L of NH4-N."""
    air = Water(_ROOM_C, ph=7.0, do_mg_l=oxygen_saturation_mg_l(_ROOM_C), nh3n_mg_l=0.0)
    if word == AIR:
        return air
    if word == ZERO:
        return replace(air, do_mg_l=0.0)
    if word in BUFFERS:
        return replace(air, ph=buffer_value(word, _ROOM_C).ph)
    try:
        nh4n_mg_l = float(word)
    except ValueError:
        raise VesselError(f"{word}: {VESSELS}") from None
    return replace(air, nh3n_mg_l=nh4n_mg_l / (1 - free_ammonia_share(air.ph, _ROOM_C)))


class Hand:
    """What the probes hang in; `put_into` moves them."""

    station, seed = "desk", 1

    def __init__(self, baud: Callable[[], int | None], now_s: Callable[[], float]) -> None:
        self.baud = baud
        self._now_s = now_s
        self._vessel: tuple[Water, float] | None = None
        self.clock = RiverClock(0.0, 0.0, 1.0, self._moment_s)

    def put_into(self, word: str) -> None:
        """Into the vessel of this name, or back into the river. VesselError."""
        self._vessel = None if word == RIVER else (in_vessel(word), self._now_s())

    def water(self, t_s: float) -> Water:
        """Of the vessel, or of the river."""
        return baseline(self.seed, t_s, t_s) if self._vessel is None else self._vessel[0]

    def fault(self, model: str, t_s: float) -> ProbeFault | None:
        """None: the probes of this desk are well."""
        return None

    def _moment_s(self) -> float:
        return self._now_s() if self._vessel is None else self._vessel[1]


class Probes:
    """PROBES on a serial line: `port` is the buoy's end of it, until closed."""

    def __init__(self, folder: Path, now_s: Callable[[], float] = time.time) -> None:
        self._folder, self._now_s = folder, now_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Probes":
        self._thread.start()
        self._line, self._bus, self._hand = asyncio.run_coroutine_threadsafe(
            self._hang(), self._loop
        ).result(_START_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._take_down(), self._loop).result(_START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self) -> str:
        """What the buoy opens."""
        return str(self._line.buoy_path.absolute())

    def put_into(self, word: str) -> None:
        """All of them into the vessel of this name. VesselError where there is none."""
        self._hand.put_into(word)

    async def _hang(self) -> tuple[SerialLine, ProbeBus, Hand]:
        line = SerialLine(self._folder, "probes")
        hand = Hand(line.baud, self._now_s)
        line.open()
        bus = ProbeBus([Probe(hand, model, address) for model, address in PROBES], line.probe_path)
        await bus.start()
        line.on_silence = bus.forget
        return line, bus, hand

    async def _take_down(self) -> None:
        self._bus.close()
        self._line.close()
