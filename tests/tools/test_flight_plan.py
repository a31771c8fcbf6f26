"""A planned flight: what it covers, where it does not go, and files that others can read."""

import io
import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.adapters import registry_file
from xunhe.domain.position import distance_to_line_m
from xunhe.domain.registry import Reach
from xunhe_tools.cli import app
from xunhe_tools.patrol.plan import kml, picture, qgroundcontrol, words, wpml
from xunhe_tools.patrol.plan.corridor import beside, length_m, lines
from xunhe_tools.patrol.plan.drone import DRONES
from xunhe_tools.patrol.plan.flight_plan import RESERVE, FlightPlan, Order, plan
from xunhe_tools.patrol.plan.legs import PlanError
from xunhe_tools.patrol.plan.no_fly import NoWayError, Zone, cut, is_clear, way

Place = tuple[float, float]
MADE_AT = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
DRONE = DRONES["mavic3e"]
SQUARE = Zone.around([(0, 0), (10, 0), (10, 10), (0, 10), (5, 5)], 0.001)
NO_FLY = ((119.4195, 30.3170), (119.4225, 30.3168), (119.4222, 30.3186), (119.4198, 30.3184))


@pytest.fixture(scope="module")
def reach() -> Reach:
    return registry_file.load(DEMO_REGISTRY).reaches["YX-1"]


@pytest.fixture(scope="module")
def simple(reach: Reach) -> FlightPlan:
    return plan(Order(reach, DRONE))


@pytest.fixture(scope="module")
def hard(reach: Reach) -> FlightPlan:
    """A wide river, small batteries, and a place where nobody may fly."""
    weak = replace(DRONE, endurance_min=20)
    homes = ((119.4165, 30.3195), (119.4300, 30.3225))
    return plan(Order(reach, weak, width_m=160, homes=homes, no_fly=(NO_FLY,)))


def haversine_m(one: Place, other: Place) -> float:
    """Written out here: an independent ruler."""
    lon, lat, other_lon, other_lat = map(math.radians, (*one, *other))
    h = math.sin((other_lat - lat) / 2) ** 2
    h += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(h))


def surveyed(found: FlightPlan) -> Iterator[tuple[Place, Place]]:
    for leg in found.legs:
        for before, after in pairwise(leg.waypoints):
            if after.is_survey:
                yield before.lon_lat, after.lon_lat


def test_a_narrow_reach_is_one_line_along_it(simple: FlightPlan, reach: Reach) -> None:
    flown_m = sum(haversine_m(*each) for each in surveyed(simple))
    river_m = sum(haversine_m(*each) for each in pairwise(reach.line))
    assert simple.lines == 1
    assert flown_m == pytest.approx(river_m, rel=2e-3)
    for place in reach.line:
        assert min(distance_to_line_m(place, line) for line in surveyed(simple)) < 0.5


def test_the_length_of_a_leg_is_what_its_waypoints_measure(hard: FlightPlan) -> None:
    for leg in hard.legs:
        places = [leg.home, *(each.lon_lat for each in leg.waypoints), leg.home]
        assert sum(haversine_m(*pair) for pair in pairwise(places)) == pytest.approx(
            leg.metres, rel=4e-3
        )


def test_no_battery_is_flown_into_its_reserve(hard: FlightPlan) -> None:
    assert len(hard.legs) > 1
    for leg in hard.legs:
        assert leg.seconds <= 20 * 60 * (1 - RESERVE)
        assert leg.seconds > leg.metres / hard.order.speed_m_s


def test_a_wide_river_has_lines_as_near_as_the_overlap_asks(hard: FlightPlan) -> None:
    swath_m = DRONE.swath_m(60)
    assert swath_m == pytest.approx(86.5, abs=0.1)
    assert hard.lines == 4  # 26 m apart: 86.5 + 3 × 26 covers 160
    middle = [(0.0, 0.0), (1000.0, 0.0)]
    asides = [line[0][1] for line in lines(middle, 160, DRONE, 60, 0.7)]
    assert max(asides) - min(asides) + swath_m >= 160


@pytest.mark.parametrize(("width_m", "count"), [(86.0, 1), (87.0, 2), (112.0, 2), (113.0, 3)])
def test_a_line_is_added_once_the_river_is_wider_than_the_pictures(
    width_m: float, count: int
) -> None:
    assert len(lines([(0.0, 0.0), (900.0, 0.0)], width_m, DRONE, 60, 0.7)) == count


def test_nothing_is_flown_inside_a_no_fly_zone(hard: FlightPlan) -> None:
    assert hard.left_out_m > 500
    assert len(hard.zones) == 1
    for leg in hard.legs:
        places = [leg.home, *(each.lon_lat for each in leg.waypoints), leg.home]
        for start, end in pairwise(places):
            for i in range(101):
                share = i / 100
                at = (
                    start[0] + share * (end[0] - start[0]),
                    start[1] + share * (end[1] - start[1]),
                )
                assert not holds(NO_FLY, at)


