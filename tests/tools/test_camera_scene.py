"""The virtual cameras' scenes: natural to look at is for people; here is what must hold of them."""

from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.tools.rivers import START_S
from xunhe_models.detector import Detector
from xunhe_models.discharge.finder import Finder
from xunhe_models.tiles import detect_tiled
from xunhe_tools.virtual_river.scene import (
    MAT,
    PIPE,
    PIPE_RADIUS,
    VILLAGE,
    WALL,
    WALL_WATER_Y,
    Scene,
    outfall_scene,
    village_scene,
)
from xunhe_tools.virtual_river.scene_ground import HEIGHT, WIDTH
from xunhe_tools.virtual_river.scene_light import daylight
from xunhe_tools.virtual_river.scene_outfall import outflow
from xunhe_tools.virtual_river.script import Discharge

SHIPPED = Path(str(files("xunhe_models"))) / "shipped"
NIGHT_DISCHARGE = Discharge("U", 500, START_S + 2400, 5400, 0.857, 32.0)
DRY_S, FLOWING_S, OVER_S = START_S + 1200, START_S + 3000, START_S + 12000
NOON_S = START_S + 14.5 * 3600


@cache
def outfall() -> Scene:
    return outfall_scene(7, [NIGHT_DISCHARGE])


@cache
def village() -> Scene:
    return village_scene(7)


def around_pipe(scene: Scene, river_s: float, time_s: float = 100.0) -> np.ndarray:
    x, y = PIPE
    frame = scene.frame(time_s, river_s)
    return frame[y : WALL_WATER_Y + 40, x - PIPE_RADIUS : x + PIPE_RADIUS]


def test_the_same_seed_and_times_give_the_same_picture() -> None:
    one, other = village_scene(3), village_scene(3)
    assert one.frame(12.34, NOON_S).shape == (HEIGHT, WIDTH, 3)
    assert np.array_equal(one.frame(12.34, NOON_S), other.frame(12.34, NOON_S))
    assert not np.array_equal(one.frame(12.34, NOON_S), village_scene(4).frame(12.34, NOON_S))


def test_water_moves_and_walls_stand() -> None:
    one, other = (village().frame(time_s, NOON_S).astype(int) for time_s in (50.0, 50.4))
    change = np.abs(one - other).mean(axis=2)
    assert change[600:700, 500:800].mean() > 3  # water
    assert change[300:340, 20:120].mean() < 2  # the wall, but for the sensor's noise


@pytest.mark.parametrize("ground", [WALL, VILLAGE])
def test_metres_and_pixels_are_each_others_inverse(ground: object) -> None:
    for x, y in ((10.0, 400.0), (640.0, 300.0), (1200.0, 700.0)):
        assert ground.pixel(*ground.metres(x, y)) == pytest.approx((x, y))  # type: ignore[attr-defined]
        u, v, w = ground.to_metres() @ (x, y, 1)  # type: ignore[attr-defined]
        assert (u / w, v / w) == pytest.approx(ground.metres(x, y))  # type: ignore[attr-defined]


def test_nights_are_darker_than_days_but_not_black() -> None:
    night, day = village().frame(5.0, START_S).mean(), village().frame(5.0, NOON_S).mean()
    assert 40 < night < 0.75 * day


def test_it_dawns_slowly_and_is_day_at_noon_in_china() -> None:
    steps = [daylight(START_S + minute * 60) for minute in range(24 * 60)]
    assert max(abs(a - b) for a, b in pairwise(steps)) < 0.03
    assert daylight(NOON_S) == 1
    assert daylight(START_S) == 0


@pytest.mark.parametrize(
    ("river_s", "flows"),
    [
        (NIGHT_DISCHARGE.start_s - 1, False),
        (NIGHT_DISCHARGE.start_s + 60, True),
        (NIGHT_DISCHARGE.start_s + NIGHT_DISCHARGE.duration_s - 1, True),
        (NIGHT_DISCHARGE.start_s + NIGHT_DISCHARGE.duration_s + 61, False),
    ],
)
def test_the_pipe_flows_while_the_script_says_so(river_s: float, flows: bool) -> None:
    assert (outflow([NIGHT_DISCHARGE], 0.6, river_s).strength > 0) is flows


