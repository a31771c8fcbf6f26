"""Which detections count as true, false or nothing."""

import numpy as np
import pytest

from xunhe_models.evaluate.matching import (
    FALSE,
    IOU_LIMITS,
    LEFT_OUT,
    TRUE,
    SizeRange,
    Truth,
    matches,
)


def boxes(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def truth(*rows: tuple[float, ...], places: int = 0) -> Truth:
    """The last `places` rows are to be left out."""
    left_out = np.arange(len(rows)) >= len(rows) - places
    return Truth(boxes(*rows), left_out)


def at_half(of: Truth, *found: tuple[float, ...]) -> list[int]:
    return matches(of, boxes(*found)).states[0].tolist()


def test_each_box_is_found_once_and_repeats_are_false() -> None:
    once = truth((0, 0, 10, 10))
    assert at_half(once, (0, 0, 10, 10), (0, 0, 10, 9)) == [TRUE, FALSE]


def test_of_two_truths_a_detection_takes_the_nearer_one() -> None:
    two = truth((0, 0, 10, 10), (2, 0, 12, 10))
    assert at_half(two, (2, 0, 12, 10), (0, 0, 10, 10)) == [TRUE, TRUE]
    assert matches(two, boxes((2, 0, 12, 10))).met[0].tolist() == [False, True]


@pytest.mark.parametrize(("right", "states"), [(10, 10), (9, 9), (5, 1), (4.9, 0)])
def test_a_detection_is_true_up_to_its_overlap(right: float, states: int) -> None:
    found = matches(truth((0, 0, 10, 10)), boxes((0, 0, right, 10))).states[:, 0]
    assert (found == TRUE).sum() == states
    assert (found[: states or None] == (TRUE if states else FALSE)).all()


def test_a_place_to_leave_out_swallows_any_number_of_small_detections() -> None:
    place = truth((0, 0, 100, 100), places=1)
    assert at_half(place, (5, 5, 15, 15), (5, 5, 15, 15), (80, 80, 95, 95)) == [LEFT_OUT] * 3
    assert at_half(place, (90, 90, 130, 130)) == [FALSE]


def test_a_box_inside_a_place_to_leave_out_still_counts() -> None:
    both = truth((10, 10, 20, 20), (0, 0, 100, 100), places=1)
    assert at_half(both, (10, 10, 20, 20), (10, 10, 20, 20)) == [TRUE, LEFT_OUT]


def test_a_place_to_leave_out_is_never_missed() -> None:
    assert not truth((0, 0, 9, 9), places=1).counted().any()


def test_boxes_of_other_sizes_neither_count_nor_hurt() -> None:
    small = SizeRange("small", 0, 32, by_area=False)
    both = truth((0, 0, 10, 10), (100, 100, 200, 200))
    found = boxes((100, 100, 200, 200), (300, 0, 400, 100), (300, 300, 310, 310), (0, 0, 10, 10))
    states = matches(both, found, small).states[0].tolist()
    assert states == [LEFT_OUT, LEFT_OUT, FALSE, TRUE]
    assert both.counted(small).tolist() == [True, False]


def test_nothing_to_find_and_nothing_found_are_no_trouble() -> None:
    assert matches(truth(), boxes()).states.shape == (len(IOU_LIMITS), 0)
    assert at_half(truth(), (0, 0, 5, 5)) == [FALSE]
    assert not matches(truth((0, 0, 5, 5)), boxes()).met.any()