def holds(polygon: tuple[Place, ...], place: Place) -> bool:
    """By counting crossings."""
    inside = False
    for (x, y), (next_x, next_y) in pairwise((*polygon, polygon[0])):
        if (y > place[1]) != (next_y > place[1]):
            inside ^= place[0] < x + (place[1] - y) / (next_y - y) * (next_x - x)
    return inside


def test_the_margin_is_kept(hard: FlightPlan) -> None:
    closed = (*NO_FLY, NO_FLY[0])
    for leg in hard.legs:
        for each in leg.waypoints:
            assert distance_to_line_m(each.lon_lat, closed) > 19.8


def test_a_reach_inside_a_zone_has_no_plan(reach: Reach) -> None:
    around = ((119.0, 30.0), (120.0, 30.0), (120.0, 31.0), (119.0, 31.0))
    with pytest.raises(PlanError, match="whole reach"):
        plan(Order(reach, DRONE, no_fly=(around,)))


def test_a_home_inside_a_zone_is_refused(reach: Reach) -> None:
    with pytest.raises(PlanError, match="take-off"):
        plan(Order(reach, DRONE, homes=((119.421, 30.3178),), no_fly=(NO_FLY,)))


def test_a_home_too_far_away_is_refused_with_what_to_do(reach: Reach) -> None:
    with pytest.raises(PlanError, match="--home"):
        plan(Order(reach, DRONE, homes=((119.9, 30.9),)))


def test_a_polygon_without_an_area_is_refused(reach: Reach) -> None:
    with pytest.raises(PlanError, match="corners"):
        plan(Order(reach, DRONE, no_fly=(((119.4, 30.3), (119.5, 30.4)),)))


coordinate = st.floats(-30, 40).map(lambda value: round(value, 3))
place = st.tuples(coordinate, coordinate)


@given(place, place)
def test_a_way_never_crosses_a_zone(start: Place, end: Place) -> None:
    if SQUARE.holds(start) or SQUARE.holds(end):
        with pytest.raises(NoWayError):
            way(start, end, [SQUARE])
        return
    found = way(start, end, [SQUARE])
    assert (found[0], found[-1]) == (start, end)
    assert all(is_clear(*pair, [SQUARE]) for pair in pairwise(found))
    assert length_m(found) <= math.dist(start, end) + 45


@given(place, place)
def test_cutting_loses_only_what_lies_inside(start: Place, end: Place) -> None:
    pieces = cut((start, end), [SQUARE])
    assert all(is_clear(*pair, [SQUARE]) for piece in pieces for pair in pairwise(piece))
    inside = SQUARE.inside(start, end)
    share = 0.0 if inside is None else inside[1] - inside[0]
    left = sum(length_m(piece) for piece in pieces)
    assert left == pytest.approx(math.dist(start, end) * (1 - share), abs=1e-3)


@given(st.floats(-40, 40))
def test_a_line_beside_keeps_its_distance(aside_m: float) -> None:
    line = ((0.0, 0.0), (100.0, 0.0), (200.0, 80.0))
    moved = beside(line, aside_m)
    for (x, y), (next_x, next_y), (at_x, at_y) in zip(line[:-1], line[1:], moved[1:], strict=True):
        away = (next_x - x) * (at_y - y) - (next_y - y) * (at_x - x)
        assert away / math.dist((x, y), (next_x, next_y)) == pytest.approx(aside_m, abs=1e-6)


def test_the_file_for_qgroundcontrol_flies_the_plan(hard: FlightPlan) -> None:
    leg = hard.legs[0]
    told = json.loads(qgroundcontrol.document(hard, leg))
    assert (told["fileType"], told["version"], told["mission"]["version"]) == ("Plan", 1, 2)
    items = told["mission"]["items"]
    assert [item["doJumpId"] for item in items] == list(range(1, len(items) + 1))
    assert all(item["type"] == "SimpleItem" and len(item["params"]) == 7 for item in items)
    assert (items[0]["command"], items[-1]["command"]) == (22, 20)
    flown = [item["params"][4:] for item in items if item["command"] == 16]
    for (lat, lon, _), each in zip(flown, leg.waypoints, strict=True):
        assert (lon, lat) == pytest.approx(each.lon_lat, abs=1e-8)
    assert {height for _, _, height in flown} == {60.0}
    commands = [item["command"] for item in items]
    assert commands.count(2500) == commands.count(2501) >= 1
    (fence,) = told["geoFence"]["polygons"]
    assert fence["inclusion"] is False
    assert len(fence["polygon"]) == len(hard.zones[0])


