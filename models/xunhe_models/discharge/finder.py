"""Discharges on whole pictures and videos, where nobody has said where the mouths are.

The network's maps at several sizes give candidates; each is then looked at as a zone is, at its own
size, by network and signals together. Imports numpy, OpenCV and ONNX Runtime, no torch.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.boxes import Detections, nms
from xunhe_models.detector import MAX_BOXES, MIN_SCORE
from xunhe_models.discharge.model import MAPS, DischargeModel
from xunhe_models.discharge.signals import measured
from xunhe_models.discharge.textures import Field, Image
from xunhe_models.discharge.verdict import Floats, Logistic, joined, logit
from xunhe_models.discharge.zones import Rectangle, chosen, cropped, squared

LABELS = MAPS[:4]
_LONG_SIDES = (160, 320, 480, 640)
_ENLARGED = 2.0  # pictures are shown at most this much larger than they are
_CELL, _STRIDE = 16, 4
_SEEN = 0.35  # of a map, from which its pixels belong to a candidate
_LEAST_CELLS = 3
_FALL = 1.5  # how far below a mouth its water is looked for, by the mouth's longer side
_MOST_FLOWS, _MOST_OTHERS = 12, 8  # candidates of a label that are looked at again
_ROOM = 1.7  # of a candidate's box, the zone in which it is looked at again
_ALIKE_IOU, _NMS_IOU = 0.6, 0.3


class Found(NamedTuple):
    """A discharge: its label, score 0..1, rectangle in pixels, and whether it raises an alarm."""

    label: str
    score: float
    xyxy: Rectangle
    alarm: bool


@dataclass(frozen=True, slots=True)
class ZoneVerdict:
    """A zone's state: `scores` by label, dry included; `flowing` of network and signals joined."""

    scores: dict[str, float]
    flowing: float
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place: `peak` of the map there, its zone's `scores` (5,), `features` (11,) to judge by."""

    class_id: int
    xyxy: Rectangle
    peak: float
    scores: NDArray[np.float32]
    features: Floats


class Finder:
    """The discharge model on pictures of any size: one per thread."""

    def __init__(self, path: Path) -> None:
        self._model = DischargeModel(path)
        self.card = self._model.card
        self.labels, self.span_s = LABELS, self.card.span_s
        self.thresholds = tuple(self.card.thresholds[label] for label in LABELS)

    def still(self, bgr: Image) -> list[Found]:
        """What flows on one picture (H, W, 3), best first; nothing where all is dry."""
        return self._found(bgr[None])

    def stack(self, frames_bgr: Sequence[Image], times_s: Sequence[float]) -> list[Found]:
        """The same for the last two seconds of a video; frames of one size, the newest last."""
        picks = chosen(times_s, self.card.frames, self.card.span_s)
        if len(set(picks)) == 1:
            return self.still(frames_bgr[picks[-1]])
        return self._found(np.stack([frames_bgr[pick] for pick in picks]))

    def zone(
        self, frames_bgr: Sequence[Image], times_s: Sequence[float], zone: Rectangle
    ) -> ZoneVerdict:
        """The verdict on a zone that somebody drew round a mouth and what comes from it."""
        picks = sorted(chosen(times_s, self.card.frames, self.card.span_s))
        picks = picks if len(set(picks)) > 1 else picks[:1]
        crops = cropped([frames_bgr[pick] for pick in picks], zone, self.card.size)
        return self._verdict(crops)

    def _verdict(self, crops: Image) -> ZoneVerdict:
        scores, features = self.features(crops)
        rule = self.card.rule("still" if len(crops) == 1 else "moving")
        flowing = float(scores[1]) if rule is None else float(rule.score(features))
        named = dict(zip(("dry", *LABELS), scores.tolist(), strict=True)) | {"flowing": flowing}
        limits = self.card.thresholds
        alarms = tuple(label for label in LABELS if named[label] >= limits[label])
        return ZoneVerdict(named, flowing, alarms)

    def features(self, crops: Image) -> tuple[NDArray[np.float32], Floats]:
        """The network's scores of a zone, and all that the joint verdict weighs."""
        scores, maps = self._model.run(crops)
        return scores, joined(scores, maps, measured(crops))

    def _found(self, stack: Image) -> list[Found]:
        """Every candidate judged; of those that overlap the best."""
        rule = self.card.rule("candidate still" if len(stack) == 1 else "candidate moving")
        judged = [(one, _judged(one, rule)) for one in self.candidates(stack)]
        judged = [(one, score) for one, score in judged if score >= MIN_SCORE]
        best = nms(
            _table([(*one.xyxy, score, one.class_id) for one, score in judged]), _NMS_IOU, MAX_BOXES
        )
        found = []
        for corners, score, class_id in zip(
            best.xyxy.tolist(), best.score.tolist(), best.class_id.tolist(), strict=True
        ):
            label = LABELS[class_id]
            found.append(Found(label, score, tuple(corners), score >= self.card.thresholds[label]))
        return found

    def candidates(self, stack: Image) -> Iterator[Candidate]:
        """Places on a stack (T, H, W, 3) at which something may flow, each looked at as a zone."""
        best = nms(Detections.joined(list(self._places(stack))), _ALIKE_IOU, MAX_BOXES)
        for class_id in range(len(LABELS)):
            most = _MOST_FLOWS if class_id == 0 else _MOST_OTHERS
            of_class = best.take(best.class_id == class_id).best_first(most)
            for corners, peak in zip(of_class.xyxy.tolist(), of_class.score.tolist(), strict=True):
                zone = squared(tuple(corners), _ROOM)
                scores, features = self.features(cropped(list(stack), zone, self.card.size))
                features = np.array([logit(peak), *features])
                yield Candidate(class_id, tuple(corners), peak, scores, features)

    def _places(self, stack: Image) -> Iterator[Detections]:
        """Boxes in the picture's pixels, from every size at which it is looked at.

        The newest frame is looked at by itself too: where a camera shakes or a codec freezes the
        water, movement misleads.
        """
        _, height, width, _ = stack.shape
        for long_side in _LONG_SIDES:
            scale = long_side / max(height, width)
            if scale > _ENLARGED:
                continue
            shown, factors = _resized(stack, scale)
            for looked in (shown, shown[-1:]) if len(shown) > 1 else (shown,):
                _, maps = self._model.run(looked)
                yield _boxes(maps).mapped(factors, (0, 0)).clipped(width, height)


