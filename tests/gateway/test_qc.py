"""Quality control as a whole: the checks combined, and those that ioos_qc does not have."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from xunhe.domain.maintenance import Maintenance, Work
from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN
from xunhe.water.qc import NAMES, Surroundings, qualify
from xunhe.water.qc.checks import months_of
from xunhe.water.qc.drift import Calibration, drift
from xunhe.water.qc.limits import (
    RIVER,
    DriftLimits,
    FlatLine,
    GrossRange,
    NeighbourLimits,
    QcLimits,
    Span,
)
from xunhe.water.qc.maintenance import SETTLE_S, is_maintained, outside
from xunhe.water.qc.neighbours import compare
from xunhe.water.series import HOUR_S, Hourly, Series, hourly

T0 = datetime(2026, 6, 1, tzinfo=UTC)
T0_S = T0.timestamp()
DAY_S = 86400.0


def series(values: Any, every_s: float = 600.0, flags: Any = None) -> Series:
    values = np.array(values, np.float64)
    given = np.where(np.isfinite(values), GOOD, MISSING) if flags is None else flags
    return Series(T0_S + every_s * np.arange(len(values)), values, np.array(given, np.int8))


def river(n: int, level: float, noise: float, seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(level, noise, n)


def days(values: Any) -> Hourly:
    values = np.array(values, np.float64)
    starts = T0_S + HOUR_S * np.arange(len(values))
    return Hourly(starts, values, np.full(len(values), 6, np.int32))


@pytest.mark.parametrize(
    ("prop", "level", "noise"),
    [("do_mg_l", 7.0, 0.1), ("nh3n_mg_l", 0.6, 0.06), ("ph", 7.6, 0.03), ("water_temp_c", 22, 0.1)],
)
def test_ordinary_water_stays_usable(prop: str, level: float, noise: float) -> None:
    qualified = qualify(series(river(144, level, noise)), RIVER[prop])
    assert set(qualified.flags[:-1].tolist()) == {GOOD}


def test_a_discharge_stays_usable_because_it_must_be_judged() -> None:
    ammonia = np.concatenate([river(60, 0.6, 0.06), river(12, 6.0, 0.4), river(60, 0.6, 0.06)])
    oxygen = np.concatenate([river(60, 7, 0.1), river(12, 3.5, 0.1), river(60, 7, 0.1)])
    for prop, values in (("nh3n_mg_l", ammonia), ("do_mg_l", oxygen)):
        assert series(values).flagged(qualify(series(values), RIVER[prop]).flags).is_usable.all()


def test_a_glitch_is_flagged_and_the_check_that_said_so_is_named() -> None:
    values = river(30, 7.6, 0.03)
    values[20] = 12.5
    qualified = qualify(series(values), RIVER["ph"])
    assert qualified.flags[20] == FAIL
    assert qualified.said(20) == ("spike",)
    assert qualified.said(10) == ()
    assert set(qualified.by_check) <= set(NAMES)


def test_a_stuck_probe_is_suspect_after_an_hour_and_fails_after_three() -> None:
    values = np.concatenate([river(20, 7.0, 0.1), np.full(20, 6.913)])
    flags = qualify(series(values), RIVER["do_mg_l"]).flags
    assert flags[20 + 5] == GOOD
    assert flags[20 + 6] == SUSPECT  # seven values over an hour
    assert flags[20 + 17] == SUSPECT
    assert flags[20 + 18] == FAIL


def test_a_station_that_speaks_every_two_hours_is_not_called_flat() -> None:
    values = [7.0, 7.1, 7.0, 7.0, 7.2]
    qualified = qualify(series(values, every_s=7200), RIVER["do_mg_l"])
    assert set(qualified.by_check["flat_line"].tolist()) == {UNKNOWN}
    assert set(qualified.flags.tolist()) == {GOOD}


def test_the_devices_flag_is_never_made_better() -> None:
    flags = qualify(series([7.0, 7.1, 7.0], flags=[FAIL, SUSPECT, UNKNOWN]), RIVER["ph"]).flags
    assert flags.tolist() == [FAIL, SUSPECT, GOOD]


def test_missing_stays_missing_in_every_check() -> None:
    around = Surroundings(
        hourly(series([7.0] * 600)),
        [days([7.0] * 200)],
        [Calibration(T0_S - DAY_S)],
    )
    qualified = qualify(series([7.0, np.nan, 7.1, 7.0]), RIVER["ph"], around)
    made = {name: flags[1] for name, flags in qualified.by_check.items()}
    assert set(made.values()) == {MISSING}
    assert {"neighbours", "drift", "spike"} <= set(made)


def test_winter_water_of_thirty_degrees_is_suspect_and_summer_water_is_not() -> None:
    january = Series(
        np.array([datetime(2026, 1, 10, tzinfo=UTC).timestamp()]),
        np.array([30.0]),
        np.array([GOOD], np.int8),
    )
    qualified = qualify(january, RIVER["water_temp_c"])
    assert (qualified.flags[0], qualified.said(0)) == (SUSPECT, ("climatology",))
    assert qualify(series([30.0]), RIVER["water_temp_c"]).flags[0] == GOOD


def test_the_month_is_that_of_the_rivers_clock() -> None:
    end_of_may = np.array([datetime(2026, 5, 31, 16, 0, tzinfo=UTC).timestamp()])
    assert months_of(end_of_may, 0.0).tolist() == [5]
    assert months_of(end_of_may, 8 * 3600.0).tolist() == [6]
    assert months_of(end_of_may - 1, 8 * 3600.0).tolist() == [5]


LIMITS = NeighbourLimits(suspect=1.0, fail=3.0)


def cycle(n: int, level: float) -> Any:
    return level + 1.5 * np.sin(2 * np.pi * np.arange(n) / 24)


@pytest.mark.parametrize(
    ("offset", "expected"), [(0.99, GOOD), (1.01, SUSPECT), (2.99, SUSPECT), (3.01, FAIL)]
)
def test_a_probe_that_goes_its_own_way_for_days_is_flagged(offset: float, expected: int) -> None:
    own = cycle(336, 8.0)  # lawfully 1 mg/L above its neighbours
    own[-60:] += offset
    flags = compare(days(own), [days(cycle(336, 7.0)), days(cycle(336, 7.0))], LIMITS)
    assert flags[-1] == expected
    assert set(flags[48:200].tolist()) == {GOOD}


def test_a_discharge_of_six_hours_does_not_set_a_station_apart() -> None:
    own = cycle(336, 8.0)
    own[200:206] -= 5.0
    flags = compare(days(own), [days(cycle(336, 7.0))], LIMITS)
    assert set(flags[24:].tolist()) == {GOOD}


@pytest.mark.parametrize("others", [[], [days([7.0] * 40)], [days([np.nan] * 336)]])
def test_without_days_of_neighbours_nothing_is_said(others: list[Hourly]) -> None:
    assert set(compare(days(cycle(336, 8.0)), others, LIMITS).tolist()) == {UNKNOWN}


@pytest.mark.parametrize(
    ("found_error", "expected"),
    [
        (None, [GOOD] * 3),
        (1.0, [GOOD] * 3),
        (-4.0, [GOOD, SUSPECT, SUSPECT]),
        (8.0, [GOOD, SUSPECT, FAIL]),
    ],
)
def test_drift_found_at_a_calibration_flags_what_was_measured_before_it(
    found_error: float | None, expected: list[int]
) -> None:
    calibrations = [Calibration(T0_S + 40 * DAY_S, found_error), Calibration(T0_S)]
    times_s = T0_S + DAY_S * np.array([9.0, 30.0, 39.0])
    limits = DriftLimits(suspect=2.0, fail=7.0, due_s=90 * DAY_S)
    assert drift(times_s, np.ones(3), calibrations, limits).tolist() == expected


def test_an_overdue_calibration_is_said_and_does_not_silence_the_station() -> None:
    times_s = T0_S + DAY_S * np.array([-1.0, 0.0, 30.0, 30.1])
    limits = DriftLimits(1.0, 3.0, due_s=30 * DAY_S)
    flags = drift(times_s, np.ones(4), [Calibration(T0_S)], limits)
    assert flags.tolist() == [UNKNOWN, GOOD, GOOD, UNKNOWN]


def window(**changes: Any) -> Maintenance:
    times = {"started_at": T0 + timedelta(hours=1), "ended_at": T0 + timedelta(hours=2)}
    return Maintenance(**{"station": "YX-S1", "work": Work.CLEANING, **times, **changes})


def test_maintenance_takes_its_samples_out_of_judgement_until_the_probes_have_settled() -> None:
    end_s = T0_S + 2 * HOUR_S + SETTLE_S
    times_s = np.array([T0_S + HOUR_S - 1, T0_S + HOUR_S, end_s, end_s + 1])
    assert is_maintained(times_s, [window()], "ph").tolist() == [False, True, True, False]
    assert is_maintained(times_s, [window(ended_at=None)], "ph").tolist() == [False] + [True] * 3
    assert not is_maintained(times_s, [], "ph").any()


def test_maintenance_of_one_probe_leaves_the_others_alone() -> None:
    s = series([7.0] * 30)
    work = [window(prop="ph")]
    assert len(outside(s, work, "ph")) < len(s) == len(outside(s, work, "do_mg_l"))


@pytest.mark.parametrize(
    "changes",
    [{"ended_at": T0}, {"started_at": T0.replace(tzinfo=None)}],
)
def test_a_window_is_aware_and_goes_forward(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="maintenance of YX-S1"):
        window(**changes)


def test_limits_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="goes up"):
        Span(2.0, 1.0)
    with pytest.raises(ValueError, match="inside"):
        GrossRange(Span(0, 14), Span(-1, 9))
    with pytest.raises(ValueError, match="months"):
        QcLimits(GrossRange(Span(0, 1)), climatology={13: RIVER["water_temp_c"].climatology[1]})
    assert FlatLine(1.0, 2.0, 0.1).fail_s == 2.0
