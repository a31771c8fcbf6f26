import numpy as np
import pytest

from tests.gateway.vision.outfall_scene import ZONE, Scene, outfall, rectangle
from xunhe.vision.mouth import FRAMES, Mouth, Patch
from xunhe_models.discharge.zones import cropped


@pytest.mark.parametrize("size", [16, 64, 128])
@pytest.mark.parametrize("corners", [(190, 40, 260, 110), (0, 0, 30, 170), (300, 150, 320, 180)])
def test_a_crop_is_what_the_finder_would_cut_from_the_whole_picture(
    size: int, corners: tuple[int, int, int, int]
) -> None:
    picture = Scene(jet=True).at(3.0)
    cut = Patch(rectangle(*corners, (320, 180)), (), size).cut(picture)
    whole = cropped([picture], corners, size)[0]
    assert np.abs(cut.astype(int) - whole).max() <= 1


def test_a_caption_is_painted_over_and_does_not_count() -> None:
    picture = Scene().at(1.0)
    picture[60:70, 200:250] = (255, 0, 255)
    patch = Patch(ZONE, (rectangle(200, 60, 250, 70, (320, 180)),), 128)
    crop = patch.cut(picture)
    assert not ((crop[..., 0] > 200) & (crop[..., 1] < 80)).any()
    assert 0.8 < patch.mask.mean() < 0.95


def test_a_zone_that_lies_wholly_under_captions_is_still_cut() -> None:
    patch = Patch(ZONE, (ZONE,), 64)
    patch.cut(Scene().at(1.0))
    assert patch.mask.any()


def test_only_what_was_drawn_counts() -> None:
    triangle = ((0.5, 0.2), (0.8, 0.2), (0.5, 0.7))
    patch = Patch(triangle, (), 128)
    patch.cut(Scene().at(1.0))
    assert 0.3 < patch.mask.mean() < 0.55


def test_without_a_patch_upstream_the_surroundings_of_the_zone_are_the_reference() -> None:
    mouth = Mouth(outfall(upstream=None), (), 64)
    for second in range(FRAMES):
        mouth.keep(Scene().at(second), float(second))
    stack = mouth.stack()
    assert stack is not None
    assert not stack.is_upstream
    assert 0.7 < stack.reference_mask.mean() < 0.8, "a quarter of it is the zone itself"


def test_a_stack_is_five_crops_and_no_whole_picture() -> None:
    mouth = Mouth(outfall(), (), 64)
    for second in range(9):
        mouth.keep(Scene().at(second), float(second))
    stack = mouth.stack()
    assert stack is not None
    assert stack.zone.shape == stack.reference.shape == (FRAMES, 64, 64, 3)
    assert stack.time_s == 8.0


@pytest.mark.parametrize("next_s", [3.0, 30.0])
def test_a_stack_does_not_reach_over_a_gap_or_a_step_back_in_time(next_s: float) -> None:
    mouth = Mouth(outfall(), (), 64)
    for second in range(FRAMES):
        mouth.keep(Scene().at(second), float(second))
    mouth.keep(Scene().at(0), next_s)
    assert mouth.stack() is None
