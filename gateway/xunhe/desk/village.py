"""The village's ledger of problems (村级问题台账), closed every month on the set day.

The source says 每月25号前 and leaves the 25th itself open. Here it counts: `last_day` is the last
day whose problems stand in the month's ledger, until 24:00 in Asia/Shanghai; what is found later
stands in the next month's.
"""

from datetime import datetime

from xunhe.desk.periods import Period, Span, period_at


def closes_at(month: Period, last_day: int) -> datetime:
    """The first instant that no longer belongs to a month's ledger."""
    return month.day(last_day + 1)


def opens_at(month: Period, last_day: int) -> datetime:
    """The first instant that belongs to it."""
    return closes_at(month.before, last_day)


def ledger_of(found_at: datetime, last_day: int) -> Period:
    """The month in whose ledger a problem stands."""
    month = period_at(found_at, Span.MONTH)
    return month if found_at < closes_at(month, last_day) else month.after


def reminds_at(month: Period, reminder_day: int) -> datetime:
    """When villages that have entered nothing are reminded."""
    return month.day(reminder_day)
