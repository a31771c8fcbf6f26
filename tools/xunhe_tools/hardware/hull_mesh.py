"""The same hull as triangles, cut by the water: volume, buoyancy and righting arm at any heel.

Shares nothing with the formulas but the dimensions: it integrates tetrahedra under the surface.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xunhe_tools.hardware.floating import FRESH_KG_M3, Hull, Mass

Vertices = NDArray[np.float64]  # (triangles, corners 3, xyz 3)


def triangles(hull: Hull, sides: int = 180) -> Vertices:
    """The closed surface, corners anticlockwise seen from outside.

    The polygon's corners lie a little outside of the circle, so that its area is the circle's.
    """
    step = math.tau / sides
    grow = math.sqrt(step / math.sin(step))
    turns = np.arange(sides + 1) * step
    rim = grow * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    outer, inner = rim * hull.diameter_m / 2, rim * hull.well_m / 2
    faces = [
        *_band(outer, outer, 0.0, hull.depth_m),
        *_band(outer, inner, hull.depth_m, hull.depth_m),
        *_band(inner, inner, hull.depth_m, 0.0),
        *_band(inner, outer, 0.0, 0.0),
    ]
    return np.array(faces)


def _band(
    first: NDArray[np.float64], second: NDArray[np.float64], low: float, high: float
) -> Iterator[list[list[float]]]:
    """Two triangles for each side, between the `first` ring at `low` and the `second` at `high`."""
    for n in range(len(first) - 1):
        a, b = [*first[n], low], [*first[n + 1], low]
        c, d = [*second[n + 1], high], [*second[n], high]
        yield [a, b, c]
        yield [a, c, d]


def submerged(
    surface: Vertices, heel_rad: float, level_m: float
) -> tuple[float, NDArray[np.float64]]:
    """(volume, its centre) below a level, of the hull heeled about x through its bottom."""
    turned = surface @ _turn(heel_rad).T
    turned[:, :, 2] -= level_m  # the water is now z = 0
    pieces = _below(turned)
    # Tetrahedra from the origin, which lies in the water's plane: the cut face adds nothing.
    parts = np.einsum("ni,ni->n", pieces[:, 0], np.cross(pieces[:, 1], pieces[:, 2])) / 6
    volume = float(parts.sum())
    centre = (parts[:, None] * pieces.sum(axis=1) / 4).sum(axis=0) / volume
    return volume, centre + np.array([0.0, 0.0, level_m])


def level_of(surface: Vertices, heel_rad: float, volume_m3: float) -> float:
    """The water's height at which the hull displaces so much, by halving."""
    low, high = -1.0, 1.5
    for _ in range(40):
        middle = (low + high) / 2
        if _volume(surface, heel_rad, middle) < volume_m3:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def righting_arm_m(hull: Hull, masses: tuple[Mass, ...], heel_deg: float, sides: int = 60) -> float:
    """Horizontal way from the centre of gravity to the centre of buoyancy; above 0 it rights."""
    heel = math.radians(heel_deg)
    surface, turn = triangles(hull, sides), _turn(heel)
    mass = sum(each.kg for each in masses)
    hanging = sum(each.volume_m3 for each in masses)
    volume = mass / FRESH_KG_M3 - hanging
    _, centre = submerged(surface, heel, level_of(surface, heel, volume))
    places = [turn @ np.array([0.0, 0.0, each.height_m]) for each in masses]
    gravity = sum(each.kg * at for each, at in zip(masses, places, strict=True)) / mass
    below = sum(each.volume_m3 * at for each, at in zip(masses, places, strict=True))
    buoyancy = (volume * centre + below) / (volume + hanging)
    return float(gravity[1] - buoyancy[1])


def _volume(surface: Vertices, heel_rad: float, level_m: float) -> float:
    lowest = float((surface @ _turn(heel_rad).T)[:, :, 2].min())
    return submerged(surface, heel_rad, level_m)[0] if level_m > lowest else 0.0


def _turn(heel_rad: float) -> NDArray[np.float64]:
    cos, sin = math.cos(heel_rad), math.sin(heel_rad)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])


def _below(turned: Vertices) -> Vertices:
    """What lies under z = 0: whole triangles, and those that the water cuts in pieces."""
    is_wet = turned[:, :, 2] <= 0
    whole = turned[is_wet.all(axis=1)]
    cut = turned[is_wet.any(axis=1) & ~is_wet.all(axis=1)]
    pieces = [piece for corners in cut for piece in _clipped(corners)]
    return np.concatenate([whole, np.array(pieces).reshape(-1, 3, 3)])


def _clipped(corners: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The part of a triangle under z = 0, as triangles (Sutherland and Hodgman)."""
    kept: list[NDArray[np.float64]] = []
    for n in range(3):
        here, there = corners[n], corners[(n + 1) % 3]
        if here[2] <= 0:
            kept.append(here)
        if (here[2] <= 0) != (there[2] <= 0):
            kept.append(here + (there - here) * here[2] / (here[2] - there[2]))
    for n in range(1, len(kept) - 1):
        yield np.array([kept[0], kept[n], kept[n + 1]])
