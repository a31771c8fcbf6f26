"""Bad input: each case found, named and kept apart; ordinary water is left alone."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from xunhe.domain.observation import FAIL, GOOD
from xunhe.water.series import HOUR_S, Hourly, Series, hourly
from xunhe.water.suspect_series import find_suspects, station_moved, stuck, unit_factor
from xunhe.water.suspects import (
    DAY_S,
    LATE_S,
    SuspectKind,
    clock_back,
    late,
    place_moved,
    set_apart,
)

T0_S = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
TWO_WEEKS = 14 * 144


def noisy(n: int, level: float, share: float = 0.1, seed: int = 3) -> Any:
    return level * np.random.default_rng(seed).normal(1.0, share, n)


def series(values: Any, from_s: float = T0_S) -> Series:
    values = np.array(values, np.float64)
    times_s = from_s + 600.0 * np.arange(len(values))
    return Series(times_s, values, np.full(len(values), GOOD, np.int8))


def usual(level: float) -> Hourly:
    return hourly(series(noisy(TWO_WEEKS, level), T0_S - 14 * DAY_S))


def test_ordinary_water_is_not_suspected() -> None:
    recent = {"nh3n_mg_l": series(noisy(72, 0.6)), "ph": series(noisy(72, 7.6, 0.004))}
    assert find_suspects(recent, {"nh3n_mg_l": usual(0.6), "ph": usual(7.6)}) == []


@pytest.mark.parametrize(("factor", "is_found"), [(1000, True), (1 / 1000, True), (100, False)])
def test_milligrams_sent_as_micrograms_are_named(factor: float, is_found: bool) -> None:
    found = list(unit_factor("nh3n_mg_l", series(factor * noisy(12, 0.6)), usual(0.6)))
    assert [s.kind for s in found] == [SuspectKind.UNIT_FACTOR] * is_found
    assert all("µg/L" in s.detail_zh and "µg/L" in s.detail_en for s in found)


def test_only_the_span_with_the_wrong_unit_is_suspected() -> None:
    values = noisy(30, 0.6)
    values[10:13] *= 1000
    values[20:22] *= 1000  # two values may be anything
    found = list(unit_factor("nh3n_mg_l", series(values), usual(0.6)))
    assert [(s.from_s - T0_S, s.to_s - T0_S) for s in found] == [(6000, 7200)]


def test_a_factor_is_found_though_the_range_check_has_failed_the_values() -> None:
    failed = series(noisy(12, 600.0)).flagged(np.full(12, FAIL, np.int8))
    assert list(unit_factor("nh3n_mg_l", failed, usual(0.6)))


def test_a_spill_of_forty_times_the_usual_is_no_unit() -> None:
    assert not list(unit_factor("nh3n_mg_l", series(noisy(12, 24.0)), usual(0.6)))


def test_without_anything_usual_nothing_is_said_of_the_unit() -> None:
    wrong = series(noisy(12, 600.0))
    few = hourly(series(noisy(5 * 6, 0.6), T0_S - 5 * HOUR_S))
    for known in (None, few):
        assert not list(unit_factor("nh3n_mg_l", wrong, known))
    assert not list(unit_factor("nh3n_mg_l", series([]), usual(0.6)))


@pytest.mark.parametrize(("equal", "is_found"), [(6, False), (7, True)])
def test_an_hour_of_one_value_is_stuck(equal: int, is_found: bool) -> None:
    """Seven samples at ten minutes are an hour."""
    values = np.concatenate([noisy(40, 7.0, 0.01), np.full(equal, 6.9), noisy(10, 7.0, 0.01)])
    found = list(stuck("do_mg_l", series(values)))
    assert [s.kind for s in found] == [SuspectKind.STUCK] * is_found
    if found:
        assert (found[0].from_s, found[0].to_s) == (T0_S + 24000, T0_S + 24000 + HOUR_S)


def test_clean_water_at_the_end_of_the_scale_is_not_stuck() -> None:
    values = np.round(noisy(100, 0.05), 2)
    values[40:50] = 0.05
    assert list(stuck("nh3n_mg_l", series(values))) == []


def test_a_claim_of_a_number_that_is_none_is_named() -> None:
    values = noisy(12, 7.0)
    values[[3, 5, 6]] = np.nan, np.inf, np.nan
    found = find_suspects({"do_mg_l": series(values)}, {})
    assert {s.kind for s in found} == {SuspectKind.NOT_A_NUMBER}
    # What lies between stays usable.
    assert [(s.from_s - T0_S, s.to_s - T0_S) for s in found] == [(1800, 1800), (3000, 3600)]


def moved_hours(gap_h: int, shifts: dict[str, float]) -> dict[str, Hourly]:
    found = {}
    for i, (prop, shift) in enumerate(shifts.items()):
        level = {"ph": 7.5, "do_mg_l": 7.0, "water_temp_c": 20.0}[prop]
        values = noisy(96, level, 0.01, seed=i)
        values[48:] += shift
        starts = T0_S + HOUR_S * (np.arange(96) + np.where(np.arange(96) >= 48, gap_h, 0))
        found[prop] = Hourly(starts, values, np.full(96, 6, np.int32))
    return found


@pytest.mark.parametrize(
    ("gap_h", "shifts", "is_found"),
    [
        (2, {"ph": 1.0, "do_mg_l": -3.0}, True),
        (0, {"ph": 1.0, "do_mg_l": -3.0}, False),  # no gap: it is the water that changed
        (2, {"ph": 1.0, "do_mg_l": 0.0}, False),  # one probe alone was cleaned
        (2, {"ph": 0.1, "do_mg_l": 0.2}, False),
    ],
)
def test_a_station_that_was_carried_elsewhere_is_named(
    gap_h: int, shifts: dict[str, float], is_found: bool
) -> None:
    found = station_moved(moved_hours(gap_h, shifts))
    assert (found is not None) is is_found
    if found is not None:
        assert (found.kind, found.prop) == (SuspectKind.STATION_MOVED, "")
        assert found.from_s == T0_S + 50 * HOUR_S


def test_a_position_far_from_the_registered_one_is_named() -> None:
    here = (119.98, 30.27)
    assert place_moved(here, (119.98, 30.2717), T0_S) is None  # 189 m
    found = place_moved(here, (119.98, 30.272), T0_S)  # 222 m
    assert found is not None
    assert "222" in found.detail_zh


@pytest.mark.parametrize(
    ("back_s", "is_found"), [(-600, False), (0, False), (60, False), (61, True), (86400, True)]
)
def test_a_clock_that_goes_back_is_named(back_s: float, is_found: bool) -> None:
    found = clock_back(T0_S, T0_S - back_s)
    assert (found is not None) is is_found
    if back_s == 86400:
        assert found is not None
        assert "1.00 天" in found.detail_zh


@pytest.mark.parametrize(("age_s", "is_late"), [(LATE_S - 1, False), (LATE_S, True)])
def test_a_reading_of_thirty_days_ago_is_late(age_s: float, is_late: bool) -> None:
    assert (late(T0_S, T0_S + age_s) is not None) is is_late


def test_what_is_suspected_is_set_apart_and_stays_in_the_record() -> None:
    values = np.concatenate([noisy(40, 7.0, 0.01), np.full(8, 6.9), noisy(10, 7.0, 0.01)])
    before = series(values)
    after = set_apart("do_mg_l", before, stuck("do_mg_l", before))
    assert after.values.tolist() == before.values.tolist()
    assert np.flatnonzero(after.flags == FAIL).tolist() == list(range(40, 48))
    assert set_apart("ph", before, stuck("do_mg_l", before)).is_usable.all()


def test_every_suspicion_has_a_name_in_chinese() -> None:
    assert len({kind.label_zh for kind in SuspectKind}) == len(SuspectKind)