NAMES = {"k": "http://www.opengis.net/kml/2.2", "w": "http://www.dji.com/wpmz/1.0.2"}


def of_kmz(data: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}


def test_the_file_for_dji_flies_the_plan(simple: FlightPlan) -> None:
    leg = simple.legs[0]
    files = of_kmz(wpml.document(simple, leg, MADE_AT))
    assert list(files) == ["wpmz/template.kml", "wpmz/waylines.wpml"]
    for root in files.values():
        marks = root.findall(".//k:Placemark", NAMES)
        texts = [mark.findtext("k:Point/k:coordinates", "", NAMES) for mark in marks]
        places = [tuple(map(float, text.split(","))) for text in texts]
        assert places == [pytest.approx(each.lon_lat, abs=1e-8) for each in leg.waypoints]
        numbers = [mark.findtext("w:index", "", NAMES) for mark in marks]
        assert numbers == [str(i) for i in range(len(marks))]
        drone = root.findtext(".//w:droneInfo/w:droneEnumValue", "", NAMES)
        assert drone == "77"
        does = [each.text for each in root.findall(".//w:actionActuatorFunc", NAMES)]
        assert does == ["gimbalRotate", "startRecord", "stopRecord"]
    waylines = files["wpmz/waylines.wpml"]
    assert waylines.findtext(".//w:executeHeightMode", "", NAMES) == "relativeToStartPoint"
    heights = {each.text for each in waylines.findall(".//w:executeHeight", NAMES)}
    assert heights == {"60"}
    assert float(waylines.findtext(".//w:distance", "", NAMES)) == pytest.approx(
        leg.metres, abs=0.1
    )
    ids = [each.text for each in waylines.findall(".//w:actionGroupId", NAMES)]
    assert len(ids) == len(set(ids))


def test_photographs_are_taken_as_often_as_they_overlap(reach: Reach) -> None:
    found = plan(Order(reach, DRONE, overlap=0.8, takes_photographs=True))
    # 86.5 m × 0.75 × 0.2
    assert found.photograph_every_m == 12.9
    told = json.loads(qgroundcontrol.document(found, found.legs[0]))
    every = [each["params"][0] for each in told["mission"]["items"] if each["command"] == 206]
    assert every == [12.9, 0]
    root = of_kmz(wpml.document(found, found.legs[0], MADE_AT))["wpmz/waylines.wpml"]
    triggers = {each.text for each in root.findall(".//w:actionTriggerParam", NAMES)}
    assert triggers == {"12.9"}


def test_the_globe_shows_every_leg_home_and_zone(hard: FlightPlan) -> None:
    root = ElementTree.fromstring(kml.document(hard))
    assert len(root.findall(".//k:LineString", NAMES)) == len(hard.legs)
    assert len(root.findall(".//k:Point", NAMES)) == len(hard.legs)
    assert len(root.findall(".//k:Polygon", NAMES)) == 1


def test_the_picture_shows_every_leg_and_says_what_it_costs(hard: FlightPlan) -> None:
    root = ElementTree.fromstring(picture.drawing(hard).svg())
    texts = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("电池 batteries" in text for text in texts)
    for number in range(len(hard.legs)):
        assert str(number + 1) in texts
    assert any("left out" in line for line in words.told(hard))


def run(*more: str) -> tuple[int, str]:
    arguments = ["patrol", "plan", "--reach", "YX-1", "--registry", str(DEMO_REGISTRY), *more]
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout


def test_a_dry_run_tells_the_plan_and_writes_nothing(tmp_path: Path) -> None:
    code, out = run("--dry-run", "--json", "--out", str(tmp_path / "plan"))
    told = json.loads(out)
    assert (code, told["reach"], told["batteries"]) == (0, "YX-1", 1)
    assert not (tmp_path / "plan").exists()


def test_the_command_writes_every_file(tmp_path: Path) -> None:
    zone = {"type": "Polygon", "coordinates": [[*NO_FLY, NO_FLY[0]]]}
    no_fly = tmp_path / "no-fly.geojson"
    no_fly.write_text(json.dumps(zone))
    code, _ = run("--out", str(tmp_path / "plan"), "--no-fly", str(no_fly))
    names = sorted(path.name for path in (tmp_path / "plan").iterdir())
    assert code == 0
    assert names == ["YX-1-1.kmz", "YX-1-1.plan", "YX-1.json", "YX-1.kml", "YX-1.svg"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--drone", "kite"),
        ("--home", "somewhere"),
        ("--home", "91,0"),
        ("--no-fly", "none.geojson"),
        ("--reach", "YX-99"),
        ("--height-m", "121"),
    ],
)
def test_what_cannot_be_planned_ends_in_two(wrong: tuple[str, str]) -> None:
    assert run("--dry-run", *wrong)[0] == 2
