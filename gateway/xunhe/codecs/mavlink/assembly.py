"""Facts become poses: one with every position, with the attitude last heard."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import hypot, inf
from typing import TypeVar

from xunhe.codecs.mavlink.facts import (
    AboveTerrain,
    Accuracy,
    Clock,
    Fact,
    FieldOfView,
    Gimbal,
    Heading,
    Position,
)
from xunhe.domain.pose import Measured, Pose

Timed = TypeVar("Timed", Heading, Gimbal, AboveTerrain)

_STALE_S = 1.0  # after which an attitude or height is no longer the drone's
_OVERTAKEN_S = 10.0  # how late a radio link may bring a message
_TURNS_DEG_S = 10.0  # what a gimbal may turn meanwhile
_HEADING_SD_DEG, _GIMBAL_SD_DEG, _FOV_SD_DEG = 3.0, 0.5, 1.0
_BAROMETER_SD_M, _ABOVE_SEA_SD_M, _GNSS_SD_M = 0.5, 5.0, 1.5


@dataclass(slots=True)
class PoseAssembly:
    """Of one drone. `time_s` of its poses counts from the first position.

    Without a gimbal's messages the camera is taken to follow the airframe's heading, at a pitch
    that nobody knows.
    """

    _begin_s: float | None = None
    _accuracy: Accuracy | None = None
    _heading: Heading | None = None
    _gimbal: Gimbal | None = None
    _terrain: AboveTerrain | None = None
    _fov: FieldOfView | None = None
    _clock: Clock | None = None
    _last_s: float = -inf
    _newest_s: float = -inf

    def take(self, fact: Fact) -> Pose | None:
        """A pose where the fact is a new position. ValueError where that is impossible."""
        match fact:
            case Position():
                return self._pose(fact)
            case Accuracy():
                self._accuracy = fact
            case Heading():
                self._heading = fact
            case Gimbal():
                self._gimbal = fact
            case AboveTerrain():
                self._terrain = fact
            case FieldOfView():
                self._fov = fact
            case Clock():
                self._clock = fact
        return None

    def _pose(self, at: Position) -> Pose | None:
        if at.time_s == self._last_s:
            return None  # the same position by a second link
        if at.time_s < self._newest_s - _OVERTAKEN_S:
            raise ValueError(f"clock of the autopilot went back to {at.time_s:g} s: it restarted")
        self._last_s, self._newest_s = at.time_s, max(self._newest_s, at.time_s)
        self._begin_s = at.time_s if self._begin_s is None else self._begin_s
        yaw, pitch, roll = self._attitude(at.time_s)
        return Pose(
            time_s=at.time_s - self._begin_s,
            instant=self._instant(at.time_s),
            latitude_deg=at.latitude_deg,
            longitude_deg=at.longitude_deg,
            position_sd_m=_GNSS_SD_M if self._accuracy is None else self._accuracy.sd_m,
            height_above_ground_m=self._above_ground(at),
            height_above_sea_m=Measured.known(at.above_sea_m, _ABOVE_SEA_SD_M),
            yaw_deg=yaw,
            pitch_deg=pitch,
            roll_deg=roll,
            horizontal_fov_deg=None
            if self._fov is None
            else Measured.known(self._fov.degrees, _FOV_SD_DEG),
        )

    def _attitude(self, time_s: float) -> tuple[Measured | None, Measured | None, Measured | None]:
        """(yaw, pitch, roll), each None where nothing fresh says it."""
        heading = _fresh(self._heading, time_s)
        yaw = None if heading is None else _aged(heading.yaw_deg, _HEADING_SD_DEG, heading, time_s)
        gimbal = _fresh(self._gimbal, time_s)
        if gimbal is None:
            return yaw, None, None
        if gimbal.yaw_is_absolute:
            yaw = _aged(gimbal.yaw_deg, _HEADING_SD_DEG, gimbal, time_s)
        elif yaw is not None:
            yaw = Measured((yaw.value + gimbal.yaw_deg) % 360, yaw.sd)
        pitch = _aged(gimbal.pitch_deg, _GIMBAL_SD_DEG, gimbal, time_s)
        return yaw, pitch, _aged(gimbal.roll_deg, _GIMBAL_SD_DEG, gimbal, time_s)

    def _above_ground(self, at: Position) -> Measured | None:
        terrain = _fresh(self._terrain, at.time_s)
        if terrain is not None:
            return Measured(terrain.height_m, terrain.sd_m)
        return Measured.known(at.above_home_m, _BAROMETER_SD_M)

    def _instant(self, time_s: float) -> datetime | None:
        if self._clock is None:
            return None
        try:
            return datetime.fromtimestamp(self._clock.unix_s + time_s - self._clock.time_s, UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"clock of {self._clock.unix_s:g} s: {error}") from error


def _fresh(fact: Timed | None, time_s: float) -> Timed | None:
    return fact if fact is not None and abs(time_s - fact.time_s) <= _STALE_S else None


def _aged(value: float, sd: float, fact: Heading | Gimbal, time_s: float) -> Measured:
    return Measured(value, hypot(sd, _TURNS_DEG_S * abs(time_s - fact.time_s)))
