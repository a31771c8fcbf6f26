"""A view of a labelled picture keeps boxes on what they box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.train.scenes import SQUARE_BGR, WATER_BGR, water, with_squares
from xunhe_models.train.view import LEFT_OUT, PAD, Scene, clipped, mirrored, somewhere, view


def squares(seed: int, count: int = 1) -> Scene:
    return with_squares(np.random.default_rng(seed), count=count)


@pytest.mark.parametrize("zoom", [0.4, 0.75, 1.0, 1.7])
def test_a_box_moves_with_its_object_at_every_zoom(zoom: float) -> None:
    scene = squares(1)
    x0, y0, x1, y1 = scene.boxes[0]
    seen = view(scene, (200, 200), zoom, (float(x0 + x1) / 2, float(y0 + y1) / 2))
    a, b, c, d = np.round(seen.boxes[0]).astype(int)
    inside = seen.image[b + 2 : d - 2, a + 2 : c - 2]
    assert inside.size
    assert np.abs(inside.astype(int) - SQUARE_BGR).max() < 30
    assert np.abs(seen.image[b - 3, a - 3].astype(int) - WATER_BGR).max() < 30


def test_a_scene_smaller_than_the_view_is_padded_with_grey() -> None:
    seen = view(water(50, 40), (100, 100), 1.0, (25, 20))
    assert (seen.image[:40, :50] == WATER_BGR).all()
    assert (seen.image[40:] == PAD).all()
    assert (seen.image[:, 50:] == PAD).all()


def test_a_box_hardly_seen_is_left_out_and_one_unseen_is_gone() -> None:
    boxes = np.array([[-90, 0, 10, 50], [-40, 0, 60, 50], [200, 0, 240, 40], [5, 5, 8, 8]])
    cut, ids = clipped(boxes.astype(np.float32), np.zeros(4, np.int64), (100, 100))
    assert ids.tolist() == [LEFT_OUT, 0, LEFT_OUT]
    assert cut[0].tolist() == [0, 0, 10, 50]


@given(seed=st.integers(0, 2**32 - 1))
def test_views_anywhere_stay_inside_the_canvas(seed: int) -> None:
    random = np.random.default_rng(seed)
    seen = somewhere(squares(seed, 4), (150, 120), (0.3, 3.0), random)
    assert seen.image.shape == (120, 150, 3)
    assert len(seen.boxes) == len(seen.ids)
    assert (seen.boxes >= 0).all()
    assert (seen.boxes[:, [0, 2]] <= 150).all()
    assert (seen.boxes[:, [1, 3]] <= 120).all()
    assert (seen.boxes[:, 2:] > seen.boxes[:, :2]).all()


def test_mirroring_twice_gives_the_scene_back() -> None:
    scene = squares(5, 3)
    twice = mirrored(mirrored(scene))
    assert (twice.image == scene.image).all()
    np.testing.assert_allclose(twice.boxes, scene.boxes)
