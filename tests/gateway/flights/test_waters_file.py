"""The water over which a drone looks for things: drawn outlines first, else a line's width."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.flights.conftest import Hangar
from tests.gateway.flights.test_live import settings
from xunhe.adapters import waters_file
from xunhe.adapters.flights.live_drones import LiveDrones
from xunhe.adapters.waters_file import REGISTRY_FILE, WatersError
from xunhe.domain.registry import Registry
from xunhe.settings import DroneSettings, SettingsError, VisionSettings
from xunhe.vision.findings.water import Water
from xunhe_tools.virtual_river.drone import water_of as drawn


def write(folder: Path, value: Any) -> Path:
    path = folder / REGISTRY_FILE
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_a_reach_has_its_polygon_and_no_other_reachs(registry: Registry, tmp_path: Path) -> None:
    one, other = registry.reaches["BJ-1"], registry.reaches["YX-1"]
    features = [*drawn(one.line)["features"], *drawn(other.line)["features"]]
    write(tmp_path, {"type": "FeatureCollection", "features": features})
    (ring,) = features[0]["geometry"]["coordinates"]
    assert waters_file.water_of(one, tmp_path, 60.0).rings == (tuple(map(tuple, ring)),)


def test_without_a_polygon_of_its_own_a_reach_is_a_line_with_a_width(
    registry: Registry, tmp_path: Path
) -> None:
    """Else a polygon of another river would leave it without any water."""
    reach = registry.reaches["BJ-1"]
    line = Water.along(reach.line, 60.0)
    assert waters_file.water_of(reach, tmp_path, 60.0) == line
    path = write(tmp_path, drawn(registry.reaches["YX-1"].line))
    assert waters_file.water_of(reach, tmp_path, 60.0) == line
    with pytest.raises(WatersError, match="BJ-1"):
        waters_file.read(path, reach)


def listening(hangar: Hangar, folder: Path) -> LiveDrones:
    one = DroneSettings(live=(settings(),))
    return LiveDrones(one, VisionSettings(), hangar.book, lambda: None, folder)


def test_a_drone_in_the_air_looks_within_the_polygon(
    hangar: Hangar, registry: Registry, tmp_path: Path
) -> None:
    write(tmp_path, drawn(registry.reaches["BJ-1"].line))
    drones = listening(hangar, tmp_path)
    assert len(drones.each[0]._water.rings) == 1
    drones.close()


@pytest.mark.parametrize(
    "ruined",
    [
        partial(write, value={"type": "Point"}),
        partial(write, value={"type": "Polygon", "coordinates": [[]]}),
        partial(write, value={"type": "Polygon", "coordinates": [[[119.4, 30.3], [119.5, 30.3]]]}),
    ],
)
def test_a_file_of_waters_that_cannot_be_read_is_named(
    ruined: Callable[[Path], Path], hangar: Hangar, tmp_path: Path
) -> None:
    ruined(tmp_path)
    with pytest.raises(SettingsError, match=REGISTRY_FILE):
        listening(hangar, tmp_path)
