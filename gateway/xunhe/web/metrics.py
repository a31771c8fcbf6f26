"""GET /metrics for Prometheus: text format 0.0.4, a snapshot of the tables and the cameras.

Read like every other page: with a session, or by anyone where `read_without_login` is on.
"""

from collections.abc import Iterator
from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter, Response

from xunhe.adapters.store import deliveries, queries, unjudged, upward
from xunhe.domain.camera_desk import CameraStatus
from xunhe.domain.incident import Kind
from xunhe.web.camera_words import state_words
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.gateway_metrics import of_gateway
from xunhe.web.metric import Metric, exposition, one
from xunhe.web.waters import Presence, station_states

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(console: ConsoleDep) -> Response:
    """All metrics."""
    with console.database.read() as connection:
        found = [*_gateway(console, connection), *_outbox(console, connection)]
        if console.health is not None:
            found += of_gateway(console.health, connection)
    if console.cameras is not None:
        found += _cameras(console.cameras.statuses())
    return Response(exposition(found), media_type=MEDIA_TYPE)


def _gateway(console: Console, connection: sa.Connection) -> Iterator[Metric]:
    totals = queries.totals(connection)
    yield one("xunhe_readings_total", "counter", "Readings stored", totals.readings)
    waiting = unjudged.count(connection)
    yield one("xunhe_unjudged_readings", "gauge", "Readings that wait for judgement", waiting)
    yield from _upward(console, connection)
    yield one("xunhe_duplicates_total", "counter", "Readings that came again", totals.duplicates)
    rejected = (({"reason": reason}, float(n)) for reason, n in totals.rejected.items())
    yield Metric("xunhe_rejected_total", "counter", "Frames and records refused", (*rejected,))
    gone = (({"why": why}, float(n)) for why, n in totals.evidence.items())
    yield Metric("xunhe_evidence_gone_total", "counter", "Files of evidence gone", (*gone,))
    by_kind = queries.open_incidents_by_kind(connection)
    kinds = (({"kind": kind.value}, float(by_kind.get(kind.value, 0))) for kind in Kind)
    yield Metric("xunhe_open_incidents", "gauge", "Incidents that go on", (*kinds,))
    yield one("xunhe_open_tickets", "gauge", "Tickets to be decided", totals.open_tickets)
    yield one(
        "xunhe_event_id", "gauge", "Id of the newest event", queries.last_event_id(connection)
    )
    found = [state.presence for state in station_states(console, connection)]
    stations = (({"presence": each.value}, float(found.count(each))) for each in Presence)
    yield Metric("xunhe_stations", "gauge", "Registered stations", (*stations,))


def _upward(console: Console, connection: sa.Connection) -> Iterator[Metric]:
    waiting, now = upward.count(connection), console.clock.now()
    yield one("xunhe_upward_waiting", "gauge", "Parcels without the province's receipt", waiting)
    age_s = (now - (upward.oldest(connection) or now)).total_seconds()
    yield one("xunhe_upward_oldest_seconds", "gauge", "Age of the oldest such parcel", age_s)


def _outbox(console: Console, connection: sa.Connection) -> Iterator[Metric]:
    now = console.clock.now()
    standing = deliveries.standing(connection)
    named = [({"destination": name}, each) for name, each in standing.items()]
    waiting = ((labels, float(each.waiting)) for labels, each in named)
    yield Metric("xunhe_outbox_waiting", "gauge", "Deliveries that wait", (*waiting,))
    dead = ((labels, float(each.dead)) for labels, each in named)
    yield Metric("xunhe_outbox_dead", "gauge", "Deliveries that were put aside", (*dead,))
    ages = (
        (labels, (now - (each.oldest_waiting or now)).total_seconds()) for labels, each in named
    )
    explanation = "Age of the oldest delivery that waits, in river time"
    yield Metric("xunhe_outbox_oldest_seconds", "gauge", explanation, (*ages,))


# Of a camera's counts: name of the count → metric, kind, explanation.
_COUNTS: dict[str, tuple[str, Literal["counter", "gauge"], str]] = {
    "received": ("frames_received_total", "counter", "Frames that arrived"),
    "decoded": ("frames_decoded_total", "counter", "Frames decoded"),
    "gated": ("frames_gated_total", "counter", "Frames in which something moved on the water"),
    "inferred": ("frames_inferred_total", "counter", "Frames that a model looked at"),
    "skipped": ("frames_skipped_total", "counter", "Frames left undecoded on purpose"),
    "dropped": ("frames_dropped_total", "counter", "Frames lost or damaged"),
    "age_s": ("frame_age_seconds", "gauge", "Age of the newest frame"),
    "latency_s": ("latency_seconds", "gauge", "From a frame's arrival until it was judged"),
    "open_incidents": ("open_incidents", "gauge", "Incidents that the camera sees now"),
}


def _cameras(statuses: list[CameraStatus]) -> Iterator[Metric]:
    named = [(_camera(status), status) for status in statuses]
    up = ((labels, float(state_words(status.state).is_up)) for labels, status in named)
    yield Metric("xunhe_camera_up", "gauge", "1 while frames arrive", (*up,))
    states = ((labels | {"state": status.state}, 1.0) for labels, status in named)
    yield Metric("xunhe_camera_state", "gauge", "1 for the state that a camera is in", (*states,))
    for key, (name, kind, explanation) in _COUNTS.items():
        samples = ((labels, status.counts[key]) for labels, status in named if key in status.counts)
        yield Metric(f"xunhe_camera_{name}", kind, explanation, (*samples,))


def _camera(status: CameraStatus) -> dict[str, str]:
    return {"camera": status.camera.code, "reach": status.camera.reach}
