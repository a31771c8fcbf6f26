"""Deadlines: counted at the opening, moved by pauses, counted again when the calendar grows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from xunhe.desk.calendar import WorkCalendar, day_of
from xunhe.domain.ticket import Deadline, Pause


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a ticket may take: plain hours, or working days where a category's are named.

    What flows does not wait for the office to open, so that plain hours are the rule. A category
    `group.leaf` has its own days, or those of its group.
    """

    hours: float = 72.0
    working_days: Mapping[str, int] = field(default_factory=dict)

    def days_of(self, category: str) -> int | None:
        """Working days of a category; None where it has plain hours."""
        group = category.partition(".")[0]
        return self.working_days.get(category, self.working_days.get(group))


def opened(category: str, at: datetime, terms: Terms, calendar: WorkCalendar) -> Deadline:
    """The deadline of a ticket of this category that begins its clock at an instant."""
    days = terms.days_of(category)
    if days is None:
        return Deadline(at + timedelta(hours=terms.hours))
    return in_working_days(days, at, calendar)


def in_working_days(days: int, since: datetime, calendar: WorkCalendar) -> Deadline:
    """The close of the last of so many working days; the day of `since` does not count."""
    day, is_known = calendar.nth_workday(day_of(since), days)
    due_at = calendar.close_of(day).astimezone(UTC)
    return Deadline(due_at, days, since, is_provisional=not is_known)


def recounted(deadline: Deadline, calendar: WorkCalendar) -> Deadline:
    """The same term counted with the data of today; instants that were set stay."""
    if deadline.working_days is None or deadline.since is None:
        return deadline
    return in_working_days(deadline.working_days, deadline.since, calendar)


def resumed(deadline: Deadline, pause: Pause, at: datetime, calendar: WorkCalendar) -> Deadline:
    """The deadline after a pause: what was left of the term when it began is left again.

    What was overdue before the pause stays overdue since the same instant.
    """
    if deadline.due_at <= pause.since:
        return deadline
    if deadline.working_days is None:
        return replace(deadline, due_at=deadline.due_at + (at - pause.since))
    left = calendar.workdays_between(day_of(pause.since), day_of(deadline.due_at))
    if not left:  # the last day's own hours: they are left on the day of the return, too
        return _last_day(at, calendar)
    return in_working_days(left, at, calendar)


def _last_day(at: datetime, calendar: WorkCalendar) -> Deadline:
    today = day_of(at)
    if calendar.is_workday(today) and at < calendar.close_of(today):
        return Deadline(calendar.close_of(today).astimezone(UTC))
    return in_working_days(1, at, calendar)
