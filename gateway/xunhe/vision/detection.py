"""Where the detector looks: at everything on a scan, else only at the places that deserve it.

A scan takes the whole frame (where mats are found) and tiles of two sizes over the water, a survey
only the larger ones. In between, crops at
the model's own scale go round the places that the gate or a track names; their zoom changes from
look to look, so that a score that holds has held at two sizes, without looking twice.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.sight import SightKind
from xunhe.vision.geometry import Box, centre, clipped, covered_share, grown, scaled, sides
from xunhe.vision.stillness import Appearance, appearance
from xunhe_models.boxes import Detections, nms
from xunhe_models.tiles import AUTO_FROM, Looker, Tiling, detect_tiled

LEAST_SCORE = 0.2  # below it a box is noise even beside a track
_ZOOMS = (1.0, 1.54)  # sides of the crops over the model's tile, in turn
_ROOM = 2.5  # side of a crop over the longer side of the thing in it
_MOST_CROPS = 6  # of one look: a scan is due where that is not enough
_WATER_MARGIN = 0.05  # of the picture: a box needs some bank around it
_NMS_IOU = 0.5


class DebrisDetector(Looker, Protocol):
    """A detector with the names of its classes."""

    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A thing on one frame; its box in pixels of the luma plane."""

    kind: SightKind
    box: Box
    score: float
    look: Appearance


@dataclass(frozen=True, slots=True, eq=False)
class Viewing:
    """What the detector saw, and where it looked (pixels of the luma plane).

    Mats are found on whole frames only: without `is_whole` it says nothing of them.
    """

    seen: tuple[Seen, ...]
    covered: tuple[Box, ...]
    is_whole: bool
    is_scan: bool
    runs: int

    def looked_at(self, kind: SightKind, box: Box) -> bool:
        """Whether it would have seen a thing of this kind in this box."""
        if kind is SightKind.MAT and not self.is_whole:
            return False
        return covered_share(box, self.covered) > 0.9


