"""Look-backs: drawn by the desk when a quarter is over, inspected by people."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.store import desk_log, problems
from xunhe.adapters.supervision.messages import send
from xunhe.desk.log import JSON
from xunhe.desk.lookback import (
    KINDS,
    LookBack,
    LookBackError,
    check_inspection,
    folded,
    sample,
    size,
)
from xunhe.desk.machine import Action, Move
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.roles import SYSTEM, Actor, Role
from xunhe.settings import SupervisionSettings


def all_of(connection: sa.Connection) -> dict[str, LookBack]:
    """Every sample, by its quarter's label."""
    return folded(desk_log.entries(connection, kinds=KINDS))


def draw_due(
    connection: sa.Connection, rules: SupervisionSettings, now: datetime
) -> LookBack | None:
    """Draw the sample of the last quarter that is over, once; None where there is nothing to do."""
    quarter = period_at(now, Span.QUARTER).before
    if quarter.label in all_of(connection):
        return None
    closed = problems.closed_in(connection, quarter)
    if not closed:
        return None
    return draw(connection, quarter, rules, SYSTEM.code, now)


def draw(
    connection: sa.Connection,
    quarter: Period,
    rules: SupervisionSettings,
    actor: str,
    now: datetime,
    wanted: int | None = None,
) -> LookBack:
    """Draw a quarter's sample: `wanted` tickets, or the share that the settings ask for."""
    if quarter.span is not Span.QUARTER:
        raise LookBackError(f"{quarter.label} 不是季度 / {quarter.label} is no quarter")
    if quarter.label in all_of(connection):
        raise LookBackError(f"{quarter.label_zh}已抽样 / {quarter.label} has been drawn already")
    closed = problems.closed_in(connection, quarter)
    number = size(len(closed), rules.lookback_share, rules.lookback_least)
    drawn = sample(closed, quarter, rules.lookback_seed, number if wanted is None else wanted)
    told: dict[str, JSON] = {"seed": rules.lookback_seed, "tickets": drawn, "of": len(closed)}
    subject = f"quarter:{quarter.label}"
    desk_log.append(connection, now, actor, "lookback.drawn", subject, told)
    payload: dict[str, JSON] = {"quarter": quarter.label, "tickets": list(drawn)}
    send(connection, f"lookback:{quarter.label}", Role.INSPECTOR.value, payload, now)
    return LookBack(quarter, drawn, len(closed))


@dataclass(frozen=True, slots=True)
class Inspection:
    """What somebody found who looked at a ticket of a quarter's sample again."""

    ticket: int
    quarter: str
    holds: bool
    note: str


def inspect(
    connection: sa.Connection, desk: Desk, made: Inspection, actor: Actor, at: datetime
) -> LookBack:
    """Write what an inspection found; where it does not hold, the ticket is reopened (顽疾)."""
    found = all_of(connection).get(made.quarter)
    if found is None:
        raise LookBackError(f"{made.quarter} 尚未抽样 / {made.quarter} has not been drawn")
    ticket = desk.find(connection, made.ticket)
    handled_by = ticket.handled_by.code if ticket.handled_by else None
    check_inspection(found, made.ticket, actor.code, handled_by)
    told: dict[str, JSON] = {"quarter": made.quarter, "holds": made.holds, "note": made.note}
    subject = f"ticket:{made.ticket}"
    desk_log.append(connection, at, actor.code, "lookback.inspected", subject, told)
    if not made.holds:
        reason = f"回头看未整改到位：{made.note} / the look-back found it not settled"
        desk.act(connection, made.ticket, Move(Action.REOPEN, actor, at, reason))
    return all_of(connection)[made.quarter]
