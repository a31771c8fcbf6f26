"""Coverage, density, the unrolled river."""

import numpy as np
import pytest

from tests.gateway.drone.findings.nadir import HEAD, REACH, looking_down
from xunhe.domain.flight import Coverage, Stretch
from xunhe.vision.findings.course import Course
from xunhe.vision.findings.ribbon import Ribbon
from xunhe.vision.findings.seen_river import coverage, density
from xunhe.vision.findings.water import Water
from xunhe.vision.georeference.earth import moved, offset_m
from xunhe.vision.georeference.placing import View

WATER = Water.along(REACH.line, 30.0)


def painted(view: View) -> np.ndarray:
    """A picture with a red square metre round 300 m, 10 m to the left."""
    bgr = np.full((500, 1000, 3), 90, np.uint8)
    place = np.array([offset_m(moved(HEAD, 300.0, 10.0), view.pose.lon_lat)])
    x, y = np.round(view.pixels(place)[0]).astype(int).tolist()
    bgr[y - 5 : y + 5, x - 5 : x + 5] = (0, 0, 255)
    return bgr


def test_a_place_of_the_picture_lies_at_its_place_on_the_ribbon() -> None:
    ribbon = Ribbon.empty(Course.of(REACH.line), 40.0)
    view = looking_down(310.0, 3.0)
    ribbon.take(painted(view), view)
    rows, columns = np.nonzero(ribbon.bgr[..., 2] > 200)
    assert ribbon.along_m[columns].mean() == pytest.approx(300.0, abs=0.5)
    assert ribbon.left_m[rows].mean() == pytest.approx(10.0, abs=0.5)


def test_a_cell_keeps_the_frame_that_saw_it_most_from_above() -> None:
    ribbon = Ribbon.empty(Course.of(REACH.line), 40.0)
    for east_m, colour in ((300.0, 50), (330.0, 200)):
        ribbon.take(np.full((500, 1000, 3), colour, np.uint8), looking_down(east_m))
    row = ribbon.bgr[80, :, 0]
    assert row[round(305 / 0.5)] == 50
    assert row[round(325 / 0.5)] == 200


def test_coverage_is_the_water_that_the_pictures_show() -> None:
    ribbon = Ribbon.empty(Course.of(REACH.line), 40.0)
    for east_m in (100.0, 180.0, 500.0):
        view = looking_down(east_m)
        ribbon.take(np.zeros((500, 1000, 3), np.uint8), view)
    seen = coverage(REACH, ribbon, ribbon.under_water(WATER))
    assert [(round(part.from_m), round(part.to_m)) for part in seen.seen] == [(50, 230), (450, 550)]
    assert seen.share == pytest.approx(280 / 600, abs=0.01)
    assert [round(gap.length_m) for gap in seen.unseen] == [50, 220, 50]


def test_a_whole_reach_seen_has_no_gap() -> None:
    assert Coverage("R1", 600.0, (Stretch(0.0, 600.0),)).unseen == ()


def test_density_counts_pieces_on_each_hundred_metres_that_were_seen() -> None:
    seen = Coverage("R1", 560.0, (Stretch(0.0, 250.0),))
    told = density(seen, [(10.0, 0.5), (99.9, 0.5), (100.0, 1.0), (560.0, 2.0)])
    assert [(part.stretch.from_m, part.count, part.area_m2) for part in told] == [
        (0.0, 2, 1.0),
        (100.0, 1, 1.0),
        (200.0, 0, 0.0),
        (500.0, 1, 2.0),
    ]
    assert told[-1].stretch.to_m == 560.0
