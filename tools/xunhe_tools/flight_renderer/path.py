"""The true pose at every instant: a drone that flies from stop to stop."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, pi

import numpy as np

_TURNS_DEG_S = 20.0


@dataclass(frozen=True, slots=True)
class TruePose:
    """East, north and up in metres, yaw, pitch and roll in degrees."""

    east_m: float
    north_m: float
    up_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Stop:
    """A pose that is reached at an instant, with no speed left."""

    time_s: float
    pose: TruePose


@dataclass(frozen=True, slots=True)
class Path:
    """Stops in ascending time; between two of them all speeds rise and fall as a cosine."""

    stops: tuple[Stop, ...]

    @property
    def lasts_s(self) -> float:
        """From the first stop to the last."""
        return self.stops[-1].time_s

    def at(self, time_s: float) -> TruePose:
        """The pose at an instant; before and after the path it hovers."""
        after = bisect_right(self.stops, time_s, key=lambda stop: stop.time_s)
        if after in (0, len(self.stops)):
            return self.stops[min(after, len(self.stops) - 1)].pose
        before, later = self.stops[after - 1], self.stops[after]
        share = (time_s - before.time_s) / (later.time_s - before.time_s)
        eased = (1 - cos(pi * share)) / 2
        start, end = (np.array(_values(stop.pose)) for stop in (before, later))
        return TruePose(*(start + eased * (end - start)).tolist())


def along(
    line: Sequence[tuple[float, float]], up_m: float, pitch_deg: float, speed_m_s: float
) -> Path:
    """Along a line (east, north) at a mean speed, turning on the spot at its corners."""
    headings = [_heading(start, end) for start, end in pairwise(line)]
    for i in range(1, len(headings)):  # the short way round
        headings[i] += 360 * round((headings[i - 1] - headings[i]) / 360)
    stops = [Stop(0.0, TruePose(*line[0], up_m, headings[0], pitch_deg))]
    for (start, end), heading in zip(pairwise(line), headings, strict=True):
        turn_deg = abs(heading - stops[-1].pose.yaw_deg)
        if turn_deg > 0:
            at_s = stops[-1].time_s + max(turn_deg / _TURNS_DEG_S, 1.0)
            stops.append(Stop(at_s, TruePose(*start, up_m, heading, pitch_deg)))
        way_m = hypot(end[0] - start[0], end[1] - start[1])
        at_s = stops[-1].time_s + way_m / speed_m_s
        stops.append(Stop(at_s, TruePose(*end, up_m, heading, pitch_deg)))
    return Path(tuple(stops))


def _heading(start: tuple[float, float], end: tuple[float, float]) -> float:
    return float(np.degrees(np.arctan2(end[0] - start[0], end[1] - start[1])))


def _values(pose: TruePose) -> tuple[float, ...]:
    return (
        pose.east_m,
        pose.north_m,
        pose.up_m,
        pose.yaw_deg,
        pose.pitch_deg,
        pose.roll_deg,
    )
