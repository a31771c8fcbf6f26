"""The water bench's own parts: its truth, its judge, its peers. No figure is judged here."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from typer.testing import CliRunner

from xunhe.water.classes import single_factor
from xunhe_tools.bench.water import scale
from xunhe_tools.bench.water.discharges import EDGE, Discharge
from xunhe_tools.bench.water.judge import Found, Verdict, episode_begins, figures, judge
from xunhe_tools.bench.water.methods import (
    held_thresholds,
    ioos_qc,
    recent_of,
    series_of,
    thresholds,
)
from xunhe_tools.bench.water.nature import (
    DAY_S,
    HOUR_S,
    UTC_OFFSET_S,
    Storm,
    Water,
    habit,
    storms,
    water,
)
from xunhe_tools.bench.water.scenario import StationMonth, station_month, year
from xunhe_tools.cli import app

SEED = 7  # a tuning seed


@pytest.fixture(scope="module")
def months() -> list[StationMonth]:
    return year(SEED)


def test_a_set_has_365_station_days_and_200_discharges_half_of_them_of_half_a_class(
    months: list[StationMonth],
) -> None:
    discharges = [one for month in months for one in month.discharges]
    assert sum(month.judged_days for month in months) == 365
    assert len(discharges) == 200
    assert sum(one.is_full for one in discharges) == 100
    assert {one.size for one in discharges} == {0.5, 1.0, 1.5, 2.0, 3.0}


def test_a_seed_gives_the_same_water_again_and_another_seed_another(
    months: list[StationMonth],
) -> None:
    again, other = year(SEED)[3], year(SEED + 1)[3]
    assert again.discharges == months[3].discharges
    np.testing.assert_array_equal(again.measured["ph"], months[3].measured["ph"])
    assert other.discharges != months[3].discharges


def test_discharges_last_one_to_six_hours_and_the_spreading_on_their_way(
    months: list[StationMonth],
) -> None:
    hours = [(d.end_s - d.arrival_s) / HOUR_S for m in months for d in m.discharges]
    assert min(hours) > 1
    assert max(hours) < 10
    assert np.median(hours) > 3


def test_plumes_at_one_station_do_not_overlap(months: list[StationMonth]) -> None:
    for month in months:
        ends_s = np.array([one.end_s for one in month.discharges])
        arrivals_s = np.array([one.arrival_s for one in month.discharges])
        assert (arrivals_s[1:] - ends_s[:-1] > HOUR_S).all()


def test_a_plume_stands_above_a_tenth_of_its_peak_between_arrival_and_end(
    months: list[StationMonth],
) -> None:
    month = next(m for m in months if any(d.kind == "livestock" for d in m.discharges))
    discharge = next(d for d in month.discharges if d.kind == "livestock")
    added = month.truth.nh3n_mg_l - month.clean.nh3n_mg_l
    around = (month.times_s > discharge.arrival_s - 6 * HOUR_S) & (
        month.times_s < discharge.end_s + 6 * HOUR_S
    )
    inside = (month.times_s >= discharge.arrival_s) & (month.times_s <= discharge.end_s)
    assert (added[inside] >= EDGE * 0.9 * added[around].max()).all()
    assert added[around & ~inside].max() <= EDGE * 1.1 * added[around].max()


def test_every_discharge_of_a_class_or_more_makes_some_indicator_a_class_worse(
    months: list[StationMonth],
) -> None:
    worse = [
        one.class_at_peak > one.class_before
        for month in months
        for one in month.discharges
        if one.size > 1
    ]
    assert np.mean(worse) > 0.9  # in the others another indicator was worse already


def test_the_noise_is_at_least_what_is_asked_for(months: list[StationMonth]) -> None:
    month = months[4]
    quiet = np.isfinite(month.measured["do_mg_l"])
    for prop, truth, least, relative in (
        ("do_mg_l", month.truth.do_mg_l, 0.1, False),
        ("nh3n_mg_l", month.truth.nh3n_mg_l, 0.1, True),
        ("ph", month.truth.ph, 0.03, False),
    ):
        error = (month.measured[prop] - truth) / (truth if relative else 1)
        steps = np.diff(error[quiet])
        sigma = 1.4826 * np.median(np.abs(steps)) / np.sqrt(2)
        assert sigma > 0.93 * least, prop  # rounding and stuck values take a little


def test_oxygen_swings_by_two_to_four_mg_l_about_its_mean(months: list[StationMonth]) -> None:
    for month in months:
        days = month.clean.do_mg_l[: len(month.times_s) // 96 * 96].reshape(-1, 96)
        amplitude = np.median(np.ptp(days, axis=1)) / 2
        assert 1.9 < amplitude < 4.3


def test_a_fouled_probe_reads_three_per_cent_less_after_a_week(months: list[StationMonth]) -> None:
    losses = []
    for month in months:
        cleaned_s = np.array([until_s for _, until_s in month.cleanings])
        last = np.searchsorted(cleaned_s, month.times_s, side="right") - 1
        weeks = (month.times_s - cleaned_s[np.maximum(last, 0)]) / (7 * DAY_S)
        ratio = month.measured["do_mg_l"] / month.truth.do_mg_l
        of_a_week = (weeks > 0.9) & (weeks < 1.1) & (last >= 0)
        losses.append(np.nanmedian(ratio[of_a_week]) if of_a_week.any() else np.nan)
    assert np.nanmedian(losses) == pytest.approx(0.97, abs=0.005)


def test_storms_come_and_the_gauge_misses_some() -> None:
    rng = np.random.default_rng(SEED)
    times_s = np.arange(0.0, 2000 * DAY_S, DAY_S)
    found = storms(rng, times_s, 7)
    assert len(found) == pytest.approx(500, rel=0.2)  # one in four days in July
    assert np.mean([storm.is_noticed for storm in found]) == pytest.approx(0.9, abs=0.05)


def test_a_storm_brings_ammonia_first_and_thins_it_later() -> None:
    times_s = np.arange(0.0, 3 * DAY_S, 900.0)
    storm = Storm((DAY_S, DAY_S + 6 * HOUR_S), 1.0, is_noticed=True)
    usual = habit(np.random.default_rng(1), 5)
    dry, wet = (water(np.random.default_rng(2), times_s, usual, w, 900.0) for w in ([], [storm]))
    ratio = wet.nh3n_mg_l / dry.nh3n_mg_l
    assert ratio.max() > 1.1
    assert ratio[int(1.6 * 96) :].min() < 0.9
    assert times_s[ratio.argmax()] < times_s[ratio.argmin()]


@pytest.mark.parametrize(
    ("value", "position"), [(0.0, 0), (0.15, 1), (0.5, 2), (0.75, 2.5), (2.0, 5), (2.5, 6)]
)
def test_ammonia_stands_on_the_scale_between_its_limits(value: float, position: float) -> None:
    assert scale.nh3n_position(value) == pytest.approx(position)
    assert scale.nh3n_at(position) == pytest.approx(value)


@pytest.mark.parametrize(
    ("value", "position"), [(9.0, 0), (7.5, 1), (6.0, 2), (4.0, 3.5), (2.0, 5), (1.0, 5.5)]
)
def test_oxygen_stands_on_the_scale_between_its_limits(value: float, position: float) -> None:
    assert scale.do_position(value) == pytest.approx(position)
    assert scale.do_at(position) == pytest.approx(value)


@pytest.mark.parametrize("nh3n", [0.15, 0.1501, 0.5, 1.0, 1.01, 2.0, 2.01])
@pytest.mark.parametrize("do", [7.5, 7.49, 5.0, 2.0, 1.99])
@pytest.mark.parametrize("ph", [5.99, 6.0, 9.0, 9.01])
def test_the_bench_and_the_gateway_agree_on_classes(nh3n: float, do: float, ph: float) -> None:
    judged = single_factor({"nh3n_mg_l": nh3n, "do_mg_l": do, "ph": ph})
    assert judged is not None
    assert scale.water_class(nh3n, do, ph) == judged.water_class


def month_with(discharge: Discharge) -> StationMonth:
    """Two days of a station; only times and truth matter to the judge."""
    begin_s = datetime(2025, 3, 1, tzinfo=UTC).timestamp() - UTC_OFFSET_S
    times_s = begin_s + 900.0 * np.arange(192)
    blank = np.zeros(192)
    water = Water(blank, blank, blank, blank)
    return StationMonth(3, times_s, {}, water, water, (), (), (discharge,), begin_s, 900.0)


BEGIN_S = datetime(2025, 3, 1, tzinfo=UTC).timestamp() - UTC_OFFSET_S
PLUME = Discharge("sewage", 1.0, BEGIN_S + 50.5 * 900, BEGIN_S + 60 * 900, 2, 3)


@pytest.mark.parametrize(
    ("samples", "delay", "false"),
    [
        ([51], 0, 0),
        ([53, 54], 2, 0),
        ([62], 11, 0),  # two samples after the end
        ([63], None, 1),
        ([50, 51, 52], None, 1),  # it stood before anything arrived
        ([40, 41, 51], 0, 1),
        ([52, 58], 1, 0),  # two episodes in one plume
        ([20, 24], None, 1),  # a pause of an hour joins
        ([20, 25], None, 2),
        ([], None, 0),
    ],
)
def test_the_judge_counts_what_its_definitions_say(
    samples: list[int], delay: int | None, false: int
) -> None:
    alarms = np.zeros(192, np.bool_)
    alarms[samples] = True
    verdict = judge(month_with(PLUME), alarms)
    assert verdict.found[0].delay_samples == delay
    assert verdict.false_episodes == false
    assert verdict.station_days == 2


def test_recall_counts_the_grades_apart() -> None:
    half = Discharge("sewage", 0.5, 0, 1, 2, 2)
    verdict = Verdict((Found(PLUME, 2, 1800.0), Found(half, None, None)), 1, 30.0)
    found = figures([verdict])
    assert (found["recall_full"], found["recall_half"]) == (1.0, 0.0)
    assert found["false_per_30_days"] == 1.0
    assert found["median_delay_samples"] == 2.0


def test_episodes_begin_after_more_than_an_hour_of_quiet() -> None:
    times_s = np.array([0.0, 3600.0, 7201.0])
    np.testing.assert_array_equal(episode_begins(times_s, np.ones(3, np.bool_)), [0.0, 7201.0])


def test_thresholds_alarm_at_once_and_held_ones_at_the_third_reading(
    months: list[StationMonth],
) -> None:
    month = months[0]
    plain, held = thresholds(month), held_thresholds(month)
    assert plain.any()
    assert not (held & ~plain).any()
    first = int(np.flatnonzero(held)[0])
    assert plain[first - 2 : first + 1].all()


def test_ioos_qc_knows_a_spike_one_sample_later() -> None:
    pytest.importorskip("ioos_qc")
    month = station_month(np.random.default_rng([SEED, 1]), 3, [2.0] * 10)
    values = np.full(len(month.times_s), 7.0)
    values[::2] += 0.01
    values[3000] = 9.0
    alarms = ioos_qc(replace(month, measured={"ph": values}))
    assert set(np.flatnonzero(alarms)) <= {3000, 3001, 3002}
    assert alarms[3001]


def test_no_method_sees_a_sample_before_it_is_there(months: list[StationMonth]) -> None:
    month = months[5]
    now_s = float(month.times_s[2000])
    recent = recent_of(series_of(month, "do_mg_l"), "do_mg_l", now_s)
    assert recent.times_s[-1] == now_s
    assert now_s - recent.times_s[0] <= 12 * HOUR_S


def test_a_tuning_seed_does_not_judge() -> None:
    result = CliRunner().invoke(app, ["bench", "water", "--seed", "999"])
    assert result.exit_code == 2
