"""Pixels on the water: against OpenCV's projection, by hand, and by chance."""

from dataclasses import replace
from math import hypot, nan, radians, tan

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.drone.test_pose_track import pose as bare_pose
from xunhe.domain.ellipse import Ellipse
from xunhe.domain.pose import Measured, Pose
from xunhe.vision.georeference.assumptions import Assumed, completed
from xunhe.vision.georeference.earth import metres_per_degree, offset_m
from xunhe.vision.georeference.extent import area_m2, box_area_m2, footprint
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import (
    Datum,
    GroundPoint,
    Unplaced,
    View,
    WaterPlane,
    georeference,
)
from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.path import TruePose

CAMERA = TrueCamera()
LENS = Lens(960, 540, Measured(CAMERA.focal_px, 2.0), CAMERA.centre_px, CAMERA.distortion)
IDEAL = Lens.of_view(1000, 500, Measured(90.0, 1.0))  # focal length 500 px
WATER = WaterPlane(Measured(0.0, 0.0))
MIDDLE = (500.0, 250.0)


def looking(
    pitch_deg: float, yaw_deg: float = 0.0, roll_deg: float = 0.0, height_m: float = 60.0
) -> Pose:
    return replace(
        bare_pose(0.0, height_m=height_m),
        yaw_deg=Measured(yaw_deg, 1.0),
        pitch_deg=Measured(pitch_deg, 0.5),
        roll_deg=Measured(roll_deg, 0.5),
        height_above_sea_m=Measured(height_m + 12, 5.0),
    )


def placed(pose: Pose, pixel: tuple[float, float], water: WaterPlane = WATER) -> GroundPoint:
    found = georeference(pose, IDEAL, pixel, water)
    assert isinstance(found, GroundPoint)
    return found


@pytest.mark.parametrize(
    ("pose", "pixel", "east_north"),
    [
        (looking(-90), MIDDLE, (0, 0)),
        (looking(-90), (1000, 250), (60, 0)),  # 45° to the right
        (looking(-90), (500, 0), (0, 30)),
        (looking(-90, yaw_deg=90), (500, 0), (30, 0)),
        (looking(-45), MIDDLE, (0, 60)),
        (looking(-45, yaw_deg=180), MIDDLE, (0, -60)),
        (looking(-90, roll_deg=90), (1000, 250), (0, -60)),  # at nadir roll turns the picture
        (looking(-45, roll_deg=45), MIDDLE, (0, 60)),
        (looking(-90, height_m=120), (1000, 250), (120, 0)),
    ],
)
def test_a_pixel_lies_where_geometry_says(
    pose: Pose, pixel: tuple[float, float], east_north: tuple[float, float]
) -> None:
    found = placed(pose, pixel)
    assert (found.east_m, found.north_m) == pytest.approx(east_north, abs=1e-6)


@given(
    st.floats(-180, 180),
    st.floats(-90, -25),
    st.floats(-10, 10),
    st.floats(10, 150),
    st.floats(0, 960),
    st.floats(0, 540),
)
def test_every_position_projects_back_by_opencv_to_its_pixel(
    yaw_deg: float, pitch_deg: float, roll_deg: float, height_m: float, x: float, y: float
) -> None:
    found = georeference(looking(pitch_deg, yaw_deg, roll_deg, height_m), LENS, (x, y), WATER)
    if found is Unplaced.TOO_FLAT:
        return
    assert isinstance(found, GroundPoint)
    true = TruePose(0.0, 0.0, height_m, yaw_deg, pitch_deg, roll_deg)
    seen = CAMERA.pixels(true, np.array([[found.east_m, found.north_m, 0.0]]))
    assert seen[0].tolist() == pytest.approx([x, y], abs=1e-3)


