"""Rows and states become what the API answers; pages show the same values."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, handovers, members, queries, tickets
from xunhe.adapters.store.queries import AlertRow, IncidentRow, RejectedRow
from xunhe.desk.log import Entry
from xunhe.desk.roles import Actor
from xunhe.domain.duty import Duty
from xunhe.domain.ticket import Ticket
from xunhe.water.classes import Judgement
from xunhe.web import models, wording
from xunhe.web.console import Console
from xunhe.web.failures import NotFoundError
from xunhe.web.waters import Presence, StationState, station_states


def clock(console: Console) -> models.ClockView:
    """The times of this instant."""
    return models.ClockView(
        river_time=console.clock.now(),
        time_factor=console.time_factor,
        wall_time=console.wall.now(),
    )


def overview(console: Console, connection: sa.Connection) -> models.Overview:
    """The counts."""
    totals = queries.totals(connection)
    presences = [state.presence for state in station_states(console, connection)]
    return models.Overview(
        stations=models.StationCounts(
            live=presences.count(Presence.LIVE),
            silent=presences.count(Presence.SILENT),
            awaited=presences.count(Presence.AWAITED),
        ),
        open_incidents=totals.open_incidents,
        open_tickets=totals.open_tickets,
        readings_stored=totals.readings,
        duplicates=totals.duplicates,
        rejected=totals.rejected,
        clock=clock(console),
        last_event_id=queries.last_event_id(connection),
    )


def water_class(judgement: Judgement | None) -> models.ClassView | None:
    """A judgement in words and colour."""
    if judgement is None:
        return None
    found = judgement.water_class
    return models.ClassView(
        number=int(found),
        label=judgement.label,
        wording=found.wording,
        colour=found.colour,
        properties=list(judgement.properties),
        worst=list(judgement.worst),
    )


def station(state: StationState) -> models.StationView:
    """A station's state."""
    return models.StationView(
        code=state.station.code,
        name=state.station.name,
        name_en=state.station.name_en,
        reach=state.reach.code,
        presence=state.presence.value,
        last_seen=state.last_seen,
        water_class=water_class(state.judgement),
        values=[
            models.ValueView(
                property=measured.shown.name,
                value=measured.observation.value,
                flag=measured.observation.flag,
                time=measured.observation.time,
                class_label=found.label if (found := measured.water_class) else None,
            )
            for measured in state.measured
        ],
        buoy=models.BuoyView(**asdict(state.buoy)) if state.buoy else None,
    )


def alert(row: AlertRow) -> models.AlertView:
    """An alert."""
    return models.AlertView(**asdict(row))


def incident(row: IncidentRow) -> models.IncidentView:
    """An incident."""
    return models.IncidentView(**asdict(row))


def incident_detail(connection: sa.Connection, incident_id: int) -> models.IncidentDetail:
    """An incident with its witnesses, or NotFoundError."""
    row = queries.incident(connection, incident_id)
    if row is None:
        raise NotFoundError("incident", "事件", incident_id)
    witnesses = [alert(found) for found in queries.witnesses(connection, incident_id)]
    return models.IncidentDetail(**asdict(row), alerts=witnesses)


def post(console: Console, code: str, duty: Duty, at: datetime) -> models.PostView:
    """A post with its holder; one that has left the registry keeps its code as its title."""
    found = console.registry.posts.get(code)
    if found is None:
        return models.PostView(code=code, title=code, title_en="", holder=None)
    holder = console.registry.persons.get(duty.holder(code, at) or "")
    return models.PostView(
        code=code,
        title=found.title,
        title_en=found.title_en,
        holder=holder.name if holder else None,
    )


def tickets_in(
    console: Console, connection: sa.Connection, found: Iterable[Ticket]
) -> list[models.TicketView]:
    """Tickets with their posts' present holders."""
    duty = handovers.duty(connection, console.registry)
    return [ticket(console, one, duty) for one in found]


def ticket(console: Console, found: Ticket, duty: Duty) -> models.TicketView:
    """A ticket with its post's present holder and the time left."""
    now = console.clock.now()
    label = wording.words(wording.TICKET_STATES, found.state.value)
    return models.TicketView(
        id=found.id,
        number=found.number,
        state=found.state.value,
        state_zh=label.zh,
        state_en=label.en,
        is_open=found.state.is_open,
        source=found.source.value,
        category=found.category,
        severity=found.severity.value,
        post=post(console, found.post, duty, now),
        handler=found.handler,
        reach=found.reach,
        incident_id=found.incident_id,
        opened_at=found.opened_at,
        due_at=found.deadline.due_at,
        is_provisional=found.deadline.is_provisional,
        seconds_left=round((found.deadline.due_at - now).total_seconds()),
        clock_stopped_at=found.pause and found.pause.since,
        closed_at=found.closed_at,
        round=found.round,
        is_chronic=found.is_chronic,
        repeat_reports=found.repeat_reports,
        revision=found.revision,
    )


def ticket_detail(
    console: Console, connection: sa.Connection, ticket_id: int, offices: Sequence[Actor] = ()
) -> models.TicketDetail:
    """A ticket with its log and what somebody in these offices may do. UnknownTicketError."""
    found = console.desk.find(connection, ticket_id)
    watch, extension = found.watch, found.extension
    (view,) = tickets_in(console, connection, [found])
    return models.TicketDetail(
        **view.model_dump(),
        log=steps(connection, ticket_id),
        actions=[action.value for action in console.desk.offered(found, offices)],
        watch=watch and models.WatchView(since=watch.since, until=watch.until, answer=watch.answer),
        extension=extension
        and models.ExtensionView(
            due_at=extension.due_at, asked_by=extension.asked_by, reason=extension.reason
        ),
        clock_stopped_until=found.pause and found.pause.until,
        evidence=found.evidence,
        owes_feedback=found.owes_feedback,
        incidents=tickets.incidents_of(connection, ticket_id),
        merged_into=found.merged_into,
        recipient=found.recipient,
        lon_lat=found.lon_lat,
        campaign=found.campaign,
        is_difficult=found.is_difficult,
    )


def steps(connection: sa.Connection, ticket_id: int) -> list[models.StepView]:
    """What happened to a ticket, in order."""
    found = desk_log.entries(connection, subject=f"ticket:{ticket_id}")
    return [_step(connection, entry) for entry in found if entry.kind.startswith("ticket.")]


def _step(connection: sa.Connection, entry: Entry) -> models.StepView:
    data: dict[str, Any] = dict(entry.data)
    return models.StepView(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        person=members.name_of(connection, data.pop("by", None)),
        kind=entry.kind,
        action=data.pop("action", None),
        from_state=data.pop("from", None),
        to_state=data.pop("state"),
        reason=data.pop("reason", ""),
        detail=data,
        hash=entry.hash,
    )


def rejected(row: RejectedRow) -> models.RejectedView:
    """A rejected frame."""
    values = asdict(row)
    return models.RejectedView(size_bytes=values.pop("size"), **values)
