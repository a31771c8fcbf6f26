"""What each rule raised lately, and what people said of it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.decisions import Outcome
from xunhe.adapters.store.expressions import total
from xunhe.adapters.store.schema import alert, decision, verdict


@dataclass(frozen=True, slots=True)
class Raised:
    """A rule's alerts since an instant: how many, in how many incidents, the newest.

    `real` and `false` count the incidents that people judged, by the newest verdict on each;
    `muted` its findings that raised no alarm.
    """

    alerts: int = 0
    incidents: int = 0
    last_at: datetime | None = None
    last_incident: int | None = None
    real: int = 0
    false: int = 0
    muted: int = 0


def raised(connection: sa.Connection, since: datetime) -> dict[str, Raised]:
    """By rule; rules that raised and muted nothing are left out."""
    counted = _alerts(connection, since)
    verdicts = _verdicts(connection, since)
    muted = _muted(connection, since)
    return {
        rule: Raised(
            *counted.get(rule, (0, 0, None, None)), *verdicts.get(rule, (0, 0)), muted.get(rule, 0)
        )
        for rule in counted.keys() | muted.keys()
    }


def _alerts(
    connection: sa.Connection, since: datetime
) -> dict[str, tuple[int, int, datetime | None, int | None]]:
    columns = alert.c
    query = sa.select(
        columns.rule,
        sa.func.count(),
        sa.func.count(columns.incident_id.distinct()),
        sa.func.max(columns.raised_at),
        sa.func.max(columns.incident_id),
    )
    rows = connection.execute(query.where(columns.raised_at >= since).group_by(columns.rule))
    return {rule: (alerts, incidents, at, last) for rule, alerts, incidents, at, last in rows}


def _verdicts(connection: sa.Connection, since: datetime) -> dict[str, tuple[int, int]]:
    newest = sa.select(sa.func.max(verdict.c.id)).group_by(verdict.c.incident_id)
    of_rule = (
        sa.select(alert.c.rule, alert.c.incident_id).where(alert.c.raised_at >= since).distinct()
    ).subquery()
    real = total(sa.case((verdict.c.is_true, 1), else_=0))
    query = (
        sa.select(of_rule.c.rule, real, sa.func.count() - real)
        .join(verdict, verdict.c.incident_id == of_rule.c.incident_id)
        .where(verdict.c.id.in_(newest))
        .group_by(of_rule.c.rule)
    )
    return {rule: (true, false) for rule, true, false in connection.execute(query)}


def _muted(connection: sa.Connection, since: datetime) -> dict[str, int]:
    muting = [Outcome.INHIBITED.value, Outcome.SILENCED.value, Outcome.SET_APART.value]
    query = sa.select(decision.c.rule, total(decision.c.times)).where(
        decision.c.outcome.in_(muting), decision.c.last_at >= since
    )
    rows = connection.execute(query.group_by(decision.c.rule))
    return {rule: times for rule, times in rows}  # noqa: C416
