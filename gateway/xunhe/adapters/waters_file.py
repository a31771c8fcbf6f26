"""A reach's water: the polygons that somebody drew, or its line with a width.

`waters.geojson` in the registry's folder holds the outlines of any number of waters; a reach has
those that its line runs through.
"""

from pathlib import Path

from xunhe.adapters import polygons_file
from xunhe.domain.registry import Reach
from xunhe.vision.findings.water import Water

REGISTRY_FILE = "waters.geojson"


class WatersError(ValueError):
    """A file that holds no water of the reach; names it, in both languages."""


def water_of(reach: Reach, folder: Path, width_m: float) -> Water:
    """As the registry in the folder has it. WatersError where its file cannot be read."""
    path = folder / REGISTRY_FILE
    found = Water.of(_polygons(path), reach.line) if path.is_file() else None
    return found or Water.along(reach.line, width_m)


def read(path: Path, reach: Reach) -> Water:
    """As a file has it. WatersError where there is no polygon on the reach."""
    found = Water.of(_polygons(path), reach.line)
    if found is None:
        raise WatersError(
            f"{path}：没有一个多边形在河段 {reach.code} 上 / no polygon in it lies on {reach.code}"
        )
    return found


def _polygons(path: Path) -> list[tuple[polygons_file.Ring, ...]]:
    try:
        return polygons_file.read(path)
    except polygons_file.PolygonsError as error:
        raise WatersError(str(error)) from error
