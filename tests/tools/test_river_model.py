"""The truth of the virtual river: transport against its limits, daily curves, noise, arrival."""

import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tools.rivers import BUOYS, LOWER, NETWORK, NIGHT, OUTFALL, START_S, UPPER, river
from xunhe_tools.virtual_river.chemistry import (
    Water,
    free_ammonia_share,
    nernst_mv,
    oxygen_saturation_mg_l,
)
from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.model import LOCAL_OFFSET_H, baseline
from xunhe_tools.virtual_river.network import Network, Place, ReachFlow
from xunhe_tools.virtual_river.noise import gauss, sensed, uniform
from xunhe_tools.virtual_river.script import Discharge, Script
from xunhe_tools.virtual_river.strict import ConfigError
from xunhe_tools.virtual_river.transport import pulse_response, step_response

HOUR_S = 3600.0
CLEAN = river(Script())


@pytest.mark.parametrize(("t", "saturation"), [(0, 14.621), (10, 11.288), (20, 9.092), (30, 7.559)])
def test_oxygen_saturation_matches_apha_1985(t: float, saturation: float) -> None:
    assert oxygen_saturation_mg_l(t) == pytest.approx(saturation, abs=0.0006)


@pytest.mark.parametrize(
    ("t", "ph", "percent"), [(0, 7, 0.0823), (10, 8, 1.8221), (20, 9, 28.356), (25, 8, 5.3662)]
)
def test_free_ammonia_matches_emerson(t: float, ph: float, percent: float) -> None:
    assert 100 * free_ammonia_share(ph, t) == pytest.approx(percent, rel=1e-3)


def test_nernst_slope_at_25_degrees() -> None:
    assert nernst_mv(25) == pytest.approx(59.159, abs=0.001)


def test_ammonium_is_total_ammonia_without_its_free_share() -> None:
    water = Water(25, 8, 8.263, 2.0)
    assert water.nh4n_mg_l == pytest.approx(2.0 * (1 - 0.053662), rel=1e-4)
    assert water.do_saturation_fraction == pytest.approx(1.0, abs=1e-3)


# --- transport


def test_a_step_is_half_arrived_at_the_travel_time_far_downstream() -> None:
    x_m, v_m_s, d_m2_s = 20_000, 0.5, 5
    assert step_response(x_m, x_m / v_m_s, v_m_s, d_m2_s, 0) == pytest.approx(0.5, abs=0.01)


def test_far_downstream_the_front_is_symmetric_about_its_middle() -> None:
    t_s, v_m_s, d_m2_s = 40_000, 0.5, 5
    middle_m = v_m_s * t_s
    for offset_m in (200, 500, 900):
        ahead = step_response(middle_m + offset_m, t_s, v_m_s, d_m2_s, 0)
        behind = step_response(middle_m - offset_m, t_s, v_m_s, d_m2_s, 0)
        assert ahead + behind == pytest.approx(1, abs=0.02)


def test_a_long_step_settles_at_the_inlet_concentration() -> None:
    assert step_response(2000, 10 * HOUR_S, 0.5, 8, 0) == pytest.approx(1, abs=1e-9)


def test_decay_settles_at_the_steady_solution() -> None:
    v, d, k, x = 0.5, 8.0, 2e-5, 5000.0
    steady = math.exp(v * x / (2 * d) * (1 - math.sqrt(1 + 4 * k * d / v**2)))
    assert step_response(x, 30 * HOUR_S, v, d, k) == pytest.approx(steady, rel=1e-9)


@example(x=1.0, t=1.2e-300, v=1.0, d=0.0625, k=0.0)  # a front of almost no width
@example(x=200_000.0, t=1e6, v=0.2, d=0.01, k=1e-4)  # exp(4e6) must not be computed
@given(
    x=st.floats(1, 200_000),
    t=st.floats(0, 1e6),
    v=st.floats(0.01, 3),
    d=st.floats(0.01, 500),
    k=st.floats(0, 1e-4),
)
def test_a_share_is_always_a_share(x: float, t: float, v: float, d: float, k: float) -> None:
    assert 0 <= step_response(x, t, v, d, k) <= 1 + 1e-9


@pytest.mark.parametrize("place", BUOYS.values())
def test_a_pulse_keeps_its_mass(place: Place) -> None:
    way = NETWORK.way(OUTFALL, place)
    assert way is not None
    area = sum(30 * pulse_response(way, t, 5400) for t in range(0, 40 * 3600, 30))
    # The confluence adds water, not ammonia: what concentration loses, discharge gains.
    assert area == pytest.approx(5400 * way.dilution, rel=1e-3)


def test_confluences_dilute_by_the_ratio_of_discharge() -> None:
    way = NETWORK.way(OUTFALL, BUOYS["B2"])
    assert way is not None
    assert way.dilution == pytest.approx(UPPER.discharge_m3_s / LOWER.discharge_m3_s)
    assert way.travel_s == pytest.approx(3500 / 0.5 + 500 / 0.6)


