"""What makes two incidents look alike: each trait at its edge and beyond."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.alerts.similarity import LEAST_POINTS, Likeness, Traits, likeness, points

ONE = Traits("R1", "S1", "", "severe", datetime(2026, 7, 1, 16, 0, tzinfo=UTC))
STRANGER = Traits("R9", "S9", "a", "minor", datetime(2026, 1, 1, 4, 0, tzinfo=UTC))


def test_an_incident_has_everything_in_common_with_itself() -> None:
    assert likeness(ONE, ONE) == tuple(Likeness)
    assert points(tuple(Likeness)) == 8


def test_strangers_have_nothing_in_common() -> None:
    assert likeness(ONE, STRANGER) == ()


def test_the_same_reach_alone_suffices_and_the_same_witness_alone_does_not() -> None:
    assert points(likeness(ONE, replace(STRANGER, reach="R1"))) == LEAST_POINTS
    seen = replace(STRANGER, witness="S1", zone="")
    assert points(likeness(ONE, seen)) == LEAST_POINTS - 1


@pytest.mark.parametrize(("minutes", "alike"), [(119, True), (120, True), (121, False)])
def test_the_time_of_day_may_differ_by_two_hours_across_midnight(minutes: int, alike: bool) -> None:
    # ONE began at midnight in Shanghai.
    for shift in (minutes, -minutes):
        other = replace(ONE, started_at=ONE.started_at + timedelta(minutes=shift))
        assert (Likeness.HOUR in likeness(ONE, other)) is alike


@pytest.mark.parametrize(("days", "alike"), [(44, True), (45, True), (46, False)])
def test_the_season_may_differ_by_forty_five_days_around_new_year(days: int, alike: bool) -> None:
    new_year = replace(ONE, started_at=datetime(2025, 1, 1, 4, 0, tzinfo=UTC))
    other = replace(ONE, started_at=new_year.started_at + timedelta(days=365 - days))
    assert (Likeness.SEASON in likeness(new_year, other)) is alike


_INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(_INSTANTS, _INSTANTS)
def test_likeness_is_mutual(one: datetime, other: datetime) -> None:
    a, b = replace(ONE, started_at=one), replace(ONE, started_at=other)
    assert likeness(a, b) == likeness(b, a)
