"""Polygons out of a GeoJSON file: no-fly zones, water."""

import json
from pathlib import Path
from typing import Any

from xunhe.domain.position import LonLat

Ring = tuple[LonLat, ...]

_LEAST_CORNERS = 3  # GeoJSON's first, told again at the end, is one too many for us


class PolygonsError(ValueError):
    """A file that holds no polygons; names it."""


def read(path: Path) -> list[tuple[Ring, ...]]:
    """Every polygon, WGS-84: its outer ring, then its holes."""
    try:
        found = _polygons(json.loads(path.read_text("utf-8")))
        return [(_ring(polygon[0]), *map(_ring, polygon[1:])) for polygon in found]
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise PolygonsError(
            f"{path}：不是含多边形的 GeoJSON / no GeoJSON of polygons: {error!r}"
        ) from error


def _polygons(value: Any) -> list[Any]:
    kind = value["type"]
    if kind == "FeatureCollection":
        return [one for feature in value["features"] for one in _polygons(feature["geometry"])]
    if kind == "Feature":
        return _polygons(value["geometry"])
    if kind == "Polygon":
        return [value["coordinates"]]
    if kind == "MultiPolygon":
        return list(value["coordinates"])
    raise ValueError(f"{kind} is no polygon")


def _ring(corners: Any) -> Ring:
    if len(corners) < _LEAST_CORNERS:
        raise ValueError(f"a ring of {len(corners)} corners has no inside")
    return tuple((float(corner[0]), float(corner[1])) for corner in corners)
