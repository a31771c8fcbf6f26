"""A ticket and its row: the one place that knows both."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from xunhe.desk.log import iso
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import (
    Answer,
    Deadline,
    Doer,
    Extension,
    Pause,
    Source,
    State,
    Ticket,
    Via,
    Watch,
)

_PLAIN = (
    "id",
    "number",
    "incident_id",
    "category",
    "reach",
    "post",
    "opened_at",
    "changed_at",
    "campaign",
    "is_difficult",
    "revision",
    "round",
    "is_chronic",
    "handler",
    "handled_at",
    "closed_at",
    "paused_s",
    "evidence",
    "repeat_reports",
    "owes_feedback",
    "merged_into",
    "recipient",
)


def ticket_of(row: sa.Row[Any]) -> Ticket:
    """The ticket of a row of the table `ticket`."""
    held = row._mapping
    return Ticket(
        **{name: held[name] for name in _PLAIN},
        source=Source(row.source),
        severity=Severity(row.severity),
        state=State(row.state),
        deadline=Deadline(row.due_at, row.due_working_days, row.due_since, row.due_is_provisional),
        lon_lat=None if row.lon is None else (row.lon, row.lat),
        assigned_via=Via(row.assigned_via) if row.assigned_via else None,
        handled_by=_doer(row.handled_by),
        accepted_by=_doer(row.accepted_by),
        pause=_pause(row),
        extension=_extension(row.extension),
        watch=_watch(row),
    )


def row_of(ticket: Ticket) -> dict[str, Any]:
    """Every column of a ticket but its id and its opening key."""
    lon, lat = ticket.lon_lat or (None, None)
    pause, watch = ticket.pause, ticket.watch
    return {
        **{name: getattr(ticket, name) for name in _PLAIN if name != "id"},
        "source": ticket.source.value,
        "severity": ticket.severity.value,
        "state": ticket.state.value,
        "due_at": ticket.deadline.due_at,
        "due_working_days": ticket.deadline.working_days,
        "due_since": ticket.deadline.since,
        "due_is_provisional": ticket.deadline.is_provisional,
        "lon": lon,
        "lat": lat,
        "assigned_via": ticket.assigned_via and ticket.assigned_via.value,
        "handled_by": _pair(ticket.handled_by),
        "accepted_by": _pair(ticket.accepted_by),
        "clock_stopped_at": pause and pause.since,
        "clock_stopped_until": pause and pause.until,
        "clock_stopped_in": pause and pause.state.value,
        "extension": _asked(ticket.extension),
        "watched_since": watch and watch.since,
        "watched_until": watch and watch.until,
        "river_answer": watch and watch.answer.value,
    }


def _doer(pair: list[Any] | None) -> Doer | None:
    return None if pair is None else Doer(*pair)


def _pair(doer: Doer | None) -> list[Any] | sa.Null:
    return sa.null() if doer is None else [doer.code, doer.person]


def _pause(row: sa.Row[Any]) -> Pause | None:
    if row.clock_stopped_at is None:
        return None
    return Pause(State(row.clock_stopped_in), row.clock_stopped_at, row.clock_stopped_until)


def _watch(row: sa.Row[Any]) -> Watch | None:
    if row.watched_since is None:
        return None
    return Watch(row.watched_since, row.watched_until, Answer(row.river_answer))


def _extension(held: dict[str, Any] | None) -> Extension | None:
    if held is None:
        return None
    due_at = datetime.fromisoformat(held["due_at"]).astimezone(UTC)
    return Extension(due_at, held["asked_by"], held["person"], held["reason"])


def _asked(extension: Extension | None) -> dict[str, Any] | sa.Null:
    if extension is None:
        return sa.null()
    return {
        "due_at": iso(extension.due_at),
        "asked_by": extension.asked_by,
        "person": extension.person,
        "reason": extension.reason,
    }