@given(st.floats(-0.6, 0.6), st.floats(-0.35, 0.35))
def test_the_lens_agrees_with_opencv_both_ways(right: float, down: float) -> None:
    expected, _ = cv2.projectPoints(
        np.array([[right, down, 1.0]]),
        np.zeros(3),
        np.zeros(3),
        CAMERA.matrix,
        np.array(CAMERA.distortion),
    )
    pixel = LENS.pixels(np.array([[right, down]]))
    assert pixel.ravel().tolist() == pytest.approx(expected.ravel().tolist(), abs=1e-6)
    assert LENS.rays(pixel).ravel().tolist() == pytest.approx([right, down], abs=1e-8)


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-400, 400), st.floats(-400, 400))
def test_metres_become_degrees_as_through_the_centre_of_the_earth(
    lat: float, lon: float, east_m: float, north_m: float
) -> None:
    expected = Origin(lat, lon).metres(
        lat + north_m / metres_per_degree(lat)[1], lon + east_m / metres_per_degree(lat)[0]
    )
    assert expected == pytest.approx((east_m, north_m), abs=0.15)


REFUSED = [
    (looking(10), MIDDLE, WATER, Unplaced.TOO_FLAT),
    (looking(0), MIDDLE, WATER, Unplaced.TOO_FLAT),
    (looking(-2.9), MIDDLE, WATER, Unplaced.TOO_FLAT),
    (replace(looking(-90), pitch_deg=None), MIDDLE, WATER, Unplaced.NO_ATTITUDE),
    (replace(looking(-90), height_above_ground_m=None), MIDDLE, WATER, Unplaced.NO_HEIGHT),
    (looking(-90), MIDDLE, WaterPlane(Measured(60.0, 0.0)), Unplaced.UNDER_WATER),
]


@pytest.mark.parametrize(("pose", "pixel", "water", "reason"), REFUSED)
def test_a_pixel_without_a_position_has_a_reason(
    pose: Pose, pixel: tuple[float, float], water: WaterPlane, reason: Unplaced
) -> None:
    assert georeference(pose, IDEAL, pixel, water) is reason


@pytest.mark.parametrize("pitch_deg", [-3.4, -45.0])
def test_a_line_of_sight_above_three_degrees_and_its_errors_is_placed(pitch_deg: float) -> None:
    assert isinstance(georeference(looking(pitch_deg), IDEAL, MIDDLE, WATER), GroundPoint)


def test_a_pixel_far_outside_what_the_lens_holds_for_is_refused() -> None:
    bent = replace(LENS, distortion=(-0.6, 0.0, 0.0, 0.0, 0.0))
    assert georeference(looking(-90), bent, (5000.0, 270.0), WATER) is Unplaced.OUTSIDE_LENS


def test_water_below_the_place_of_take_off_lies_farther() -> None:
    found = placed(looking(-45), MIDDLE, WaterPlane(Measured(-6.0, 0.0)))
    assert found.north_m == pytest.approx(66)


def test_height_may_count_from_the_sea() -> None:
    water = WaterPlane(Measured(12.0, 0.0), Datum.SEA)
    assert placed(looking(-45), MIDDLE, water).north_m == pytest.approx(60)


def test_the_ellipse_is_what_chance_gives() -> None:
    draw = np.random.default_rng(1)
    pose, pixel = looking(-45, yaw_deg=30), (700.0, 300.0)
    found = placed(pose, pixel, WaterPlane(Measured(0.0, 0.5)))
    drawn = []
    for _ in range(4000):
        error = draw.standard_normal(9)
        other = View(
            pose,
            replace(IDEAL, focal_px=Measured(500 + error[0] * IDEAL.focal_px.sd, 0.0)),
            Measured(30 + error[1], 0.0),
            Measured(-45 + 0.5 * error[2], 0.0),
            Measured(0.5 * error[3], 0.0),
            Measured(60 + hypot(0.5, 0.5) * error[4], 0.0),
        )
        ground = other.ground_m(np.array([[pixel[0] + error[5], pixel[1] + error[6]]]))
        drawn.append(ground[0] + 1.5 * error[7:9])
    (ee, en), (_, nn) = np.cov(np.array(drawn).T).tolist()
    by_chance = Ellipse.of(((ee, en), (en, nn)))
    assert found.ellipse.major_m == pytest.approx(by_chance.major_m, rel=0.06)
    assert found.ellipse.minor_m == pytest.approx(by_chance.minor_m, rel=0.06)
    turned = (found.ellipse.bearing_deg - by_chance.bearing_deg + 90) % 180 - 90
    assert abs(turned) < 15


