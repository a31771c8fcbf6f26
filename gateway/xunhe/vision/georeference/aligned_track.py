"""The pose at a picture's own time."""

from dataclasses import dataclass, replace
from math import hypot

from xunhe.domain.pose import Pose
from xunhe.domain.pose_track import PoseTrack
from xunhe.vision.georeference.alignment import Alignment
from xunhe.vision.georeference.earth import offset_m

_HALF_S = 0.5  # the speed is that of the second around


@dataclass(frozen=True, slots=True)
class AlignedTrack:
    """A track with its alignment; None where there is none: then the clocks are taken to agree."""

    track: PoseTrack
    alignment: Alignment | None = None

    def at(self, picture_s: float) -> Pose | None:
        """The pose of a picture; None where the track has none.

        While the offset is unsure, so is the way that the drone flies in that time.
        """
        if self.alignment is None:
            return self.track.at(picture_s)
        offset = self.alignment.offset_s
        pose = self.track.at(picture_s + offset.value)
        if pose is None:
            return None
        sd_m = hypot(pose.position_sd_m, self._speed_m_s(pose) * offset.sd)
        return replace(self.alignment.corrected(pose), position_sd_m=sd_m)

    def _speed_m_s(self, pose: Pose) -> float:
        before = self.track.at(pose.time_s - _HALF_S) or pose
        after = self.track.at(pose.time_s + _HALF_S) or pose
        if after.time_s == before.time_s:
            return 0.0
        way_m = hypot(*offset_m(after.lon_lat, before.lon_lat))
        return way_m / (after.time_s - before.time_s)
