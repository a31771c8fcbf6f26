"""The chart of an early warning on its ticket's page: geometry only, the template draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import decisions
from xunhe.adapters.store.queries import AlertRow
from xunhe.domain.incident import Rule
from xunhe.web.sparkline import strokes
from xunhe.web.wording import PROPERTIES, Property

WIDTH, HEIGHT = 360.0, 110.0
_MARGIN = 6.0

Values = Sequence[float | None]
_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class WarningChart:
    """In a box of WIDTH × HEIGHT, y downwards: what was measured, and the band of what is usual."""

    station: str
    shown: Property
    path: str
    band: str  # points of a polygon; empty where nothing was usual
    since: datetime
    until: datetime
    least: float
    most: float


def charts(connection: sa.Connection, alerts: Sequence[AlertRow]) -> list[WarningChart]:
    """The charts of those alerts that are early warnings."""
    found = []
    for alert in alerts:
        if alert.rule != Rule.EARLY_WARNING:
            continue
        for decision in decisions.newest(connection, 10, alert_id=alert.id):
            if decision.detail is not None and decision.detail["property"] in PROPERTIES:
                found.append(_chart(alert.station, decision.detail))
                break
    return found


def _chart(station: str, detail: dict[str, Any]) -> WarningChart:
    times_s: list[float] = detail["times_s"]
    shown = PROPERTIES[detail["property"]]
    lists: list[Values] = [detail[name] for name in ("values", "low", "high")]
    levels = [value for values in lists for value in values if value is not None]
    least, most = min(levels), max(levels)
    most = max(most, least + shown.least_span)

    def point(time_s: float, value: float) -> _Point:
        along = (time_s - times_s[0]) / max(times_s[-1] - times_s[0], 1.0)
        up = (value - least) / (most - least)
        return (
            round(_MARGIN + along * (WIDTH - 2 * _MARGIN), 1),
            round(HEIGHT - _MARGIN - up * (HEIGHT - 2 * _MARGIN), 1),
        )

    measured, low, high = (
        [None if v is None else point(t, v) for t, v in zip(times_s, values, strict=True)]
        for values in lists
    )
    edge = [p for p in low if p is not None] + [p for p in reversed(high) if p is not None]
    return WarningChart(
        station,
        shown,
        " ".join(strokes(measured)),
        " ".join(f"{x:g},{y:g}" for x, y in edge),
        datetime.fromtimestamp(times_s[0], UTC),
        datetime.fromtimestamp(times_s[-1], UTC),
        least,
        most,
    )
