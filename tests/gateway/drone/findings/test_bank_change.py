"""What is new on a bank is found, what only looks different is not."""

import cv2
import numpy as np
import pytest

from tests.gateway.drone.findings.nadir import REACH
from xunhe.vision.findings.bank_change import BankChange, changes
from xunhe.vision.findings.course import Course
from xunhe.vision.findings.ribbon import Ribbon
from xunhe.vision.findings.water import Water


def ribbon(shift: int = 0, light: float = 1.0) -> Ribbon:
    """Banks with texture round a smooth river; `shift` in cells along it."""
    made = Ribbon.empty(Course.of(REACH.line), 50.0)
    made.far[:] = 0.0
    draw = np.random.default_rng(7)
    rough = cv2.GaussianBlur(draw.normal(110, 60, made.far.shape).astype(np.float32), (0, 0), 1.5)
    grain = np.clip(rough * 1.5 - 55, 0, 255)
    made.bgr[:] = np.stack([grain * 0.7, grain, grain * 0.8], axis=-1)
    made.bgr[60:140] = (95, 88, 70)
    made.bgr[:] = np.clip(np.roll(made.bgr, shift, axis=1) * light, 0, 255)
    return made


def found(before: Ribbon, after: Ribbon) -> list[BankChange]:
    return changes(before, after, after.under_water(Water.along(REACH.line, 40.0)))


def with_heap(one: Ribbon) -> Ribbon:
    """Six by six metres of red on the left bank at 312 m, 27 m from the middle."""
    one.bgr[40:52, 618:630] = (40, 40, 200)
    return one


def test_a_heap_is_found_where_it_lies() -> None:
    (change,) = found(ribbon(), with_heap(ribbon()))
    assert change.middle == pytest.approx((312.0, 27.0), abs=1.5)
    assert change.area_m2 == pytest.approx(36.0, rel=0.4)


def test_the_same_bank_has_not_changed() -> None:
    assert found(ribbon(), ribbon()) == []


def test_a_heap_that_was_there_before_is_no_change() -> None:
    assert found(with_heap(ribbon()), with_heap(ribbon())) == []


def test_a_flight_two_metres_off_is_no_change() -> None:
    assert found(ribbon(), ribbon(shift=4)) == []


def test_a_heap_is_found_though_the_flights_lie_two_metres_apart() -> None:
    (change,) = found(ribbon(), with_heap(ribbon(shift=4)))
    assert change.middle == pytest.approx((312.0, 27.0), abs=2.0)


def test_a_duller_day_is_no_change() -> None:
    assert found(ribbon(), ribbon(light=0.8)) == []


def test_a_change_in_the_middle_of_the_river_is_none_of_the_bank() -> None:
    boat = ribbon()
    boat.bgr[95:105, 600:620] = (40, 40, 200)
    assert found(ribbon(), boat) == []


def test_what_one_flight_did_not_see_is_not_compared() -> None:
    before = ribbon()
    before.far[:, 560:700] = np.inf
    assert found(before, with_heap(ribbon())) == []


def test_ribbons_of_other_rivers_are_refused() -> None:
    with pytest.raises(ValueError, match="not of one course"):
        changes(Ribbon.empty(Course.of(REACH.line), 30.0), ribbon(), np.zeros((1, 1), np.bool_))
