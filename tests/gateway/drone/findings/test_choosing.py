"""Frames are chosen by overlap, key frames first."""

from itertools import pairwise

import pytest

from tests.gateway.drone.findings.nadir import looking_down
from xunhe.vision.findings.choosing import LONGEST_S, OVERLAP, chosen, overlap
from xunhe.vision.georeference.placing import View

SPEED_M_S = 10.0


def flying(time_s: float) -> View | None:
    """Due north at 10 m/s: a picture is 50 m tall, so two overlap by 1 - 0.2 t."""
    return looking_down(300.0, SPEED_M_S * time_s) if time_s <= 20 else None


def test_a_picture_overlaps_itself_wholly() -> None:
    assert overlap(looking_down(0.0), looking_down(0.0)) == 1.0


@pytest.mark.parametrize(("apart_m", "share"), [(25.0, 0.5), (50.0, 0.0), (500.0, 0.0)])
def test_overlap_is_the_share_of_the_ground_seen_before(apart_m: float, share: float) -> None:
    found = overlap(looking_down(0.0), looking_down(0.0, apart_m))
    assert found == pytest.approx(share, abs=0.03)  # by 320 places of the picture


def test_frequent_key_frames_are_thinned_to_the_overlap() -> None:
    keys = [i / 2 for i in range(40)]
    times = list(chosen(keys, flying))
    assert set(times) <= set(keys)
    assert {b - a for a, b in pairwise(times)} == {1.5}


def test_between_rare_key_frames_others_are_asked_for() -> None:
    times = list(chosen([0.0, 4.0, 8.0], flying))
    assert {0.0, 4.0, 8.0} <= set(times)
    views = [flying(time_s) for time_s in times]
    assert all(a and b and overlap(a, b) >= OVERLAP for a, b in pairwise(views))


def test_a_drone_that_hovers_looks_again_after_a_while() -> None:
    times = list(chosen([float(i) for i in range(31)], lambda _: looking_down(300.0)))
    assert [b - a for a, b in pairwise(times)] == [LONGEST_S] * (len(times) - 1)


def test_frames_without_a_pose_are_left_out() -> None:
    assert max(chosen([float(i) for i in range(60)], flying)) <= 20


def test_without_any_pose_nothing_is_chosen() -> None:
    assert list(chosen([0.0, 1.0], lambda _: None)) == []
