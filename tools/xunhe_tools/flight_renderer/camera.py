"""The true camera: points of the world in the picture, by OpenCV."""

from dataclasses import dataclass
from math import radians

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.flight_renderer.path import TruePose

Array = NDArray[np.float64]

# Right, down and forward of a camera that looks north along the horizon, in east, north, up.
_LOOKS_NORTH = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, slots=True)
class TrueCamera:
    """Focal length and centre in pixels, distortion (k1, k2, p1, p2, k3)."""

    width_px: int = 960
    height_px: int = 540
    focal_px: float = 666.0
    centre_px: tuple[float, float] = (484.0, 266.0)
    distortion: tuple[float, float, float, float, float] = (-0.06, 0.015, 4e-4, -3e-4, 0.0)

    @property
    def matrix(self) -> Array:
        """(3, 3)."""
        x, y = self.centre_px
        return np.array([[self.focal_px, 0, x], [0, self.focal_px, y], [0, 0, 1.0]])

    def pixels(self, pose: TruePose, points: Array) -> Array:
        """Points (N, 3) in east, north, up as pixels (N, 2); NaN for those behind the camera."""
        turn = world_to_camera(pose)
        place = np.array([pose.east_m, pose.north_m, pose.up_m])
        rotation, _ = cv2.Rodrigues(turn)
        found, _ = cv2.projectPoints(
            points, rotation, -turn @ place, self.matrix, np.array(self.distortion)
        )
        seen = np.asarray(found.reshape(-1, 2), np.float64)
        seen[((points - place) @ turn.T)[:, 2] <= 0.1] = np.nan
        return seen

    def rays(self) -> NDArray[np.float32]:
        """(3, height × width): what each pixel sees, in right, down, forward."""
        across, down = np.meshgrid(np.arange(self.width_px), np.arange(self.height_px))
        grid = np.stack([across, down], axis=-1).reshape(-1, 1, 2).astype(np.float64)
        ideal = cv2.undistortPoints(grid, self.matrix, np.array(self.distortion)).reshape(-1, 2)
        return np.vstack([ideal.T, np.ones(len(ideal))]).astype(np.float32)


def world_to_camera(pose: TruePose) -> Array:
    """(3, 3): from east, north, up to right, down, forward."""
    yaw = _turn((0.0, 1.0, 0.0), pose.yaw_deg)  # about down: clockwise from above
    pitch = _turn((1.0, 0.0, 0.0), pose.pitch_deg)  # about right: up
    roll = _turn((0.0, 0.0, 1.0), pose.roll_deg)  # about forward: the right side goes down
    return np.asarray((yaw @ pitch @ roll).T @ _LOOKS_NORTH)


def _turn(about: tuple[float, float, float], angle_deg: float) -> Array:
    matrix, _ = cv2.Rodrigues(np.array(about) * radians(angle_deg))
    return np.asarray(matrix, np.float64)
