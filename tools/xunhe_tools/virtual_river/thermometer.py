"""Simulated Maxim DS18B20 thermometers on 1-Wire (data sheet, revision 042208).

Commands: skip ROM CC, match ROM 55, convert 44, read scratchpad BE. Bytes are whole here: the
wire's time slots are the bus master's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from xunhe_tools.virtual_river.noise import sensed
from xunhe_tools.virtual_river.probes import Mooring

SKIP_ROM, MATCH_ROM, CONVERT, READ_SCRATCHPAD = 0xCC, 0x55, 0x44, 0xBE
IDLE = 0xFF  # the pull-up's
_POWER_UP = 85 * 16


def crc8(data: bytes) -> int:
    """X^8 + X^5 + X^4 + 1, bit by bit as the data sheet's shift register does."""
    crc = 0
    for byte in data:
        for i in range(8):
            feedback = (crc ^ byte >> i) & 1
            crc = crc >> 1 ^ (0x8C if feedback else 0)
    return crc


@dataclass(slots=True)
class Thermometer:
    """One chip; `conversion_s` of wall time, at most the data sheet's 0.75."""

    mooring: Mooring
    rom: str
    conversion_s: float = 0.2
    wall_s: Callable[[], float] = time.monotonic
    _heard: bytearray = field(default_factory=bytearray)
    _spoken: int = 0
    _sixteenths: int = _POWER_UP
    _ready_s: float = 0.0

    def reset(self) -> None:
        """The reset pulse: what was said before counts no more."""
        self._heard.clear()
        self._spoken = 0

    def write(self, byte: int) -> None:
        """A ROM or function command, or a byte of the ROM code."""
        self._heard.append(byte)
        if self._function() == CONVERT:
            where, now_s = self.mooring, self.mooring.clock.now_s()
            truth = where.water(now_s)
            felt = sensed(truth, where.river.seed, f"{where.station}/DS18B20/{self.rom}", now_s)
            self._sixteenths = round(16 * felt.water_temp_c)
            self._ready_s = self.wall_s() + self.conversion_s

    def read(self) -> int:
        """0 while converting, the scratchpad where it was asked for, else the idle bus."""
        function = self._function()
        if function == CONVERT:
            return IDLE if self.wall_s() >= self._ready_s else 0
        if function != READ_SCRATCHPAD or self._spoken >= 9:
            return IDLE
        self._spoken += 1
        return self._scratchpad()[self._spoken - 1]

    def _function(self) -> int | None:
        """The function command that was heard after a ROM command for this chip."""
        address = self._heard[:1]
        if address == bytes((SKIP_ROM,)):
            rest = self._heard[1:]
        elif address == bytes((MATCH_ROM,)) and self._heard[1:9] == bytes.fromhex(self.rom):
            rest = self._heard[9:]
        else:
            return None
        return rest[0] if rest else None

    def _scratchpad(self) -> bytes:
        alarm_and_configuration = bytes((0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10))
        data = self._sixteenths.to_bytes(2, "little", signed=True) + alarm_and_configuration
        return data + bytes((crc8(data),))
