"""Small lines of the last hours: geometry only, the template draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from xunhe.adapters.store.queries import ObservationRow

WIDTH = 120.0
HEIGHT = 32.0
_MARGIN = 3.0  # room for the stroke and the last point
_MAX_POINTS = 180


@dataclass(frozen=True, slots=True)
class Sparkline:
    """In a box of WIDTH × HEIGHT, y downwards: a path with gaps, limit lines, the newest point."""

    path: str
    limits_y: tuple[float, ...]
    last_xy: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class _Scale:
    since: datetime
    span: timedelta
    least: float
    most: float

    def x(self, at: datetime) -> float:
        return round((at - self.since) / self.span * (WIDTH - 2 * _MARGIN) + _MARGIN, 1)

    def y(self, value: float) -> float:
        share = (value - self.least) / (self.most - self.least)
        return round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)


def sparkline(
    rows: Sequence[ObservationRow],
    since: datetime,
    until: datetime,
    limits: Sequence[float] = (),
    least_span: float = 0.0,
) -> Sparkline:
    """The line of `rows` (oldest first); the limits are always in sight."""
    values = [row.value for row in rows if row.value is not None]
    scale = _scale(since, until, [*values, *limits], least_span)
    every = -(-len(rows) // _MAX_POINTS) or 1
    points = [
        None if row.value is None else (scale.x(row.time), scale.y(row.value))
        for row in rows[::-1][::every][::-1]
    ]
    drawn = [point for point in points if point is not None]
    return Sparkline(
        path=" ".join(strokes(points)),
        limits_y=tuple(scale.y(limit) for limit in limits) if values else (),
        last_xy=drawn[-1] if drawn else None,
    )


def _scale(since: datetime, until: datetime, shown: Sequence[float], least_span: float) -> _Scale:
    least, most = (min(shown), max(shown)) if shown else (0.0, 1.0)
    missing = max(least_span - (most - least), 0.0) or (1.0 if most == least else 0.0)
    span = max(until - since, timedelta(seconds=1))
    return _Scale(since, span, least - missing / 2, most + missing / 2)


def strokes(points: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    """Pieces of an SVG path, broken where there is no point."""
    pen_down = False
    for point in points:
        if point is not None:
            yield f"{'L' if pen_down else 'M'}{point[0]:g} {point[1]:g}"
        pen_down = point is not None
