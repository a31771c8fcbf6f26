"""Dimensions of what is mounted on the hull, in metres."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """Case and panel: length, width, height; mast, ballast and probe: diameter, length."""

    case_m: tuple[float, float, float] = (0.36, 0.30, 0.20)
    panel_m: tuple[float, float, float] = (0.40, 0.35, 0.02)
    mast_m: tuple[float, float] = (0.038, 1.20)
    mast_at_m: float = 0.32
    ballast_m: tuple[float, float] = (0.28, 0.042)
    ballast_at_m: float = -0.72
    keel_radius_m: float = 0.12
    probe_m: tuple[float, float] = (0.04, 0.30)
    probe_radius_m: float = 0.07
