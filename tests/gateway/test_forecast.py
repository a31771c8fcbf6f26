"""The forecast: shown where it beats persistence in the past days, and nowhere else."""

import numpy as np
import pytest

from tests.gateway.warnings import NOW_S, Quiet
from xunhe.water.forecast import forecast
from xunhe.water.series import HOUR_S, Hourly
from xunhe.water.warning.indicators import AMMONIA, OXYGEN


def hours(medians: np.ndarray) -> Hourly:
    starts_s = NOW_S - HOUR_S * np.arange(len(medians), 0, -1)
    return Hourly(starts_s, medians, np.full(len(medians), 4, np.int32))


def test_a_daily_curve_is_foreseen_with_an_interval_that_holds_it() -> None:
    river = Quiet()
    shown = forecast(river.hours("do_mg_l"), OXYGEN)
    assert shown is not None
    assert set(range(6, 23)) <= set(shown.leads_h.astype(int))
    middle_s = shown.issued_s + HOUR_S * (shown.leads_h - 0.5)
    truth = 7.5 + 2.5 * np.sin(2 * np.pi * (middle_s / 86400 - 0.2))
    np.testing.assert_allclose(shown.values, truth, atol=0.3)
    assert np.mean((shown.low <= truth) & (truth <= shown.high)) > 0.7
    assert (shown.skill > 0).all()
    assert shown.issued_s == NOW_S


def test_where_persistence_is_better_nothing_is_shown() -> None:
    walk = np.cumsum(np.random.default_rng(3).normal(0, 0.2, 336)) + 20
    shown = forecast(hours(walk), OXYGEN)
    assert shown is None or len(shown.leads_h) < 12


def test_a_forecast_is_only_shown_for_leads_with_skill() -> None:
    shown = forecast(Quiet(5).hours("nh3n_mg_l"), AMMONIA)
    assert shown is None or (shown.skill > 0).all()


@pytest.mark.parametrize("days", [0, 3, 6])
def test_a_history_too_short_for_a_backtest_gives_none(days: int) -> None:
    assert forecast(hours(np.full(days * 24, 7.0)), OXYGEN) is None


def test_a_concentration_is_never_foreseen_below_zero() -> None:
    rng = np.random.default_rng(1)
    low = np.maximum(
        0.0, 0.05 + 0.05 * np.sin(np.arange(336) * np.pi / 12) + rng.normal(0, 0.02, 336)
    )
    shown = forecast(hours(low), AMMONIA)
    assert shown is not None
    assert (shown.low >= 0).all()
    assert (shown.low <= shown.values).all()
    assert (shown.values <= shown.high).all()


def test_missing_hours_neither_break_nor_enter_it() -> None:
    river = Quiet()
    known = river.hours("do_mg_l")
    medians = known.medians.copy()
    medians[::9] = np.nan
    shown = forecast(Hourly(known.starts_s, medians, known.counts), OXYGEN)
    assert shown is not None
    assert not np.isnan(shown.values).any()


def test_when_the_last_hours_are_missing_nothing_is_foreseen() -> None:
    known = Quiet().hours("do_mg_l")
    medians = known.medians.copy()
    medians[-4:] = np.nan
    assert forecast(Hourly(known.starts_s, medians, known.counts), OXYGEN) is None


def test_water_that_never_changes_needs_no_forecast() -> None:
    assert forecast(hours(np.full(336, 7.0)), OXYGEN) is None
