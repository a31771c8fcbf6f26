"""A flight: frames with the truth of what they show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.flight_renderer.camera import TrueCamera, world_to_camera
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.ground import Ground, Picture, Thing
from xunhe_tools.flight_renderer.patch import Patch
from xunhe_tools.flight_renderer.path import Path, TruePose

_SKY = (235, 215, 190)
_CORNERS = 24
_SHIFT = 4  # binary places of a pixel that OpenCV draws by
_FARTHEST_M = 600.0


@dataclass(frozen=True, slots=True)
class Flight:
    """A camera on a path over the ground, with things and patches on it; the water is up = 0."""

    origin: Origin
    path: Path
    camera: TrueCamera
    ground: Ground
    things: tuple[Thing, ...]
    patches: tuple[Patch, ...] = ()

    def frames(self, times_s: Sequence[float]) -> Iterator[tuple[float, Picture]]:
        """(time, BGR picture) at each of the times."""
        rays = self.camera.rays()
        for time_s in times_s:
            yield time_s, self._frame(time_s, rays)

    def pixels_of(self, thing: Thing, time_s: float) -> tuple[float, float] | None:
        """Where its middle truly lies in the picture at a time; None outside it."""
        middle = np.array([[thing.east_m, thing.north_m, 0.0]])
        x, y = self.camera.pixels(self.path.at(time_s), middle)[0].tolist()
        is_in = 0 <= x < self.camera.width_px and 0 <= y < self.camera.height_px
        return (x, y) if is_in else None

    def _frame(self, time_s: float, rays: NDArray[np.float32]) -> Picture:
        pose = self.path.at(time_s)
        shape = (self.camera.height_px, self.camera.width_px)
        east, north, far = (part.reshape(shape) for part in _on_ground(pose, rays))
        frame = self.ground.seen(east, north, time_s)
        frame[far > _FARTHEST_M] = _SKY
        for patch in self.patches:
            patch.draw(frame, self.camera, pose)
        for thing in self.things:
            self._draw(frame, thing, pose)
        return frame

    def _draw(self, frame: Picture, thing: Thing, pose: TruePose) -> None:
        turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
        ring = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(_CORNERS)])
        points = ring * thing.radius_m + (thing.east_m, thing.north_m, 0.0)
        corners = self.camera.pixels(pose, points)
        limit = 2 * max(frame.shape)
        if np.isnan(corners).any() or np.abs(corners).max() > limit:
            return
        fixed = np.round(corners * 2**_SHIFT).astype(np.int32)
        cv2.fillConvexPoly(frame, fixed, thing.colour, cv2.LINE_AA, _SHIFT)


def _on_ground(
    pose: TruePose, rays: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """(east, north, distance) where rays (3, N) meet the water; infinitely far above it."""
    east, north, up = world_to_camera(pose).T.astype(np.float32) @ rays
    with np.errstate(divide="ignore"):
        times = np.where(up < -1e-4, -pose.up_m / np.minimum(up, -1e-4), 1e6).astype(np.float32)
    far = times * np.hypot(east, north)
    return pose.east_m + times * east, pose.north_m + times * north, far
