"""Where an incident's water came from and where it goes: the API's answer, and the page's words."""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field

from xunhe.adapters.store.traces import find_trace
from xunhe.domain.riverside import Source
from xunhe.water.arrival import Arrival
from xunhe.water.trace import Trace
from xunhe.water.tracing import SuspectSource
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND, NotFoundError
from xunhe.web.models import Instant
from xunhe.web.wording import Words

_SHOWN_SUSPECTS = 3  # as many as people can look into at once

router = APIRouter(prefix="/api/v1", responses=ERRORS)


class ReasonView(BaseModel):
    """One piece of evidence for or against a suspect."""

    kind: str
    weight: float = Field(description="Added to the score, nats; below 0 it speaks against it")
    zh: str
    en: str


class SuspectView(BaseModel):
    """A pollution source whose water reaches an alarm. Nothing here proves anything."""

    source: str
    name: str
    name_en: str
    kind: str
    permit: str | None
    share: float = Field(ge=0, le=1, description="Share of suspicion; all suspects sum to 1")
    metres: float = Field(description="Along the river to the alarm")
    released_from: Instant
    released_to: Instant
    reasons: list[ReasonView] = Field(description="The weightiest first")


class ArrivalView(BaseModel):
    """A place below; the front comes between `early` and `late` nine times in ten."""

    place: str
    name: str
    name_en: str
    kind: str = Field(description="reach, station, section or intake")
    metres: float
    since: str = Field(description="The alarmed place that it is counted from")
    early: Instant
    likely: Instant
    late: Instant
    least_share: float = Field(description="Of the alarm's concentration, should it end now")
    most_share: float = Field(description="Of the alarm's concentration, should it go on")


class TraceView(BaseModel):
    """Suspects, the likeliest first, and arrivals, the soonest first."""

    incident_id: int
    computed_at: Instant
    suspects: list[SuspectView]
    arrivals: list[ArrivalView]


@dataclass(frozen=True, slots=True)
class ShownTrace:
    """What a ticket's page shows: the first suspects, how many more there are, and arrivals."""

    trace: TraceView
    suspects: list[SuspectView]
    others: int


ARRIVAL_KINDS = {
    "reach": Words("河段", "reach"),
    "station": Words("测站", "station"),
    "section": Words("断面", "section"),
    "intake": Words("取水口", "intake"),
}


@router.get(
    "/incidents/{incident_id}/trace",
    tags=["incidents"],
    operation_id="getIncidentTrace",
    responses=NOT_FOUND,
)
def trace(console: ConsoleDep, incident_id: Id) -> TraceView:
    """Sources upstream ranked by the evidence, and when the plume reaches what lies below."""
    with console.database.read() as connection:
        found = find_trace(connection, incident_id)
    if found is None:
        raise NotFoundError("trace of incident", "溯源结果，事件", incident_id)
    return _view(console, incident_id, *found)


def shown(console: Console, connection: sa.Connection, incident_id: int) -> ShownTrace | None:
    """An incident's trace for its page; None where it has none."""
    found = find_trace(connection, incident_id)
    if found is None:
        return None
    view = _view(console, incident_id, *found)
    first = view.suspects[:_SHOWN_SUSPECTS]
    return ShownTrace(view, first, len(view.suspects) - len(first))


def _view(console: Console, incident_id: int, computed_at: datetime, trace: Trace) -> TraceView:
    sources = console.registry.sources
    return TraceView(
        incident_id=incident_id,
        computed_at=computed_at,
        suspects=[
            _suspect(sources[suspect.source], suspect)
            for suspect in trace.suspects
            if suspect.source in sources  # it may have left the registry since
        ],
        arrivals=[_arrival(console, arrival) for arrival in trace.arrivals],
    )


def _suspect(source: Source, suspect: SuspectSource) -> SuspectView:
    return SuspectView(
        source=source.code,
        name=source.name,
        name_en=source.name_en,
        kind=source.kind.value,
        permit=source.permit,
        share=suspect.share,
        metres=suspect.metres,
        released_from=_instant(suspect.released_from_s),
        released_to=_instant(suspect.released_to_s),
        reasons=[
            ReasonView(kind=reason.kind.value, weight=reason.weight, zh=reason.zh, en=reason.en)
            for reason in suspect.reasons
        ],
    )


def _arrival(console: Console, arrival: Arrival) -> ArrivalView:
    name, name_en = _names(console, arrival)
    return ArrivalView(
        place=arrival.place,
        name=name,
        name_en=name_en,
        kind=arrival.kind,
        metres=arrival.metres,
        since=arrival.since,
        early=_instant(arrival.early_s),
        likely=_instant(arrival.likely_s),
        late=_instant(arrival.late_s),
        least_share=arrival.least_share,
        most_share=arrival.most_share,
    )


def _names(console: Console, arrival: Arrival) -> tuple[str, str]:
    """A place that has left the registry keeps its code as its name."""
    registry = console.registry
    if arrival.place in registry.reaches:
        reach = registry.reaches[arrival.place]
        return reach.name, reach.name_en
    if registry.knows(arrival.place):
        place = registry.place(arrival.place)
        return place.name, place.name_en
    return arrival.place, ""


def _instant(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)