def test_before_and_after_the_discharge_the_picture_is_the_same() -> None:
    dry, flowing, over = (
        around_pipe(outfall(), river_s) for river_s in (DRY_S, FLOWING_S, OVER_S - 3600)
    )
    assert np.array_equal(dry, over)
    assert np.abs(dry.astype(int) - flowing).mean() > 20


def test_a_plume_goes_downstream_and_never_up() -> None:
    dry, flowing = (outfall().frame(70.0, at_s).astype(int) for at_s in (DRY_S, FLOWING_S))
    change = np.abs(dry - flowing).mean(axis=2)[WALL_WATER_Y + 10 : WALL_WATER_Y + 60]
    assert change[:, PIPE[0] + 200 : PIPE[0] + 500].mean() > 8
    assert change[:, : PIPE[0] - 140].max() == 0


def test_litter_drifts_with_the_current() -> None:
    for scene, axis in ((outfall(), 0), (village(), 1)):
        flows = (0.6, -0.6)[axis]
        before = {one.enters_s: one for one in scene.traffic.at(2000.0)}
        for one in scene.traffic.at(2005.0):
            if one.enters_s in before:
                way = one.at_m(2005.0)[axis] - one.at_m(2000.0)[axis]
                assert way == pytest.approx(5 * flows, rel=0.15)


def test_the_shipped_detector_finds_the_drawn_litter_and_the_mat() -> None:
    detector = Detector(SHIPPED / "debris.onnx")
    scene, time_s = village(), 108.0
    found = detect_tiled(detector, scene.frame(time_s, NOON_S))
    sure = found.take(found.score >= 0.6)
    names = [detector.classes[class_id] for class_id in sure.class_id]
    litter = sure.take(np.array([name == "litter" for name in names]))
    visible = [scene.ground.pixel(*one.at_m(time_s)) for one in scene.traffic.at(time_s)]
    assert len(visible) >= 2
    for x, y in visible:
        boxes = litter.xyxy + np.array([-12, -12, 12, 12])
        inside = (boxes[:, 0] < x) & (x < boxes[:, 2]) & (boxes[:, 1] < y) & (y < boxes[:, 3])
        assert inside.any(), f"nothing found at {x:.0f}, {y:.0f}"
    (mat,) = (box for box, name in zip(sure.xyxy, names, strict=True) if name == "vegetation_mat")
    left, top = np.array(MAT).min(axis=0)
    right, bottom = np.array(MAT).max(axis=0)
    assert abs(mat - (left, top, right, bottom)).max() < 80


def test_the_detector_finds_nothing_on_the_water_before_a_dry_pipe() -> None:
    detector = Detector(SHIPPED / "debris.onnx")
    time_s = next(t for t in range(40, 4000) if not list(outfall().traffic.at(float(t))))
    found = detect_tiled(detector, outfall().frame(float(time_s), NOON_S))
    on_water = found.take((found.xyxy[:, 3] > WALL_WATER_Y + 20) & (found.score >= 0.35))
    corner = (0, 610, 360, HEIGHT)  # grass of the near bank
    apart = [box for box in on_water.xyxy if box[0] > corner[2] or box[3] < corner[1]]
    assert not apart


def test_the_shipped_discharge_model_tells_the_flowing_pipe_from_the_dry_one() -> None:
    finder = Finder(SHIPPED / "discharge.onnx")
    zone = (340.0, 180.0, 600.0, 430.0)
    times = [100 + 0.5 * i for i in range(5)]
    verdicts = {
        river_s: finder.zone([outfall().frame(t, river_s) for t in times], times, zone)
        for river_s in (DRY_S, FLOWING_S)
    }
    assert verdicts[DRY_S].alarms == ()
    assert "flowing" in verdicts[FLOWING_S].alarms