def test_the_ellipse_of_an_oblique_view_lies_along_the_line_of_sight() -> None:
    sure = replace(looking(-20, yaw_deg=70), position_sd_m=0.0, yaw_deg=Measured(70, 0.1))
    ellipse = placed(sure, MIDDLE).ellipse
    assert ellipse.bearing_deg == pytest.approx(70, abs=2)
    assert ellipse.major_m > 2 * ellipse.minor_m


def test_ninety_five_per_cent_take_two_and_a_half_standard_deviations() -> None:
    assert Ellipse(1, 1, 0).scale(0.95) == pytest.approx(2.448, abs=1e-3)


def test_a_square_of_the_water_has_its_size() -> None:
    view = View.of(looking(-40, yaw_deg=20, roll_deg=3), LENS, WATER)
    assert isinstance(view, View)
    corners = np.array([[20.0, 50.0], [30.0, 50.0], [30.0, 60.0], [20.0, 60.0]])
    polygon = [(float(x), float(y)) for x, y in view.pixels(corners)]
    assert area_m2(view, polygon) == pytest.approx(100, rel=1e-6)


def test_a_box_holds_a_round_thing() -> None:
    view = View.of(looking(-90), IDEAL, WATER)
    assert isinstance(view, View)
    # 50 pixels at 60 m and 500 px are 6 m.
    assert box_area_m2(view, (475, 225, 525, 275)) == pytest.approx(28.27, abs=0.01)
    level = View.of(looking(0), IDEAL, WATER)
    assert isinstance(level, View)
    assert box_area_m2(level, (475, 225, 525, 275)) is None


def test_the_footprint_is_what_the_picture_shows() -> None:
    view = View.of(looking(-90), IDEAL, WATER)
    assert isinstance(view, View)
    east, north = zip(
        *(offset_m(place, view.pose.lon_lat) for place in footprint(view)), strict=True
    )
    assert (min(east), max(east)) == pytest.approx((-60, 60), abs=0.01)
    assert (min(north), max(north)) == pytest.approx((-30, 30), abs=0.01)


def test_a_picture_of_the_sky_has_no_footprint() -> None:
    view = View.of(looking(60), IDEAL, WATER)
    assert isinstance(view, View)
    assert footprint(view) == []


@pytest.mark.parametrize("fov", [0.0, 180.0, -5.0])
def test_an_impossible_angle_of_view_is_refused(fov: float) -> None:
    with pytest.raises(ValueError, match="angle of view"):
        Lens.of_view(1000, 500, Measured(fov, 1.0))


def test_an_angle_of_view_tells_how_sure_the_focal_length_is() -> None:
    wider = 500 / tan(radians(91) / 2)
    assert IDEAL.focal_px.sd == pytest.approx(500 - wider, rel=0.02)


def test_a_drone_without_attitude_is_assumed_to_look_where_it_flies() -> None:
    poses = [
        replace(bare_pose(i, lon=119.0 + 1e-4 * i), yaw_deg=None, height_above_ground_m=None)
        for i in range(3)
    ]
    assumed = Assumed(pitch_deg=Measured(-90, 2), height_above_ground_m=Measured(50, 5))
    first, second, _ = completed(poses, assumed)
    assert first.yaw_deg is None  # it has not moved yet
    assert second.yaw_deg is not None
    assert (second.yaw_deg.value, second.yaw_deg.sd) == pytest.approx((90.0, 15.0))
    assert (second.pitch_deg, second.height_above_ground_m) == (Measured(-90, 2), Measured(50, 5))


def test_what_telemetry_says_is_not_overruled() -> None:
    told = looking(-45, yaw_deg=10)
    assert completed([told, replace(told, time_s=1.0)], Assumed(Measured(-90, 2)))[1] == replace(
        told, time_s=1.0
    )


def test_a_value_that_is_no_number_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="finite"):
        Measured(nan, 1.0)
