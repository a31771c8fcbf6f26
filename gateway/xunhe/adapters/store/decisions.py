"""Decisions on findings, each with its reason. One that is made again and again is one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import decision
from xunhe.alerts.doubt import Doubt
from xunhe.alerts.muting import Cause, Muted
from xunhe.domain.incident import Cleared, Finding

_PAUSE = timedelta(hours=12)  # a suspicion that comes back later is another one


class Outcome(StrEnum):
    """What became of a finding."""

    OPENED = "opened"  # 开立事件
    JOINED = "joined"  # 并入事件
    LINKED = "linked"  # 并入上游事件，不另报警
    CLEARED = "cleared"  # 解除
    INHIBITED = "inhibited"  # 被抑制
    SILENCED = "silenced"  # 已静默
    SET_APART = "set_apart"  # 疑似坏数据，不参与判断


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision as stored."""

    id: int
    at: datetime
    last_at: datetime
    times: int
    station: str
    zone: str
    rule: str
    sample_at: datetime
    outcome: str
    by: str
    alert_id: int | None
    silence_id: int | None
    reason_zh: str
    reason_en: str
    detail: Any


def raised(
    connection: sa.Connection,
    finding: Finding,
    alert_id: int,
    outcome: Outcome,
    by: str,
    now: datetime,
) -> None:
    """A finding has become an alert."""
    row = _row(finding.station, finding.zone, finding.rule, finding.at, now)
    words = {"reason_zh": finding.reason_zh, "reason_en": finding.reason_en}
    detail = sa.null() if finding.detail is None else dict(finding.detail)
    more = {"outcome": outcome.value, "by": by, "alert_id": alert_id, "detail": detail}
    connection.execute(decision.insert().values(**row, **words, **more))


def cleared(connection: sa.Connection, over: Cleared, alert_id: int, now: datetime) -> None:
    """An alert has ended."""
    row = _row(over.station, over.zone, over.rule, over.at, now)
    words = {"reason_zh": over.reason_zh, "reason_en": over.reason_en}
    more = {"outcome": Outcome.CLEARED.value, "by": "", "alert_id": alert_id}
    connection.execute(decision.insert().values(**row, **words, **more))


def muted(connection: sa.Connection, what: Muted, now: datetime) -> None:
    """A finding raised no alarm; while that goes on, one row counts how often."""
    finding = what.finding
    outcome = Outcome(what.cause.value)
    last = _last(connection, finding)
    if last is not None and (last.outcome, last.by) == (outcome.value, what.by):
        _again(connection, last.id, last.times, now)
        return
    row = _row(finding.station, finding.zone, finding.rule, finding.at, now)
    words = {
        "reason_zh": f"{finding.reason_zh}（{what.reason.zh}）",
        "reason_en": f"{finding.reason_en} ({what.reason.en})",
    }
    silence_id = int(what.by) if what.cause is Cause.SILENCED else None
    more = {"outcome": outcome.value, "by": what.by, "silence_id": silence_id}
    connection.execute(decision.insert().values(**row, **words, **more))


def set_apart(connection: sa.Connection, station: str, doubt: Doubt, now: datetime) -> None:
    """Readings that look like bad input judge nothing; while that goes on, it is one row."""
    same = {"station": station, "rule": doubt.name, "by": doubt.prop}
    known = sa.select(decision.c.id, decision.c.times).where(
        *(decision.c[name] == value for name, value in same.items()),
        decision.c.outcome == Outcome.SET_APART.value,
        decision.c.last_at >= now - _PAUSE,
    )
    last = connection.execute(known.order_by(decision.c.id.desc())).first()
    if last is not None:
        _again(connection, last.id, last.times, now)
        return
    began = datetime.fromtimestamp(doubt.from_s, UTC)
    row = _row(station, "", doubt.name, began, now)
    words = {"reason_zh": doubt.reason.zh, "reason_en": doubt.reason.en}
    more = {"outcome": Outcome.SET_APART.value, "by": doubt.prop}
    connection.execute(decision.insert().values(**row, **words, **more))


def newest(
    connection: sa.Connection,
    limit: int,
    offset: int = 0,
    outcomes: Sequence[str] = (),
    alert_id: int | None = None,
    station: str | None = None,
) -> list[DecisionRow]:
    """Decisions, newest first; those of some outcomes, of an alert, of a station."""
    query = sa.select(decision).order_by(decision.c.id.desc()).limit(limit).offset(offset)
    if outcomes:
        query = query.where(decision.c.outcome.in_(outcomes))
    if alert_id is not None:
        query = query.where(decision.c.alert_id == alert_id)
    if station is not None:
        query = query.where(decision.c.station == station)
    return [DecisionRow(*row) for row in connection.execute(query)]


def _last(connection: sa.Connection, finding: Finding) -> sa.Row[Any] | None:
    query = sa.select(decision).where(
        decision.c.station == finding.station,
        decision.c.zone == finding.zone,
        decision.c.rule == finding.rule,
    )
    return connection.execute(query.order_by(decision.c.id.desc()).limit(1)).first()


def _again(connection: sa.Connection, decision_id: int, times: int, now: datetime) -> None:
    changed = {"times": times + 1, "last_at": now}
    connection.execute(decision.update().where(decision.c.id == decision_id).values(**changed))


def _row(station: str, zone: str, rule: str, sample_at: datetime, now: datetime) -> dict[str, Any]:
    key = {"station": station, "zone": zone, "rule": rule, "sample_at": sample_at}
    return {**key, "at": now, "last_at": now, "times": 1}