def test_a_reach_that_loses_water_does_not_concentrate() -> None:
    network = Network((ReachFlow("A", "B", 1000, 1, 1, 10), ReachFlow("B", None, 1000, 1, 1, 4)))
    way = network.way(Place("A", 0), Place("B", 10))
    assert way is not None
    assert way.dilution == 1


def test_a_reach_cut_in_two_carries_like_one() -> None:
    whole = Network((ReachFlow("A", None, 4000, 0.5, 8, 6),))
    cut = Network((ReachFlow("A", "B", 1500, 0.5, 8, 6), ReachFlow("B", None, 2500, 0.5, 8, 6)))
    one, two = whole.way(Place("A", 0), Place("A", 3000)), cut.way(Place("A", 0), Place("B", 1500))
    assert one is not None
    assert two is not None
    for t in range(3000, 12_000, 500):
        assert pulse_response(one, t, 1800) == pytest.approx(pulse_response(two, t, 1800))


def test_water_upstream_and_in_the_tributary_stays_clean() -> None:
    for place in (Place("U", 499), Place("T", 2999)):
        assert all(river().plume(place, START_S + h * HOUR_S).nh3n_mg_l == 0 for h in range(24))
        assert river().arrival_s(place) is None


def test_at_the_outfall_the_pulse_is_rectangular_and_fully_mixed() -> None:
    begins_s = START_S + 2400
    at = [river().plume(OUTFALL, begins_s + t).nh3n_mg_l for t in (-1, 0, 5399, 5400)]
    assert at == pytest.approx([0, 4, 4, 0])


def test_further_buoys_see_the_plume_later() -> None:
    arrivals = [river().arrival_s(place) for place in BUOYS.values()]
    assert all(arrival is not None for arrival in arrivals)
    assert all(a < b for a, b in pairwise([START_S + 2400, *arrivals]))  # type: ignore[type-var]


@pytest.mark.parametrize("place", BUOYS.values())
@pytest.mark.parametrize("threshold_mg_l", [0.1, 0.3, 1.0])
def test_arrival_is_the_first_crossing(place: Place, threshold_mg_l: float) -> None:
    arrival_s = river().arrival_s(place, threshold_mg_l)
    assert arrival_s is not None
    assert river().plume(place, arrival_s).nh3n_mg_l >= threshold_mg_l
    earlier = (river().plume(place, arrival_s - 0.02 - 7 * i).nh3n_mg_l for i in range(2000))
    assert max(earlier) < threshold_mg_l


def test_a_threshold_above_the_plume_is_never_reached() -> None:
    assert river().arrival_s(BUOYS["B1"], 30.0) is None


# --- water


@pytest.mark.parametrize("place", BUOYS.values())
def test_the_default_discharge_is_an_incident_at_every_buoy(place: Place) -> None:
    times = [START_S + 60 * i for i in range(14 * 60)]
    dirty = [river().water(place, t) for t in times]
    assert 2.5 < max(water.nh3n_mg_l for water in dirty) < 5
    clean = [CLEAN.water(place, t) for t in times]
    assert 1.5 < max(c.do_mg_l - d.do_mg_l for c, d in zip(clean, dirty, strict=True)) < 3
    assert 0.1 < max(d.ph - c.ph for c, d in zip(clean, dirty, strict=True)) <= 0.2
    assert min(water.do_mg_l for water in dirty) < 5  # worse than class III


@pytest.mark.parametrize("seed", range(20))
def test_the_baseline_stays_in_its_bounds_for_a_week(seed: int) -> None:
    for minute in range(0, 7 * 24 * 60, 20):
        t_s = START_S + 60 * minute
        water = baseline(seed, t_s, t_s)
        assert 16 <= water.water_temp_c <= 18
        assert 7.4 <= water.ph <= 7.9
        assert 5.3 < water.do_mg_l < 9
        assert abs(water.nh3n_mg_l - 0.35) <= 0.05


def test_oxygen_is_lowest_before_dawn() -> None:
    minutes = range(0, 24 * 60, 5)
    lowest_s = min(
        (START_S + 60 * m for m in minutes), key=lambda t: CLEAN.water(BUOYS["B1"], t).do_mg_l
    )
    assert 4 <= (lowest_s / 3600 + LOCAL_OFFSET_H) % 24 <= 6.5


def test_slow_variation_travels_with_the_water() -> None:
    way = NETWORK.way(BUOYS["B1"], BUOYS["B3"])
    assert way is not None
    here = CLEAN.water(BUOYS["B1"], START_S).nh3n_mg_l
    there = CLEAN.water(BUOYS["B3"], START_S + way.travel_s).nh3n_mg_l
    assert here == pytest.approx(there, abs=1e-9)


def test_the_same_seed_gives_the_same_water_in_any_order() -> None:
    asked = [(place, START_S + 600 * i) for place in BUOYS.values() for i in range(50)]
    forwards = [river().water(*one) for one in asked]
    again = river()
    assert [again.water(*one) for one in reversed(asked)] == forwards[::-1]
    assert river(seed=8).water(*asked[0]) != forwards[0]


