"""Flat pictures that lie on the ground: a bottle on the water, a heap on the bank, a plume."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.ground import Picture
from xunhe_tools.flight_renderer.path import TruePose

_WIDTH_PX = 48
_LARGEST = 4  # in pictures: a patch that reaches farther out than this is not drawn
_PLUME = (96, 32)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A picture `bgr` (H, W, 3) with `alpha` (H, W), its middle at (east, north).

    It is `length_m` along its width, which points `bearing_deg` clockwise from east.
    """

    east_m: float
    north_m: float
    length_m: float
    bearing_deg: float
    bgr: Picture
    alpha: Picture

    @property
    def corners_m(self) -> NDArray[np.float64]:
        """(4, 2) east and north: upper left, upper right, lower right, lower left."""
        half = self.length_m / 2
        tall = half * self.bgr.shape[0] / self.bgr.shape[1]
        flat = np.array([(-half, tall), (half, tall), (half, -tall), (-half, -tall)])
        angle = np.radians(self.bearing_deg)
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        return np.asarray(flat @ turn.T + (self.east_m, self.north_m), np.float64)

    def draw(self, frame: Picture, camera: TrueCamera, pose: TruePose) -> None:
        """On a frame (H, W, 3), as it is seen from a pose."""
        seen = camera.pixels(pose, np.column_stack([self.corners_m, np.zeros(4)]))
        if np.isnan(seen).any() or np.abs(seen).max() > _LARGEST * max(frame.shape):
            return
        left, top = np.maximum(np.floor(seen.min(axis=0)), 0).astype(int).tolist()
        limit = (frame.shape[1], frame.shape[0])
        right, bottom = np.minimum(np.ceil(seen.max(axis=0)) + 1, limit).astype(int).tolist()
        if right <= left or bottom <= top:
            return
        height, width = self.alpha.shape
        own = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        turn = cv2.getPerspectiveTransform(own, (seen - (left, top)).astype(np.float32))
        size = (right - left, bottom - top)
        share = cv2.warpPerspective(self.alpha, turn, size).astype(np.float32)[..., None] / 255
        laid = cv2.warpPerspective(self.bgr, turn, size, borderMode=cv2.BORDER_REPLICATE)
        under = frame[top:bottom, left:right]
        under[:] = (laid * share + under * (1 - share)).astype(np.uint8)


def shrunk(bgr: Picture, alpha: Picture, width_px: int = _WIDTH_PX) -> tuple[Picture, Picture]:
    """A large drawing at about the size at which a drone sees it, so that it does not flicker."""
    size = (width_px, max(1, round(width_px * bgr.shape[0] / bgr.shape[1])))
    small = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (bgr, alpha))
    return tuple(np.asarray(one, np.uint8) for one in small)  # type: ignore[return-value]


def plume(
    place_m: tuple[float, float], length_m: float, bearing_deg: float, bgr: tuple[int, int, int]
) -> Patch:
    """Coloured water, dense at its begin (west, before it is turned) and thin at its end."""
    across, down = _PLUME
    x, y = np.meshgrid(np.linspace(0, 1, across), np.linspace(-1, 1, down))
    spread = 0.25 + 0.55 * x
    dense = np.exp(-((y / spread) ** 2)) * np.clip(x * 12, 0, 1) * (1 - x) ** 0.6
    alpha = (190 * dense * (np.abs(y) < 0.98)).astype(np.uint8)
    colour = np.full((down, across, 3), bgr, np.uint8)
    return Patch(*place_m, length_m, bearing_deg, colour, alpha)
