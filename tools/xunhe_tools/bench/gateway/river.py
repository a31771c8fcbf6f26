"""An invented land of many small rivers, so that no two discharges are the same water.

Every river is one reach with two stations; the registry is written as its user would write it.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xunhe.adapters.registry_file import DUTY_FILE, MAP_FILE
from xunhe.adapters.registry_rows import Book
from xunhe.adapters.registry_tables.writing import geojson_text
from xunhe.adapters.registry_writer import duty_text
from xunhe.adapters.store import devices
from xunhe.adapters.store.database import Database
from xunhe_tools.bench.gateway.fleet import Buoy

STATIONS_A_RIVER = 2
_LENGTH_M = 2000
_LEVELS = ("city", "district", "township", "village")

Row = dict[str, Any]


def write(folder: Path, stations: int) -> None:
    """The two files of the registry."""
    folder.mkdir(parents=True)
    rivers = range(-(-stations // STATIONS_A_RIVER))
    reaches = [_reach(river) for river in rivers]
    held = {"person": "P", "since": datetime(2020, 1, 1, tzinfo=UTC)}
    book = Book(
        {
            "reach": reaches,
            "station": [_station(number) for number in range(stations)],
            "outfall": [],
            "unit": [
                _unit(level, above) for level, above in zip(_LEVELS, (None, *_LEVELS), strict=False)
            ],
            "post": [_post(level, [reach["code"] for reach in reaches]) for level in _LEVELS],
            "person": [{"code": "P", "name": "演示人员"}],
            "tenure": [{"post": level.upper(), **held} for level in _LEVELS],
        }
    )
    (folder / MAP_FILE).write_text(geojson_text(book), "utf-8")
    (folder / DUTY_FILE).write_text(duty_text(book), "utf-8")


def buoys(stations: int) -> list[Buoy]:
    """The buoy of every station, each with a key of its own."""
    return [
        Buoy(
            f"S{number}",
            b"\2" + number.to_bytes(5, "big"),
            number.to_bytes(32, "big"),
            is_alone=number % STATIONS_A_RIVER == 0,
        )
        for number in range(stations)
    ]


def enrol(path: Path, fleet: list[Buoy]) -> None:
    """A new store that knows the buoys."""
    database = Database(path)
    database.migrate()
    now = datetime.now(UTC)
    with database.write() as connection:
        for buoy in fleet:
            devices.enrol(connection, devices.Device(buoy.device, buoy.station, buoy.key), now)
    database.close()


def _unit(level: str, above: str | None) -> Row:
    row = {
        "code": f"U-{level}",
        "name": f"单位 {level}",
        "name_en": f"Unit {level}",
        "level": level,
    }
    return row if above is None else row | {"parent": f"U-{above}"}


def _post(level: str, reaches: list[str]) -> Row:
    names = {"title": f"河长 {level}", "title_en": f"Chief {level}"}
    return {
        "code": level.upper(),
        **names,
        "level": level,
        "unit": f"U-{level}",
        "reaches": reaches,
    }


def _point(river: int, share: float) -> list[float]:
    return [round(119.0 + 0.02 * share, 6), round(25.0 + 0.005 * river, 6)]


def _reach(river: int) -> Row:
    line = {"type": "LineString", "coordinates": [_point(river, 0), _point(river, 1)]}
    return {
        "kind": "reach",
        "code": f"R{river}",
        "name": f"演示河 {river}",
        "name_en": f"River {river}",
        "river": f"演示河 {river}",
        "downstream": None,
        "length_m": _LENGTH_M,
        "velocity_m_s": 0.4,
        "discharge_m3_s": 3.0,
        "dispersion_m2_s": 10.0,
        "target": "III",
        "geometry": line,
    }


def _station(number: int) -> Row:
    river, place = divmod(number, STATIONS_A_RIVER)
    share = (place + 0.5) / STATIONS_A_RIVER
    return {
        "kind": "station",
        "code": f"S{number}",
        "name": f"{number} 号浮标",
        "name_en": f"Buoy {number}",
        "reach": f"R{river}",
        "position_m": share * _LENGTH_M,
        "interval_s": 60,
        "geometry": {"type": "Point", "coordinates": _point(river, share)},
    }
