"""What was found and what was there, counted over many pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe_models.boxes import Detections
from xunhe_models.data.pictures import CLASSES, Picture
from xunhe_models.evaluate.matching import ANY_SIZE, IOU_LIMITS, SizeRange, Truth, matches

Floats = NDArray[np.float64]
RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture with what a model found on it, in pixels of the picture.

    `unit` numbers what is drawn as one by the bootstrap: a picture, or all frames of one clip.
    `class_id` of `found` is an index into CLASSES.
    """

    picture: Picture
    found: Detections
    unit: int

    def truth(self, label: str) -> Truth:
        """The boxes of a class, with the places to leave out."""
        ids = self.picture.class_ids()
        mine = (ids == CLASSES.index(label)) | (ids < 0)
        return Truth(self.picture.xyxy()[mine], ids[mine] < 0)

    def of(self, label: str) -> Detections:
        """The detections of a class, best first."""
        mine = self.found.take(self.found.class_id == CLASSES.index(label))
        return mine.best_first(len(mine))


@dataclass(frozen=True, slots=True)
class Tally:
    """All detections of a class, best first, as true, false or left out at each IoU limit.

    `score` (D,), `state` (10, D), `unit` (D,), `truths` (U,) boxes to be found in each unit.
    """

    score: Floats
    state: NDArray[np.int8]
    unit: NDArray[np.int64]
    truths: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Boxes to be found."""
        return int(self.truths.sum())

    def curve(self, weights: Floats | None = None, limit: int = 0) -> "Curve":
        """Recall and precision down the scores, at IOU_LIMITS[limit].

        `weights` (U,) say how often each unit counts.
        """
        if weights is None:
            weights = np.ones(len(self.truths))
        each, state = weights[self.unit], self.state[limit]
        right, wrong = np.cumsum(each * (state == 1)), np.cumsum(each * (state == 0))
        total = float(weights @ self.truths)
        seen = right + wrong
        precision = np.divide(right, seen, out=np.zeros_like(right), where=seen > 0)
        recall = right / total if total else np.full(len(right), np.nan)
        return Curve(self.score, recall, precision, right, wrong, total)


@dataclass(frozen=True, slots=True)
class Curve:
    """All (D,), by falling score; `total` boxes were to be found."""

    score: Floats
    recall: Floats
    precision: Floats
    right: Floats
    wrong: Floats
    total: float

    def average_precision(self) -> float:
        """COCO's: the mean of the precision at 101 recalls, each the best from there on."""
        if not self.total:
            return float("nan")
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        at = np.searchsorted(self.recall, RECALLS, side="left")
        return float(np.append(best, 0.0)[at].mean())

    def at_score(self, threshold: float) -> tuple[float, float, float, float]:
        """(precision, recall, true, false) of the detections with at least this score."""
        last = int(np.searchsorted(-self.score, -threshold, side="right")) - 1
        if last < 0:
            return float("nan"), 0.0 if self.total else float("nan"), 0.0, 0.0
        right, wrong = float(self.right[last]), float(self.wrong[last])
        precision = right / (right + wrong) if right + wrong else float("nan")
        return precision, float(self.recall[last]), right, wrong

    def at_recall(self, recall: float) -> tuple[float, float]:
        """(precision, score) where the recall is first reached; NaN where it never is.

        As measured: no better precision further down is put in its place.
        """
        first = int(np.searchsorted(self.recall, recall, side="left")) if self.total else None
        if first is None or first == len(self.recall):
            return float("nan"), float("nan")
        return float(self.precision[first]), float(self.score[first])


def tally(sights: Sequence[Sight], label: str, sizes: SizeRange = ANY_SIZE) -> Tally:
    """Count the detections and boxes of one class, of one range of sizes."""
    truths = np.zeros(max((s.unit for s in sights), default=-1) + 1, np.int64)
    scores, states, units = [np.empty(0)], [np.empty((len(IOU_LIMITS), 0), np.int8)], []
    for sight in sights:
        truth, found = sight.truth(label), sight.of(label)
        truths[sight.unit] += truth.counted(sizes).sum()
        scores.append(found.score.astype(np.float64))
        states.append(matches(truth, found.xyxy, sizes).states)
        units.append(np.full(len(found), sight.unit))
    score, state = np.concatenate(scores), np.concatenate(states, axis=1)
    unit = np.concatenate([np.empty(0, np.int64), *units])
    order = np.argsort(-score, kind="stable")
    return Tally(score[order], state[:, order], unit[order], truths)
