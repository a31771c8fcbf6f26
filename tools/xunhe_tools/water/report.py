"""A month's report in words and as data."""

from collections.abc import Iterator
from typing import Any, TypeVar

from xunhe.adapters.month_report import MonthReport, PointMonth, RiverMonth
from xunhe.water.comparison import Comparison, Trend

T = TypeVar("T")


def as_text(found: MonthReport) -> Iterator[str]:
    """Lines for people, Chinese first."""
    yield f"水质评价 / water of {found.month}"
    for river in found.rivers:
        yield ""
        yield from _river_text(river)
        for point in found.points:
            if point.point.river == river.river:
                yield from _point_text(point)


def as_json(found: MonthReport) -> dict[str, Any]:
    """The same for programs."""
    return {
        "month": str(found.month),
        "rivers": [_river_data(river) for river in found.rivers],
        "points": [_point_data(point) for point in found.points],
    }


def _river_text(river: RiverMonth) -> Iterator[str]:
    evaluation = river.evaluation
    if evaluation is None:
        yield f"{river.river}：本月没有监测数据 / nothing measured this month"
        return
    shares = evaluation.shares
    yield f"{river.river}：{evaluation.label} / {evaluation.grade.wording_en}"
    yield (
        f"  Ⅰ—Ⅲ类 {shares.good_percent:.1f} %，劣Ⅴ类 {shares.worst_percent:.1f} %，"
        f"无数据 silent {evaluation.silent}"
    )
    for name, trend in _periods(river.month_on_month, river.year_on_year):
        if trend is not None:
            yield f"  {name}：{trend.wording} / {trend.wording_en}"


def _point_text(month: PointMonth) -> Iterator[str]:
    point = month.point
    if month.evaluation is None:
        yield f"  {point.code} {point.name}：无数据 / silent"
        return
    yield f"  {point.code} {point.name}：{month.evaluation.sentence_zh}"
    yield f"    {point.name_en}: {month.evaluation.sentence_en}"
    if month.ladder is not None and month.ladder.rung:
        yield f"    黑臭 / black and odorous：{month.ladder.label} / {month.ladder.label_en}"
    for name, comparison in _periods(month.month_on_month, month.year_on_year):
        if comparison is not None:
            changes = "，".join(change.words_zh for change in comparison.changes)
            yield f"    {name}：{comparison.words_zh}；{changes} / {comparison.words_en}"


def _periods(month_on_month: T, year_on_year: T) -> tuple[tuple[str, T], ...]:
    return ("环比", month_on_month), ("同比", year_on_year)


def _river_data(river: RiverMonth) -> dict[str, Any]:
    evaluation = river.evaluation
    return {
        "river": river.river,
        "grade": evaluation and evaluation.grade.wording,
        "colour": evaluation and evaluation.grade.colour,
        "label": evaluation and evaluation.label,
        "sections": evaluation.shares.sections if evaluation else 0,
        "good_percent": evaluation and evaluation.shares.good_percent,
        "worst_percent": evaluation and evaluation.shares.worst_percent,
        "silent": evaluation and evaluation.silent,
        "month_on_month": _trend(river.month_on_month),
        "year_on_year": _trend(river.year_on_year),
    }


def _point_data(month: PointMonth) -> dict[str, Any]:
    evaluation = month.evaluation
    judgement = evaluation.judgement if evaluation else None
    return {
        "code": month.point.code,
        "river": month.point.river,
        "target": month.point.target.label,
        "water_class": judgement and judgement.water_class.label,
        "wording": judgement and judgement.water_class.wording,
        "colour": judgement and judgement.water_class.colour,
        "label": judgement and judgement.label,
        "meets_target": evaluation and evaluation.meets_target,
        "black_odorous": month.ladder and month.ladder.rung.wording,
        "values": {
            prop: {"mean": mean.value, "days": mean.days} for prop, mean in month.means.items()
        },
        "exceedances": [
            {
                "property": e.prop,
                "value": e.value,
                "class": e.water_class.label,
                "times": e.multiple,
            }
            for e in (evaluation.exceedances if evaluation else ())
        ],
        "month_on_month": _comparison(month.month_on_month),
        "year_on_year": _comparison(month.year_on_year),
    }


def _comparison(found: Comparison | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "before": found.before.label,
        "now": found.now.label,
        "trend": found.trend.wording,
        "changes": [
            {"property": c.prop, "before": c.before, "now": c.now, "percent": c.percent}
            for c in found.changes
        ],
    }


def _trend(found: Trend | None) -> str | None:
    return None if found is None else found.wording
