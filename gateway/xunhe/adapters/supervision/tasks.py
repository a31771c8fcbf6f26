"""Tasks and the three lists: steps that people take, kept in the log."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, problems
from xunhe.desk import fields
from xunhe.desk.lists import KINDS as LIST_KINDS
from xunhe.desk.lists import Exposure, exposure
from xunhe.desk.log import Entry, iso
from xunhe.desk.periods import parse
from xunhe.desk.tasks import KINDS, Plan, Task, TaskError, folded


def tasks(connection: sa.Connection, year: int | None = None) -> dict[str, Task]:
    """The tasks of a year, or all, by code."""
    found = folded(desk_log.entries(connection, kinds=KINDS))
    return {code: task for code, task in found.items() if year in (None, task.plan.year)}


def task(connection: sa.Connection, code: str) -> Task:
    """One task. TaskError where there is none."""
    found = folded(desk_log.entries(connection, kinds=KINDS, subject=f"task:{code}"))
    if code not in found:
        raise TaskError(f"没有任务 {code} / there is no task {code}")
    return found[code]


def plan(connection: sa.Connection, code: str, set_: Plan, actor: str, at: datetime) -> Entry:
    """Set a task, or replace its plan."""
    return desk_log.append(connection, at, actor, "task.set", f"task:{code}", set_.data())


def progress(connection: sa.Connection, code: str, done: float, actor: str, at: datetime) -> Entry:
    """Report how much is done. TaskError for a closed task or less than nothing."""
    found = task(connection, code)
    if found.closed_at is not None:
        raise TaskError(f"任务 {code} 已销号 / task {code} is closed")
    if done < 0:
        raise TaskError("完成量不得为负 / what is done cannot be less than nothing")
    return desk_log.append(connection, at, actor, "task.progress", f"task:{code}", {"done": done})


def extend(
    connection: sa.Connection, code: str, due_at: datetime, reason: str, actor: str, at: datetime
) -> Entry:
    """延期, by its approver. TaskError unless it moves the deadline later, and ahead of now."""
    found = task(connection, code)
    if due_at <= max(found.due_at, at):
        raise TaskError("延期须晚于现时限和现在 / a new deadline is later than the old one and now")
    told = {"due_at": iso(due_at), "reason": reason}
    return desk_log.append(connection, at, actor, "task.due", f"task:{code}", told)


def close(connection: sa.Connection, code: str, note: str, actor: str, at: datetime) -> Entry:
    """销号. TaskError where it is not whole, or by who reported its progress."""
    task(connection, code).check_closing(actor)
    return desk_log.append(connection, at, actor, "task.closed", f"task:{code}", {"note": note})


def post_problem(
    connection: sa.Connection, ticket_id: int, year: int, actor: str, at: datetime
) -> Entry:
    """挂单: put a ticket on a year's third list. TaskError where it is there, or there is none."""
    if not problems.of_ids(connection, [ticket_id]):
        raise TaskError(f"没有工单 {ticket_id} / there is no ticket {ticket_id}")
    if ticket_id in posted(connection, year):
        raise TaskError(f"工单 {ticket_id} 已在清单 / ticket {ticket_id} is on the list already")
    subject, told = f"ticket:{ticket_id}", {"year": year}
    return desk_log.append(connection, at, actor, "list.posted", subject, told)


def posted(connection: sa.Connection, year: int) -> list[int]:
    """The tickets of a year's third list."""
    entries = desk_log.entries(connection, kinds=["list.posted"])
    return [
        int(entry.subject.removeprefix("ticket:"))
        for entry in entries
        if fields.number(entry, "year") == year
    ]


def exposed(connection: sa.Connection, year: int, as_of: datetime) -> Exposure:
    """The third list in figures."""
    found = problems.of_ids(connection, posted(connection, year))
    return exposure(year, found, as_of)


def review(connection: sa.Connection, quarter: str, note: str, actor: str, at: datetime) -> Entry:
    """The first list was reviewed (季度调度) for a quarter such as 2026Q1."""
    subject = f"quarter:{parse(quarter).label}"
    return desk_log.append(connection, at, actor, "list.reviewed", subject, {"note": note})


def reviewed(connection: sa.Connection) -> set[str]:
    """The labels of the quarters whose review has been held."""
    entries = desk_log.entries(connection, kinds=LIST_KINDS)
    return {
        entry.subject.removeprefix("quarter:") for entry in entries if entry.kind == "list.reviewed"
    }
