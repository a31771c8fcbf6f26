"""Reads what a plan needs, and writes its files."""

import json
from datetime import datetime
from pathlib import Path

from xunhe.adapters import polygons_file
from xunhe.domain.position import LonLat
from xunhe_tools.patrol.plan import kml, picture, qgroundcontrol, words, wpml
from xunhe_tools.patrol.plan.flight_plan import FlightPlan
from xunhe_tools.patrol.plan.legs import PlanError


def no_fly(path: Path) -> tuple[polygons_file.Ring, ...]:
    """The outer rings of every polygon in a GeoJSON file. PlanError where it is none."""
    try:
        return tuple(polygon[0] for polygon in polygons_file.read(path))
    except polygons_file.PolygonsError as error:
        raise PlanError(str(error)) from error


def place(text: str) -> LonLat:
    """A place written as latitude,longitude. PlanError where it is none."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise PlanError(f"{text}：写作 纬度,经度 / write latitude,longitude") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise PlanError(f"{text}：不在地球上 / not on the earth")
    return longitude, latitude


def write(plan: FlightPlan, folder: Path, made_at: datetime) -> list[Path]:
    """The files of a plan, by name; one each for every battery where the form knows only one."""
    code = plan.order.reach.code
    contents: dict[str, bytes] = {
        f"{code}.kml": kml.document(plan),
        f"{code}.svg": picture.drawing(plan).svg().encode(),
        f"{code}.json": json.dumps(words.document(plan), ensure_ascii=False, indent=1).encode(),
    }
    for number, leg in enumerate(plan.legs, start=1):
        contents[f"{code}-{number}.plan"] = qgroundcontrol.document(plan, leg).encode()
        contents[f"{code}-{number}.kmz"] = wpml.document(plan, leg, made_at)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in contents]
