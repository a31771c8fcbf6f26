"""The buoy's budget: sun by geometry, loads by the firmware's own times, a cell that adds up."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunhe_tools.bench.firmware.cycle import LEAD_S
from xunhe_tools.hardware.power import budget, duty, loads, places, report, sun

ROOT = Path(__file__).parents[2]
LTE = loads.LINKS["4g"]
BUOY = budget.Buoy()
CITIES = pytest.mark.parametrize("city", places.CITIES)


def test_light_above_the_air_is_that_of_fao_56() -> None:
    """FAO Irrigation and Drainage Paper 56, example 8: 20° S, 3 September, 32.2 MJ/m2."""
    assert 3.6 * sun.above_air_kwh_m2(-20, 246) == pytest.approx(32.2, rel=0.01)


def test_light_above_the_air_is_the_integral_over_the_day() -> None:
    for latitude, day in ((30.25, 17), (45.75, 172), (29.58, 344)):
        phi, delta = math.radians(latitude), sun.declination_rad(day)
        heights = [
            math.sin(phi) * math.sin(delta) + math.cos(phi) * math.cos(delta) * math.cos(hour)
            for hour in (math.tau * (n + 0.5) / 20000 - math.pi for n in range(20000))
        ]
        distance = 1 + 0.033 * math.cos(math.tau * day / 365)
        whole = sum(max(0.0, height) for height in heights) * 24 / 20000
        expected = sun.SOLAR_CONSTANT_W_M2 / 1000 * distance * whole
        assert sun.above_air_kwh_m2(latitude, day) == pytest.approx(expected, rel=1e-4)


@CITIES
def test_weather_by_chance_keeps_the_months_mean(city: str) -> None:
    climate, chance = places.CITIES[city], Random(7)
    for month in range(12):
        mean = climate.light_kwh_m2[month]
        days = [
            day
            for _ in range(300)
            for day in sun.days_of_month(climate.latitude_deg, month, mean, chance)
        ]
        assert sum(days) / len(days) == pytest.approx(mean, rel=0.04)


def test_grey_days_come_in_spells() -> None:
    days = [d for _ in range(50) for d in sun.days_of_month(30.25, 5, 3.9, Random(_))]
    grey = [day < 3.9 for day in days]
    after_grey = [b for a, b in pairwise(grey) if a]
    assert sum(after_grey) / len(after_grey) > sum(grey) / len(grey) + 0.1


@CITIES
def test_months_add_up_to_the_published_year(city: str) -> None:
    published = {"hangzhou": 4196 / 365 / 3.6, "chongqing": 8.669 / 3.6, "harbin": 12.703 / 3.6}
    light = places.CITIES[city].light_kwh_m2
    mean = sum(a * b for a, b in zip(light, sun.MONTH_DAYS, strict=True)) / 365
    assert mean == pytest.approx(published[city], rel=0.03)


# -- loads


def test_the_probes_run_as_long_as_the_firmwares_bench_says() -> None:
    assert duty.probes_s() == pytest.approx(LEAD_S)


def test_the_waking_is_as_long_as_the_board_and_the_readme_say() -> None:
    board = (ROOT / "firmware/xunhe_buoy/boards/esp32s3/board.py").read_text("utf-8")
    assert f"\nwake_cost_s = {duty.WAKE_COST_S} " in board
    assert f"| {duty.AWAKE_BEYOND_PROBES_S:.2f} s；" in (ROOT / "README.md").read_text("utf-8")
    cycle = duty.of_interval(900, LTE.seconds)
    beyond_s = cycle.awake_s - cycle.probes_s - cycle.link_s
    assert beyond_s == pytest.approx(duty.WAKE_COST_S + duty.AWAKE_BEYOND_PROBES_S)


def test_a_day_of_the_default_buoy_adds_up_by_hand() -> None:
    """Watts x seconds of the table in generated/power.md, written out."""
    joules = 2.1951 * 26.56 + 0.1875 * 53.59 + 0.1125 * 26.56 + 0.9091 * 25 + 253e-6 * 3.2 * 900
    assert budget.normal_wh(BUOY, LTE) == pytest.approx(24 * joules / 900, rel=1e-3)


def test_a_cycle_never_lasts_longer_than_its_interval() -> None:
    cycle = duty.of_interval(20, 25)
    assert max(cycle.probes_s, cycle.awake_s, cycle.link_s) <= 20


@given(st.floats(60, 3600))
@settings(deadline=None)
def test_a_longer_interval_takes_less(interval_s: float) -> None:
    longer = loads.mean_w(duty.of_interval(interval_s * 1.5, LTE.seconds), LTE)
    assert longer < loads.mean_w(duty.of_interval(interval_s, LTE.seconds), LTE)


def test_the_mean_is_the_joules_of_a_cycle_over_its_time() -> None:
    cycle = duty.of_interval(900, LTE.seconds)
    joules = sum(load.watts * load.seconds for load in loads.of_cycle(cycle, LTE))
    assert loads.mean_w(cycle, LTE) == pytest.approx(joules / 900)


def test_a_buoys_own_counters_replace_the_bench() -> None:
    beyond_s = duty.beyond_of_counters(wakes=96, awake_s=96 * 60, link_s=25)
    assert beyond_s == pytest.approx(60 - duty.probes_s() - 25)
    with pytest.raises(ValueError, match="wakes is 0"):
        duty.beyond_of_counters(0, 10, 25)


# -- the cell


def test_a_panel_at_noon_gives_no_more_than_the_charger_takes() -> None:
    dull = budget.income_wh(BUOY, 30, 172, 1.0)
    bright = budget.income_wh(BUOY, 30, 172, 8.0)
    assert dull == pytest.approx(1.0 * BUOY.panel_w * 0.80 * 0.85)
    assert bright < 8 * dull
    hours = 24 * sun.sunset_rad(30, 172) / math.pi
    assert bright < 2.0 * 3.4 * hours


def test_without_sun_the_charge_falls_by_the_load() -> None:
    dark = replace(places.CITIES["hangzhou"], light_kwh_m2=(1e-9,) * 12)
    quiet = replace(BUOY, alarm_h=0)
    found = budget.simulate(quiet, LTE, dark, years=1)
    january = 31 * (budget.normal_wh(quiet, LTE) / budget.usable_wh(quiet, dark.air_c[0]) + 0.001)
    assert found.months[0].lowest == pytest.approx(max(0.0, 1 - january), abs=1e-6)
    assert found.lowest == 0


def test_days_without_sun_end_at_thirty_percent() -> None:
    found = budget.simulate(BUOY, LTE, places.CITIES["hangzhou"], years=1)
    spent = found.days_without_sun * budget.normal_wh(BUOY, LTE)
    assert spent == pytest.approx(0.7 * budget.usable_wh(BUOY, 4.9))


@CITIES
def test_the_default_buoy_stays_above_thirty_percent(city: str) -> None:
    assert budget.simulate(BUOY, LTE, places.CITIES[city]).holds


@pytest.mark.parametrize(("lowest", "holds"), [(0.299, False), (0.30, True), (0.301, True)])
def test_thirty_percent_is_the_limit(lowest: float, holds: bool) -> None:
    month = budget.Month(1, 1, 1, lowest)
    assert budget.Budget((month,), 1).holds == holds


def test_frozen_months_are_ashore() -> None:
    months = budget.simulate(BUOY, LTE, places.CITIES["harbin"], years=2).months
    assert [n for n, month in enumerate(months, 1) if month.lowest is None] == [1, 2, 3, 11, 12]


def test_the_same_seed_gives_the_same_years_another_seed_others() -> None:
    place = places.CITIES["chongqing"]
    first, again, other = (budget.simulate(BUOY, LTE, place, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_budget_that_fails_names_a_change_that_holds() -> None:
    weak, place = replace(BUOY, panel_w=10, interval_s=300), places.CITIES["chongqing"]
    found = budget.simulate(weak, LTE, place, years=5)
    change = budget.remedy(weak, LTE, place, years=5)
    assert not found.holds
    assert change is not None
    assert budget.simulate(change, LTE, place, years=5).holds
    assert "须改为" in report.verdict(weak, found, change)


def test_a_hopeless_buoy_is_told_so() -> None:
    hopeless = replace(BUOY, panel_w=0.1, cell_ah=1, interval_s=60)
    assert budget.remedy(hopeless, LTE, places.CITIES["chongqing"], years=1) is None


# -- a climate of one's own


def test_a_climate_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.csv"
    file.write_text("latitude_deg,31\n" + "".join(f"{n},3.1,{n}\n" for n in range(1, 13)))
    assert places.read(file).light_kwh_m2 == (3.1,) * 12


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "latitude_deg"),
        ("latitude_deg,31\n1,3.1,5\n", "months 1 to 12"),
        ("latitude_deg,31\n" + "x,3,5\n" * 12, "not a climate"),
        ("latitude_deg,80\n" + "".join(f"{n},3,5\n" for n in range(1, 13)), "66"),
        ("latitude_deg,31\n" + "".join(f"{n},300,5\n" for n in range(1, 13)), "0 to 12"),
    ],
)
def test_a_wrong_climate_file_is_refused_with_its_reason(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "site.csv"
    file.write_text(text)
    with pytest.raises(places.ClimateError, match=complaint):
        places.read(file)
