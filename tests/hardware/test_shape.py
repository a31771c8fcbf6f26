"""What is mounted on the hull fits on it: a workshop cannot bolt a rod to the open well."""

import math

import pytest

from hardware.buoy.shape import Shape
from xunhe_tools.hardware.floating import (
    BALLAST,
    MASSES,
    STEEL_KG_M3,
    Hull,
    float_of,
    list_deg,
    wind_moment_nm,
)

HULL, SHAPE = Hull(), Shape()
FLOATING = float_of(HULL, MASSES)
WELL_M, RIM_M = HULL.well_m / 2, HULL.diameter_m / 2


def test_keel_rods_hang_from_the_ring_and_end_on_the_ballast() -> None:
    inner, outer = (SHAPE.keel_radius_m + side * SHAPE.rod_diameter_m / 2 for side in (-1, 1))
    assert inner > WELL_M + 0.02
    assert outer < SHAPE.ballast_diameter_m / 2


def test_probes_come_up_through_the_well() -> None:
    assert SHAPE.probe_radius_m + SHAPE.probe_m[0] / 2 < WELL_M
    assert SHAPE.lid_m[1] / 2 > WELL_M
    near, far = (SHAPE.case_at_m + side * SHAPE.lid_m[0] / 2 for side in (-1, 1))
    assert near < -WELL_M
    assert far > WELL_M


def test_the_mast_stands_on_the_ring_beside_the_lid() -> None:
    assert SHAPE.case_at_m + SHAPE.lid_m[0] / 2 < SHAPE.mast_at_m - SHAPE.mast_m[0] / 2
    assert SHAPE.mast_at_m + SHAPE.mast_m[0] / 2 < RIM_M


def test_the_ballast_that_is_drawn_weighs_what_is_listed() -> None:
    lowest_m, thick_m = SHAPE.ballast_m
    volume_m3 = math.pi / 4 * SHAPE.ballast_diameter_m**2 * thick_m
    assert volume_m3 * STEEL_KG_M3 == pytest.approx(MASSES[BALLAST].kg)
    assert lowest_m + thick_m / 2 == pytest.approx(MASSES[BALLAST].height_m)


def test_it_stands_upright_in_calm_water() -> None:
    assert abs(list_deg(FLOATING, MASSES)) < 0.5


def test_the_wind_meets_what_is_drawn_above_the_water() -> None:
    """(area in m2, height of its middle over the hull's bottom) part by part; lamp 80 x 120 mm."""
    deck = HULL.depth_m
    top = deck + SHAPE.lid_m[2] + SHAPE.case_m[2]
    parts = (
        (FLOATING.freeboard_m * HULL.diameter_m, (FLOATING.draught_m + deck) / 2),
        (SHAPE.case_m[0] * SHAPE.case_m[2], top - SHAPE.case_m[2] / 2),
        (SHAPE.panel_m[0] * SHAPE.panel_m[2], top + SHAPE.panel_m[2] / 2),
        (SHAPE.mast_m[0] * SHAPE.mast_m[1], deck + SHAPE.mast_m[1] / 2),
        (0.08 * 0.12, deck + SHAPE.mast_m[1] + 0.06),
    )
    pressure_pa = 0.5 * 1.2 * 30**2 * 1.2  # density, 30 m/s, drag
    moment = pressure_pa * sum(area * (at - FLOATING.draught_m / 2) for area, at in parts)
    assert wind_moment_nm(FLOATING, 30) == pytest.approx(moment, rel=0.05)
