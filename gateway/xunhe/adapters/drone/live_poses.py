"""The newest poses of a drone in the air, by the time at which they came in."""

import threading
from collections import deque
from dataclasses import replace
from math import hypot

from xunhe.domain.pose import Pose
from xunhe.domain.pose_track import PoseTrack
from xunhe.vision.georeference.assumptions import Assumed, completed
from xunhe.vision.georeference.earth import offset_m

_KEPT_S = 20.0
_DELAY_SD_S = 0.3  # nobody measures how late a stream's pictures are


class LivePoses:
    """One thread takes poses, another asks for them."""

    def __init__(self, assumed: Assumed) -> None:
        self._assumed = assumed
        self._lock = threading.Lock()
        self._heard: deque[Pose] = deque()

    def take(self, pose: Pose, arrived_s: float) -> None:
        """A pose has come in."""
        with self._lock:
            self._heard.append(replace(pose, time_s=arrived_s))
            while arrived_s - self._heard[0].time_s > _KEPT_S:
                self._heard.popleft()

    @property
    def newest(self) -> Pose | None:
        """The last one that came in, as it came."""
        with self._lock:
            return self._heard[-1] if self._heard else None

    def at(self, time_s: float) -> Pose | None:
        """The pose of a picture, gaps filled by what is assumed; None where none is near."""
        with self._lock:
            heard = tuple(self._heard)
        if not heard:
            return None
        pose = PoseTrack.of(completed(heard, self._assumed)).at(time_s)
        if pose is None:
            return None
        unsure_m = _speed_m_s(heard) * _DELAY_SD_S
        return replace(pose, position_sd_m=hypot(pose.position_sd_m, unsure_m))


def _speed_m_s(heard: tuple[Pose, ...]) -> float:
    """Of the last second or so."""
    last = heard[-1]
    before = next((one for one in reversed(heard) if last.time_s - one.time_s >= 1.0), heard[0])
    elapsed_s = last.time_s - before.time_s
    return hypot(*offset_m(last.lon_lat, before.lon_lat)) / elapsed_s if elapsed_s else 0.0
