"""The shipped model files: small, complete, with a card each."""

import math
import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from xunhe_models.data.reading import with_pixels
from xunhe_models.detector import Detector, kind_of
from xunhe_models.discharge.finder import Finder
from xunhe_models.evaluate.sets import load_set
from xunhe_models.evaluate.tally import Sight, tally
from xunhe_models.tiles import detect_tiled

SHIPPED = Path(__file__).parents[2] / "models/xunhe_models/shipped"
FILES = sorted(SHIPPED.glob("*.onnx"))
DETECTORS = [f for f in FILES if f.stem.startswith("debris")]


def test_the_models_and_the_twin_are_there() -> None:
    assert {f.stem for f in FILES} >= {"debris", "debris-twin", "discharge"}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_shipped_file_is_at_most_5_mib_and_says_what_it_is(file: Path) -> None:
    assert file.stat().st_size <= 5 * 2**20
    assert kind_of(file) in ("detector", "discharge")


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_shipped_file_has_at_most_1_3_million_parameters(file: Path) -> None:
    graph = onnx.load(str(file)).graph
    assert sum(math.prod(value.dims) for value in graph.initializer) <= 1_300_000


@pytest.mark.parametrize("name", ["debris", "discharge"])
def test_a_card_tells_data_licences_figures_failures_and_the_command(name: str) -> None:
    card = (SHIPPED / f"{name}.md").read_text("utf-8")
    for heading in ("数据与许可", "指标", "失败", "命令"):
        assert heading in card
    assert re.search(r"`?xunhe model (train|eval)|python -m xunhe_models", card)


def test_the_discharge_model_carries_the_rules_that_join_network_and_signals() -> None:
    card = Finder(SHIPPED / "discharge.onnx").card
    assert {"moving", "still", "candidate moving", "candidate still"} <= card.rules.keys()


@pytest.mark.parametrize("file", DETECTORS, ids=lambda f: f.name)
def test_a_detector_finds_nothing_sure_on_a_grey_field(file: Path) -> None:
    detector = Detector(file)
    found = detector.detect(np.full((416, 416, 3), 114, np.uint8))
    assert found.score.max(initial=0) < min(detector.thresholds)


@pytest.mark.parametrize(("name", "least"), [("location-3", 0.5), ("eye-height", 0.35)])
def test_the_twin_finds_litter_at_places_it_never_saw(
    name: str, least: float, shared_data: Path
) -> None:
    detector = Detector(SHIPPED / "debris-twin.onnx")
    pictures = load_set(name, shared_data).pictures[::5]
    sights = [
        Sight(picture, detect_tiled(detector, bgr), number)
        for number, (picture, bgr) in enumerate(with_pixels(pictures))
    ]
    assert tally(sights, "litter").curve().average_precision() > least
