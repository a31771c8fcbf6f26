"""The figures: what a perfect, a shuffled and a silent detector get."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.models.evaluate.sights import chance_sights, detections, sight
from xunhe_models.boxes import Detections
from xunhe_models.data.pictures import IGNORE, Box, Picture
from xunhe_models.evaluate.metrics import class_figures, negative_figures
from xunhe_models.evaluate.tally import Sight, tally

THRESHOLDS = {"litter": 0.5, "vegetation_mat": 0.5}


def perfect(number: int, n: int = 4) -> Sight:
    corners = [(40.0 * i, 10.0 * number, 40.0 * i + 30, 10.0 * number + 25) for i in range(n)]
    truths = [Box(*xyxy, label="litter") for xyxy in corners]
    return sight(number, truths, detections([(*xyxy, 0.9, 0) for xyxy in corners]))


def test_a_perfect_detector_has_everything() -> None:
    f = class_figures([perfect(i) for i in range(5)], "litter", 0.5, seed=1)
    assert (f["ap50"], f["ap50_95"], f["precision"], f["recall"]) == (1, 1, 1, 1)
    assert f["ap50_interval"] == [1, 1]
    assert f["by_size"]["side_10_32"] == {"boxes": 20, "ap50": 1, "ap50_95": 1, "recall": 1}
    assert f["by_size"]["coco_large"] == {
        "boxes": 0,
        "ap50": None,
        "ap50_95": None,
        "recall": None,
    }


def test_detections_of_other_pictures_are_worth_little() -> None:
    sights = [perfect(i) for i in range(10)]
    founds = [s.found for s in sights]
    wrong = [Sight(s.picture, founds[i - 5], s.unit) for i, s in enumerate(sights)]
    assert class_figures(wrong, "litter", 0.5, seed=1)["ap50"] < 0.05


def test_a_silent_detector_has_recall_0_and_no_precision() -> None:
    sights = [Sight(perfect(i).picture, Detections.none(), i) for i in range(3)]
    f = class_figures(sights, "litter", 0.5, seed=1)
    assert (f["ap50"], f["recall"], f["precision"]) == (0, 0, None)
    assert f["precision_interval"] is None
    assert f["precision_at_recall_0.60"] is None


def test_places_to_leave_out_change_nothing() -> None:
    plain = perfect(0)
    place = Box(400, 400, 600, 600, IGNORE)
    stray = detections([(410, 410, 440, 440, 0.99, 0), (500, 500, 520, 520, 0.98, 0)])
    found = Detections.joined([stray, plain.found])
    f = class_figures([sight(0, [*plain.picture.boxes, place], found)], "litter", 0.5, seed=1)
    assert (f["ap50"], f["precision"], f["boxes"], f["false_boxes"]) == (1, 1, 4, 0)


def test_precision_at_recall_is_the_one_measured_there() -> None:
    truths = [Box(100.0 * i, 0, 100.0 * i + 50, 50, "litter") for i in range(5)]
    hits = [(b.x0, b.y0, b.x1, b.y1, 0.9 - 0.1 * i, 0) for i, b in enumerate(truths)]
    stray = (0, 300, 50, 350, 0.75, 0)
    f = class_figures([sight(0, truths, detections([*hits, stray]))], "litter", 0.65, seed=1)
    assert f["precision_at_recall_0.60"] == 0.75
    assert f["score_at_recall_0.60"] == pytest.approx(0.7, abs=1e-6)
    assert (f["recall"], f["precision"]) == (0.6, 0.75)


def test_a_hard_site_shows_beside_the_easy_one_that_hides_it() -> None:
    easy = [perfect(i) for i in range(5)]
    hard = Sight(Picture(Path("h"), "a lake", perfect(5).picture.boxes), Detections.none(), 5)
    f = class_figures([*easy, hard], "litter", 0.5, seed=1)
    assert f["ap50"] > 0.8
    assert (f["by_site"]["a river"]["ap50"], f["by_site"]["a lake"]["ap50"]) == (1, 0)
    assert f["by_site"]["a lake"]["boxes"] == 4


def test_the_bootstrap_is_seeded_and_draws_whole_clips() -> None:
    sights = chance_sights(np.random.default_rng(3), 20)
    first = class_figures(sights, "litter", 0.5, seed=7)
    assert first == class_figures(sights, "litter", 0.5, seed=7)
    low, high = first["ap50_interval"]
    assert low < first["ap50"] < high
    clip = [Sight(s.picture, s.found, 0) for s in sights]
    assert class_figures(clip, "litter", 0.5, seed=7)["ap50_interval"] is None


def test_a_weight_of_two_is_the_picture_twice() -> None:
    sights = chance_sights(np.random.default_rng(5), 6)
    weights = np.array([2.0, 0, 1, 1, 2, 0])
    doubled = [s for s, w in zip(sights, weights, strict=True) for _ in range(int(w))]
    weighted = tally(sights, "litter").curve(weights).average_precision()
    assert weighted == pytest.approx(tally(doubled, "litter").curve().average_precision(), abs=0.01)


def test_false_boxes_are_counted_per_thousand_frames_by_class() -> None:
    found = detections([(0, 0, 9, 9, 0.6, 0), (0, 0, 9, 9, 0.55, 1), (0, 0, 9, 9, 0.4, 0)])
    sights = [sight(i, [], found if i < 2 else Detections.none()) for i in range(200)]
    f = negative_figures(sights, THRESHOLDS)
    assert f["false_boxes"] == 4
    assert f["false_boxes_by_class"] == {"litter": 2, "vegetation_mat": 2}
    assert f["false_boxes_per_1000"] == 20
    assert f["frames_with_any"] == 2
    # Garwood for 4: 1.0899 to 10.2416; Clopper-Pearson for 2 of 200: 0.12 % to 3.57 %.
    assert f["false_boxes_per_1000_interval"] == pytest.approx([5.4493, 51.208], rel=1e-4)
    assert f["share_with_any_interval"] == pytest.approx([0.001213, 0.035652], rel=1e-3)


def test_without_any_false_box_the_bound_is_3_69_by_n() -> None:
    f = negative_figures([sight(i, [], Detections.none()) for i in range(100)], THRESHOLDS)
    assert f["false_boxes_per_1000_interval"] == pytest.approx([0, 36.89], abs=0.01)


def test_calibration_of_scores_that_keep_their_word_is_near_zero() -> None:
    rng = np.random.default_rng(1)
    sights = []
    for number in range(200):
        scores = rng.uniform(0.02, 1, 5)
        place = [(60.0 * i, 0.0, 60.0 * i + 40, 40.0) for i in range(5)]
        kept = rng.uniform(size=5) < scores
        truths = [Box(*xyxy, label="litter") for xyxy, k in zip(place, kept, strict=True) if k]
        rows = [(*xyxy, s, 0) for xyxy, s in zip(place, scores, strict=True)]
        sights.append(sight(number, truths, detections(rows)))
    table = class_figures(sights, "litter", 0.5, seed=1)["calibration"]
    assert table["expected_calibration_error"] < 0.05
    assert sum(row["n"] for row in table["bins"]) == 1000
    assert all(row["from"] <= row["mean_score"] <= row["to"] for row in table["bins"])


def test_scores_twice_too_high_show_in_the_calibration() -> None:
    half = [sight(i, [], detections([(0, 0, 9, 9, 0.9, 0)])) for i in range(10)]
    table = class_figures(half, "litter", 0.5, seed=1)["calibration"]
    assert table["expected_calibration_error"] == pytest.approx(0.9)


def test_figures_are_plain_json_without_nan() -> None:
    sights = chance_sights(np.random.default_rng(2), 5)
    for figures in (class_figures(sights, "litter", 2.0, 1), negative_figures(sights, THRESHOLDS)):
        json.dumps(figures, allow_nan=False)
