"""Who is at a bank: movement of a person's or a vehicle's size, and how long it stays."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from xunhe.vision.geometry import Box, clipped, grown, iou, overlap, sides, size

_LEAST_AREA, _MOST_AREA, _LEAST_HEIGHT = 0.0008, 0.35, 0.03  # of the picture: a person, a lorry
_RESTS_S, _SAME_IOU = 1.5, 0.6  # what has stood in one place for so long does not move
_NEAR, _AROUND = 0.08, 0.2  # of the picture, round where the visitors were: reach, way off
_STAYS_SHARE = 0.5  # of a new thing that lies where something last moved


@dataclass(slots=True)
class Movers:
    """Sorts what moves from what the gate tells of because it is new: a heap is that for a while.

    All boxes are x0, y0, x1, y1 in fractions of the picture.
    """

    _before: deque[tuple[float, tuple[Box, ...]]] = field(default_factory=deque)

    def of(self, boxes: Sequence[Box], time_s: float) -> list[Box]:
        """The boxes of a fitting size that were not at the same place a moment ago."""
        if self._before and time_s < self._before[-1][0]:
            self._before.clear()
        sized = tuple(box for box in boxes if _is_sized(box))
        earlier = [b for at_s, then in self._before if time_s - at_s >= _RESTS_S for b in then]
        while self._before and time_s - self._before[0][0] > 2 * _RESTS_S:
            self._before.popleft()
        self._before.append((time_s, sized))
        return [box for box in sized if all(iou(box, other) < _SAME_IOU for other in earlier)]


def _is_sized(box: Box) -> bool:
    _, height = sides(clipped(box, 1.0, 1.0))
    return _LEAST_AREA <= size(box) ** 2 <= _MOST_AREA and height >= _LEAST_HEIGHT


@dataclass(slots=True)
class Visit:
    """Someone at a bank: since when, how often they were seen, and `where` they were in all."""

    started_s: float
    where: Box
    last_s: float = -math.inf
    sightings: int = 0
    _last: tuple[Box, ...] = ()

    def go_on(self, boxes: Sequence[Box], time_s: float) -> None:
        """Another frame on which something moves on the bank."""
        self.sightings, self.last_s = self.sightings + 1, time_s
        for b in boxes:
            a = self.where
            self.where = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))

    def leave(self, movers: Sequence[Box]) -> None:
        """What moves on the bank or on its way from it; the last of it is kept."""
        around = grown(self.where, _AROUND)
        if seen := tuple(box for box in movers if overlap(box, around) > 0):
            self._last = seen

    def stays_at(self, place: Box) -> bool:
        """Has nothing moved off since? Then what is there is the visitor: a car that parks.

        A heap is news to the gate too when its bearer parts from it, but the bearer moves on.
        """
        enough = _STAYS_SHARE * size(place) ** 2
        return all(overlap(place, box) >= enough for box in self._last)

    @property
    def near(self) -> Box:
        """Within reach of where they were."""
        return clipped(grown(self.where, _NEAR), 1.0, 1.0)
