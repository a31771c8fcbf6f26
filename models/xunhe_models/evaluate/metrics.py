"""The figures of one model on one set, ready for JSON; what cannot be known is null."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xunhe_models.data.pictures import CLASSES
from xunhe_models.evaluate.calibration import calibration
from xunhe_models.evaluate.intervals import (
    Interval,
    percentile_interval,
    poisson_interval,
    resamples,
    share_interval,
)
from xunhe_models.evaluate.matching import IOU_LIMITS, SIZES, SizeRange
from xunhe_models.evaluate.tally import Sight, Tally, tally

WANTED_RECALL = 0.60
STEPS = tuple(round(0.05 * k, 2) for k in range(1, 20))  # scores of the table of thresholds
Thresholds = Mapping[str, float]


def class_figures(
    sights: Sequence[Sight], label: str, threshold: float, seed: int
) -> dict[str, Any]:
    """AP, AP by size, precision and recall with intervals, calibration, of one class."""
    counted = tally(sights, label)
    curve = counted.curve()
    precision, recall, right, wrong = curve.at_score(threshold)
    wanted, score = curve.at_recall(WANTED_RECALL)
    figures = {
        "boxes": counted.total,
        "ap50": curve.average_precision(),
        "ap50_95": _over_limits(counted),
        "threshold": threshold,
        "precision": precision,
        "recall": recall,
        "true_boxes": int(right),
        "false_boxes": int(wrong),
        "precision_at_recall_0.60": wanted,
        "score_at_recall_0.60": score,
        **_bootstrapped(counted, threshold, seed),
        "by_site": _by_site(sights, label, threshold),
        "by_size": {sizes.name: _of_size(sights, label, threshold, sizes) for sizes in SIZES},
        "by_threshold": [_at(counted, step) for step in STEPS],
        "calibration": calibration(counted, threshold),
    }
    return tidy(figures)


def negative_figures(sights: Sequence[Sight], thresholds: Thresholds) -> dict[str, Any]:
    """False boxes on frames without anything to find, at the thresholds.

    The intervals take boxes and frames as independent. Neighbouring frames of a clip are not: there
    they are too narrow, and the number of clips says how many places were seen.
    """
    frames = len(sights)
    alarms = [_alarms(sight, thresholds) for sight in sights]
    boxes, hit = sum(map(len, alarms)), sum(map(bool, alarms))
    per_1000 = 1000 / frames
    by_label = Counter(label for labels in alarms for label in labels)
    figures = {
        "frames": frames,
        "false_boxes": boxes,
        "false_boxes_by_class": {label: by_label[label] for label in CLASSES},
        "false_boxes_per_1000": boxes * per_1000,
        "false_boxes_per_1000_interval": [end * per_1000 for end in poisson_interval(boxes)],
        "frames_with_any": hit,
        "share_with_any": hit / frames,
        "share_with_any_interval": share_interval(hit, frames),
        "by_threshold": [
            {"score": step, "false_boxes_per_1000": _boxes_from(sights, step) * per_1000}
            for step in STEPS
        ],
    }
    return tidy(figures)


def tidy(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Plain numbers of at most six digits for JSON; NaN becomes None."""
    return {key: _tidy(value) for key, value in figures.items()}


def _tidy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tidy(value)
    if isinstance(value, list | tuple):
        return [_tidy(each) for each in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _over_limits(counted: Tally) -> float:
    return float(
        np.mean([counted.curve(limit=i).average_precision() for i in range(len(IOU_LIMITS))])
    )


def _bootstrapped(counted: Tally, threshold: float, seed: int) -> dict[str, Interval | None]:
    """Intervals by drawing pictures (all frames of a clip as one) anew."""
    names = ("ap50", "precision", "recall", "precision_at_recall_0.60")
    rows = []
    if len(counted.truths) > 1:
        for weights in resamples(len(counted.truths), seed):
            curve = counted.curve(weights.astype(np.float64))
            precision, recall, _, _ = curve.at_score(threshold)
            at_recall, _ = curve.at_recall(WANTED_RECALL)
            rows.append((curve.average_precision(), precision, recall, at_recall))
    columns = np.array(rows, np.float64).reshape(-1, len(names)).T
    pairs = zip(names, columns, strict=True)
    return {f"{name}_interval": percentile_interval(values) for name, values in pairs}


def _of_size(
    sights: Sequence[Sight], label: str, threshold: float, sizes: SizeRange
) -> dict[str, float]:
    counted = tally(sights, label, sizes)
    curve = counted.curve()
    return {
        "boxes": counted.total,
        "ap50": curve.average_precision(),
        "ap50_95": _over_limits(counted),
        "recall": curve.at_score(threshold)[1],
    }


def _by_site(sights: Sequence[Sight], label: str, threshold: float) -> dict[str, Any]:
    """Easy sites hide hard ones in the sum: each by itself, where boxes were to be found."""
    by_site: dict[str, list[Sight]] = {}
    for sight in sights:
        by_site.setdefault(sight.picture.site, []).append(sight)
    return {
        site: {"pictures": len(mine), **_in_short(tally(mine, label), threshold)}
        for site, mine in sorted(by_site.items())
        if tally(mine, label).total
    }


def _in_short(counted: Tally, threshold: float) -> dict[str, float]:
    curve = counted.curve()
    precision, recall, _, wrong = curve.at_score(threshold)
    return {
        "boxes": counted.total,
        "ap50": curve.average_precision(),
        "precision": precision,
        "recall": recall,
        "false_boxes": int(wrong),
    }


def _at(counted: Tally, score: float) -> dict[str, float]:
    precision, recall, right, wrong = counted.curve().at_score(score)
    return {"score": score, "precision": precision, "recall": recall, "true": right, "false": wrong}


def _alarms(sight: Sight, thresholds: Thresholds) -> list[str]:
    """The class of every false box."""
    return [
        label
        for label, threshold in thresholds.items()
        for score in sight.of(label).score
        if score >= threshold
    ]


def _boxes_from(sights: Sequence[Sight], score: float) -> int:
    return sum(int((sight.found.score >= score).sum()) for sight in sights)
