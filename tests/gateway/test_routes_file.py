"""Planned routes of patrols: laid down once, read with the registry, refused with a reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.test_gpx import gpx, point
from xunhe.adapters import registry_file, routes_file
from xunhe.domain.planned_route import PlannedRoute
from xunhe.domain.registry import RegistryError
from xunhe_tools.cli import app

LINE = ((119.412, 30.318), (119.415, 30.319))
ROUTE = PlannedRoute("VILLAGE-1", "南岸", "South bank", LINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (registry_file.MAP_FILE, registry_file.DUTY_FILE):
        shutil.copy(DEMO_REGISTRY / name, tmp_path)
    return tmp_path


def test_a_registry_without_a_file_of_routes_has_none(folder: Path) -> None:
    assert registry_file.load(folder).routes == ()


def test_a_route_that_was_laid_down_comes_with_the_registry(folder: Path) -> None:
    assert routes_file.add_route(folder, ROUTE) is False
    assert registry_file.load(folder).routes_of("VILLAGE-1") == [ROUTE]
    assert registry_file.load(folder).routes_of("VILLAGE-2") == []


def test_a_route_of_the_same_name_takes_its_place(folder: Path) -> None:
    routes_file.add_route(folder, ROUTE)
    other = PlannedRoute("VILLAGE-1", "北岸", "", LINE)
    again = PlannedRoute("VILLAGE-1", "南岸", "", LINE[::-1])
    assert routes_file.add_route(folder, other) is False
    assert routes_file.add_route(folder, again) is True
    assert registry_file.load(folder).routes == (other, again)


def line_of(**changed: Any) -> dict[str, Any]:
    said = {"post": "VILLAGE-1", "name": "南岸"}
    geometry = {"type": "LineString", "coordinates": [list(place) for place in LINE]}
    return {"features": [{"properties": said, "geometry": geometry, **changed}]}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "no GeoJSON"),
        ({"features": {}}, "no list"),
        ({"features": [None]}, "feature 0"),
        (line_of(properties={"name": "南岸"}), "post is missing"),
        (line_of(properties={"post": "NOBODY", "name": "南岸"}), "NOBODY is not registered"),
        (line_of(geometry={"type": "Point", "coordinates": [1, 2]}), "must be a LineString"),
        (line_of(geometry={"type": "LineString", "coordinates": [[1, 2]]}), "fewer than two"),
        (line_of(geometry={"type": "LineString", "coordinates": [[1, 2], [1, 91]]}), "the earth"),
        (line_of(geometry={"type": "LineString", "coordinates": [[1], [2]]}), "feature 0"),
    ],
)
def test_what_is_no_route_is_refused_with_its_reason(value: Any, reason: str, folder: Path) -> None:
    (folder / routes_file.FILE).write_text(json.dumps(value), "utf-8")
    with pytest.raises(RegistryError, match=reason):
        registry_file.load(folder)


def lay_down(folder: Path, data: bytes, post: str = "VILLAGE-1") -> Any:
    file = folder / "walk.gpx"
    file.write_bytes(data)
    options = ["--post", post, "--name", "南岸", "--registry", str(folder)]
    return CliRunner().invoke(app, ["patrol", "route", str(file), *options])


def test_the_command_takes_a_track_with_or_without_times(folder: Path) -> None:
    walked = gpx(point(time="", lon="119.412") + point(time="", lon="119.42"))
    result = lay_down(folder, walked)
    assert result.exit_code == 0, result.output
    assert "0.77 km" in result.stdout
    (route,) = registry_file.load(folder).routes
    assert route.line == ((119.412, 30.318), (119.42, 30.318))
    assert "已替换" in lay_down(folder, walked).stdout


def test_the_command_takes_a_route_that_somebody_drew(folder: Path) -> None:
    drawn = gpx(point() + point(lon="119.43")).replace(b"<trkseg>", b"").replace(b"</trkseg>", b"")
    drawn = drawn.replace(b"trkpt", b"rtept").replace(b"<trk>", b"<rte>")
    assert lay_down(folder, drawn.replace(b"</trk>", b"</rte>")).exit_code == 0
    assert len(registry_file.load(folder).routes) == 1


@pytest.mark.parametrize(
    ("data", "post", "said"),
    [
        (b"no gpx", "VILLAGE-1", "不是可读的 GPX"),
        (gpx(point()), "VILLAGE-1", "没有轨迹"),
        (gpx(point() + point()), "NOBODY", "没有岗位 NOBODY"),
    ],
)
def test_the_command_says_what_it_cannot_use(
    data: bytes, post: str, said: str, folder: Path
) -> None:
    result = lay_down(folder, data, post)
    assert result.exit_code != 0
    assert said in result.output
    assert not (folder / routes_file.FILE).exists()