def _judged(one: Candidate, rule: Logistic | None) -> float:
    """Flowing water by the fitted rule, the others by the network alone."""
    if one.class_id == 0 and rule is not None:
        return float(rule.score(one.features))
    return math.sqrt(one.peak * float(one.scores[1 + one.class_id]))


def _resized(stack: Image, scale: float) -> tuple[Image, tuple[float, float]]:
    """The stack at a scale, sides in whole cells; and its pixels per pixel of the result (x, y)."""
    _, height, width, _ = stack.shape
    size = tuple(max(4, round(side * scale / _CELL)) * _CELL for side in (width, height))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = np.stack([cv2.resize(frame, size, interpolation=how) for frame in stack])
    return np.asarray(shown, np.uint8), (width / size[0], height / size[1])


def _boxes(maps: Field) -> Detections:
    """Connected places of the maps (5, H, W) as boxes in input pixels; flow takes in its mouth.

    Below every mouth is a place too, whatever the map of flows says there.
    """
    mouths = maps[4] > _SEEN
    rows: list[tuple[float, ...]] = list(_below(maps[0], mouths))
    for class_id in range(len(LABELS)):
        seen = maps[class_id] > _SEEN
        _, places, stats, _ = cv2.connectedComponentsWithStats(seen.astype(np.uint8))
        for place in range(1, len(stats)):
            if stats[place, cv2.CC_STAT_AREA] < _LEAST_CELLS:
                continue
            here = places == place
            peak = _peak(maps[class_id][here])
            box = _with_mouth(here, mouths) if class_id == 0 else _extent(here)
            rows.append((*(side * _STRIDE for side in box), peak, class_id))
    return _table(rows)


def _below(flow: Field, mouths: NDArray[np.bool_]) -> Iterator[tuple[float, ...]]:
    """The rows of `_boxes` for what may come out of mouths."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mouths.astype(np.uint8))
    for left, top, width, height, cells in stats[1:].tolist():
        if cells < _LEAST_CELLS:
            continue
        aside, down = width // 4, round(_FALL * max(width, height))
        x0, x1, y1 = max(0, left - aside), left + width + aside, top + height + down
        box = (x0, top, min(x1, flow.shape[1]), min(y1, flow.shape[0]))
        peak = _peak(flow[top : box[3], x0 : box[2]].ravel())
        yield (*(side * _STRIDE for side in box), peak, 0)


def _peak(values: Field) -> float:
    return float(np.sort(values)[-_LEAST_CELLS:].mean())


def _table(rows: Sequence[tuple[float, ...]]) -> Detections:
    """Detections from rows of a box, a score and a class."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


def _with_mouth(flow: NDArray[np.bool_], mouths: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The extent of a flow and of the mouths that touch it."""
    _, places = cv2.connectedComponents(mouths.astype(np.uint8))
    near = cv2.dilate(flow.astype(np.uint8), np.ones((5, 3), np.uint8)) > 0
    touching = np.unique(places[near & mouths])
    return _extent(flow | np.isin(places, touching[touching > 0]))


def _extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
