"""A seeded year at the desk: tickets and patrols, drawn as plain numbers.

The judge counts with these numbers; the rules never see them, only the log that is written of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from xunhe.domain.clock import SHANGHAI
from xunhe_tools.bench.desk.district import VILLAGES

YEAR = 2025
START = datetime(YEAR, 1, 1, tzinfo=SHANGHAI)
END = datetime(YEAR + 1, 1, 1, tzinfo=SHANGHAI)

CATEGORIES = ("floating.litter", "discharge.secret", "disorder.dumping", "silting.silt")
SOURCES = ("camera", "buoy", "chief", "citizen", "12345", "inspection")
SEVERITIES = ("minor", "minor", "minor", "major", "severe")

_LATE = 0.05  # of the tickets are closed after their deadline
_FALSE = 0.04
_NEVER = 0.01  # never closed
_REPORTED = 0.02  # citizens report again and again


@dataclass(frozen=True, slots=True)
class Case:
    """What becomes of one ticket; instants that do not come about are None."""

    number: int
    village: int
    category: str
    source: str
    severity: str
    opened_at: datetime
    due_at: datetime
    assigned_at: datetime
    handled_at: datetime | None
    closed_at: datetime | None
    dismissed_at: datetime | None
    reports: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """One patrol of a village's chief."""

    village: int
    began_at: datetime
    ended_at: datetime


def cases(tickets: int, seed: int) -> Iterator[Case]:
    """Tickets of the year, the first opened first."""
    random = Random(f"cases:{seed}")  # noqa: S311  a year, no secret
    opened = sorted(random.uniform(0, (END - START).total_seconds() - 1) for _ in range(tickets))
    for number, second in enumerate(opened, 1):
        yield _case(number, _moment(START, second), random)


def walks(seed: int, weeks: int) -> Iterator[Walk]:
    """Nine weeks in ten of the year's first `weeks`, each village's chief walks his reach once."""
    random = Random(f"walks:{seed}")  # noqa: S311  as above
    for week in range(weeks):
        for village in range(VILLAGES):
            if random.random() < 0.9:
                began = _moment(START, (week * 7 + random.uniform(0, 6.9)) * 86400)
                yield Walk(village, began, began + timedelta(minutes=random.randrange(10, 60)))


def _case(number: int, opened_at: datetime, random: Random) -> Case:
    hours = random.choice((24, 72, 240))
    due_at = opened_at + timedelta(hours=hours)
    fate = random.random()
    is_false, is_late = fate < _FALSE, fate > 1 - _LATE - _NEVER
    is_never = fate > 1 - _NEVER
    taken = random.uniform(1.05, 4) if is_late else random.uniform(0.1, 0.95)
    closed_at = _moment(opened_at, hours * 3600 * taken)
    reports = random.randrange(3, 6) if random.random() < _REPORTED else 0
    return Case(
        number=number,
        village=random.randrange(VILLAGES),
        category=random.choice(CATEGORIES),
        source=random.choice(SOURCES),
        severity=random.choice(SEVERITIES),
        opened_at=opened_at,
        due_at=due_at,
        assigned_at=_moment(opened_at, hours * 3600 * 0.05),
        handled_at=None if is_false or is_never else _moment(opened_at, hours * 3600 * taken * 0.7),
        closed_at=None if is_false or is_never else closed_at,
        dismissed_at=_moment(opened_at, hours * 3600 * 0.04) if is_false else None,
        reports=() if is_false else tuple(_moment(opened_at, 60.0 * k) for k in range(reports)),
    )


def _moment(since: datetime, seconds: float) -> datetime:
    """Whole milliseconds, as the log has them."""
    return since + timedelta(milliseconds=round(1000 * seconds))
