"""What is wrong with external values before they are taken in: named with cell and next step. Pure.

A batch is taken in whole or not at all, so everything that is wrong is said at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median

import numpy as np

from xunhe.domain.external import Entry, ExternalValue, Problem
from xunhe.water.indicators import INDICATORS
from xunhe.water.suspect_series import is_thousandfold
from xunhe.water.suspects import place_moved

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # a year that was mistyped
_FEWEST = 3  # values of a property, before a factor of a thousand is anybody's guess

Places = Mapping[str, tuple[float, float]]  # code → (lon, lat)
Usual = Mapping[tuple[str, str], float]  # (place, property) → median of what is known


def check(entries: Sequence[Entry], places: Places, usual: Usual, now: datetime) -> list[Problem]:
    """Everything wrong with these entries; an empty list for nothing."""
    first_of_row: dict[int, Entry] = {}
    for entry in entries:
        first_of_row.setdefault(entry.where.row, entry)
    return [
        *(problem for entry in first_of_row.values() for problem in _of_row(entry, places, now)),
        *(problem for entry in entries for problem in _out_of_range(entry)),
        *_contradictions(entries),
        *_factors(entries, usual),
    ]


def without_repeats(entries: Sequence[Entry]) -> list[Entry]:
    """The first of each value that a batch holds several times."""
    kept: dict[ExternalValue, Entry] = {}
    for entry in entries:
        kept.setdefault(entry.value, entry)
    return list(kept.values())


def _of_row(entry: Entry, places: Places, now: datetime) -> Iterator[Problem]:
    value, where = entry.value, entry.where
    if value.place not in places:
        yield Problem(
            where, f"站点 {value.place} 未登记", f"{value.place} is not registered: add it first"
        )
    elif entry.lon_lat is not None and (
        moved := place_moved(places[value.place], entry.lon_lat, value.time.timestamp())
    ):
        yield Problem(where, moved.detail_zh, moved.detail_en)
    if not _EARLIEST <= value.time <= now:
        said = value.time.isoformat(" ", "minutes")
        yield Problem(
            where, f"时间 {said} 在未来或早于 1990 年", f"{said} is in the future or before 1990"
        )


def _out_of_range(entry: Entry) -> Iterator[Problem]:
    value, indicator = entry.value, INDICATORS[entry.value.prop]
    if indicator.least <= value.value <= indicator.greatest:
        return
    span = f"{indicator.least:g}—{indicator.greatest:g} {indicator.unit}".strip()
    hint_zh, hint_en = (
        ("，单位是否为 µg/L？", ": is it in µg/L?") if _may_be_micro(value) else ("", "")
    )
    yield Problem(
        entry.where,
        f"{indicator.name_zh} {value.value:g} 超出可能范围 {span}{hint_zh}",
        f"{indicator.name_en} {value.value:g} is outside {span}{hint_en}",
    )


def _may_be_micro(value: ExternalValue) -> bool:
    indicator = INDICATORS[value.prop]
    return indicator.unit == "mg/L" and 0 < value.value / 1000 <= indicator.greatest


def _contradictions(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Two values of one property at one place and instant; the same value twice is no matter."""
    first: dict[tuple[str, str, datetime], Entry] = {}
    for entry in entries:
        value = entry.value
        known = first.setdefault((value.place, value.prop, value.time), entry)
        if known.value != value:
            yield Problem(
                entry.where,
                f"与{known.where.zh}同站同时，数值不同（{known.value.value:g}、{value.value:g}）",
                f"contradicts {known.where.en}: {known.value.value:g} and {value.value:g}",
            )


def _factors(entries: Sequence[Entry], usual: Usual) -> Iterator[Problem]:
    """A property that is a thousand times what its places usually have."""
    ratios: dict[str, list[tuple[float, Entry]]] = {}
    for entry in entries:
        value = entry.value
        before = usual.get((value.place, value.prop), 0.0)
        if before > 0 and value.value > 0:
            ratios.setdefault(value.prop, []).append((value.value / before, entry))
    for prop, found in ratios.items():
        factor = median(ratio for ratio, _ in found)
        if len(found) >= _FEWEST and is_thousandfold(np.array(factor)):
            yield Problem(
                found[0][1].where,
                f"{INDICATORS[prop].name_zh}是平常的 {factor:.3g} 倍：是否混用了 mg/L 与 µg/L？",
                f"{INDICATORS[prop].name_en} is {factor:.3g} times the usual: mg/L or µg/L?",
            )
