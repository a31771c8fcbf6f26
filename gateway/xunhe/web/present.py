"""Rows and states become what the API answers; pages show the same values."""

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import queries
from xunhe.adapters.store.queries import AlertRow, IncidentRow, RejectedRow, TicketRow
from xunhe.domain.ticket import TRANSITIONS
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


def post(console: Console, code: str, at: datetime) -> models.PostView:
    """A post with its holder; one that has left the registry keeps its code as its title."""
    found = console.registry.posts.get(code)
    if found is None:
        return models.PostView(code=code, title=code, title_en="", holder=None)
    holder = console.registry.holder(code, at)
    return models.PostView(
        code=code,
        title=found.title,
        title_en=found.title_en,
        holder=holder.name if holder else None,
    )


def ticket(console: Console, row: TicketRow) -> models.TicketView:
    """A ticket with its post's present holder and the time left."""
    now = console.clock.now()
    label = wording.words(wording.TICKET_STATES, row.state.value)
    return models.TicketView(
        id=row.id,
        number=row.number,
        state=row.state.value,
        state_zh=row.state.label_zh,
        state_en=label.en,
        post=post(console, row.post, now),
        reach=row.reach,
        incident_id=row.incident_id,
        opened_at=row.opened_at,
        due_at=row.due_at,
        seconds_left=round((row.due_at - now).total_seconds()),
        revision=row.revision,
    )


def ticket_detail(
    console: Console, connection: sa.Connection, ticket_id: int
) -> models.TicketDetail:
    """A ticket with its log, or NotFoundError."""
    row = queries.ticket(connection, ticket_id)
    if row is None:
        raise NotFoundError("ticket", "工单", ticket_id)
    return models.TicketDetail(
        **ticket(console, row).model_dump(),
        log=[models.StepView(**asdict(step)) for step in queries.ticket_log(connection, ticket_id)],
        next_states=sorted(state.value for state in TRANSITIONS[row.state]),
    )


def rejected(row: RejectedRow) -> models.RejectedView:
    """A rejected frame."""
    values = asdict(row)
    return models.RejectedView(size_bytes=values.pop("size"), **values)
