"""Suspicions that only a series shows: a factor of a thousand, a stuck probe, a moved station."""

from collections.abc import Iterator, Mapping
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.observation import FAIL
from xunhe.water.series import HOUR_S, Hourly, Series
from xunhe.water.suspects import Suspect, SuspectKind

STUCK_S = HOUR_S

_FACTOR_SLACK = 0.3  # in powers of ten: between half and double of a thousand
_FEWEST_HOURS = 6  # before anything may be called usual
_FEWEST_VALUES = 3
_GAP_S = 2 * HOUR_S  # between hours with samples: at least one without, to carry a buoy away
_AROUND_H = 24  # hours before and after a gap; a discharge does not fill half of them
_SHIFT_SIGMAS = 6.0
_LEAST_SPREAD = 0.02  # of the level: still water looks calmer than it is


def find_suspects(series: Mapping[str, Series], hourly: Mapping[str, Hourly]) -> list[Suspect]:
    """Everything suspicious in a station's recent series, by property.

    `hourly` are the same properties' medians of the last two weeks: they say what is usual here.
    """
    found = [
        suspect
        for prop, one in series.items()
        for suspect in chain(
            not_a_number(prop, one), unit_factor(prop, one, hourly.get(prop)), stuck(prop, one)
        )
    ]
    moved = station_moved(hourly)
    return found if moved is None else [*found, moved]


def not_a_number(prop: str, series: Series) -> Iterator[Suspect]:
    """Values that claim to be usable and are no numbers."""
    for first, end in _runs(~np.isfinite(series.values) & (series.flags < FAIL)):
        yield _at(
            SuspectKind.NOT_A_NUMBER,
            prop,
            series.times_s[first:end],
            f"{end - first} 个值标为可用，却不是数字",
            f"{end - first} values are called usable and are no numbers",
        )


def unit_factor(prop: str, series: Series, usual: Hourly | None) -> Iterator[Suspect]:
    """mg/L taken for µg/L or the other way: values in a row a thousand times what is usual.

    Half to double of a thousand counts, three values in a row make a suspicion. What is usual needs
    six hours before the series. The range check may have spoken of these values already.
    """
    before = np.empty(0) if usual is None else usual.medians[_earlier(usual, series)]
    before = before[before > 0]
    if len(before) < _FEWEST_HOURS:
        return
    is_there = np.isfinite(series.values) & (series.values > 0)
    times_s, ratios = series.times_s[is_there], series.values[is_there] / np.median(before)
    for first, end in _runs(is_thousandfold(ratios)):
        if end - first >= _FEWEST_VALUES:
            factor = float(np.median(ratios[first:end]))
            yield _at(
                SuspectKind.UNIT_FACTOR,
                prop,
                times_s[first:end],
                f"数值是平常的 {factor:.3g} 倍：是否混用了 mg/L 与 µg/L？",
                f"values are {factor:.3g} times the usual: were mg/L and µg/L mixed up?",
            )


def is_thousandfold(ratios: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which ratios (above 0) are near 1000 or near 1/1000, as between mg/L and µg/L?"""
    powers = np.abs(np.log10(ratios))
    return np.asarray(np.abs(powers - 3) <= _FACTOR_SLACK)


def stuck(prop: str, series: Series) -> Iterator[Suspect]:
    """The same value again and again for an hour, from a probe that otherwise moves.

    Otherwise: of the other pairs of neighbours, at least as many as the run has, fewer than a
    third are equal. Clean water at the end of the scale may repeat itself and is left alone.
    """
    is_there = np.isfinite(series.values)
    times_s, values = series.times_s[is_there], series.values[is_there]
    is_equal = np.diff(values) == 0
    for first, last in _runs(is_equal):  # of pairs: the values are first to last, inclusive
        length, equal = last - first, int(is_equal.sum())
        others = len(is_equal) - length
        is_lively = others >= length and 3 * (equal - length) < others
        if times_s[last] - times_s[first] >= STUCK_S and is_lively:
            hours = (times_s[last] - times_s[first]) / HOUR_S
            yield _at(
                SuspectKind.STUCK,
                prop,
                times_s[first : last + 1],
                f"连续 {hours:.1f} 小时为同一数值 {values[first]:g}：请检查探头",
                f"the same value {values[first]:g} for {hours:.1f} h: check the probe",
            )


def station_moved(hourly: Mapping[str, Hourly]) -> Suspect | None:
    """After a gap of an hour or more, two properties at once stay elsewhere for half a day.

    A probe that was cleaned shifts one property, a discharge ends, a season moves slowly.
    """
    starts_s = np.unique(np.concatenate([h.starts_s for h in hourly.values()] or [np.empty(0)]))
    for before_s, after_s in pairwise(starts_s.tolist()):
        if after_s - before_s < _GAP_S:
            continue
        shifted = [prop for prop, one in hourly.items() if _has_shifted(one, before_s, after_s)]
        if len(shifted) > 1:
            names = ", ".join(sorted(shifted))
            return Suspect(
                SuspectKind.STATION_MOVED,
                "",
                after_s,
                float(starts_s[-1]) + HOUR_S,
                f"中断后 {names} 同时整体偏移：站点是否移位？",
                f"after a gap {names} moved together and stayed: was the station moved?",
            )
    return None


def _at(kind: SuspectKind, prop: str, times_s: NDArray[np.float64], zh: str, en: str) -> Suspect:
    return Suspect(kind, prop, float(times_s[0]), float(times_s[-1]), zh, en)


def _earlier(usual: Hourly, series: Series) -> NDArray[np.bool_]:
    first_s = series.times_s[0] if len(series) else np.inf
    return usual.starts_s + HOUR_S <= first_s


def _runs(is_equal: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """[first, last) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_equal, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _has_shifted(hourly: Hourly, before_s: float, after_s: float) -> bool:
    span_s = _AROUND_H * HOUR_S
    before = _known(hourly, before_s - span_s + HOUR_S, before_s)
    after = _known(hourly, after_s, after_s + span_s - HOUR_S)
    if min(len(before), len(after)) < _AROUND_H // 2:
        return False
    level = float(np.median(before))
    spread = max(_sigma(before), _sigma(after), _LEAST_SPREAD * abs(level))
    return abs(float(np.median(after)) - level) > _SHIFT_SIGMAS * spread


def _known(hourly: Hourly, first_s: float, last_s: float) -> NDArray[np.float64]:
    is_then = (hourly.starts_s >= first_s) & (hourly.starts_s <= last_s)
    medians = hourly.medians[is_then]
    return medians[np.isfinite(medians)]


def _sigma(values: NDArray[np.float64]) -> float:
    """Robust spread, the daily cycle included: 1.4826 · MAD."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
