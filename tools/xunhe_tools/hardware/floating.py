"""How the buoy floats, by the formulas of a ring hull: draught, freeboard, metacentre, heel.

Heights are metres above the hull's flat bottom, water is fresh. All calculated; the mesh in
`hull_mesh.py` is the independent second calculation.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

FRESH_KG_M3 = 998.0
G = 9.81
_AIR_KG_M3, _DRAG = 1.2, 1.2


@dataclass(frozen=True, slots=True)
class Hull:
    """A flat ring with an open well through its middle, where the probes hang."""

    diameter_m: float = 0.90
    well_m: float = 0.30
    depth_m: float = 0.35

    def __post_init__(self) -> None:
        if not 0 <= self.well_m < self.diameter_m or self.depth_m <= 0:
            raise ValueError(
                f"hull {self.diameter_m} × {self.depth_m} m, well {self.well_m} m:"
                " the well must be smaller than the hull, the depth above 0"
            )

    @property
    def waterplane_m2(self) -> float:
        return math.pi / 4 * (self.diameter_m**2 - self.well_m**2)

    @property
    def inertia_m4(self) -> float:
        """Second moment of the waterplane about a diameter."""
        return math.pi / 64 * (self.diameter_m**4 - self.well_m**4)


@dataclass(frozen=True, slots=True)
class Mass:
    """A part: its mass and the height of its centre; `volume_m3`: what it displaces under water.

    `aside_m`: how far its centre stands from the axis, towards the mast.
    """

    name: str
    kg: float
    height_m: float
    volume_m3: float = 0.0
    aside_m: float = 0.0


MAST_AT_M, CASE_AT_M = 0.32, -0.12  # the case stands off the middle to balance the mast
MASSES = (
    Mass("浮体 hull, GRP + 泡沫 foam", 26.0, 0.175),
    Mass("井盖 lid of the well, polyethylene", 2.0, 0.355, aside_m=CASE_AT_M),
    Mass("仪器箱、电池 case and cell pack", 6.0, 0.46, aside_m=CASE_AT_M),
    Mass("光伏板 panel 20 W", 2.5, 0.58, aside_m=CASE_AT_M),
    Mass("桅杆、天线、灯 mast, aerials, lamp", 4.0, 1.10, aside_m=MAST_AT_M),
    Mass("探头与导管 probes and guard", 4.0, -0.15, 0.0012),
    Mass("龙骨架 keel frame", 5.0, -0.35, 0.0006),
    Mass("压载钢板 ballast, steel", 20.0, -0.70, 20.0 / 7850),
    Mass("锚链悬垂 hanging chain, 4 m", 8.0, -0.75),  # its weight in water, at the shackle
)
ICE = Mass("桅杆结冰 ice on the mast", 10.0, 1.20)
BALLAST = 7  # its place in MASSES
STEEL_KG_M3 = 7850.0
WORDS = {
    "mass_kg": "总重 mass",
    "draught_m": "吃水 draught",
    "freeboard_m": "干舷 freeboard",
    "gm_m": "稳心高，公式 metacentric height by formula",
    "gm_by_mesh_m": "稳心高，网格积分 the same by mesh",
    "gm_iced_m": "桅杆结冰 10 kg 后 with 10 kg of ice on the mast",
    "list_deg": "静水中的倾斜 list in calm water",
    "heel_in_wind_deg": "30 m/s 风中倾角 heel in 30 m/s of wind",
    "rim_under_deg": "边缘入水的倾角 heel that puts the rim under",
}


def with_ballast(kg: float) -> tuple[Mass, ...]:
    """MASSES with another ballast of steel at the same height."""
    ballast = replace(MASSES[BALLAST], kg=kg, volume_m3=kg / STEEL_KG_M3)
    return (*MASSES[:BALLAST], ballast, *MASSES[BALLAST + 1 :])


@dataclass(frozen=True, slots=True)
class Floating:
    """How it lies: draught and freeboard of the ring, metacentric height, mass."""

    mass_kg: float
    draught_m: float
    freeboard_m: float
    gravity_m: float
    buoyancy_m: float
    gm_m: float


def float_of(hull: Hull, masses: Iterable[Mass]) -> Floating:
    """Equilibrium, upright. ValueError where the hull cannot carry it."""
    masses = tuple(masses)
    mass = sum(each.kg for each in masses)
    volume = mass / FRESH_KG_M3
    hanging = sum(each.volume_m3 for each in masses)
    draught = (volume - hanging) / hull.waterplane_m2
    if not 0 < draught < hull.depth_m:
        raise ValueError(
            f"{mass:.0f} kg sink the hull to {draught:.2f} m of its {hull.depth_m} m:"
            " make it larger or the load smaller"
        )
    gravity = sum(each.kg * each.height_m for each in masses) / mass
    below = sum(each.volume_m3 * each.height_m for each in masses)
    buoyancy = ((volume - hanging) * draught / 2 + below) / volume
    gm = buoyancy + hull.inertia_m4 / volume - gravity
    return Floating(mass, draught, hull.depth_m - draught, gravity, buoyancy, gm)


def heel_deg(floating: Floating, moment_nm: float) -> float:
    """Of a steady moment, by the metacentric height: good to about 10 degrees."""
    ratio = moment_nm / (floating.mass_kg * G * floating.gm_m)
    return math.degrees(math.asin(min(1.0, ratio)))


def list_deg(floating: Floating, masses: Iterable[Mass]) -> float:
    """How it leans towards the mast in calm water, because of what stands off its axis."""
    aside_kg_m = sum(each.kg * each.aside_m for each in masses)
    return math.degrees(math.atan(aside_kg_m / (floating.mass_kg * floating.gm_m)))


def wind_moment_nm(floating: Floating, speed_m_s: float) -> float:
    """About half the draught: 0.25 m2 of rim, case and mast, centred 0.55 m over the bottom."""
    area_m2, centre_m = 0.25, 0.55
    force = 0.5 * _AIR_KG_M3 * _DRAG * area_m2 * speed_m_s**2
    return force * (centre_m - floating.draught_m / 2)


def deck_edge_deg(hull: Hull, floating: Floating) -> float:
    """Heel at which the rim goes under."""
    return math.degrees(math.atan2(floating.freeboard_m, hull.diameter_m / 2))
