import numpy as np
import pytest

from xunhe_models.discharge.zones import chosen, cropped, squared


@pytest.mark.parametrize(
    ("times", "picked"),
    [
        ([0.0], [0, 0, 0]),
        ([0.0, 1.0, 2.0], [0, 1, 2]),
        ([0.0, 1.0, 2.0, 3.0, 4.0], [2, 3, 4]),
        ([3.0, 4.0], [0, 0, 1]),
    ],
)
def test_frames_are_taken_evenly_from_the_last_two_seconds(
    times: list[float], picked: list[int]
) -> None:
    assert chosen(times, frames=3, span_s=2.0) == picked


@pytest.mark.parametrize("times", [[], [1.0, 0.5]])
def test_no_frames_or_falling_times_are_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match="frame"):
        chosen(times, 5, 2.0)


def test_a_zone_becomes_a_square_round_its_middle() -> None:
    assert squared((10, 20, 30, 60)) == (0, 20, 40, 60)
    assert squared((10, 20, 30, 60), room=2) == (-20, 0, 60, 80)


def test_a_crop_shows_the_zone_and_repeats_the_border() -> None:
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[40:60, 40:60] = 200
    crop = cropped([frame, frame], (40, 40, 60, 60), 32)
    assert crop.shape == (2, 32, 32, 3)
    assert (crop[:, 2:-2, 2:-2] == 200).all()
    frame[:, 99] = 90
    beyond = cropped([frame], (90, 40, 130, 80), 32)
    assert (beyond[0, :, -8:] == 90).all()


def test_a_zone_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="area"):
        cropped([np.zeros((9, 9, 3), np.uint8)], (5, 5, 5, 5), 32)
