"""An invented county of ten rivers: 250 reaches, 500 stations, 250 outfalls, 281 posts."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xunhe.adapters.registry_file import DUTY_FILE, MAP_FILE
from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.writing import geojson_text
from xunhe.adapters.registry_writer import duty_text

RIVERS, REACHES_A_RIVER, STATIONS_A_REACH = 10, 25, 2
INTERVAL_S = 600
_REACH_M = 2000
_BENDS = 12  # points of a reach's line, as many as a real one has
_WEST, _SOUTH = 119.2, 30.0

_HELD = {"person": "P", "since": datetime(2020, 1, 1, tzinfo=UTC)}

Row = dict[str, Any]


def reach_codes() -> list[str]:
    """Every reach, river by river."""
    return [f"R{river}-{k:02d}" for river in range(RIVERS) for k in range(REACHES_A_RIVER)]


def station_codes() -> list[str]:
    """Every station, reach by reach."""
    return [f"S-{reach}-{k}" for reach in reach_codes() for k in range(STATIONS_A_REACH)]


def post_of(reach: str) -> str:
    """The village's post at a reach."""
    return f"V-{reach}"


def write(folder: Path) -> None:
    """The two files of the registry."""
    folder.mkdir(parents=True)
    book = Book(
        {
            "reach": [{"kind": "reach", **row} for row in _reaches()],
            "station": [{"kind": "station", **row} for row in _stations()],
            "outfall": [{"kind": "outfall", **row} for row in _outfalls()],
            "unit": list(_units()),
            "post": list(_posts()),
            "person": [{"code": "P", "name": "演示人员"}],
            "tenure": [{"post": post, **_HELD} for post, *_ in _offices()],
        }
    )
    (folder / MAP_FILE).write_text(geojson_text(book), "utf-8")
    (folder / DUTY_FILE).write_text(duty_text(book), "utf-8")


def _point(reach: str, share: float) -> list[float]:
    """Along a reach, 0 to 1: rivers flow east side by side and meander."""
    river, k = int(reach[1]), int(reach[3:])
    along = k + share
    lon = _WEST + 0.02 * along
    return [round(lon, 6), round(_SOUTH + 0.06 * river + 0.008 * math.sin(3 * along + river), 6)]


def _reaches() -> Iterator[Row]:
    for code in reach_codes():
        k = int(code[3:])
        is_last = k + 1 == REACHES_A_RIVER
        line = [_point(code, bend / (_BENDS - 1)) for bend in range(_BENDS)]
        yield {
            "code": code,
            "name": f"演示河{code[1]}第{k + 1}段",
            "name_en": f"River {code[1]}, reach {k + 1}",
            "river": f"演示河{code[1]}",
            "downstream": None if is_last else f"{code[:3]}{k + 1:02d}",
            "length_m": _REACH_M,
            "velocity_m_s": 0.4,
            "discharge_m3_s": 3.0,
            "dispersion_m2_s": 10.0,
            "target": "III",
            "geometry": {"type": "LineString", "coordinates": line},
        }


def _stations() -> Iterator[Row]:
    for code in station_codes():
        reach, k = code[2:-2], int(code[-1])
        share = (k + 0.5) / STATIONS_A_REACH
        names = {"name": f"{reach} {k + 1} 号浮标", "name_en": f"Buoy {k + 1} of {reach}"}
        yield _place(code, reach, share, names) | {"interval_s": INTERVAL_S}


def _outfalls() -> Iterator[Row]:
    for reach in reach_codes():
        names = {"name": f"{reach} 排污口", "name_en": f"Outfall of {reach}"}
        yield _place(f"O-{reach}", reach, 0.1, names)


def _place(code: str, reach: str, share: float, names: Row) -> Row:
    at = {"type": "Point", "coordinates": _point(reach, share)}
    return {"code": code, **names, "reach": reach, "position_m": share * _REACH_M, "geometry": at}


def _offices() -> Iterator[tuple[str, str, str | None, list[str]]]:
    """(code, level, code of the office above, reaches)."""
    reaches = reach_codes()
    yield "CITY", "city", None, reaches
    yield "DISTRICT", "district", "CITY", reaches
    for river in range(RIVERS):
        of_river = [reach for reach in reaches if reach.startswith(f"R{river}-")]
        yield f"T-{river}", "township", "DISTRICT", of_river
    for reach in reaches:
        yield post_of(reach), "village", f"T-{reach[1]}", [reach]


def _units() -> Iterator[Row]:
    for code, level, above, _ in _offices():
        names = {"name": f"演示单位 {code}", "name_en": f"Unit {code}"}
        row = {"code": f"U-{code}", **names, "level": level}
        yield row if above is None else row | {"parent": f"U-{above}"}


def _posts() -> Iterator[Row]:
    for code, level, _, reaches in _offices():
        names = {"title": f"河长 {code}", "title_en": f"Chief {code}"}
        yield {"code": code, **names, "level": level, "reaches": reaches, "unit": f"U-{code}"}
