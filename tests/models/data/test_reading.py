"""Labelled pictures come with their pixels, however they are stored."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from xunhe_models import images
from xunhe_models.data.pictures import Box, Picture
from xunhe_models.data.reading import with_pixels


def test_boxes_of_a_picture_too_large_to_be_read_whole_shrink_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 40 * 30)
    path = tmp_path / "large.png"
    cv2.imwrite(str(path), np.zeros((60, 80, 3), np.uint8))
    stored = Picture(path, "site", (Box(20, 10, 60, 40, "litter"),))
    ((picture, bgr),) = with_pixels([stored])
    assert bgr.shape == (30, 40, 3)
    assert picture.boxes == (Box(10, 5, 30, 20, "litter"),)


def test_an_unreadable_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"no picture")
    with pytest.raises(OSError, match=r"broken\.jpg"):
        list(with_pixels([Picture(path, "site", ())]))


def test_two_pictures_may_be_the_same_frame_of_a_clip(tmp_path: Path) -> None:
    clip = tmp_path / "clip.gif"
    frames = [np.full((16, 16, 3), shade, np.uint8) for shade in (0, 120, 240)]
    _write_animation(clip, frames)
    wanted = [Picture(tmp_path / f"clip.gif#{number}", f"site {number}", ()) for number in (2, 1)]
    again = Picture(tmp_path / "clip.gif#2", "other", ())
    seen = [(picture.site, int(bgr.mean())) for picture, bgr in with_pixels([*wanted, again])]
    assert seen == [("site 1", 120), ("site 2", 240), ("other", 240)]


def _write_animation(path: Path, frames: list[np.ndarray]) -> None:
    from PIL import Image

    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=rest, duration=100)