def test_two_discharges_add() -> None:
    first = Discharge("U", 0, START_S, 3600, 0.5, 30, 100)
    second = Discharge("T", 0, START_S, 3600, 0.2, 30, 100)
    place, t_s = Place("L", 1000), START_S + 3 * HOUR_S
    alone = [river(Script((one,))).plume(place, t_s).nh3n_mg_l for one in (first, second)]
    both = river(Script((first, second))).plume(place, t_s).nh3n_mg_l
    assert both == pytest.approx(sum(alone))
    assert min(alone) > 0


def test_oxygen_never_turns_negative() -> None:
    slurry = Script((Discharge("U", 0, START_S, 36_000, 6, 500, 9000),))
    assert river(slurry).water(BUOYS["B1"], START_S + 5 * HOUR_S).do_mg_l == 0.1


# --- noise


def test_noise_is_standard_normal() -> None:
    values = [gauss(7, "B1", "do", i) for i in range(20_000)]
    assert statistics.fmean(values) == pytest.approx(0, abs=0.03)
    assert statistics.pstdev(values) == pytest.approx(1, abs=0.03)
    assert sum(abs(value) > 1.96 for value in values) / 20_000 == pytest.approx(0.05, abs=0.006)
    lag = statistics.fmean(a * b for a, b in pairwise(values))
    assert lag == pytest.approx(0, abs=0.03)


def test_uniform_never_reaches_one() -> None:
    values = [uniform(1, i) for i in range(10_000)]
    assert 0 <= min(values) < 0.01
    assert 0.99 < max(values) < 1


def test_sensors_have_the_stated_noise() -> None:
    truth = Water(17, 7.6, 6.5, 2.0)
    felt = [sensed(truth, 7, "B1", float(i)) for i in range(5000)]
    for name, sigma in [
        ("water_temp_c", 0.03), ("ph", 0.02), ("do_mg_l", 0.05), ("nh3n_mg_l", 0.10),
    ]:  # fmt: skip
        values = [getattr(one, name) for one in felt]
        assert statistics.fmean(values) == pytest.approx(getattr(truth, name), abs=sigma / 15)
        assert statistics.pstdev(values) == pytest.approx(sigma, rel=0.05)


def test_noise_holds_for_one_river_second_and_differs_between_stations() -> None:
    truth = Water(17, 7.6, 6.5, 0.35)
    assert sensed(truth, 7, "B1", 10.0) == sensed(truth, 7, "B1", 10.999)
    assert sensed(truth, 7, "B1", 10.0) != sensed(truth, 7, "B1", 11.0)
    assert sensed(truth, 7, "B1", 10.0) != sensed(truth, 7, "B2", 10.0)


# --- network and clock


def test_bad_networks_are_named() -> None:
    with pytest.raises(ConfigError, match=r"reaches.A.downstream: unknown reach 'C'"):
        Network((ReachFlow("A", "C", 1, 1, 1, 1),))
    with pytest.raises(ConfigError, match="circle"):
        Network((ReachFlow("A", "B", 1, 1, 1, 1), ReachFlow("B", "A", 1, 1, 1, 1)))
    with pytest.raises(ConfigError, match="twice"):
        Network((UPPER, UPPER))
    with pytest.raises(ValueError, match="velocity_m_s 0 must be positive"):
        ReachFlow("A", None, 1, 0, 1, 1)


def test_a_discharge_must_lie_on_the_river() -> None:
    with pytest.raises(ConfigError, match=r"discharge 0.position_m: 4001 is outside 0..4000 of U"):
        river(Script((Discharge("U", 4001, 0, 1, 1, 1),)))


def test_the_clock_runs_factor_times_faster_and_survives_json() -> None:
    clock = RiverClock(1000, 50_000, 60, lambda: 1010)
    assert clock.now_s() == 50_600
    assert RiverClock.from_json(clock.to_json(), lambda: 1020).now_s() == 51_200
    assert RiverClock.from_json(clock.to_json()) == clock


@pytest.mark.parametrize("factor", [0, 0.99, 1000.01, math.nan])
def test_the_clock_refuses_other_factors(factor: float) -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.1000"):
        RiverClock(0, 0, factor)


@pytest.mark.parametrize("factor", [1, 1000])
def test_the_clock_accepts_its_limits(factor: float) -> None:
    assert RiverClock(0, 0, factor, lambda: 1).now_s() == factor


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"wall_s": 0, "river_s": 0, "speed": 1}, "unknown key 'speed'"),
        ({"wall_s": 0, "river_s": 0}, "clock.factor: expected a finite number"),
        ({"wall_s": 0, "river_s": 0, "factor": 0}, "clock: factor 0"),
    ],
)
def test_clock_errors_name_the_key(given: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RiverClock.from_json(given)


def test_the_default_script_mixes_to_what_was_asked() -> None:
    (discharge,) = NIGHT.discharges
    assert (discharge.start_s, discharge.duration_s) == (START_S + 2400, 5400)
    mixed = discharge.flow_m3_s * discharge.nh3n_mg_l / (UPPER.discharge_m3_s + discharge.flow_m3_s)
    assert mixed == pytest.approx(4)
