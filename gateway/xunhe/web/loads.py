"""What passes a station, and how its water follows another's: the API's answers."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import numpy as np
import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from xunhe.adapters.store import external, queries
from xunhe.domain.observation import GOOD
from xunhe.domain.registry import Registry
from xunhe.water.flux import flux
from xunhe.water.graph import RiverGraph
from xunhe.water.lag import lagged_correlation
from xunhe.water.series import Series
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND, NotFoundError
from xunhe.web.models import Instant

MAX_HOURS = 31 * 24

_DISCHARGE = "discharge_m3_s"
_STEP_SAMPLES = 3  # of the slower station a step of the lag's grid
_SLACK = 2.0  # lags are tried up to this many times the latest travel time
_SOONEST_S = 3600.0

Property = Annotated[Literal["nh3n_mg_l", "do_mg_l"], Query(alias="property")]
Hours = Annotated[float, Query(gt=0, le=MAX_HOURS)]

router = APIRouter(prefix="/api/v1", responses=ERRORS)


class GapView(BaseModel):
    """A span without usable values."""

    since: Instant
    until: Instant


class FluxView(BaseModel):
    """Sum of C·Q·Δt; nothing is added for the gaps."""

    station: str
    property: str
    since: Instant
    until: Instant
    kilograms: float
    covered_share: float = Field(description="Share of the span that the sum rests on")
    discharge: Literal["measured", "registered"] = Field(
        description="measured: brought in for this place; registered: the reach's usual one"
    )
    gaps: list[GapView]


class LagView(BaseModel):
    """How a station follows another one above it; None where too little is known."""

    station: str
    above: str
    lag_s: float | None
    correlation: float | None
    pairs: int
    is_clear: bool = Field(description="Far beyond what unrelated water of this length gives")
    travel_early_s: float = Field(description="What the river graph expects, nine times in ten")
    travel_late_s: float


@router.get("/stations/{code}/flux", tags=["stations"], operation_id="getFlux", responses=NOT_FOUND)
def station_flux(
    console: ConsoleDep,
    code: str,
    prop: Property = "nh3n_mg_l",
    hours: Hours = 24,
    longest_gap_min: Annotated[float, Query(gt=0, le=1440)] = 60,
) -> FluxView:
    """What passed a station in the last river hours (污染物通量), kg, with its gaps."""
    check_station(console.registry, code)
    until = console.clock.now()
    since = until - timedelta(hours=hours)
    with console.database.read() as connection:
        concentration = _observed(connection, code, prop, since)
        measured = _discharge(connection, console.registry, code, since, until)
    discharge = measured if len(measured) else _registered(console.registry, code, concentration)
    gap_s = longest_gap_min * 60
    found = flux(concentration, discharge, since.timestamp(), until.timestamp(), gap_s)
    return FluxView(
        station=code,
        property=prop,
        since=since,
        until=until,
        kilograms=found.kilograms,
        covered_share=found.covered_share,
        discharge="measured" if len(measured) else "registered",
        gaps=[GapView(since=_at(gap.from_s), until=_at(gap.to_s)) for gap in found.gaps],
    )


@router.get("/stations/{code}/lag", tags=["stations"], operation_id="getLag", responses=NOT_FOUND)
def station_lag(
    console: ConsoleDep,
    code: str,
    above: str,
    prop: Property = "nh3n_mg_l",
    hours: Hours = 10 * 24,
) -> LagView:
    """How a station's water follows that of one above it, such as a buoy at an outfall."""
    check_station(console.registry, code)
    check_station(console.registry, above)
    travel = RiverGraph(console.registry).travel(above, code)
    if travel is None:
        raise NotFoundError("station above", "上游测站", above)
    since = console.clock.now() - timedelta(hours=hours)
    with console.database.read() as connection:
        upper, lower = (_observed(connection, each, prop, since) for each in (above, code))
    interval_s = max(console.registry.stations[each].interval_s for each in (above, code))
    lag = lagged_correlation(
        upper,
        lower,
        step_s=_STEP_SAMPLES * interval_s,
        longest_s=max(_SLACK * travel.late_s, _SOONEST_S),
    )
    return LagView(
        station=code,
        above=above,
        lag_s=lag.lag_s if lag else None,
        correlation=lag.correlation if lag else None,
        pairs=lag.pairs if lag else 0,
        is_clear=lag is not None and lag.is_clear,
        travel_early_s=travel.early_s,
        travel_late_s=travel.late_s,
    )


def _at(time_s: float) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)


def check_station(registry: Registry, station: str) -> None:
    """Raises NotFoundError for a station that the registry does not have."""
    if station not in registry.stations:
        raise NotFoundError("station", "测站", station)


def _observed(connection: sa.Connection, station: str, prop: str, since: datetime) -> Series:
    rows = {row.time: row for row in queries.observations(connection, station, prop, since)}
    return Series(
        np.array([at.timestamp() for at in rows], np.float64),
        np.array([np.nan if r.value is None else r.value for r in rows.values()], np.float64),
        np.array([row.flag for row in rows.values()], np.int8),
    )


def _discharge(
    connection: sa.Connection, registry: Registry, station: str, since: datetime, until: datetime
) -> Series:
    """Discharges that were brought in for the station, or for a section at which it stands."""
    places = [station, *(s.code for s in registry.sections.values() if s.station == station)]
    values = {
        stored.value.time.timestamp(): stored.value.value
        for place in places
        for stored in external.between(connection, place, since, until)
        if stored.value.prop == _DISCHARGE
    }
    return _good(sorted(values), [values[at] for at in sorted(values)])


def _registered(registry: Registry, station: str, like: Series) -> Series:
    reach = registry.reaches[registry.stations[station].reach]
    return _good(list(like.times_s), [reach.discharge_m3_s] * len(like))


def _good(times_s: list[float], values: list[float]) -> Series:
    flags = np.full(len(times_s), GOOD, np.int8)
    return Series(np.array(times_s, np.float64), np.array(values, np.float64), flags)
