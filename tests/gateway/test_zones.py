"""A zones file is read whole or refused with every problem; areas follow the four points."""

import json
from typing import Any

import pytest

from xunhe.domain.zones import Ground, Zones, ZonesError, polygon_area

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]
FULL: dict[str, Any] = {
    "version": 1,
    "water": [{"name": "主河道", "polygon": [[0.0, 0.4], [1.0, 0.4], [1.0, 1.0], [0.0, 1.0]]}],
    "outfalls": [
        {
            "code": "YX-P1",
            "name": "一号排污口",
            "polygon": [[0.1, 0.3], [0.2, 0.3], [0.2, 0.5]],
            "upstream": [[0.3, 0.5], [0.4, 0.5], [0.4, 0.6]],
            "permitted_hours": [["08:00", "18:00"], ["22:00", "24:00"]],
            "rain_expected": "same",
        }
    ],
    "banks": [{"name": "左岸", "polygon": [[0.0, 0.2], [0.4, 0.2], [0.4, 0.4]]}],
    "ignore": [[[0.0, 0.0], [0.3, 0.0], [0.3, 0.05]]],
    "flow": [0.8, 0.1],
    "ground": {
        "px": [[0.2, 0.5], [0.8, 0.5], [1.0, 1.0], [0.0, 1.0]],
        "m": [[0.0, 20.0], [12.0, 20.0], [12.0, 0.0], [0.0, 0.0]],
    },
}


def problems(value: object) -> tuple[str, ...]:
    with pytest.raises(ZonesError) as caught:
        Zones.parse(value)
    return caught.value.problems


def test_a_full_file_survives_the_way_there_and_back() -> None:
    zones = Zones.parse(json.loads(json.dumps(FULL)))
    assert zones.to_json() == FULL
    assert Zones.parse(zones.to_json()) == zones


def test_a_file_without_water_zones_takes_the_whole_picture() -> None:
    assert Zones.parse({}) == Zones.whole() == Zones.parse({"water": []})
    assert polygon_area(Zones.whole().water[0].polygon) == 1


def test_every_problem_is_told_at_once() -> None:
    found = problems(
        {
            "version": 2,
            "watr": [],
            "water": [{"name": "", "polygon": [[0, 0], [1, 0]]}],
            "outfalls": [
                {
                    "code": "A",
                    "polygon": SQUARE,
                    "permitted_hours": [["8:00", "18:00"]],
                    "rain_expected": "never",
                }
            ],
            "flow": [0, 0],
            "ground": {"px": SQUARE, "m": [[0, 0], [1, 1], [2, 2], [0, 1]]},
        }
    )
    wanted = (
        "did you mean 'water'?",
        "version 2",
        "water[0]: name",
        "2 corners",
        "outfalls[0]: name",
        "8:00",
        "never",
        "no direction",
        "on one line",
    )
    for part in wanted:
        assert any(part in problem for problem in found), (part, found)


@pytest.mark.parametrize(
    ("polygon", "problem"),
    [
        ([[0, 0], [1, 1], [1, 0], [0, 0.8]], "crosses itself"),
        ([[0, 0], [0.5, 0.5], [1, 1]], "no area"),
        ([[0, 0], [1.2, 0], [1, 1]], "outside the picture"),
        ([[0, 0], [1, 0], [1, float("nan")]], "is not [x, y]"),
        ([[0, 0], [1, 0], [1, True]], "is not [x, y]"),
        ("whole", "must be a list"),
        ([[0, 0]] * 201, "201 corners"),
    ],
)
def test_a_polygon_that_is_none_is_refused(polygon: object, problem: str) -> None:
    (found,) = problems({"water": [{"name": "河", "polygon": polygon}]})
    assert problem in found


def test_two_zones_of_one_name_are_refused() -> None:
    zone = {"name": "河", "polygon": SQUARE}
    (found,) = problems({"water": [zone], "banks": [zone]})
    assert "河" in found


@pytest.mark.parametrize("value", [None, [], "zones", 3])
def test_what_is_no_object_is_refused(value: object) -> None:
    assert "must hold an object" in problems(value)[0]


def test_four_points_that_cross_or_lie_in_a_line_are_refused() -> None:
    crossing = {"px": [[0, 0], [1, 1], [1, 0], [0, 1]], "m": SQUARE}
    assert "in order" in problems({"ground": crossing})[0]
    assert "4 are needed" in problems({"ground": {"px": SQUARE[:3], "m": SQUARE}})[0]


def test_an_area_from_straight_above_is_the_product_of_the_sides() -> None:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    ground = Ground(corners, ((0.0, 0.0), (32.0, 0.0), (32.0, 18.0), (0.0, 18.0)))
    tenth = [(0.4, 0.4), (0.5, 0.4), (0.5, 0.5), (0.4, 0.5)]
    assert ground.area_m2(tenth) == pytest.approx(3.2 * 1.8)


def test_an_area_in_perspective_agrees_with_the_hand() -> None:
    # u = x / (2 - y), v = y / (2 - y): the unit square's lower half, y from 1/2 to 1, becomes the
    # trapezium (0, 1/3), (2/3, 1/3), (1, 1), (0, 1) of (2/3 + 1) / 2 · 2/3 = 5/9.
    px = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    ground = Ground(px, ((0.0, 0.0), (0.5, 0.0), (1.0, 1.0), (0.0, 1.0)))
    half = [(0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)]
    assert ground.area_m2(half) == pytest.approx(5 / 9)
    assert ground.area_m2(list(px)) == pytest.approx(0.75)


def test_nothing_above_the_horizon_has_an_area() -> None:
    # The sides of the trapezium meet at y = 3/8.
    px = ((0.4, 0.5), (0.6, 0.5), (1.0, 1.0), (0.0, 1.0))
    ground = Ground(px, ((0.0, 20.0), (12.0, 20.0), (12.0, 0.0), (0.0, 0.0)))
    assert ground.area_m2([(0.4, 0.6), (0.6, 0.6), (0.6, 0.7)]) is not None
    assert ground.area_m2([(0.4, 0.3), (0.6, 0.6), (0.6, 0.7)]) is None
