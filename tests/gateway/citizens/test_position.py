"""Distances on the ground, against figures computed from the radius alone."""

from math import cos, pi, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.domain.position import distance_m, distance_to_line_m

DEGREE_M = 2 * pi * 6_371_008.8 / 360

longitudes, latitudes = st.floats(-179, 179), st.floats(-80, 80)
positions = st.tuples(longitudes, latitudes)


def test_a_degree_north_is_the_same_everywhere() -> None:
    assert distance_m((120.0, 30.0), (120.0, 31.0)) == pytest.approx(DEGREE_M)
    assert distance_m((0.0, -1.0), (0.0, 0.0)) == pytest.approx(DEGREE_M)


def test_a_step_east_is_shorter_by_the_cosine_of_the_latitude() -> None:
    step = distance_m((120.0, 60.0), (120.001, 60.0))
    assert step == pytest.approx(DEGREE_M / 1000 * cos(radians(60)), rel=1e-6)


@given(positions, positions)
def test_the_way_there_is_as_long_as_the_way_back(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert distance_m(one, other) == pytest.approx(distance_m(other, one))
    assert distance_m(one, one) == 0


LINE = ((120.0, 30.0), (120.01, 30.0), (120.01, 30.01))


@pytest.mark.parametrize(
    ("point", "metres"),
    [
        ((120.005, 30.0), 0.0),
        ((120.005, 30.001), DEGREE_M / 1000),  # above the first stretch
        ((119.999, 30.0), DEGREE_M / 1000 * cos(radians(30))),  # before its beginning
        ((120.01, 30.012), DEGREE_M / 500),  # beyond the end
    ],
)
def test_the_distance_to_a_line_is_that_to_its_nearest_place(
    point: tuple[float, float], metres: float
) -> None:
    assert distance_to_line_m(point, LINE) == pytest.approx(metres, abs=0.5)


def test_a_line_that_stands_still_is_a_point() -> None:
    there = (120.0, 30.001)
    assert distance_to_line_m(there, ((120.0, 30.0), (120.0, 30.0))) == pytest.approx(
        distance_m(there, (120.0, 30.0)), rel=1e-6
    )
