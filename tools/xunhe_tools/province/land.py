"""An invented province: gateways along rivers, each with its buoys; posts from village to city.

A gateway keeps one river of its own; every tenth buoy begins another reach of it.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xunhe.adapters.registry_file import DUTY_FILE, MAP_FILE
from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.writing import geojson_text
from xunhe.adapters.registry_writer import duty_text

INTERVAL_S = 900
GATEWAYS_A_DISTRICT = 50
_BUOYS_A_REACH = 10
_REACH_M = 5000
_WEST, _SOUTH, _STEP = 118.0, 27.0, 0.02  # degrees
_HELD = {"person": "P", "since": datetime(2020, 1, 1, tzinfo=UTC)}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Buoy:
    """One buoy: `address` has 6 bytes, `key` 32."""

    gateway: str
    station: str
    address: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Land:
    """So many gateways with so many buoys each; the same for the same numbers."""

    gateways: int
    buoys: int

    def codes(self) -> list[str]:
        """Of the gateways."""
        return [f"G{number:04d}" for number in range(1, self.gateways + 1)]

    def buoys_of(self, code: str) -> list[Buoy]:
        """A gateway's buoys, downstream."""
        return [_buoy(code, number) for number in range(self.buoys)]

    def write(self, folder: Path) -> None:
        """The registry's two files."""
        folder.mkdir(parents=True)
        book = Book(
            {
                "reach": [{"kind": "reach", **row} for row in self._reaches()],
                "station": [{"kind": "station", **row} for row in self._stations()],
                "unit": list(self._units()),
                "post": list(self._posts()),
                "person": [{"code": "P", "name": "演示人员"}],
                "tenure": [{"post": code, **_HELD} for code, *_ in self._offices()],
            }
        )
        (folder / MAP_FILE).write_text(geojson_text(book), "utf-8")
        (folder / DUTY_FILE).write_text(duty_text(book), "utf-8")

    def reaches_of(self, code: str) -> list[str]:
        """A gateway's reaches, downstream."""
        count = math.ceil(self.buoys / _BUOYS_A_REACH)
        return [f"{code}-R{number + 1:02d}" for number in range(count)]

    def _reaches(self) -> Iterator[Row]:
        for code in self.codes():
            reaches = self.reaches_of(code)
            for k, reach in enumerate(reaches):
                yield {
                    "code": reach,
                    "name": f"演示河{code}第{k + 1}段",
                    "name_en": f"River {code}, reach {k + 1}",
                    "river": f"演示河{code}",
                    "downstream": reaches[k + 1] if k + 1 < len(reaches) else None,
                    "length_m": _REACH_M,
                    "velocity_m_s": 0.4,
                    "discharge_m3_s": 3.0,
                    "dispersion_m2_s": 10.0,
                    "target": "III",
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [_point(code, k, 0), _point(code, k, 1)],
                    },
                }

    def _stations(self) -> Iterator[Row]:
        for code in self.codes():
            for number in range(self.buoys):
                k, place = divmod(number, _BUOYS_A_REACH)
                share = (place + 0.5) / _BUOYS_A_REACH
                yield {
                    "code": station_of(code, number),
                    "name": f"{code} {number + 1} 号浮标",
                    "name_en": f"Buoy {number + 1} of {code}",
                    "reach": f"{code}-R{k + 1:02d}",
                    "position_m": share * _REACH_M,
                    "interval_s": INTERVAL_S,
                    "geometry": {"type": "Point", "coordinates": _point(code, k, share)},
                }

    def _offices(self) -> Iterator[tuple[str, str, str | None, list[str]]]:
        """(code, level, code of the office above, reaches)."""
        codes = self.codes()
        yield "CITY", "city", None, [reach for code in codes for reach in self.reaches_of(code)]
        for first in range(0, len(codes), GATEWAYS_A_DISTRICT):
            district = f"D{first // GATEWAYS_A_DISTRICT + 1:02d}"
            own = codes[first : first + GATEWAYS_A_DISTRICT]
            reaches = [reach for code in own for reach in self.reaches_of(code)]
            yield district, "district", "CITY", reaches
            for code in own:
                yield f"T-{code}", "township", district, self.reaches_of(code)
                for reach in self.reaches_of(code):
                    yield f"V-{reach}", "village", f"T-{code}", [reach]

    def _units(self) -> Iterator[Row]:
        for code, level, above, _ in self._offices():
            names = {"name": f"演示单位 {code}", "name_en": f"Unit {code}"}
            row = {"code": f"U-{code}", **names, "level": level}
            yield row if above is None else row | {"parent": f"U-{above}"}

    def _posts(self) -> Iterator[Row]:
        for code, level, _, reaches in self._offices():
            names = {"title": f"河长 {code}", "title_en": f"Chief {code}"}
            yield {"code": code, **names, "level": level, "reaches": reaches, "unit": f"U-{code}"}


def station_of(code: str, number: int) -> str:
    """The station of a gateway's buoy, counted from 0."""
    return f"{code}-S{number + 1:03d}"


def key_of(code: str) -> bytes:
    """A gateway's key. Everything here is invented: a real key is random."""
    return hashlib.sha256(f"gateway {code}".encode()).digest()


def _buoy(code: str, number: int) -> Buoy:
    station = station_of(code, number)
    digest = hashlib.sha256(f"buoy {station}".encode()).digest()
    # Locally administered (IEEE 802 c), so that it is nobody's factory address.
    return Buoy(code, station, b"\x02" + digest[:5], hashlib.sha256(digest).digest())


def _point(code: str, k: int, share: float) -> list[float]:
    row = int(code[1:])
    lon = _WEST + _STEP * (k + share)
    return [round(lon, 6), round(_SOUTH + 0.01 * row + 0.002 * math.sin(3 * (k + share)), 6)]
