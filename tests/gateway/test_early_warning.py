"""The early warning: what it must notice, what it must let pass, and what it says."""

from dataclasses import replace

import numpy as np
import pytest

from tests.gateway.warnings import DRY, NOW_S, SETTINGS, Quiet, raining
from xunhe.domain.observation import SUSPECT
from xunhe.water.series import HOUR_S
from xunhe.water.warning import warn


@pytest.mark.parametrize("seed", range(8))
def test_quiet_water_with_its_daily_curve_raises_nothing(seed: int) -> None:
    assert Quiet(seed).warning() is None


def test_ammonia_up_and_oxygen_down_are_one_warning_that_names_both() -> None:
    warning = Quiet().add("nh3n_mg_l", 0.6, 1.0).add("do_mg_l", -1.5, 1.0).warning()
    assert warning is not None
    assert set(warning.properties) == {"nh3n_mg_l", "do_mg_l"}
    assert "氨氮上升" in warning.reason_zh
    assert "溶解氧下降" in warning.reason_zh
    assert "ammonia nitrogen up: usually 0.5" in warning.reason_en
    assert warning.is_new
    assert NOW_S - HOUR_S <= warning.since_s <= warning.at_s


def test_indicators_too_weak_alone_warn_together() -> None:
    ammonia, oxygen = ("nh3n_mg_l", 0.14, 0.75), ("do_mg_l", -0.34, 0.75)
    assert Quiet().add(*ammonia).warning() is None
    assert Quiet().add(*oxygen).warning() is None
    assert Quiet().add(*ammonia).add(*oxygen).warning() is not None


@pytest.mark.parametrize(("step", "word"), [(-0.5, "pH下降"), (0.5, "pH上升")])
def test_a_step_of_ph_warns_in_either_direction(step: float, word: str) -> None:
    warning = Quiet().add("ph", step, 1.0).warning()
    assert warning is not None
    assert warning.properties == ("ph",)
    assert word in warning.reason_zh


@pytest.mark.parametrize(("prop", "change"), [("nh3n_mg_l", -0.3), ("do_mg_l", 2.0)])
def test_water_that_becomes_better_raises_nothing(prop: str, change: float) -> None:
    assert Quiet().add(prop, change, 2.0).warning() is None


@pytest.mark.parametrize("readings", [1, 2])
def test_a_spike_of_one_or_two_readings_raises_nothing(readings: int) -> None:
    river = Quiet().add("nh3n_mg_l", 5.0, 0.25 * readings, 0.25)
    assert river.warning() is None
    assert river.warning(ago_h=0.25) is None


def test_three_readings_in_a_row_raise_a_warning() -> None:
    assert Quiet().add("nh3n_mg_l", 5.0, 0.75, 0.25).warning() is not None


def test_a_warning_goes_on_with_the_same_beginning_and_ends_with_the_plume() -> None:
    river = Quiet().add("nh3n_mg_l", 1.0, 8.0, 5.0)
    begun, later, after = (river.warning(ago_h=ago_h) for ago_h in (7.0, 5.0, 0.0))
    assert begun is not None
    assert later is not None
    assert begun.since_s == later.since_s
    assert begun.is_new
    assert not later.is_new
    assert after is None


def test_a_long_plume_does_not_become_its_own_baseline() -> None:
    river = Quiet().add("nh3n_mg_l", 0.6, 7.0)
    assert river.warning() is not None


def test_a_plume_that_ends_raises_no_second_warning() -> None:
    river = Quiet().add("ph", -0.8, 10.0, 4.0)
    assert all(river.warning(ago_h=ago_h) is None for ago_h in np.arange(0.0, 2.5, 0.25))


def test_rain_raises_the_threshold_and_a_strong_departure_passes_it() -> None:
    weak = Quiet().add("nh3n_mg_l", 0.2, 1.0)
    assert weak.warning() is not None
    assert weak.warning(raining()) is None
    strong = Quiet().add("nh3n_mg_l", 2.0, 1.0).warning(raining())
    assert strong is not None
    assert strong.is_wet
    assert "近期有雨" in strong.reason_zh


