"""A track of poses as arrays, for many times at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.pose import Measured, Pose
from xunhe.vision.georeference.earth import offset_m
from xunhe.vision.georeference.placing import WaterPlane

Array = NDArray[np.float64]

_END_S, _BEYOND_S = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class TrackArrays:
    """One row a pose: `rows` (N, 6) are east, north, height in m, yaw, pitch, roll in degrees."""

    times_s: Array
    rows: Array

    @classmethod
    def of(cls, poses: Sequence[Pose], water: WaterPlane) -> "TrackArrays | None":
        """Of the complete ones of poses in ascending time; None where fewer than two are."""
        values = [(pose, _values(pose, poses[0], water)) for pose in poses]
        known = [(pose.time_s, row) for pose, row in values if row is not None]
        if len(known) < 2:
            return None
        times, rows = zip(*known, strict=True)
        table = np.array(rows)
        table[:, 3:] = np.degrees(np.unwrap(np.radians(table[:, 3:]), axis=0))
        return cls(*_longer(np.array(times), table))

    def at(self, times_s: Array) -> Array:
        """(M, 6) by straight lines between the poses; beyond the ends they fly on."""
        return np.column_stack([np.interp(times_s, self.times_s, column) for column in self.rows.T])


def _longer(times_s: Array, rows: Array) -> tuple[Array, Array]:
    """With a row before and one after, as straight on as the first and last second went.

    Poses that stood still beyond the ends would look like a change of speed, which is what tells
    an offset.
    """
    begin, end = times_s[[0, -1]]
    first, last = rows[0].copy(), rows[-1].copy()
    second = rows[np.searchsorted(times_s, min(begin + _END_S, end))]
    second_last = rows[np.searchsorted(times_s, max(end - _END_S, begin), "right") - 1]
    way = _BEYOND_S / min(_END_S, end - begin)
    first[:2] += way * (rows[0] - second)[:2]
    last[:2] += way * (rows[-1] - second_last)[:2]
    longer_s = np.concatenate([[begin - _BEYOND_S], times_s, [end + _BEYOND_S]])
    return longer_s, np.vstack([first, rows, last])


def _values(pose: Pose, origin: Pose, water: WaterPlane) -> tuple[float, ...] | None:
    height = water.height(pose)
    angles = (pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    if height is None or None in angles:
        return None
    measured = (height, *angles)
    east_north = offset_m(pose.lon_lat, origin.lon_lat)
    return (*east_north, *(one.value for one in measured if isinstance(one, Measured)))
