"""What units hand in and hold: monthly and yearly returns, dispatch meetings, grades, ratings."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.desk import returns
from xunhe.desk.log import JSON, Entry, iso
from xunhe.desk.periods import Period, Span
from xunhe.desk.returns import ReturnError
from xunhe.desk.scores import Grade
from xunhe.desk.tally import GRADED, RATED
from xunhe.settings import SupervisionSettings


def submit(
    connection: sa.Connection,
    unit: str,
    period: Period,
    text: str,
    actor: str,
    rules: SupervisionSettings,
    at: datetime,
) -> Entry:
    """A unit hands in its report. ReturnError before it is drafted, and the second time."""
    if period.span is Span.QUARTER:
        raise ReturnError("季度由区通报，不由单位上报 / quarters are not handed in by units")
    if period.span is Span.MONTH and at < returns.drafted_from(period):
        raise ReturnError(f"{period.label_zh}尚未结束 / {period.label} is not over yet")
    if unit in submitted(connection, period):
        raise ReturnError(f"{unit} 已上报{period.label_zh} / {unit} has handed in {period.label}")
    told: dict[str, JSON] = {
        "period": period.label,
        "is_late": returns.is_late(period, at, rules),
        "text": text,
    }
    return desk_log.append(connection, at, actor, returns.SUBMITTED, f"unit:{unit}", told)


def submitted(connection: sa.Connection, period: Period) -> dict[str, Entry]:
    """The returns of a period by unit."""
    return returns.submissions(desk_log.entries(connection, kinds=[returns.SUBMITTED]), period)


def hold_meeting(
    connection: sa.Connection, unit: str, period: Period, proof: str, actor: str, at: datetime
) -> Entry:
    """A dispatch meeting (调度) of a unit's office, with its proof."""
    told = {"period": period.label, "held_at": iso(at), "proof": proof}
    return desk_log.append(connection, at, actor, returns.HELD, f"unit:{unit}", told)


def grade(
    connection: sa.Connection, unit: str, year: int, given: Grade, actor: str, at: datetime
) -> Entry:
    """The grade of a unit for a year; the last one counts."""
    told = {"year": year, "grade": given.value}
    return desk_log.append(connection, at, actor, GRADED, f"unit:{unit}", told)


def rate(connection: sa.Connection, ticket_id: int, rating: int, actor: str, at: datetime) -> Entry:
    """How satisfied a reporter is with the answer, 1 to 5. ReturnError outside of it."""
    if not 1 <= rating <= 5:
        raise ReturnError("评价为 1 至 5 / a rating is 1 to 5")
    return desk_log.append(connection, at, actor, RATED, f"ticket:{ticket_id}", {"rating": rating})