def test_rain_counts_for_some_hours_after_its_end() -> None:
    weak = Quiet().add("nh3n_mg_l", 0.2, 1.0)
    after_h = SETTINGS.rain_after_s / HOUR_S
    assert weak.warning(raining(after_h - 1)) is None
    assert weak.warning(raining(after_h + 2)) is not None


def test_without_knowledge_of_rain_the_water_is_judged_as_in_the_dry() -> None:
    weak = Quiet().add("nh3n_mg_l", 0.2, 1.0)
    assert weak.warning(replace(DRY, rain=None)) == weak.warning(DRY)


def test_while_somebody_is_at_the_probes_nothing_is_said() -> None:
    river = Quiet().add("nh3n_mg_l", 2.0, 1.0)
    assert river.warning(replace(DRY, is_maintained=True)) is None


def test_values_that_failed_the_checks_are_not_judged() -> None:
    assert Quiet().add("nh3n_mg_l", 3.0, 1.0).fail("nh3n_mg_l", 1.0).warning() is None


def test_strong_acid_is_judged_though_the_range_check_doubts_it() -> None:
    river = Quiet().add("ph", -6.0, 1.0)
    river.flags["ph"][NOW_S - river.times_s <= HOUR_S] = SUSPECT
    warning = river.warning()
    assert warning is not None
    assert "pH下降" in warning.reason_zh


def test_what_is_suspect_within_the_ordinary_range_is_not_judged() -> None:
    river = Quiet().add("ph", -1.0, 1.0)
    river.flags["ph"][NOW_S - river.times_s <= HOUR_S] = SUSPECT
    assert river.warning() is None


@pytest.mark.parametrize(("days", "is_said"), [(2.5, False), (4.0, True)])
def test_with_less_than_three_days_of_history_nothing_is_said(days: float, is_said: bool) -> None:
    river = Quiet(days=days).add("nh3n_mg_l", 1.5, 1.0)
    assert (river.warning() is not None) == is_said


def test_one_indicator_alone_can_be_judged() -> None:
    river = Quiet().add("nh3n_mg_l", 1.0, 1.0)
    recent = {"nh3n_mg_l": river.series("nh3n_mg_l").between(NOW_S - 12 * HOUR_S, NOW_S + 1)}
    warning = warn(recent, {"nh3n_mg_l": river.hours("nh3n_mg_l")}, DRY, SETTINGS)
    assert warning is not None


def test_nothing_at_all_raises_nothing() -> None:
    assert warn({}, {}, DRY, SETTINGS) is None


def test_readings_of_every_minute_are_judged_by_their_medians() -> None:
    assert Quiet(interval_s=60).warning() is None
    warning = Quiet(interval_s=60).add("nh3n_mg_l", 0.6, 0.6).warning()
    assert warning is not None
    assert len(warning.chart["times_s"]) < 100


def test_a_gap_of_hours_is_no_departure() -> None:
    river = Quiet()
    keep = (NOW_S - river.times_s < 0.5 * HOUR_S) | (NOW_S - river.times_s > 8 * HOUR_S)
    river.times_s = river.times_s[keep]
    river.values = {prop: values[keep] for prop, values in river.values.items()}
    river.flags = {prop: flags[keep] for prop, flags in river.flags.items()}
    assert river.warning() is None


def test_the_chart_has_lists_of_one_length_and_shows_what_is_usual() -> None:
    warning = Quiet().add("nh3n_mg_l", 1.0, 1.0).fail("nh3n_mg_l", 6.0, 5.0).warning()
    assert warning is not None
    chart = warning.chart
    assert chart["property"] == "nh3n_mg_l"
    assert len({len(chart[key]) for key in ("times_s", "values", "usual", "low", "high")}) == 1
    assert None in chart["values"]
    assert chart["values"][-1] > chart["high"][-1] > chart["usual"][-1] > chart["low"][-1]
    assert chart["usual"][-1] == pytest.approx(0.5, abs=0.1)


def test_the_same_readings_give_the_same_warning() -> None:
    one, other = (Quiet().add("do_mg_l", -2.0, 1.0).warning() for _ in range(2))
    assert one is not None
    assert one == other
