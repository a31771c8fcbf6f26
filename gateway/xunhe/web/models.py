"""What the API answers. Instants are ISO 8601 in UTC; numbers carry their unit in the name."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, PlainSerializer, StringConstraints

from xunhe.web.console import iso

Instant = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ClockView(BaseModel):
    """The river's time, how fast it runs, and the machine's time."""

    river_time: Instant
    time_factor: float
    wall_time: Instant


class StationCounts(BaseModel):
    """Registered stations by presence."""

    live: int
    silent: int
    awaited: int


class Overview(BaseModel):
    """The counts of the gateway."""

    stations: StationCounts
    open_incidents: int
    open_tickets: int
    readings_stored: int
    duplicates: int
    rejected: dict[str, int] = Field(description="Rejected frames and records by reason")
    clock: ClockView
    last_event_id: int = Field(description="Follow `/events?after=` from here")


class ClassView(BaseModel):
    """A class of GB 3838-2002 by the indicators that were measured."""

    number: int = Field(ge=1, le=6, description="1 = Ⅰ … 5 = Ⅴ, 6 = 劣Ⅴ")
    label: str = Field(examples=["Ⅲ类 · 单因子（3项）"])
    wording: str
    colour: str
    properties: list[str] = Field(description="Indicators that were judged")
    worst: list[str] = Field(description="Indicators that decide")


class ValueView(BaseModel):
    """The newest value of one property."""

    property: str
    value: float | None
    flag: int = Field(description="QARTOD: 1 good, 2 unknown, 3 suspect, 4 fail, 9 missing")
    time: Instant
    class_label: str | None


class ProbeErrorsView(BaseModel):
    """How often a probe failed for one reason since the buoy's last boot."""

    probe: str
    reason: str
    times: int


class BuoyView(BaseModel):
    """What a buoy says of itself; unsigned, for people."""

    device: str
    is_online: bool
    pending: int = Field(description="Readings in its log that wait for the gateway")
    dropped: int = Field(description="Readings lost because its log was full")
    probe_errors: list[ProbeErrorsView]


class StationView(BaseModel):
    """A station and what it last said."""

    code: str
    name: str
    name_en: str
    reach: str
    presence: Literal["live", "silent", "awaited"]
    last_seen: Instant | None
    water_class: ClassView | None
    values: list[ValueView]
    buoy: BuoyView | None


class PointView(BaseModel):
    """One observation."""

    time: Instant
    value: float | None
    flag: int


class SeriesView(BaseModel):
    """Observations of one property, the oldest first."""

    property: str
    points: list[PointView]
    every: int = Field(description="1 = all points; n = every n-th, to stay under the limit")


class ObservationsView(BaseModel):
    """A station's observations of the last hours."""

    station: str
    hours: float
    series: list[SeriesView]


class AlertView(BaseModel):
    """One alert: a witness of its incident."""

    id: int
    incident_id: int
    station: str = Field(description="The witness: a station or a camera")
    place: str = Field(description="Where: a station, an outfall or a camera")
    zone: str = Field(description="Of a camera: what part of its picture")
    rule: str
    property: str
    severity: str
    started_at: Instant
    raised_at: Instant
    ended_at: Instant | None
    value: float | None
    baseline: float | None
    state: str | None = Field(description="Of an outfall, or why a camera is blind")
    count: int | None = Field(description="Things that a camera sees")
    area_m2: float | None
    reason_zh: str
    reason_en: str
    joined: str = Field(
        description="opened | same_station | same_spot | came_downstream | was_upstream"
    )
    muted_by: int | None = Field(description="The alert upstream whose water this is, if any")
    lon: float | None = Field(description="WGS-84, where a witness that moves saw it")
    lat: float | None


class IncidentView(BaseModel):
    """One incident; its identity is that of its first witness."""

    id: int
    reach: str
    kind: str
    station: str
    zone: str | None
    severity: str
    started_at: Instant
    opened_at: Instant
    ended_at: Instant | None


class IncidentDetail(IncidentView):
    """An incident with its witnesses, the first one first."""

    alerts: list[AlertView]


class PostView(BaseModel):
    """A post and who holds it now."""

    code: str
    title: str
    title_en: str
    holder: str | None = Field(description="None while the post is vacant")


class TicketView(BaseModel):
    """One ticket."""

    id: int
    number: str
    state: str
    state_zh: str
    state_en: str
    is_open: bool
    source: str
    category: str
    severity: str
    post: PostView
    handler: str | None = Field(description="Code of the post or department that it is assigned to")
    reach: str
    incident_id: int | None
    opened_at: Instant
    due_at: Instant
    is_provisional: bool = Field(description="The calendar lacks a year that it was counted over")
    seconds_left: int = Field(description="River seconds until due; negative when overdue")
    clock_stopped_at: Instant | None
    closed_at: Instant | None
    round: int
    is_chronic: bool = Field(description="顽疾: it came back after it was closed")
    repeat_reports: int
    revision: int


class StepView(BaseModel):
    """One entry of a ticket's log."""

    seq: int
    at: Instant
    actor: str = Field(description="Code of the post or role that acted")
    person: str | None = Field(description="Who acted in it; None once erased")
    kind: str
    action: str | None
    from_state: str | None
    to_state: str
    reason: str
    detail: dict[str, Any]
    hash: str


class WatchView(BaseModel):
    """What the river says of work that is said to be done."""

    since: Instant
    until: Instant
    answer: str


class ExtensionView(BaseModel):
    """A deadline that was asked for and not yet decided."""

    due_at: Instant
    asked_by: str
    reason: str


class TicketDetail(TicketView):
    """A ticket with its log and what the reader may do with it."""

    log: list[StepView]
    actions: list[str] = Field(description="What the reader's offices may try; empty for guests")
    watch: WatchView | None
    extension: ExtensionView | None
    clock_stopped_until: Instant | None
    evidence: int = Field(description="Pieces brought in this round")
    owes_feedback: bool
    incidents: list[int]
    merged_into: int | None
    recipient: str | None
    lon_lat: tuple[float, float] | None
    campaign: str
    is_difficult: bool


class Decision(BaseModel):
    """What a person decides about a ticket."""

    reason: Reason
    revision: int = Field(ge=1, description="The revision that the person looked at")


class RejectedView(BaseModel):
    """A frame or record that could not be used."""

    id: int
    at: Instant
    reason: str
    detail: str
    topic: str
    station: str | None
    device: str | None
    boot: int | None
    seq: int | None
    size_bytes: int


class RejectedPage(BaseModel):
    """Rejected frames, newest first; counts outlive the frames that are trimmed."""

    counts: dict[str, int]
    kept: int
    items: list[RejectedView]


class Geometry(BaseModel):
    """RFC 7946 geometry, WGS-84 (lon, lat)."""

    type: Literal["LineString", "Point"]
    coordinates: list[Any]


class Feature(BaseModel):
    """RFC 7946 feature; `properties.kind` is reach, station or outfall."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Geometry
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """RFC 7946."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
