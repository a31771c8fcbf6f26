"""The desk's rules from the settings, and the file of days that differ from the published ones.

complete_years = [2027]          # whose holidays this file knows in full
rest = [2027-02-05]              # days of rest beside Saturdays and Sundays
work = [2027-02-20]              # Saturdays and Sundays that are worked
"""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from xunhe.desk.calendar import WorkCalendar
from xunhe.desk.deadline import Terms
from xunhe.desk.rules import DeskRules
from xunhe.settings import DeskSettings

_KEYS = ("complete_years", "rest", "work")


class CalendarError(ValueError):
    """What is wrong with a calendar file."""


def rules_of(settings: DeskSettings) -> DeskRules:
    """The desk's rules. CalendarError for an override file that cannot be used."""
    return DeskRules(
        terms=Terms(settings.hours, settings.working_days),
        calendar=load_calendar(settings),
        watch=timedelta(hours=settings.watch_hours),
        recurrence=timedelta(days=settings.recurrence_days),
        archive=timedelta(days=settings.archive_days),
    )


def load_calendar(settings: DeskSettings) -> WorkCalendar:
    """The published calendar with the site's own days on top."""
    known = WorkCalendar(closes_at=settings.closes_at)
    if settings.calendar is None:
        return known
    data = _read(settings.calendar)
    years = _years(settings.calendar, data)
    rest, work = _days(settings.calendar, data, "rest"), _days(settings.calendar, data, "work")
    if both := sorted(rest & work):
        raise CalendarError(f"{settings.calendar}: {both[0]} is both rest and work")
    overrides = dict.fromkeys(rest, False) | dict.fromkeys(work, True)
    return WorkCalendar(overrides, known.years | years, settings.closes_at)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CalendarError(f"{path} does not exist: create it or set desk.calendar") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarError(f"{path}: {error}") from error
    if unknown := sorted(data.keys() - set(_KEYS)):
        raise CalendarError(f"{path}: unknown key {unknown[0]}; known: {', '.join(_KEYS)}")
    return data


def _years(path: Path, data: dict[str, Any]) -> frozenset[int]:
    years = data.get("complete_years", [])
    if not isinstance(years, list) or not all(type(year) is int for year in years):
        raise CalendarError(f"{path}: complete_years must be a list of years, not {years!r}")
    return frozenset(years)


def _days(path: Path, data: dict[str, Any], key: str) -> set[date]:
    days = data.get(key, [])
    if not isinstance(days, list):
        raise CalendarError(f"{path}: {key} must be a list of dates, not {days!r}")
    for day in days:
        if not isinstance(day, date) or isinstance(day, datetime):
            raise CalendarError(f"{path}: {key}: {day!r} is no date such as 2027-02-05")
    return set(days)
