"""Pixels by distance, against a projection of points in space."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe_tools.hardware.optics import (
    GOOD_PX,
    LEAST_PX,
    LEGEND,
    Camera,
    distances,
    figures,
    verdict,
)

LENS = Camera(1280, 720, 55, 6)


def project(camera: Camera, tilt_deg: float, point: tuple[float, float, float]) -> np.ndarray:
    """Pixel of a point (right, ahead, up; water at 0) by a camera matrix of its own."""
    tilt = math.radians(tilt_deg)
    x, ahead, up = point[0], point[1], point[2] - camera.height_m
    depth = ahead * math.cos(tilt) - up * math.sin(tilt)
    down = -up * math.cos(tilt) - ahead * math.sin(tilt)
    focal = camera.width_px / 2 / math.tan(math.radians(camera.hfov_deg / 2))
    return np.array([focal * x / depth, focal * down / depth])


@given(st.floats(5, 80), st.floats(0.1, 2))
def test_a_thing_across_the_view_has_the_pixels_of_its_projection(
    metres: float, size: float
) -> None:
    aimed = math.degrees(math.atan2(LENS.height_m, metres))
    left, right = (project(LENS, aimed, (side * size / 2, metres, 0)) for side in (-1, 1))
    assert np.linalg.norm(right - left) == pytest.approx(LENS.pixels(size, metres), rel=1e-9)


@given(st.floats(10, 80))
def test_a_thing_along_the_view_is_foreshortened_as_its_projection(metres: float) -> None:
    aimed = math.degrees(math.atan2(LENS.height_m, metres))
    near, far = (project(LENS, aimed, (0, metres + end, 0)) for end in (-0.01, 0.01))
    flat = LENS.pixels(0.02, metres) * LENS.flattening(metres)
    assert near[1] - far[1] == pytest.approx(flat, rel=0.01)


@given(st.floats(15, 100))
def test_the_tilt_puts_the_upper_edge_on_the_farthest_water(far_m: float) -> None:
    row = project(LENS, LENS.tilt_deg(far_m), (0, far_m, 0))[1]
    assert row == pytest.approx(-LENS.height_px / 2, abs=0.01)
    near = project(LENS, LENS.tilt_deg(far_m), (0, LENS.near_m(far_m), 0))[1]
    assert near == pytest.approx(LENS.height_px / 2, abs=0.01)


@given(st.floats(0.2, 4))
def test_reach_is_where_the_pixels_run_out(size: float) -> None:
    reach = LENS.reach_m(size, LEAST_PX)
    assert LENS.pixels(size, reach) == pytest.approx(LEAST_PX, rel=1e-6)


def test_what_is_too_small_even_below_the_camera_has_no_reach() -> None:
    assert LENS.reach_m(0.01, GOOD_PX) == 0


@pytest.mark.parametrize(
    ("px", "sign"),
    [(11.9, "✗"), (12.0, "~"), (23.9, "~"), (24.0, "✓"), (24.1, "✓")],
)
def test_what_pixels_are_good_for(px: float, sign: str) -> None:
    assert verdict(px) == sign
    assert f"{sign} " in LEGEND


@pytest.mark.parametrize("wrong", [(0, 720, 55, 6), (1280, 720, 180, 6), (1280, 720, 55, 0)])
def test_a_camera_that_cannot_be_is_refused(wrong: tuple[int, int, float, float]) -> None:
    with pytest.raises(ValueError, match="give"):
        Camera(*wrong)


def test_the_figures_are_those_of_the_camera() -> None:
    found = figures(LENS, 40)
    assert found["tilt_deg"] == round(LENS.tilt_deg(40), 2)
    assert distances(40) == [8, 16, 24, 32, 40]
