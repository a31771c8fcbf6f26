"""Formula and mesh, which share only the dimensions, give the same floating."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunhe_tools.hardware import hull_mesh as mesh
from xunhe_tools.hardware.floating import (
    ICE,
    MASSES,
    Hull,
    Mass,
    deck_edge_deg,
    float_of,
    heel_deg,
    wind_moment_nm,
    with_ballast,
)

HULL = Hull()
FLOATING = float_of(HULL, MASSES)
HULLS = st.builds(Hull, st.floats(0.6, 1.5), st.floats(0.05, 0.4), st.floats(0.3, 0.6))


@given(HULLS, st.floats(0.1, 0.9))
@settings(max_examples=15, deadline=None)
def test_the_mesh_displaces_what_the_formula_says(hull: Hull, share: float) -> None:
    draught = share * hull.depth_m
    volume, centre = mesh.submerged(mesh.triangles(hull, 60), 0.0, draught)
    assert volume == pytest.approx(hull.waterplane_m2 * draught, rel=1e-6)
    assert centre == pytest.approx(np.array([0, 0, draught / 2]), abs=1e-6)


def test_the_mesh_floats_at_the_formulas_draught() -> None:
    hanging = sum(each.volume_m3 for each in MASSES)
    level = mesh.level_of(mesh.triangles(HULL), 0.0, FLOATING.mass_kg / 998 - hanging)
    assert level == pytest.approx(FLOATING.draught_m, abs=1e-5)


@pytest.mark.parametrize("ballast_kg", [0.0, 10.0, 20.0, 30.0])
def test_the_first_degree_of_heel_rights_as_the_metacentric_height_says(ballast_kg: float) -> None:
    masses = with_ballast(ballast_kg)
    arm = mesh.righting_arm_m(HULL, masses, 0.5, 120)
    gm = float_of(HULL, masses).gm_m
    assert arm / math.sin(math.radians(0.5)) == pytest.approx(gm, rel=0.005)


def test_it_rights_itself_from_every_heel_to_ninety_degrees() -> None:
    for angle in (10, 30, 60, 90):
        assert mesh.righting_arm_m(HULL, MASSES, angle, 40) > 0.05


def test_an_iced_buoy_laid_flat_comes_back_by_its_ballast_only() -> None:
    assert mesh.righting_arm_m(HULL, (*MASSES, ICE), 90, 40) > 0
    assert mesh.righting_arm_m(HULL, (*with_ballast(0), ICE), 90, 40) < 0


def test_a_top_heavy_buoy_has_no_metacentric_height_and_the_mesh_agrees() -> None:
    tall = (*with_ballast(0), Mass("pole", 30, 2.5))
    assert float_of(HULL, tall).gm_m < 0
    assert mesh.righting_arm_m(HULL, tall, 1.0) < 0


def test_ice_on_the_mast_lowers_it_and_leaves_it_stable() -> None:
    iced = float_of(HULL, (*MASSES, ICE))
    assert 0.2 < iced.gm_m < FLOATING.gm_m
    assert iced.freeboard_m > 0.15


def test_a_storm_does_not_put_the_rim_under() -> None:
    assert heel_deg(FLOATING, wind_moment_nm(FLOATING, 30)) < deck_edge_deg(HULL, FLOATING) / 2


def test_a_load_beyond_the_hull_is_refused() -> None:
    with pytest.raises(ValueError, match="sink the hull"):
        float_of(HULL, (*MASSES, Mass("stone", 200, 0)))
    with pytest.raises(ValueError, match="sink the hull"):
        float_of(HULL, (Mass("cork", 0.001, 0, 1.0),))


@pytest.mark.parametrize("wrong", [{"well_m": 0.9}, {"well_m": -0.1}, {"depth_m": 0.0}])
def test_a_hull_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="well must be smaller"):
        replace(HULL, **wrong)


def test_the_listed_ballast_is_the_one_that_is_replaced() -> None:
    assert with_ballast(20.0) == MASSES
    assert sum(each.kg for each in with_ballast(5.0)) == FLOATING.mass_kg - 15
