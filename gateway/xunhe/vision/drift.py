"""How a thing moves: along with the water, not at all, or like nothing that floats.

Where nobody drew the current, it is what the things that were confirmed agree on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from xunhe.vision.geometry import Vector

_WINDOW_S = 10.0
_MOVED = 0.6  # of its size, from which a thing has moved
_MOVED_PX = 3.0  # of the luma plane
_CROOKED = 0.35  # spread about the straight line over the way along it
_FEW, _CROOKED_FEW = 6, 0.15  # three points of glare may lie near a line
_AGREES = 0.5  # cosine: within 60 degrees of the current
_KNOWN_FROM = 2.0  # confirmed things, from which their direction is the current
_FADES_S = 900.0


class Motion(StrEnum):
    """What the way of a thing says."""

    STILL = "still"
    WITH = "with the current"
    AGAINST = "against the current"
    ERRATIC = "erratic"


@dataclass(frozen=True, slots=True)
class Way:
    """A thing's last seconds: velocity in pixels a second, way in pixels, spread about the line."""

    velocity: Vector
    way: Vector
    spread: float
    points: int = 1

    @classmethod
    def of(cls, times_s: Sequence[float], centres: Sequence[Vector]) -> "Way":
        """The straight line (least squares) through the last ten seconds; at least one point."""
        recent = [i for i, time_s in enumerate(times_s) if times_s[-1] - time_s <= _WINDOW_S]
        if len(recent) < 4:  # key frames, scans: a few points must do
            recent = list(range(max(0, len(times_s) - 4), len(times_s)))
        times = np.array([times_s[i] for i in recent])
        points = np.array([centres[i] for i in recent])
        lasted = float(times[-1] - times[0])
        if lasted <= 0:
            return cls((0.0, 0.0), (0.0, 0.0), 0.0)
        since = times - times.mean()
        slope = (since[:, None] * (points - points.mean(axis=0))).sum(axis=0) / (since**2).sum()
        left = points - points.mean(axis=0) - since[:, None] * slope
        spread = float(np.sqrt((left**2).sum(axis=1).mean()))
        velocity = (float(slope[0]), float(slope[1]))
        way = (velocity[0] * lasted, velocity[1] * lasted)
        return cls(velocity, way, spread, len(recent))

    @property
    def length(self) -> float:
        """Of the way, pixels."""
        return math.hypot(*self.way)


@dataclass(slots=True)
class Current:
    """The water's direction in the picture: as drawn, or as confirmed things show it."""

    drawn: Vector | None = None  # in pixels
    _sum: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    _time_s: float | None = None

    @property
    def direction(self) -> Vector | None:
        """A vector of any length, None where it is not known."""
        if self.drawn is not None:
            return self.drawn
        x, y, weight = self._sum
        agrees = weight >= _KNOWN_FROM and math.hypot(x, y) > _AGREES * weight
        return (x, y) if agrees else None

    def learn(self, way: Way, time_s: float) -> None:
        """Take in the way of a thing that drifts, once a thing."""
        if self._time_s is not None:
            kept = math.exp(-max(time_s - self._time_s, 0.0) / _FADES_S)
            self._sum = [part * kept for part in self._sum]
        self._time_s = time_s
        if way.length > 0:
            self._sum[0] += way.way[0] / way.length
            self._sum[1] += way.way[1] / way.length
            self._sum[2] += 1.0

    def judge(self, way: Way, size: float) -> Motion:
        """What kind of motion it is, for a thing of a size in pixels."""
        if way.length <= max(_MOVED * size, _MOVED_PX, 2 * way.spread):
            return Motion.STILL if way.spread <= max(0.5 * size, _MOVED_PX) else Motion.ERRATIC
        if way.spread > way.length * (_CROOKED if way.points >= _FEW else _CROOKED_FEW):
            return Motion.ERRATIC
        along = self.direction
        if along is None:
            return Motion.WITH
        cosine = (way.way[0] * along[0] + way.way[1] * along[1]) / way.length / math.hypot(*along)
        return Motion.WITH if cosine >= _AGREES else Motion.AGAINST
