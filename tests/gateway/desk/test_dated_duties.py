"""Rows 43, 81 to 84: what is due on which day, at, one second before and one second after."""

import pytest

from tests.gateway.desk.books import Book, at, seats
from xunhe.desk.circular import due_months
from xunhe.desk.lights import Light, light
from xunhe.desk.periods import parse
from xunhe.desk.returns import (
    deadline,
    drafted_from,
    held,
    is_late,
    missing_meetings,
    submissions,
)
from xunhe.desk.village import closes_at, ledger_of, opens_at, reminds_at
from xunhe.settings import SupervisionSettings

RULES = SupervisionSettings()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-02-28 23:59:59", []),
        ("2026-03-01 00:00:00", ["2026-02"]),
        ("2026-03-01 00:00:01", ["2026-02"]),
        ("2026-04-30 23:59:59", ["2026-02", "2026-03"]),
    ],
)
def test_the_circular_of_a_month_is_due_on_the_first_of_the_next(now: str, due: list[str]) -> None:
    found = due_months([], at(now), 1, parse("2026-02"))
    assert [month.label for month in found] == due


def test_another_day_can_be_set_and_what_is_published_is_not_due() -> None:
    since = parse("2026-02")
    assert not list(due_months([], at("2026-03-04 23:59:59"), 5, since))
    assert list(due_months([], at("2026-03-05 00:00:00"), 5, since)) == [since]
    assert not list(due_months([since], at("2026-03-31 00:00:00"), 5, since))


@pytest.mark.parametrize(
    ("found", "ledger"),
    [
        ("2026-07-24 12:00:00", "2026-07"),
        ("2026-07-25 00:00:00", "2026-07"),
        ("2026-07-25 23:59:59", "2026-07"),
        ("2026-07-26 00:00:00", "2026-08"),
        ("2026-07-26 00:00:01", "2026-08"),
        ("2026-12-26 00:00:00", "2027-01"),
    ],
)
def test_the_25th_itself_still_stands_in_the_months_ledger(found: str, ledger: str) -> None:
    assert ledger_of(at(found), 25).label == ledger


def test_a_district_that_counts_only_days_before_the_25th_sets_the_24th() -> None:
    assert ledger_of(at("2026-07-24 23:59:59"), 24).label == "2026-07"
    assert ledger_of(at("2026-07-25 00:00:00"), 24).label == "2026-08"


def test_ledgers_touch_without_gap_or_overlap() -> None:
    month = parse("2026-01")
    for _ in range(14):
        assert closes_at(month, 25) == opens_at(month.after, 25)
        assert ledger_of(opens_at(month, 25), 25) == month
        month = month.after


def test_the_reminder_comes_on_the_20th() -> None:
    assert reminds_at(parse("2026-07"), 20) == at("2026-07-20 00:00:00")


@pytest.mark.parametrize(
    ("handed_in", "late"),
    [
        ("2026-08-01 17:59:59", False),
        ("2026-08-01 18:00:00", True),
        ("2026-08-01 18:00:01", True),
        ("2026-07-31 09:00:00", False),
    ],
)
def test_the_monthly_return_is_late_at_six_on_the_first(handed_in: str, late: bool) -> None:
    assert is_late(parse("2026-07"), at(handed_in), RULES) is late


@pytest.mark.parametrize(
    ("handed_in", "late"),
    [
        ("2026-10-31 23:59:59", False),
        ("2026-11-01 00:00:00", True),
        ("2026-11-01 00:00:01", True),
    ],
)
def test_the_yearly_return_is_due_before_the_first_of_november(handed_in: str, late: bool) -> None:
    assert is_late(parse("2026"), at(handed_in), RULES) is late


def test_a_month_is_drafted_from_its_last_day_on() -> None:
    assert drafted_from(parse("2026-02")) == at("2026-02-28 00:00:00")
    assert drafted_from(parse("2026-12")) == at("2026-12-31 00:00:00")
    assert drafted_from(parse("2026-07")) < deadline(parse("2026-07"), RULES)


def test_the_first_return_of_a_unit_counts() -> None:
    book = Book()
    for when in ("2026-08-01 10:00:00", "2026-08-02 10:00:00"):
        book.write(when, "report.submitted", "unit:U-V1", period="2026-07", is_late=False)
    book.write("2026-08-02 10:00:00", "report.submitted", "unit:U-V2", period="2026-06")
    found = submissions(book.entries, parse("2026-07"))
    assert {unit: entry.seq for unit, entry in found.items()} == {"U-V1": 1}


def test_a_meeting_that_was_not_held_is_yellow() -> None:
    book = Book()
    book.write("2026-03-20 15:00:00", "meeting.held", "unit:U-T", period="2026-03", proof="纪要")
    meetings = held(book.entries)
    march = list(missing_meetings(seats().units, meetings, parse("2026-03")))
    assert [matter.subject for matter in march] == ["meeting:U-D:2026Q1"]
    april = list(missing_meetings(seats().units, meetings, parse("2026-04")))
    assert [matter.subject for matter in april] == ["meeting:U-T:2026-04"]
    last_second = at("2026-03-31 23:59:59")
    assert light(march[0].standing, last_second, 0.1)[0] is Light.YELLOW
