"""Plans of rivers (一河一策): steps that people take, kept in the log."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.desk.log import JSON, Entry
from xunhe.desk.river_plans import (
    APPROVED,
    KINDS,
    RETURNED,
    SET,
    PlanError,
    RiverPlan,
    Step,
    folded,
)


def plans(connection: sa.Connection) -> dict[str, RiverPlan]:
    """All plans by code."""
    return folded(desk_log.entries(connection, kinds=KINDS))


def put(connection: sa.Connection, plan: RiverPlan, actor: str, at: datetime) -> Entry:
    """Set a plan, or set it anew. PlanError where its river has another plan in those years."""
    for other in plans(connection).values():
        is_other = other.code != plan.code and other.river == plan.river
        if is_other and other.cycle.meets(plan.cycle):
            raise PlanError(
                f"{plan.river} {other.cycle.label} 已有计划 {other.code}"
                f" / {plan.river} has plan {other.code} for {other.cycle.label}"
            )
    return desk_log.append(connection, at, actor, SET, f"plan:{plan.code}", plan.data())


def decide(
    connection: sa.Connection,
    code: str,
    step: Step,
    note: str,
    actor: str,
    at: datetime,
    *,
    is_approved: bool,
) -> Entry:
    """Give the next approval, or refuse it. PlanError for another one, or no such plan."""
    plan = plans(connection).get(code)
    if plan is None:
        raise PlanError(f"没有计划 {code} / there is no plan {code}")
    plan.check(step)
    kind = APPROVED if is_approved else RETURNED
    told: dict[str, JSON] = {"step": step.value, "note": note}
    return desk_log.append(connection, at, actor, kind, f"plan:{code}", told)
