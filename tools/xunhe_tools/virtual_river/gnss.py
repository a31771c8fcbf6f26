"""A simulated GNSS receiver: GGA and RMC once a second of wall time, on a PTY."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.serial_line import Pty, point

_METRES_PER_DEGREE = 111_195.0  # of latitude, on a sphere of 6371 km
_PERIOD_S = 1.0


def sentence(body: str) -> bytes:
    """`body` with "$", checksum and line end."""
    checksum = 0
    for byte in body.encode():
        checksum ^= byte
    return f"${body}*{checksum:02X}\r\n".encode()


def sentences(lat: float, lon: float, t_s: float) -> bytes:
    """GGA and RMC of a position and instant."""
    at = datetime.fromtimestamp(t_s, UTC)
    clock = at.strftime("%H%M%S.00")
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    place = f"{_angle(lat, 2)},{north},{_angle(lon, 3)},{east}"
    gga = f"GNGGA,{clock},{place},1,09,0.9,12.3,M,-8.1,M,,"
    rmc = f"GNRMC,{clock},A,{place},0.0,0.0,{at:%d%m%y},,,A"
    return sentence(gga) + sentence(rmc)


def _angle(degrees: float, digits: int) -> str:
    whole, minutes_e5 = divmod(round(abs(degrees) * 6_000_000), 6_000_000)
    return f"{whole:0{digits}d}{minutes_e5 / 1e5:08.5f}"


@dataclass(frozen=True, slots=True)
class Drift:
    """At anchor at WGS-84 degrees; from river time `adrift_s` on the buoy drifts north."""

    lat: float
    lon: float
    adrift_s: float | None = None
    drift_m_s: float = 0.5

    def __post_init__(self) -> None:
        if not (-90 < self.lat < 90 and -180 <= self.lon <= 180):
            raise ValueError(f"{self.lat}, {self.lon} is nowhere on Earth")

    def position(self, t_s: float) -> tuple[float, float]:
        """Latitude and longitude at a river time."""
        if self.adrift_s is None or t_s <= self.adrift_s:
            return self.lat, self.lon
        return self.lat + (t_s - self.adrift_s) * self.drift_m_s / _METRES_PER_DEGREE, self.lon


class Receiver:
    """One receiver at a stable path."""

    def __init__(self, path: Path, clock: RiverClock, drift: Drift) -> None:
        self._pty, self._clock, self._drift = Pty(), clock, drift
        self.path = path
        point(path, self._pty.path)

    async def speak(self) -> None:
        """Speak until cancelled; a buoy that does not listen misses it."""
        while True:
            t_s = self._clock.now_s()
            self._pty.forget_unread()
            self._pty.write(sentences(*self._drift.position(t_s), t_s))
            await asyncio.sleep(_PERIOD_S)

    def close(self) -> None:
        """Take the receiver down and remove its stable path."""
        self._pty.close()
        self.path.unlink(missing_ok=True)
