"""The camera's axes over the ground, and where a ray meets the water."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A ray flatter than this meets the water, if at all, where no angle is good enough to say.
_FLATTEST = np.sin(np.radians(3.0))


def axes(yaw_deg: Array | float, pitch_deg: Array | float, roll_deg: Array | float) -> Array:
    """(…, 3, 3): rows right, down, forward, each as (east, north, up); angles as in `Pose`."""
    yaw, pitch, roll = (np.radians(angle) for angle in (yaw_deg, pitch_deg, roll_deg))
    zero = np.zeros_like(yaw)
    forward = np.stack(
        [np.cos(pitch) * np.sin(yaw), np.cos(pitch) * np.cos(yaw), np.sin(pitch)], axis=-1
    )
    level = np.stack([np.cos(yaw), -np.sin(yaw), zero], axis=-1)
    below = np.cross(forward, level)
    turn, back = np.cos(roll)[..., None], np.sin(roll)[..., None]
    return np.stack([level * turn + below * back, below * turn - level * back, forward], axis=-2)


def on_water(rays: Array, axes_of: Array, height_m: Array | float) -> Array:
    """Where rays (N, 2) meet the water: (N, 2) east, north of the camera, m; NaN where they do not.

    `axes_of` (N, 3, 3) or (3, 3), `height_m` (N,) or a number: the camera above the water.
    """
    lifted = np.column_stack([rays, np.ones(len(rays))])
    direction = np.einsum("...i,...ij->...j", lifted, axes_of)
    down = -direction[:, 2] / np.linalg.norm(direction, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ground = direction[:, :2] * (-np.asarray(height_m) / direction[:, 2])[:, None]
    ground[(down < _FLATTEST) | ~np.isfinite(ground).all(axis=1)] = np.nan
    return np.asarray(ground, np.float64)
