"""The air between transparent radios: what one port is given, all others get, or nobody does.

Each port is a pseudo-terminal. A packet takes its time; one that is begun while another is on the
air destroys both, as it would (no radio listens first here); and some are lost for no reason.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.virtual_river.serial_line import Pty, point

PACKET_GAP_S = 0.005  # a radio sends what it was given when nothing more comes for so long


@dataclass(frozen=True, slots=True)
class AirFaults:
    """`loss_rate` of packets, 0..1; the sequence depends on `seed`."""

    seed: int = 0
    loss_rate: float = 0.0
    air_bps: int = 9600

    def __post_init__(self) -> None:
        if not 0 <= self.loss_rate <= 1 or self.air_bps <= 0:
            raise ValueError(f"loss_rate {self.loss_rate}, air_bps {self.air_bps}")


class RadioAir:
    """Radios by name; `paths` are their terminals. Needs a running event loop from `open` on."""

    def __init__(self, directory: Path, names: tuple[str, ...], faults: AirFaults) -> None:
        self._faults = faults
        self._dice = random.Random(faults.seed)  # noqa: S311 (reproducible faults)
        self._ends = {name: Pty() for name in names}
        self.paths = {name: directory / f"{name}.radio" for name in names}
        for name, path in self.paths.items():
            point(path, self._ends[name].path)
        self._given = {name: bytearray() for name in names}
        self._sending: dict[str, asyncio.TimerHandle] = {}
        self._on_air: set[str] = set()
        self._spoilt: set[str] = set()
        self.packets = self.lost = self.collided = 0

    def open(self) -> None:
        """Begin to carry bytes."""
        for name, end in self._ends.items():
            asyncio.get_running_loop().add_reader(end.master, self._hear, name)

    def close(self) -> None:
        """Take the radios down and remove their stable paths."""
        for name, end in self._ends.items():
            asyncio.get_running_loop().remove_reader(end.master)
            end.close()
            self.paths[name].unlink(missing_ok=True)

    def _hear(self, name: str) -> None:
        self._given[name] += self._ends[name].read()
        if name not in self._on_air:
            if name in self._sending:
                self._sending[name].cancel()
            loop = asyncio.get_running_loop()
            self._sending[name] = loop.call_later(PACKET_GAP_S, self._begin, name)

    def _begin(self, name: str) -> None:
        packet = bytes(self._given[name])
        self._given[name].clear()
        if self._on_air:
            self._spoilt |= self._on_air | {name}
        self._on_air.add(name)
        self.packets += 1
        seconds = 8 * len(packet) / self._faults.air_bps
        asyncio.get_running_loop().call_later(seconds, self._end, name, packet)

    def _end(self, name: str, packet: bytes) -> None:
        self._on_air.discard(name)
        if self._given[name]:
            self._hear(name)
        if name in self._spoilt:
            self._spoilt.discard(name)
            self.collided += 1
        elif self._dice.random() < self._faults.loss_rate:
            self.lost += 1
        else:
            for other, end in self._ends.items():
                if other != name:
                    end.write(packet)
