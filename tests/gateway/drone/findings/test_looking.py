"""Where the detector looks, and what is left of what it says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.domain.finding import FindingKind
from xunhe.vision.findings.looking import LEAST_SCORE, look
from xunhe.vision.findings.water import CELL_PX
from xunhe_models.boxes import Detections

SIZE = (1080, 1920)


class Recorder:
    """A detector that remembers what it was shown, and sees given boxes everywhere."""

    tile, size, nms_iou = 416, 416, 0.5
    whole_only: frozenset[int] = frozenset()
    classes = ("litter", "vegetation_mat", "duck")

    def __init__(self, *boxes: tuple[list[float], float, int]) -> None:
        self._boxes = boxes
        self.shown: list[tuple[int, ...]] = []

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        self.shown.append(bgr.shape[:2])
        if not self._boxes:
            return Detections.none()
        boxes, scores, labels = zip(*self._boxes, strict=True)
        return Detections(
            np.array(boxes, np.float32), np.array(scores, np.float32), np.array(labels, np.int64)
        )


def water(rows: slice, columns: slice) -> NDArray[np.uint8]:
    mask = np.zeros((SIZE[0] // CELL_PX, SIZE[1] // CELL_PX), np.uint8)
    mask[rows, columns] = 255
    return mask


PICTURE = np.zeros((*SIZE, 3), np.uint8)
BOX = [100.0, 100.0, 140.0, 130.0]


def test_without_water_nothing_is_looked_at() -> None:
    detector = Recorder((BOX, 0.9, 0))
    assert look(detector, PICTURE, water(slice(0, 0), slice(0, 0))) == []
    assert detector.shown == []


def test_only_tiles_with_water_are_looked_at() -> None:
    everywhere, corners = Recorder(), Recorder()
    look(everywhere, PICTURE, water(slice(None), slice(None)))
    mask = water(slice(0, 10), slice(0, 10))
    mask[-10:, -10:] = 255
    look(corners, PICTURE, mask)
    assert 1 < len(corners.shown) < len(everywhere.shown) / 3


def test_a_box_is_told_in_pixels_of_the_whole_picture() -> None:
    detector = Recorder((BOX, 0.9, 0))
    (seen,) = look(detector, PICTURE, water(slice(50, 80), slice(100, 130)))
    assert seen.box == (900.0, 500.0, 940.0, 530.0)
    assert seen.kind is FindingKind.LITTER


@pytest.mark.parametrize(
    ("score", "count"), [(LEAST_SCORE - 0.01, 0), (LEAST_SCORE + 0.001, 1), (0.9, 1)]
)
def test_noise_is_left_out(score: float, count: int) -> None:
    small = np.zeros((400, 600, 3), np.uint8)
    assert len(look(Recorder((BOX, score, 0)), small)) == count


def test_a_poorer_box_round_the_same_thing_is_left_out() -> None:
    inner = [105.0, 105.0, 120.0, 115.0]
    small = np.zeros((400, 600, 3), np.uint8)
    (seen,) = look(Recorder((BOX, 0.6, 0), (inner, 0.8, 0)), small)
    assert seen.score == pytest.approx(0.8)


def test_a_class_that_is_no_finding_is_left_out() -> None:
    assert look(Recorder((BOX, 0.9, 2)), np.zeros((400, 600, 3), np.uint8)) == []
