"""Where the water is, on the ground and in the picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.drone.findings.nadir import HEAD, LENGTH_M, REACH, looking_down
from xunhe.vision.findings.course import Course
from xunhe.vision.findings.water import CELL_PX, Water
from xunhe.vision.georeference.earth import moved

WATER = Water.along(REACH.line, 30.0)
BENT = (HEAD, moved(HEAD, 200.0, 0.0), moved(HEAD, 300.0, 150.0))


@pytest.mark.parametrize(("north_m", "is_water"), [(0.0, True), (14.9, True), (15.1, False)])
def test_a_line_with_a_width_is_water_to_half_of_it(north_m: float, is_water: bool) -> None:
    assert WATER.holds(moved(HEAD, 300.0, north_m)) is is_water


@pytest.mark.parametrize(("north_m", "is_water"), [(16.4, True), (16.6, False)])
def test_a_margin_counts_what_lies_so_near(north_m: float, is_water: bool) -> None:
    assert WATER.holds(moved(HEAD, 300.0, north_m), 1.5) is is_water


def test_what_lies_on_an_island_is_not_afloat() -> None:
    corners = ((290.0, -5.0), (310.0, -5.0), (310.0, 5.0), (290.0, 5.0))
    island = tuple(moved(HEAD, east, north) for east, north in corners)
    water = Water(WATER.rings, (island,))
    assert not water.holds(moved(HEAD, 300.0, 0.0))
    assert water.holds(moved(HEAD, 300.0, 8.0))


def test_the_mask_shows_the_river_where_it_lies_in_the_picture() -> None:
    mask = WATER.mask(looking_down(300.0))
    assert mask.shape == (500 // CELL_PX, 1000 // CELL_PX)
    rows = mask[:, 60].nonzero()[0] * CELL_PX + CELL_PX / 2
    assert rows.min() == pytest.approx(100, abs=CELL_PX)
    assert rows.max() == pytest.approx(400, abs=CELL_PX)


def test_far_from_the_river_the_mask_is_empty() -> None:
    assert not WATER.mask(looking_down(300.0, north_m=400.0)).any()


def test_a_margin_widens_the_mask() -> None:
    view = looking_down(300.0)
    wider = (WATER.mask(view, 8.0) > 0).sum() / (WATER.mask(view) > 0).sum()
    assert wider == pytest.approx(46 / 30, rel=0.05)


def square(east_m: float, north_m: float, half_m: float) -> tuple[tuple[float, float], ...]:
    sides = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
    return tuple(moved(HEAD, east_m + east, north_m + north) for east, north in sides)


def test_of_many_polygons_a_line_has_those_that_it_runs_through() -> None:
    island = square(300, 0, 5)
    there, beside, far = square(300, 10, 20), square(300, 70, 20), square(9000, 0, 500)
    water = Water.of([[far], [there, island], [beside]], REACH.line)
    assert water == Water((there,), (island,))


@pytest.mark.parametrize(("north_m", "meets"), [(19.9, True), (20.1, False)])
def test_a_polygon_beside_the_line_is_another_water(north_m: float, meets: bool) -> None:
    assert (Water.of([[square(300, north_m, 20)]], REACH.line) is not None) is meets


@given(st.floats(5, 350), st.floats(-15, 15))
def test_the_unrolled_river_keeps_its_distance_from_the_line_at_a_bend(
    along_m: float, left_m: float
) -> None:
    course = Course.of(BENT)
    bent = Water.along(BENT, 32.0)
    assert bent.holds(course.lon_lat(along_m, left_m), 0.1)


def test_the_left_is_the_left_in_the_direction_of_flow() -> None:
    course = Course.of(REACH.line)
    assert course.length_m == pytest.approx(LENGTH_M)
    _, north = course.lon_lat(100.0, 10.0)
    assert north > HEAD[1]
