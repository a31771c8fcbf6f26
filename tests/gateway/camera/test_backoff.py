"""Waiting between tries, and the slot for the newest frame."""

import pytest

from xunhe.adapters.camera.backoff import Backoff
from xunhe.adapters.camera.latest import LatestFrame


@pytest.mark.parametrize(
    ("draw", "waits_s"),
    [
        (0.0, [1, 1, 1, 1, 1, 1, 1, 1]),
        (0.5, [1.5, 2.5, 4.5, 8.5, 16.5, 30.5, 30.5, 30.5]),
        (1.0, [2, 4, 8, 16, 32, 60, 60, 60]),
    ],
)
def test_waits_grow_to_a_minute_with_full_jitter_above_a_second(
    draw: float, waits_s: list[float]
) -> None:
    backoff = Backoff(lambda: draw)
    assert [backoff.failed() for _ in waits_s] == waits_s


def test_only_a_minute_of_good_frames_makes_the_wait_short_again() -> None:
    backoff = Backoff(lambda: 1.0)
    for _ in range(5):
        backoff.failed()
    backoff.good(1000.0)
    backoff.good(1059.9)
    assert backoff.failed() == 60
    backoff.good(2000.0)
    backoff.good(2060.0)
    assert backoff.failed() == 2


def test_good_frames_before_a_failure_do_not_count_after_it() -> None:
    backoff = Backoff(lambda: 1.0)
    backoff.failed()
    backoff.good(1000.0)
    backoff.failed()
    backoff.good(1100.0)
    assert backoff.failed() == 8


def test_a_wrong_password_is_tried_once_a_minute_so_that_the_camera_does_not_lock() -> None:
    assert Backoff(lambda: 0.0).failed(is_patient=True) == 60


def test_hundreds_of_failures_overflow_nothing() -> None:
    backoff = Backoff(lambda: 1.0)
    assert {backoff.failed() for _ in range(3000)} <= {2, 4, 8, 16, 32, 60}


def test_the_newest_frame_is_taken_once_and_the_others_are_counted() -> None:
    slot: LatestFrame[str] = LatestFrame(age_limit_s=5)
    assert slot.take(0) is None
    for number, name in enumerate("abc"):
        slot.put(name, float(number))
    assert slot.take(3) == "c"
    assert slot.take(3) is None
    assert slot.dropped == 2


def test_a_frame_beyond_the_age_limit_is_never_shown() -> None:
    slot: LatestFrame[str] = LatestFrame(age_limit_s=5)
    slot.put("fresh", 10)
    assert slot.take(15.0) == "fresh"
    slot.put("stale", 10)
    assert slot.take(15.1) is None
    assert slot.dropped == 1
