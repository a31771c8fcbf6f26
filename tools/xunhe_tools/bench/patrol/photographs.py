"""Two photographs of one place: how far apart their poses put what both of them show.

No truth is known, but the ground is the same: what two pictures show must lie at one place. The
lens is nobody's calibration, only the angle of view that EXIF tells, so that the residual holds
all that a user without a calibration would meet, but for an error that both pictures share.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xunhe.adapters.drone import photograph
from xunhe.domain.pose import Measured, Pose
from xunhe.vision.georeference.earth import offset_m
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import View, WaterPlane

Array = NDArray[np.float64]

_SCALE = 0.25  # features of a photograph at this size are enough
_RATIO = 0.7  # Lowe's: how much better the best match is than the next
_TOLERANCE_PX = 4.0
_FEW = 20
_RAYLEIGH_MEDIAN = 1.1774  # of a distance, over the standard deviation of each axis


@dataclass(frozen=True, slots=True)
class Residual:
    """Median distances in metres over the matched points of pairs of photographs.

    `aligned_m` is what remains once the two pictures are moved and turned onto each other: what
    lens, tilt and relief leave, without the error of position and heading.
    """

    raw_m: float
    aligned_m: float
    expected_m: float
    points: int


def residuals(folder: Path) -> list[Residual]:
    """Of each photograph (JPG) of a folder and the next that overlaps it."""
    return [
        found
        for one, other in pairwise(sorted(folder.glob("*.[jJ][pP][gG]")))
        if (found := residual(one, other)) is not None
    ]


def residual(one: Path, other: Path) -> Residual | None:
    """Of two photographs; None where they do not overlap or lack an attitude."""
    first, second = _matched(one, other)
    view, other_view = _view(one), _view(other)
    if view is None or other_view is None or len(first) < _FEW:
        return None
    ground, other_ground = view.ground_m(first), other_view.ground_m(second)
    shift = offset_m(other_view.pose.lon_lat, view.pose.lon_lat)
    turn, _ = cv2.estimateAffinePartial2D(other_ground, ground, ransacReprojThreshold=1.0)
    return Residual(
        raw_m=_median_m(other_ground + shift - ground),
        aligned_m=_median_m(other_ground @ turn[:, :2].T + turn[:, 2] - ground),
        expected_m=_expected_m(view.pose, other_view.pose),
        points=len(first),
    )


def _view(path: Path) -> View | None:
    (pose,) = photograph.read(path).poses
    with Image.open(path) as picture:
        width, height = picture.size
    if pose.horizontal_fov_deg is None:
        return None
    lens = Lens.of_view(width, height, pose.horizontal_fov_deg)
    view = View.of(pose, lens, WaterPlane(Measured(0.0, 0.5)))
    return view if isinstance(view, View) else None


def _matched(one: Path, other: Path) -> tuple[Array, Array]:
    """Pixels (N, 2) of the same points in both, those that one homography explains."""
    finder = cv2.SIFT_create(4000)  # type: ignore[attr-defined]
    points, signs = zip(
        *(finder.detectAndCompute(_small(path), None) for path in (one, other)), strict=True
    )
    pairs = cv2.BFMatcher().knnMatch(signs[0], signs[1], k=2)
    good = [best for best, next_one in pairs if best.distance < _RATIO * next_one.distance]
    first = np.array([points[0][match.queryIdx].pt for match in good]).reshape(-1, 2) / _SCALE
    second = np.array([points[1][match.trainIdx].pt for match in good]).reshape(-1, 2) / _SCALE
    if len(good) < _FEW:
        return first, second
    _, fits = cv2.findHomography(first, second, cv2.RANSAC, _TOLERANCE_PX)
    return first[fits.ravel() > 0], second[fits.ravel() > 0]


def _small(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        size = (round(picture.width * _SCALE), round(picture.height * _SCALE))
        return np.asarray(picture.convert("L").resize(size, Image.Resampling.BOX), np.uint8)


def _median_m(apart: Array) -> float:
    return round(float(np.median(np.linalg.norm(apart, axis=1))), 3)


def _expected_m(one: Pose, other: Pose) -> float:
    """The median distance between two places that are as unsure as these poses' positions."""
    return round(_RAYLEIGH_MEDIAN * hypot(one.position_sd_m, other.position_sd_m), 3)
