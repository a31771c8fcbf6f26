"""`georeference`: a pixel as a position on the water, with its uncertainty, or why not."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from math import hypot

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.ellipse import Covariance, Ellipse
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.position import LonLat
from xunhe.vision.georeference.axes import axes, on_water
from xunhe.vision.georeference.earth import moved
from xunhe.vision.georeference.lens import Lens

Array = NDArray[np.float64]

_PIXEL_SD = 1.0  # how well somebody points at a thing
# Steps for derivatives: yaw, pitch, roll in degrees, height in m, focal length and pixel in pixels.
_STEPS = np.array([0.05, 0.05, 0.05, 0.05, 1.0, 0.5, 0.5])


_AS_TAKE_OFF = Measured(0.0, 0.5)


class Datum(StrEnum):
    """What a height counts from."""

    GROUND = "ground"  # the place of take-off, as `Pose.height_above_ground_m`
    SEA = "sea"


@dataclass(frozen=True, slots=True)
class WaterPlane:
    """The water's surface: `level_m` above the datum, below zero where it lies under it."""

    level_m: Measured = _AS_TAKE_OFF
    datum: Datum = Datum.GROUND

    def height(self, pose: Pose) -> Measured | None:
        """Of the camera above the water; None where the pose has no height above this datum."""
        is_ground = self.datum is Datum.GROUND
        above = pose.height_above_ground_m if is_ground else pose.height_above_sea_m
        if above is None:
            return None
        return Measured(above.value - self.level_m.value, hypot(above.sd, self.level_m.sd))


class Unplaced(Enum):
    """Why a pixel has no position: (Chinese, English)."""

    NO_ATTITUDE = ("遥测没有相机姿态", "the telemetry has no attitude of the camera")
    NO_HEIGHT = ("遥测没有高度", "the telemetry has no height above this datum")
    UNDER_WATER = ("高度不在水面之上", "the height is not above the water")
    TOO_FLAT = ("视线近于水平或在其上", "the line of sight is nearly level or above")
    OUTSIDE_LENS = ("超出镜头模型", "outside what the lens model holds for")

    def __str__(self) -> str:
        return f"{self.value[0]} / {self.value[1]}"


@dataclass(frozen=True, slots=True)
class GroundPoint:
    """A position on the water. `east_m`, `north_m` count from the camera; covariance in m²."""

    lon_lat: LonLat
    east_m: float
    north_m: float
    covariance: Covariance

    @property
    def ellipse(self) -> Ellipse:
        """The uncertainty."""
        return Ellipse.of(self.covariance)


@dataclass(frozen=True, slots=True)
class View:
    """A complete pose over the water: what turns pixels into metres."""

    pose: Pose
    lens: Lens
    yaw: Measured
    pitch: Measured
    roll: Measured
    height: Measured

    @classmethod
    def of(cls, pose: Pose, lens: Lens, water: WaterPlane) -> "View | Unplaced":
        """The view, or what the pose lacks."""
        if pose.yaw_deg is None or pose.pitch_deg is None or pose.roll_deg is None:
            return Unplaced.NO_ATTITUDE
        height = water.height(pose)
        if height is None:
            return Unplaced.NO_HEIGHT
        if height.value <= 0:
            return Unplaced.UNDER_WATER
        return cls(pose, lens, pose.yaw_deg, pose.pitch_deg, pose.roll_deg, height)

    @property
    def axes(self) -> Array:
        """(3, 3): right, down, forward."""
        return axes(self.yaw.value, self.pitch.value, self.roll.value)

    def ground_m(self, pixels: Array) -> Array:
        """Pixels (N, 2) as (N, 2) metres east and north of the camera; NaN where off the water."""
        return on_water(self.lens.rays(pixels), self.axes, self.height.value)

    def pixels(self, ground_m: Array) -> Array:
        """Metres (N, 2) east and north of the camera as pixels; NaN for what lies behind it."""
        lowered = np.column_stack([ground_m, np.full(len(ground_m), -self.height.value)])
        camera = lowered @ self.axes.T
        camera[camera[:, 2] <= 0] = np.nan
        return self.lens.pixels(camera[:, :2] / camera[:, 2:])


def georeference(
    pose: Pose, lens: Lens, pixel: tuple[float, float], water: WaterPlane
) -> GroundPoint | Unplaced:
    """Where on the water a pixel (x, y) lies."""
    view = View.of(pose, lens, water)
    return view if isinstance(view, Unplaced) else place(view, pixel)


def place(view: View, pixel: tuple[float, float]) -> GroundPoint | Unplaced:
    """The same of a view that is at hand."""
    ray = view.lens.rays(np.array([pixel]))
    if not np.allclose(view.lens.pixels(ray), pixel, atol=0.1):
        return Unplaced.OUTSIDE_LENS
    shifted = _shifted(view, ray)
    if np.isnan(shifted).any():
        return Unplaced.TOO_FLAT
    centre, slopes = shifted[0], (shifted[1::2] - shifted[2::2]) / (2 * _STEPS[:, None])
    covariance = slopes.T @ np.diag(_variances(view)) @ slopes
    covariance += np.eye(2) * view.pose.position_sd_m**2
    east_m, north_m = map(float, centre)
    (ee, en), (_, nn) = covariance.tolist()
    return GroundPoint(
        moved(view.pose.lon_lat, east_m, north_m), east_m, north_m, ((ee, en), (en, nn))
    )


def _variances(view: View) -> Array:
    measured = (view.yaw, view.pitch, view.roll, view.height, view.lens.focal_px)
    return np.array([*(one.sd for one in measured), _PIXEL_SD, _PIXEL_SD]) ** 2


def _shifted(view: View, ray: Array) -> Array:
    """The ground of a ray (1, 2) as it is, then with each value a step up and a step down."""
    steps = np.zeros((1 + 2 * len(_STEPS), len(_STEPS)))
    steps[1::2], steps[2::2] = np.diag(_STEPS), -np.diag(_STEPS)
    focal = view.lens.focal_px.value
    rays = ray * focal / (focal + steps[:, 4:5]) + steps[:, 5:7] / focal
    turned = axes(
        view.yaw.value + steps[:, 0], view.pitch.value + steps[:, 1], view.roll.value + steps[:, 2]
    )
    return on_water(rays, turned, view.height.value + steps[:, 3])
