"""Months, quarters and years in Asia/Shanghai."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.gateway.desk.books import at
from xunhe.desk.periods import Period, Span, parse, period_at, weeks_ending_in

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("when", "label"),
    [
        ("2026-06-30 23:59:59", "2026-06"),
        ("2026-07-01 00:00:00", "2026-07"),
        ("2026-07-01 00:00:01", "2026-07"),
        ("2025-12-31 23:59:59", "2025-12"),
        ("2026-01-01 00:00:00", "2026-01"),
    ],
)
def test_a_month_begins_at_midnight_in_shanghai(when: str, label: str) -> None:
    assert period_at(at(when), Span.MONTH).label == label


@pytest.mark.parametrize("label", ["2026-07", "2026Q3", "2026"])
def test_a_label_reads_back(label: str) -> None:
    assert parse(label).label == label


@pytest.mark.parametrize("label", ["2026-13", "2026Q5", "26-07", "2026-7", "", "2026-07-01"])
def test_what_is_no_period_is_refused_with_the_forms_that_are(label: str) -> None:
    with pytest.raises(ValueError, match="2026Q3"):
        parse(label)


def test_periods_touch_without_gap_or_overlap() -> None:
    for span in Span:
        period = Period(2026, 1, span)
        for _ in range(14):
            assert period.after.start == period.end
            assert period.after.before == period
            assert period.contains(period.start)
            assert not period.contains(period.end)
            assert period.contains(period.end - SECOND)
            period = period.after


def test_a_year_has_four_quarters_and_twelve_months() -> None:
    year = parse("2026")
    assert [quarter.label for quarter in year.parts(Span.QUARTER)] == [
        "2026Q1",
        "2026Q2",
        "2026Q3",
        "2026Q4",
    ]
    assert len(year.parts(Span.MONTH)) == 12
    assert year.parts(Span.QUARTER)[3].label_zh == "2026年第4季度"


def test_every_week_ends_in_exactly_one_month() -> None:
    ends = [end for month in parse("2026").parts(Span.MONTH) for _, end in weeks_ending_in(month)]
    assert len(ends) == len(set(ends)) == 52
    assert ends == sorted(ends)
    assert all((later - end).days == 7 for end, later in pairwise(ends))


def test_a_week_that_ends_with_the_month_is_that_months() -> None:
    # 2026-06-01 is a Monday: the last week of May ends at its 00:00.
    starts = [start for start, _ in weeks_ending_in(parse("2026-05"))]
    assert starts[-1] == at("2026-05-25 00:00:00")
    assert next(iter(weeks_ending_in(parse("2026-06"))))[0] == at("2026-06-01 00:00:00")
