"""The detector: its file is checked, its boxes lie where the picture has the objects."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.models.tiny_detector import METADATA, write_detector
from xunhe_models.detector import Detector, Letterbox, ModelError, candidates
from xunhe_models.tiles import detect_tiled

# A busy machine is no error.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

RED, GREEN, GREY = (0, 0, 255), (0, 255, 0), (114, 114, 114)


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    return Detector(write_detector(tmp_path_factory.mktemp("model") / "tiny.onnx"))


def painted(
    width: int, height: int, *patches: tuple[int, int, int, int, tuple[int, int, int]]
) -> NDArray[np.uint8]:
    """Grey, with patches x0, y0, x1, y1, colour."""
    picture = np.full((height, width, 3), GREY, np.uint8)
    for x0, y0, x1, y1, colour in patches:
        picture[y0:y1, x0:x1] = colour
    return picture


def test_boxes_lie_on_the_objects_and_carry_their_class(detector: Detector) -> None:
    picture = painted(832, 600, (128, 64, 192, 128, RED), (640, 448, 704, 512, GREEN))
    found = detector.detect(picture)
    assert found.xyxy.tolist() == [[128, 64, 192, 128], [640, 448, 704, 512]]
    assert found.class_id.tolist() == [0, 1]
    assert found.score == pytest.approx([1, 1], abs=0.02)


def test_water_without_objects_gives_nothing(detector: Detector) -> None:
    assert len(detector.detect(painted(640, 480))) == 0


def test_an_earlier_picture_leaves_no_trace(detector: Detector) -> None:
    # The buffers are reused: a tall picture after a wide one must not see its right side.
    detector.detect(painted(416, 416, (0, 0, 416, 416, RED)))
    assert len(detector.detect(painted(40, 416))) == 0
    assert len(detector.detect(painted(416, 40))) == 0


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5000), (5000, 1), (3, 2), (417, 415)])
def test_boxes_stay_inside_pictures_of_any_shape(
    detector: Detector, width: int, height: int
) -> None:
    found = detector.detect(painted(width, height, (0, 0, width, height, RED)))
    assert len(found) > 0
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= [width, height, width, height]).all()


def test_a_view_of_a_larger_picture_is_read_like_a_copy(detector: Detector) -> None:
    rng = np.random.default_rng(1)
    view = rng.integers(0, 256, (900, 1200, 3), dtype=np.uint8)[100:700, 33:900]
    assert detector.detect(view).xyxy.tolist() == detector.detect(view.copy()).xyxy.tolist()


def test_small_objects_are_found_by_the_tiles_alone(detector: Detector) -> None:
    picture = painted(3328, 2496, (2080, 1024, 2176, 1120, RED))  # 12 pixels of the input
    whole = detect_tiled(detector, picture, "off")
    tiled = detect_tiled(detector, picture, "auto")
    assert whole.score.max(initial=0) < 0.2
    assert tiled.score[0] > 0.5
    x0, y0, x1, y1 = tiled.xyxy[0]
    assert x0 <= 2128 <= x1
    assert y0 <= 1072 <= y1


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((9, 9), np.uint8),
        np.zeros((9, 9, 4), np.uint8),
        np.zeros((9, 9, 3), np.float32),
        np.zeros((0, 9, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(detector: Detector, wrong: NDArray) -> None:
    with pytest.raises(ValueError, match="BGR uint8"):
        detector.detect(wrong)


@UNHURRIED
@given(st.integers(1, 2000), st.integers(1, 2000), st.data())
def test_a_letterboxed_place_comes_back_to_where_it_was(
    width: int, height: int, data: st.DataObject
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    half = max(width, height) // 40 + 1  # visible at 416 pixels
    picture = np.zeros((height, width, 3), np.uint8)
    picture[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1] = 255
    letterbox = Letterbox(416, 0)
    scale_x, scale_y = letterbox.fill(picture)
    rows, columns = np.nonzero(letterbox.blob[0, 0] > 127)
    pixel = max(width, height) / 416 + 1  # an input pixel, and the odd one that halving leaves out
    assert columns.min() * scale_x == pytest.approx(max(0, x - half), abs=1.6 * pixel)
    assert (columns.max() + 1) * scale_x == pytest.approx(min(width, x + half + 1), abs=1.6 * pixel)
    assert rows.min() * scale_y == pytest.approx(max(0, y - half), abs=1.6 * pixel)
    assert (rows.max() + 1) * scale_y == pytest.approx(min(height, y + half + 1), abs=1.6 * pixel)


def test_a_strong_reduction_averages_glints_instead_of_catching_or_missing_them() -> None:
    picture = np.zeros((1664, 1664, 3), np.uint8)
    picture[::8, ::8] = 255  # one pixel in 64
    letterbox = Letterbox(416, 114)
    letterbox.fill(picture)
    assert letterbox.blob.mean() == pytest.approx(255 / 64, rel=0.15)
    assert letterbox.blob.max() < 255 / 8


def test_the_input_is_bgr_from_0_to_255_with_grey_to_the_right_and_below() -> None:
    letterbox = Letterbox(416, 114)
    letterbox.fill(np.full((100, 200, 3), (10, 20, 30), np.uint8))
    assert letterbox.blob.shape == (1, 3, 416, 416)
    assert letterbox.blob[0, :, 207, 415].tolist() == [10, 20, 30]
    assert (letterbox.blob[0, :, 208:] == 114).all()


def test_candidates_are_the_best_pairs_and_never_infinite() -> None:
    rng = np.random.default_rng(2)
    boxes = rng.uniform(0, 416, (3549, 4)).astype(np.float32)
    scores = rng.uniform(0, 1, (3549, 2)).astype(np.float32)
    boxes[0], scores[1, 1] = np.nan, np.inf
    found = candidates(boxes, scores)
    assert 990 <= len(found) <= 1000
    assert found.score.min() >= np.sort(scores.ravel())[-1001]
    assert np.isfinite(found.xyxy).all()
    assert np.isfinite(found.score).all()


@pytest.mark.parametrize(("score", "kept"), [(0.0099, 0), (0.01, 1), (0.011, 1)])
def test_scores_from_a_hundredth_are_kept(score: float, kept: int) -> None:
    scores = np.array([[score, 0]], np.float32)
    assert len(candidates(np.ones((1, 4), np.float32), scores)) == kept


@pytest.mark.parametrize("key", list(METADATA))
def test_a_missing_key_is_named_with_the_file(tmp_path: Path, key: str) -> None:
    path = write_detector(tmp_path / "lacking.onnx", leave_out=key)
    with pytest.raises(ModelError, match=rf"lacking\.onnx.*`{key}`"):
        Detector(path)


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        ({"kind": "discharge"}, "a detector is needed"),
        ({"classes": "litter"}, "Expecting value"),
        ({"classes": "[]"}, "`classes` must be a list"),
        ({"classes": '{"litter": 1}'}, "`classes` must be a JSON list"),
        ({"classes": '["litter"]', "thresholds": '{"litter": 0.3}'}, "`scores` is"),
        ({"thresholds": '{"litter": 0.3}'}, "none for the class vegetation_mat"),
        ({"thresholds": '{"litter": 35, "vegetation_mat": 0.4}'}, "0..1, not 35"),
        ({"tile": "0"}, "`tile` must be at least 1"),
        ({"tile": "wide"}, "invalid literal"),
        ({"input": json.dumps({"size": 320, "order": "BGR", "range": [0, 255], "pad": 0})}, "320"),
        ({"input": '{"size": 1, "order": "BGR", "range": [0, 255], "pad": -1}'}, "`pad` must be"),
        ({"input": '{"order": "RGB"}'}, "must be BGR"),
        ({"input": '{"order": "BGR", "range": [0, 255]}'}, "no `size`"),
    ],
)
def test_wrong_metadata_are_named_with_the_file(
    tmp_path: Path, metadata: dict[str, str], complaint: str
) -> None:
    path = write_detector(tmp_path / "wrong.onnx", **metadata)
    with pytest.raises(ModelError, match=rf"(?s)wrong\.onnx.*{complaint}"):
        Detector(path)


def test_files_that_are_no_models_are_named(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.onnx", tmp_path / "text.onnx"
    empty.write_bytes(b"")
    text.write_text("no protobuf at all" * 50)
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(write_detector(tmp_path / "whole.onnx").read_bytes()[:1500])
    for path in (empty, text, cut, tmp_path / "missing.onnx", tmp_path):
        with pytest.raises(ModelError, match=path.name):
            Detector(path)
