"""Pollutant flux through a section: the sum of C·Q·Δt, and what it does not cover beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.water.series import Series

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gap:
    """A span without usable values, s since 1970."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Flux:
    """`kilograms` that passed in `covered_s` of `span_s`; nothing is added for the gaps."""

    kilograms: float
    covered_s: float
    span_s: float
    gaps: tuple[Gap, ...]

    @property
    def covered_share(self) -> float:
        """Share of the span that the sum rests on, 0..1."""
        return self.covered_s / self.span_s


def flux(
    concentration: Series, discharge: Series, from_s: float, to_s: float, longest_gap_s: float
) -> Flux:
    """Flux of a property (mg/L) by a discharge (m³/s) from `from_s` to `to_s`.

    Between neighbouring usable samples both go straight; neighbours further apart than
    `longest_gap_s`, in either series, leave a gap. ValueError for a span that is not above 0 s.
    """
    if not from_s < to_s:
        raise ValueError(f"a flux needs a span: from {from_s:g} s to {to_s:g} s is none")
    c, q = _usable(concentration), _usable(discharge)
    times_s = np.unique(np.concatenate(([from_s, to_s], c[0], q[0])))
    times_s = times_s[(from_s <= times_s) & (times_s <= to_s)]
    middles_s, steps_s = (times_s[1:] + times_s[:-1]) / 2, np.diff(times_s)
    known = _is_bridged(c[0], middles_s, longest_gap_s) & _is_bridged(
        q[0], middles_s, longest_gap_s
    )
    grams = steps_s * _mean_product(c, q, times_s)  # mg/L is g/m³
    return Flux(
        kilograms=float(grams[known].sum()) / 1000,
        covered_s=float(steps_s[known].sum()),
        span_s=to_s - from_s,
        gaps=tuple(_gaps(times_s, known)),
    )


def _usable(series: Series) -> tuple[Array, Array]:
    kept = series.is_usable
    return series.times_s[kept], series.values[kept]


def _is_bridged(at_s: Array, middles_s: Array, longest_gap_s: float) -> NDArray[np.bool_]:
    """Whether each instant lies between two samples that are near enough to each other."""
    if len(at_s) < 2:
        return np.zeros(len(middles_s), np.bool_)
    after = np.searchsorted(at_s, middles_s)
    inside = (after > 0) & (after < len(at_s))
    right = after.clip(1, len(at_s) - 1)
    bridged: NDArray[np.bool_] = inside & (at_s[right] - at_s[right - 1] <= longest_gap_s)
    return bridged


def _mean_product(c: tuple[Array, Array], q: tuple[Array, Array], times_s: Array) -> Array:
    """Mean of C·Q over each step; both are straight there, so Simpson's rule is exact."""
    if not len(c[0]) or not len(q[0]):
        return np.zeros(len(times_s) - 1)
    begin, end = times_s[:-1], times_s[1:]
    products = [np.interp(at, *c) * np.interp(at, *q) for at in (begin, (begin + end) / 2, end)]
    mean: Array = (products[0] + 4 * products[1] + products[2]) / 6
    return mean


def _gaps(times_s: Array, known: NDArray[np.bool_]) -> list[Gap]:
    gaps: list[Gap] = []
    for begin, end, is_known in zip(times_s[:-1], times_s[1:], known, strict=True):
        if is_known:
            continue
        if gaps and gaps[-1].to_s == begin:
            gaps[-1] = Gap(gaps[-1].from_s, float(end))
        else:
            gaps.append(Gap(float(begin), float(end)))
    return gaps
