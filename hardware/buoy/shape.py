"""Dimensions of what is mounted on the hull, in metres."""

import math
from dataclasses import dataclass

from xunhe_tools.hardware.floating import BALLAST, CASE_AT_M, MASSES, MAST_AT_M, STEEL_KG_M3


@dataclass(frozen=True, slots=True)
class Shape:
    """Lid, case and panel: length, width, height; mast, rod and probe: diameter, length.

    The lid covers the well and bears case and panel; it turns up on its hinge, far from the mast.
    """

    lid_m: tuple[float, float, float] = (0.60, 0.36, 0.010)
    case_m: tuple[float, float, float] = (0.36, 0.30, 0.20)
    panel_m: tuple[float, float, float] = (0.40, 0.35, 0.02)
    case_at_m: float = CASE_AT_M
    mast_m: tuple[float, float] = (0.038, 1.20)
    mast_at_m: float = MAST_AT_M
    ballast_diameter_m: float = 0.44
    rod_diameter_m: float = 0.016
    keel_radius_m: float = 0.19
    probe_m: tuple[float, float] = (0.04, 0.30)
    probe_radius_m: float = 0.07

    @property
    def ballast_m(self) -> tuple[float, float]:
        """(height of its lower face, thickness): a disc of the mass and place in MASSES."""
        ballast = MASSES[BALLAST]
        thick_m = ballast.kg / STEEL_KG_M3 / (math.pi / 4 * self.ballast_diameter_m**2)
        return ballast.height_m - thick_m / 2, thick_m
