"""The work calendar and the deadlines counted on it, at, before and after each edge."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.gateway.desk.tickets import HOUR
from xunhe.adapters.desk_calendar_file import CalendarError, load_calendar
from xunhe.desk import deadline
from xunhe.desk.calendar import WorkCalendar, day_of
from xunhe.desk.deadline import Terms, in_working_days, recounted, resumed
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.ticket import Deadline, Pause, State
from xunhe.settings import DeskSettings

CALENDAR = WorkCalendar()
SECOND = timedelta(seconds=1)


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 13), True),  # Friday before the Spring Festival
        (date(2026, 2, 14), True),  # Saturday, worked in lieu
        (date(2026, 2, 16), False),  # a Monday of the festival
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, worked in lieu
        (date(2026, 3, 1), False),  # an ordinary Sunday
    ],
)
def test_holidays_and_days_worked_in_lieu_are_those_announced(day: date, works: bool) -> None:
    assert CALENDAR.is_workday(day) is works


def test_a_term_skips_the_festival_and_ends_when_the_office_closes() -> None:
    found = in_working_days(3, shanghai(2026, 2, 13, 9), CALENDAR)
    # The 14th is worked, then nine days of rest; the 24th and 25th follow.
    assert found.due_at == shanghai(2026, 2, 25, 18)
    assert not found.is_provisional


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (shanghai(2026, 3, 4, 23, 59, 59), shanghai(2026, 3, 5, 18)),
        (shanghai(2026, 3, 5, 0, 0, 0), shanghai(2026, 3, 6, 18)),
        (shanghai(2026, 3, 5, 0, 0, 1), shanghai(2026, 3, 6, 18)),
    ],
)
def test_the_day_of_opening_is_that_of_shanghai_and_does_not_count(
    opened: datetime, due: datetime
) -> None:
    assert in_working_days(1, opened, CALENDAR).due_at == due


def test_days_or_hours_by_category_then_by_group() -> None:
    terms = Terms(hours=24, working_days={"facility": 3, "facility.device": 1})
    at = shanghai(2026, 3, 4, 10)
    assert deadline.opened("water.quality", at, terms, CALENDAR) == Deadline(at + 24 * HOUR)
    assert deadline.opened("facility.device", at, terms, CALENDAR).working_days == 1
    assert deadline.opened("facility.damaged", at, terms, CALENDAR).working_days == 3


def test_a_year_that_the_calendar_lacks_counts_monday_to_friday_and_is_provisional() -> None:
    lacking = WorkCalendar(years=frozenset({2026}))
    found = in_working_days(2, shanghai(2026, 12, 30, 10), lacking)
    assert found.is_provisional
    assert found.due_at == shanghai(2027, 1, 1, 18), "New Year's Day is a Friday like any other"
    assert not in_working_days(1, shanghai(2026, 12, 30, 10), lacking).is_provisional


def test_it_is_counted_again_when_the_data_arrive() -> None:
    lacking = WorkCalendar(years=frozenset({2026}))
    found = in_working_days(2, shanghai(2026, 12, 30, 10), lacking)
    assert recounted(found, lacking) == found
    known = WorkCalendar({date(2027, 1, 1): False}, frozenset({2026, 2027}))
    counted = recounted(found, known)
    assert (counted.due_at, counted.is_provisional) == (shanghai(2027, 1, 4, 18), False)
    set_by_hand = Deadline(shanghai(2027, 1, 1, 12))
    assert recounted(set_by_hand, known) == set_by_hand


def test_a_term_has_at_least_one_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.nth_workday(date(2026, 3, 4), 0)


def test_a_pause_gives_plain_hours_back_to_the_second() -> None:
    since = shanghai(2026, 3, 4, 10)
    pause = Pause(State.ASSIGNED, since)
    ends = since + timedelta(hours=31, seconds=7)
    found = resumed(Deadline(since + HOUR), pause, ends, CALENDAR)
    assert found.due_at - ends == HOUR


@pytest.mark.parametrize("late", [timedelta(0), SECOND])
def test_what_was_overdue_before_the_pause_stays_overdue(late: timedelta) -> None:
    since = shanghai(2026, 3, 4, 10)
    due = Deadline(since - late)
    assert resumed(due, Pause(State.ASSIGNED, since), since + 9 * HOUR, CALENDAR) == due


def test_a_pause_gives_working_days_back() -> None:
    due = in_working_days(3, shanghai(2026, 3, 2, 10), CALENDAR)  # Thursday the 5th
    pause = Pause(State.ASSIGNED, shanghai(2026, 3, 3, 9))  # two days are left
    same_day = resumed(due, pause, shanghai(2026, 3, 3, 17), CALENDAR)
    assert same_day.due_at == due.due_at
    after_weekend = resumed(due, pause, shanghai(2026, 3, 7, 9), CALENDAR)
    assert after_weekend.due_at == shanghai(2026, 3, 10, 18)


@pytest.mark.parametrize(
    ("back", "due"),
    [
        (shanghai(2026, 3, 6, 17, 59, 59), shanghai(2026, 3, 6, 18)),
        (shanghai(2026, 3, 6, 18, 0, 0), shanghai(2026, 3, 9, 18)),
        (shanghai(2026, 3, 6, 18, 0, 1), shanghai(2026, 3, 9, 18)),
        (shanghai(2026, 3, 7, 9), shanghai(2026, 3, 9, 18)),
    ],
)
def test_a_pause_on_the_last_day_leaves_the_rest_of_a_day(back: datetime, due: datetime) -> None:
    term = in_working_days(3, shanghai(2026, 3, 2, 10), CALENDAR)
    pause = Pause(State.ASSIGNED, shanghai(2026, 3, 5, 12))
    assert resumed(term, pause, back, CALENDAR).due_at == due


def test_the_day_turns_at_midnight_in_shanghai() -> None:
    midnight = shanghai(2026, 3, 5)
    assert day_of(midnight - SECOND) == date(2026, 3, 4)
    assert day_of(midnight) == day_of(midnight + SECOND) == date(2026, 3, 5)


def test_an_override_file_adds_years_and_days(tmp_path: Path) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text("complete_years = [2027]\nrest = [2027-01-01]\nwork = [2027-01-02]\n")
    calendar = load_calendar(DeskSettings(calendar=path, closes_at=time(17, 30)))
    assert calendar.is_known(date(2027, 6, 1))
    assert not calendar.is_workday(date(2027, 1, 1))
    assert calendar.is_workday(date(2027, 1, 2))
    assert calendar.close_of(date(2027, 1, 4)).time() == time(17, 30)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("holiday = []", "unknown key holiday"),
        ("rest = [2027-01-01]\nwork = [2027-01-01]", "both rest and work"),
        ('rest = ["2027-01-01"]', "is no date"),
        ("rest = 2027-01-01", "must be a list"),
        ("complete_years = ['2027']", "list of years"),
        ("rest = [", "calendar.toml"),
    ],
)
def test_a_wrong_override_file_says_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(text)
    with pytest.raises(CalendarError, match=problem):
        load_calendar(DeskSettings(calendar=path))


def test_a_missing_override_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="does not exist"):
        load_calendar(DeskSettings(calendar=tmp_path / "none.toml"))