class Searcher:
    """Runs the detector for one camera.

    `water` is the water's rectangle, (width, height) the luma plane's size.
    """

    def __init__(self, detector: DebrisDetector, water: Box, width: int, height: int) -> None:
        self._counted = _Counted(detector)
        self._kinds = {
            number: SightKind(label)
            for number, label in enumerate(detector.classes)
            if label in (SightKind.LITTER, SightKind.MAT)
        }
        self._water, self._size = water, (width, height)
        self._turn = 0

    def scan(self, bgr: NDArray[np.uint8]) -> Viewing:
        """Look at all water of a picture (H, W, 3), at every zoom."""
        return self._all(bgr, self._tiling, is_scan=True)

    def survey(self, bgr: NDArray[np.uint8]) -> Viewing:
        """Look at all water at a third of the cost of a scan; small things may be overlooked."""
        side = round(self._counted.tile * _ZOOMS[-1])
        return self._all(bgr, lambda _: side, is_scan=False)

    def _all(
        self,
        bgr: NDArray[np.uint8],
        tiling: Callable[[NDArray[np.uint8]], Tiling],
        *,
        is_scan: bool,
    ) -> Viewing:
        height, width = bgr.shape[:2]
        margin = _WATER_MARGIN * width
        x0, y0, x1, y1 = clipped(grown(self._to_picture(self._water, bgr), margin), width, height)
        left, top = int(x0), int(y0)
        part = bgr[top : round(y1), left : round(x1)]
        found = detect_tiled(self._counted, part, tiling(part)).mapped((1, 1), (left, top))
        covered = (0.0, 0.0, float(self._size[0]), float(self._size[1]))
        return self._viewing(bgr, found, (covered,), is_whole=True, is_scan=is_scan)

    def _tiling(self, part: NDArray[np.uint8]) -> Tiling:
        """Tiles of the model's own size also where the part is hardly larger than one."""
        return "auto" if max(part.shape) > AUTO_FROM * self._counted.tile else self._counted.tile

    def look(self, bgr: NDArray[np.uint8], places: Sequence[Box], is_whole: bool) -> Viewing:
        """Look at boxes (pixels of the luma plane), and at the whole frame for mats if asked."""
        height, width = bgr.shape[:2]
        everything = (0.0, 0.0, float(self._size[0]), float(self._size[1]))
        if max(width, height) <= AUTO_FROM * self._counted.tile:
            found = self._counted.detect(bgr)
            return self._viewing(bgr, found, (everything,), is_whole=True, is_scan=False)
        self._turn += 1
        side = self._counted.tile * _ZOOMS[self._turn % len(_ZOOMS)]
        wanted = [self._to_picture(place, bgr) for place in places]
        crops = list(_crops(wanted, side, width, height))[:_MOST_CROPS]
        parts = [self._at(bgr, crop) for crop in crops]
        if is_whole:
            parts.append(self._mats(self._counted.detect(bgr)))
        found = nms(Detections.joined(parts), _NMS_IOU, 300)
        covered = tuple(self._to_luma(crop, bgr) for crop in crops)
        return self._viewing(bgr, found, covered, is_whole=is_whole, is_scan=False)

    def _at(self, bgr: NDArray[np.uint8], crop: Box) -> Detections:
        """Litter on one crop; what an inner border cuts is left to another look."""
        x0, y0, x1, y1 = (int(side) for side in crop)
        found = self._counted.detect(bgr[y0:y1, x0:x1]).mapped((1, 1), (x0, y0))
        found = found.take(~np.isin(found.class_id, list(self._counted.whole_only)))
        inner = np.array([x0 > 0, y0 > 0, x1 < bgr.shape[1], y1 < bgr.shape[0]])
        apart = np.abs(found.xyxy - np.array([x0, y0, x1, y1], np.float32))
        is_cut = np.asarray((inner & (apart < 2.0)).any(axis=1))
        return found.take(np.flatnonzero(~is_cut))

    def _mats(self, found: Detections) -> Detections:
        return found.take(np.isin(found.class_id, list(self._counted.whole_only)))

    def _viewing(
        self,
        bgr: NDArray[np.uint8],
        found: Detections,
        covered: tuple[Box, ...],
        *,
        is_whole: bool,
        is_scan: bool,
    ) -> Viewing:
        seen = []
        for row, score, label in zip(
            found.xyxy.tolist(), found.score.tolist(), found.class_id.tolist(), strict=True
        ):
            if score >= LEAST_SCORE and label in self._kinds:
                box = (row[0], row[1], row[2], row[3])
                look = appearance(bgr, box)
                seen.append(Seen(self._kinds[label], self._to_luma(box, bgr), score, look))
        return Viewing(tuple(seen), covered, is_whole, is_scan, self._counted.taken())

    def appearance(self, bgr: NDArray[np.uint8], box: Box) -> Appearance:
        """What a place (pixels of the luma plane) looks like on a picture."""
        return appearance(bgr, self._to_picture(box, bgr))

    def _to_picture(self, box: Box, bgr: NDArray[np.uint8]) -> Box:
        return scaled(box, bgr.shape[1] / self._size[0], bgr.shape[0] / self._size[1])

    def _to_luma(self, box: Box, bgr: NDArray[np.uint8]) -> Box:
        return scaled(box, self._size[0] / bgr.shape[1], self._size[1] / bgr.shape[0])


class _Counted:
    """A detector that counts its runs, for the metrics."""

    def __init__(self, detector: DebrisDetector) -> None:
        self._detector = detector
        self.tile, self.size, self.nms_iou = detector.tile, detector.size, detector.nms_iou
        self.whole_only = detector.whole_only
        self._runs = 0

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        self._runs += 1
        return self._detector.detect(bgr)

    def taken(self) -> int:
        """Runs since it was last asked."""
        runs, self._runs = self._runs, 0
        return runs


def _crops(places: Iterable[Box], side: float, width: int, height: int) -> Iterable[Box]:
    """Squares of at least `side` round the places; a place that lies in an earlier one has it."""
    made: list[Box] = []
    for place in places:
        if covered_share(place, [_inner(crop) for crop in made]) > 0.99:
            continue
        own = max(side, _ROOM * max(sides(place)))
        crop = _square(place, min(own, width), min(own, height), width, height)
        made.append(crop)
        yield crop


def _square(place: Box, wide: float, high: float, width: int, height: int) -> Box:
    x, y = centre(place)
    left = round(min(max(x - wide / 2, 0.0), width - wide))
    top = round(min(max(y - high / 2, 0.0), height - high))
    return (float(left), float(top), float(left + round(wide)), float(top + round(high)))


def _inner(crop: Box) -> Box:
    """Of a crop, what is far enough from its borders to be seen whole."""
    return grown(crop, -0.06 * max(sides(crop)))
