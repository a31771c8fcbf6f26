"""A month's evaluation of sections and rivers, from what buoys and laboratories measured.

A river is judged by its registered sections, or by its stations where it has none. Buoys speak by
the hourly medians that quality control left. A place that was not measured is silent, not good.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from xunhe.adapters.store import external, hourly
from xunhe.domain.classes import WaterClass
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.registry import Registry
from xunhe.water.black_odorous import BlackOdorous, black_odorous
from xunhe.water.comparison import Comparison, Trend, compare, trend_of_grades, trend_of_shares
from xunhe.water.indicators import INDICATORS
from xunhe.water.months import Mean, Month, mean_of
from xunhe.water.river_level import RiverEvaluation, evaluate_river
from xunhe.water.sections import SectionEvaluation, evaluate_section

UTC_OFFSET_S = SHANGHAI.utcoffset(None).total_seconds()

Means = Mapping[str, Mean]


@dataclass(frozen=True, slots=True)
class Point:
    """Where a river is judged: a section with its buoy, or a station alone."""

    code: str
    name: str
    name_en: str
    river: str
    target: WaterClass
    station: str | None


@dataclass(frozen=True, slots=True)
class PointMonth:
    """A point in a month; `evaluation` is None where it was silent."""

    point: Point
    means: Means
    evaluation: SectionEvaluation | None
    ladder: BlackOdorous | None  # None where none of its four indicators was measured
    month_on_month: Comparison | None  # 环比
    year_on_year: Comparison | None  # 同比


@dataclass(frozen=True, slots=True)
class RiverMonth:
    """A river in a month, and which way it went."""

    river: str
    evaluation: RiverEvaluation | None
    month_on_month: Trend | None
    year_on_year: Trend | None


@dataclass(frozen=True, slots=True)
class MonthReport:
    """Every point and river of a registry in a month."""

    month: Month
    points: tuple[PointMonth, ...]
    rivers: tuple[RiverMonth, ...]


def report(connection: sa.Connection, registry: Registry, month: Month) -> MonthReport:
    """The report of a month, with the month before and the same month of the year before."""
    points = points_of(registry)
    months = (month, month.before, month.year_before)
    means = {(point.code, at): _means(connection, point, at) for point in points for at in months}
    rivers = dict.fromkeys(point.river for point in points)
    return MonthReport(
        month,
        tuple(_point_month(point, *(means[point.code, at] for at in months)) for point in points),
        tuple(
            _river_month(
                river,
                *(
                    evaluate_river([_values(means[p.code, at]) for p in points if p.river == river])
                    for at in months
                ),
            )
            for river in rivers
        ),
    )


def targets_met(
    connection: sa.Connection, registry: Registry, months: Iterable[Month]
) -> list[bool]:
    """For each point and month that was judged: did its class meet the target (水质达标)?"""
    judged = (
        evaluate_section(_values(_means(connection, point, month)), point.target)
        for month in months
        for point in points_of(registry)
    )
    return [found.meets_target for found in judged if found is not None]


def monthly_means(
    connection: sa.Connection, point: Point, year: int
) -> dict[str, dict[int, float]]:
    """The means of a point's indicators by month, 1 to 12; months without values are left out."""
    found: dict[str, dict[int, float]] = {}
    for month in range(1, 13):
        for prop, value in _values(_means(connection, point, Month(year, month))).items():
            found.setdefault(prop, {})[month] = value
    return found


def points_of(registry: Registry) -> list[Point]:
    """Sections, and the stations of rivers that have none; in the registry's order."""
    sections = [
        Point(s.code, s.name, s.name_en, registry.reaches[s.reach].river, s.target, s.station)
        for s in registry.sections.values()
    ]
    with_sections = {point.river for point in sections}
    stations = [
        Point(s.code, s.name, s.name_en, reach.river, reach.target, s.code)
        for s in registry.stations.values()
        if (reach := registry.reaches[s.reach]).river not in with_sections
    ]
    return [*sections, *stations]


def _point_month(point: Point, now: Means, before: Means, year_before: Means) -> PointMonth:
    values = _values(now)
    return PointMonth(
        point,
        now,
        evaluate_section(values, point.target),
        black_odorous(values),
        compare(values, _values(before)),
        compare(values, _values(year_before)),
    )


def _river_month(
    river: str,
    now: RiverEvaluation | None,
    before: RiverEvaluation | None,
    year_before: RiverEvaluation | None,
) -> RiverMonth:
    return RiverMonth(river, now, _trend(before, now), _trend(year_before, now))


def _trend(before: RiverEvaluation | None, now: RiverEvaluation | None) -> Trend | None:
    """By shares where both months were judged by them, by grades otherwise."""
    if before is None or now is None:
        return None
    if before.judgement is None and now.judgement is None:
        return trend_of_shares(before.shares, now.shares)
    return trend_of_grades(before.grade, now.grade)


def _values(means: Means) -> dict[str, float]:
    return {prop: mean.value for prop, mean in means.items()}


def _means(connection: sa.Connection, point: Point, month: Month) -> Means:
    """The month's means of every known indicator: hours of the buoy and external values alike."""
    since, until = month.span(UTC_OFFSET_S)
    found: dict[str, list[tuple[float, float]]] = {}
    if point.station is not None:
        for prop, hours in hourly.read(connection, point.station, since, until).items():
            found[prop] = list(zip(hours.starts_s, hours.medians, strict=True))
    for code in dict.fromkeys((point.code, point.station)):
        for stored in external.between(connection, code, since, until) if code else ():
            value = stored.value
            found.setdefault(value.prop, []).append((value.time.timestamp(), value.judged))
    return {prop: mean for prop in INDICATORS if prop in found and (mean := _mean(found[prop]))}


def _mean(pairs: Sequence[tuple[float, float]]) -> Mean | None:
    times_s, values = np.array(pairs, np.float64).T
    return mean_of(times_s, values, UTC_OFFSET_S)
