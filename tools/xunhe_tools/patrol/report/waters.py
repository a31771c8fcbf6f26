"""The water's outline: polygons that somebody drew, or the reach's line with a width."""

from pathlib import Path

from xunhe.domain.registry import Reach
from xunhe.vision.findings.water import Water
from xunhe_tools.patrol import polygons
from xunhe_tools.patrol.report.order import ReportError

REGISTRY_FILE = "waters.geojson"


def of(reach: Reach, file: Path | None, registry: Path, width_m: float) -> Water:
    """From the file, else the registry's own polygons, else the line. ReportError."""
    own = registry / REGISTRY_FILE
    if file is None and not own.is_file():
        return Water.along(reach.line, width_m)
    return read(file or own)


def read(path: Path) -> Water:
    """Every polygon of a GeoJSON file, with its islands. ReportError where there is none."""
    try:
        found = polygons.read(path)
    except polygons.PolygonsError as error:
        raise ReportError(str(error)) from error
    if not found:
        raise ReportError(f"{path}：没有多边形 / there is no polygon in it")
    islands = tuple(hole for _, *holes in found for hole in holes)
    return Water(tuple(polygon[0] for polygon in found), islands)
