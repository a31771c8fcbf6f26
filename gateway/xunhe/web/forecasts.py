"""The forecast of a station: the API's answer."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, Field

from xunhe.adapters.store import hourly
from xunhe.water.forecast import Forecast, forecast
from xunhe.water.warning.indicators import INDICATORS
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND
from xunhe.web.loads import check_station
from xunhe.web.models import Instant

_HISTORY = timedelta(days=14)
_STALE = timedelta(hours=2)  # a forecast from older hours is about what has been

router = APIRouter(prefix="/api/v1", responses=ERRORS)


class ForecastHour(BaseModel):
    """The median that an hour is expected to have; four in five lie from low to high."""

    until: Instant
    value: float
    low: float
    high: float
    skill: float = Field(description="1 - error/persistence's error in the past days' backtest")


class PropertyForecast(BaseModel):
    """Hours in which the forecast beats persistence; others are left out."""

    property: str
    hours: list[ForecastHour]


@router.get(
    "/stations/{code}/forecast",
    tags=["stations"],
    operation_id="getForecast",
    responses=NOT_FOUND,
)
def station_forecast(console: ConsoleDep, code: str) -> list[PropertyForecast]:
    """The next 24 h of each indicator (预测), where it has beaten persistence; else empty."""
    check_station(console.registry, code)
    now = console.clock.now()
    with console.database.read() as connection:
        known = hourly.read(connection, code, now - _HISTORY, now)
    found = {one.prop: forecast(known[one.prop], one) for one in INDICATORS if one.prop in known}
    return [
        PropertyForecast(property=prop, hours=_hours(shown))
        for prop, shown in found.items()
        if shown is not None and now - datetime.fromtimestamp(shown.issued_s, UTC) <= _STALE
    ]


def _hours(shown: Forecast) -> list[ForecastHour]:
    issued = datetime.fromtimestamp(shown.issued_s, UTC)
    columns = (shown.leads_h, shown.values, shown.low, shown.high, shown.skill)
    return [
        ForecastHour(
            until=issued + timedelta(hours=float(lead_h)),
            value=round(float(value), 3),
            low=round(float(low), 3),
            high=round(float(high), 3),
            skill=round(float(skill), 2),
        )
        for lead_h, value, low, high, skill in zip(*columns, strict=True)
    ]
