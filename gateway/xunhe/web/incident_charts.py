"""The buoy's values around an incident, over the bands of GB 3838-2002: what the page draws."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from pydantic import BaseModel, Field

from xunhe.adapters.store import queries
from xunhe.adapters.store.queries import AlertRow, IncidentRow, ObservationRow
from xunhe.domain.classes import WaterClass
from xunhe.domain.registry import Registry, Station
from xunhe.water.classes import DO_LIMITS_MG_L, PH_LIMITS, UPPER_LIMITS
from xunhe.web.console import Console
from xunhe.web.models import Instant
from xunhe.web.wording import PROPERTIES

_BEFORE = timedelta(hours=6)
_AFTER = timedelta(hours=6)
_LONGEST = timedelta(hours=72)
_MOST_POINTS = 1500
CHARTED = ("nh3n_mg_l", "do_mg_l", "ph", "water_temp_c")


class BandView(BaseModel):
    """The values of one class: from `least` to `most`, None without an end."""

    label: str
    colour: str
    least: float | None
    most: float | None


class MarkView(BaseModel):
    """An alert on the line of time."""

    at: Instant
    severity: str
    reason_zh: str
    reason_en: str


class ChartView(BaseModel):
    """One property of one station around an incident. Times are seconds since 1970 UTC."""

    station: str
    name: str
    name_en: str
    property: str
    property_zh: str
    property_en: str
    unit: str
    digits: int
    least_span: float = Field(description="Never magnify less than this")
    target: str = Field(description="Class that the reach must have")
    since: Instant
    until: Instant
    times_s: list[float]
    values: list[float | None]
    flags: list[int] = Field(description="QARTOD, of each value")
    bands: list[BandView]
    marks: list[MarkView]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Which station's values tell of an incident, and which property first.

    `is_nearby`: no station saw it, this is the nearest on its reach.
    """

    station: Station
    prop: str
    is_nearby: bool


def witnessed(
    registry: Registry, incident: IncidentRow, alerts: list[AlertRow]
) -> Witnessed | None:
    """The first station that saw it; where a camera did, the nearest station of the reach."""
    for alert in alerts:
        if alert.station in registry.stations:
            prop = alert.property if alert.property in CHARTED else CHARTED[0]
            return Witnessed(registry.stations[alert.station], prop, False)
    beside = [s for s in registry.stations.values() if s.reach == incident.reach]
    if not beside:
        return None
    at_m = _position_m(registry, alerts)
    return Witnessed(min(beside, key=lambda s: abs(s.position_m - at_m)), CHARTED[0], True)


def chart(
    console: Console,
    connection: sa.Connection,
    incident: IncidentRow,
    alerts: list[AlertRow],
    station: Station,
    prop: str,
) -> ChartView:
    """The chart of a property of a station."""
    since, until = _window(incident, console.clock.now())
    rows = _thinned(queries.observations(connection, station.code, prop, since, until))
    shown = PROPERTIES[prop]
    return ChartView(
        station=station.code,
        name=station.name,
        name_en=station.name_en,
        property=prop,
        property_zh=shown.words.zh,
        property_en=shown.words.en,
        unit=shown.unit,
        digits=shown.digits,
        least_span=shown.least_span,
        target=console.registry.reaches[station.reach].target.label,
        since=since,
        until=until,
        times_s=[row.time.timestamp() for row in rows],
        values=[row.value for row in rows],
        flags=[row.flag for row in rows],
        bands=bands(prop),
        marks=[
            MarkView(
                at=alert.started_at,
                severity=alert.severity,
                reason_zh=alert.reason_zh,
                reason_en=alert.reason_en,
            )
            for alert in alerts
            if alert.station == station.code
        ],
    )


def bands(prop: str) -> list[BandView]:
    """The classes of a property, the best first; none for what has no class."""
    if prop == "ph":
        low, high = PH_LIMITS
        worst = WaterClass.WORSE_THAN_V
        return [
            _band(WaterClass.I, low, high).model_copy(update={"label": "6–9"}),
            _band(worst, None, low),
            _band(worst, high, None),
        ]
    if prop == "do_mg_l":
        edges = [None, *DO_LIMITS_MG_L, None]
        return [
            _band(c, low, high) for c, (high, low) in zip(WaterClass, pairwise(edges), strict=True)
        ]
    if prop not in UPPER_LIMITS:
        return []
    edges = [None, *UPPER_LIMITS[prop], None]
    found = zip(WaterClass, pairwise(edges), strict=True)
    return [_band(c, low, high) for c, (low, high) in found if low is None or low != high]


def _band(water_class: WaterClass, least: float | None, most: float | None) -> BandView:
    return BandView(label=water_class.label, colour=water_class.colour, least=least, most=most)


def _window(incident: IncidentRow, now: datetime) -> tuple[datetime, datetime]:
    since = incident.started_at - _BEFORE
    until = min(now, (incident.ended_at or now) + _AFTER)
    return since, max(min(until, since + _LONGEST), incident.started_at)


def _position_m(registry: Registry, alerts: list[AlertRow]) -> float:
    places = (alert.place for alert in alerts)
    known = next((place for place in places if registry.knows(place)), None)
    return 0.0 if known is None else registry.place(known).position_m


def _thinned(rows: list[ObservationRow]) -> list[ObservationRow]:
    every = -(-len(rows) // _MOST_POINTS) or 1
    return rows[::-1][::every][::-1]
