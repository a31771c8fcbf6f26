"""The shipped model on rendered scenes; the real clips have a file of their own."""

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.models.discharge.grounds import drawn_grounds
from xunhe_models.detector import ModelError
from xunhe_models.discharge.finder import LABELS, Finder
from xunhe_models.discharge.generator import Generator, Recipe
from xunhe_models.discharge.model import DischargeModel

SHIPPED = Path(str(files("xunhe_models"))) / "shipped/discharge.onnx"


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(SHIPPED)


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(drawn_grounds(), seed=11)


def test_the_file_is_small_enough_to_ship() -> None:
    assert SHIPPED.stat().st_size <= 2**20


def test_rendered_jets_are_found_and_dry_mouths_are_not(
    finder: Finder, generator: Generator
) -> None:
    told = {"jet": 0, "dry": 0}
    for number in range(10):
        for kind in told:
            sample = generator.sample(number, (192, 256), Recipe(kind, mouth_share=0.14))
            found = finder.stack(list(sample.stack), sample.times_s.tolist())
            told[kind] += any(one.alarm and one.label == "flowing" for one in found)
    assert told["jet"] >= 6, "grounds of noise are harder than real ones"
    assert told["dry"] <= 1


def test_what_is_found_lies_in_the_picture_and_agrees_with_its_threshold(
    finder: Finder, generator: Generator
) -> None:
    limits = dict(zip(finder.labels, finder.thresholds, strict=True))
    sample = generator.sample(3, (120, 200), Recipe("jet", foam=True, mouth_share=0.2))
    for one in finder.still(sample.stack[0]):
        x0, y0, x1, y1 = one.xyxy
        assert 0 <= x0 < x1 <= 200
        assert 0 <= y0 < y1 <= 120
        assert one.label in LABELS
        assert one.alarm == (one.score >= limits[one.label])


def test_a_zone_that_flows_scores_higher_than_the_same_zone_dry(
    finder: Finder, generator: Generator
) -> None:
    higher = 0
    for number in range(8):
        scores = []
        for kind in ("jet", "dry"):
            sample = generator.sample(number, (160, 160), Recipe(kind, mouth_share=0.15))
            assert sample.mouth is not None
            x0, y0, x1, y1 = sample.mouth
            zone = (x0 - 15, y0 - 10, x1 + 15, y1 + 50)
            scores.append(finder.zone(list(sample.stack), sample.times_s.tolist(), zone).flowing)
        higher += scores[0] > scores[1]
    assert higher >= 7


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (700, 2), (16, 16), (1080, 1920)])
def test_pictures_of_any_size_are_looked_at(finder: Finder, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    picture = cv2.resize(rng.integers(0, 255, (40, 40, 3), dtype=np.uint8), size[::-1])
    for one in finder.still(picture):
        assert one.xyxy[2] <= size[1]
        assert one.xyxy[3] <= size[0]


def test_one_frame_seen_often_is_a_still(finder: Finder, generator: Generator) -> None:
    frame = generator.sample(1, (120, 160), Recipe("jet", mouth_share=0.2)).stack[0]
    assert finder.stack([frame], [4.0]) == finder.still(frame)


def test_the_same_frames_give_the_same_answer(finder: Finder, generator: Generator) -> None:
    sample = generator.sample(2, (120, 160), Recipe("jet", mouth_share=0.2))
    first, second = (finder.stack(list(sample.stack), sample.times_s.tolist()) for _ in range(2))
    assert first == second


def test_a_file_that_is_no_discharge_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx"):
        Finder(tmp_path / "none.onnx")


def test_a_stack_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="frames"):
        DischargeModel(SHIPPED).run(np.zeros((3, 64, 64, 3), np.uint8))
