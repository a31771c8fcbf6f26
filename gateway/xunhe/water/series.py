"""Series: one property of one station through time, and its medians by the hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.observation import MISSING, USABLE_FLAGS, Sample

HOUR_S = 3600.0

# As ioos_qc's qartod_compare: a check that passed says more than one that could not be made.
WORST_FIRST = (4, 3, 1, 2, 9)
_RANK = np.zeros(10, np.int8)
_RANK[list(WORST_FIRST)] = range(len(WORST_FIRST), 0, -1)
_IS_USABLE = np.isin(np.arange(10), sorted(USABLE_FLAGS))


@dataclass(frozen=True, slots=True)
class Series:
    """One property of one station: three arrays of one shape (n,).

    `times_s` are seconds since 1970 UTC, strictly ascending; `values` have the property's unit and
    NaN where nothing is there; `flags` are QARTOD's 1, 2, 3, 4, 9, the worst of the device's and
    the gateway's. Raises ValueError for other shapes, orders or flags.
    """

    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    flags: NDArray[np.int8]

    def __post_init__(self) -> None:
        if (
            not self.times_s.shape == self.values.shape == self.flags.shape
            or self.times_s.ndim != 1
        ):
            raise ValueError(
                f"a series needs three arrays of one length: times {self.times_s.shape},"
                f" values {self.values.shape}, flags {self.flags.shape}"
            )
        if not np.all(np.diff(self.times_s) > 0):  # NaN among the times fails as well
            raise ValueError("the times of a series must ascend without duplicates")
        if not _is_flag(self.flags).all():
            raise ValueError(f"flags are {sorted(WORST_FIRST)}, not {set(self.flags.tolist())}")

    def __len__(self) -> int:
        return len(self.times_s)

    @classmethod
    def of(cls, samples: Iterable[Sample], prop: str) -> Self:
        """The series of a property from samples in any order; of two at one instant the last."""
        at = {
            sample.time.timestamp(): sample.values.get(prop, (None, MISSING)) for sample in samples
        }
        times_s = sorted(at)
        pairs = [at[time_s] for time_s in times_s]
        return cls(
            np.array(times_s, np.float64),
            np.array([np.nan if value is None else value for value, _ in pairs], np.float64),
            np.array([flag for _, flag in pairs], np.int8),
        )

    @property
    def is_usable(self) -> NDArray[np.bool_]:
        """Where a value is there and its flag lets it be judged, shape (n,)."""
        return np.isfinite(self.values) & _IS_USABLE[self.flags]

    @property
    def usable_values(self) -> NDArray[np.float64]:
        """The values with NaN wherever they may not be judged, shape (n,)."""
        return np.where(self.is_usable, self.values, np.nan)

    def between(self, from_s: float, to_s: float) -> "Series":
        """The part with from_s ≤ time < to_s; views, no copies."""
        first, last = np.searchsorted(self.times_s, (from_s, to_s))
        return Series(self.times_s[first:last], self.values[first:last], self.flags[first:last])

    def flagged(self, flags: NDArray[np.int8]) -> "Series":
        """This series with the worse of its own and the given flags."""
        return Series(self.times_s, self.values, worst(self.flags, flags))


@dataclass(frozen=True, slots=True)
class Hourly:
    """Medians of a property per hour of the river's clock: three arrays of one shape (n,).

    `starts_s` ascend and lie on whole hours; hours without any sample are left out, hours without
    a usable one have the median NaN and the count 0.
    """

    starts_s: NDArray[np.float64]
    medians: NDArray[np.float64]
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.starts_s)


def _is_flag(flags: NDArray[np.int8]) -> NDArray[np.bool_]:
    return np.asarray(((flags >= 1) & (flags <= 4)) | (flags == 9))


def worst(one: NDArray[np.int8], other: NDArray[np.int8]) -> NDArray[np.int8]:
    """The worse of two arrays of flags, elementwise: 4, 3, 1, 2, 9 from worst to best."""
    return np.where(_RANK[one] >= _RANK[other], one, other).astype(np.int8)


def hourly(series: Series, utc_offset_s: float = 0.0) -> Hourly:
    """Medians of the usable values by the hour; `utc_offset_s` moves to the river's clock.

    The starts stay seconds since 1970 UTC, so zones off by half an hour have starts at :30.
    """
    hours = np.floor((series.times_s + utc_offset_s) / HOUR_S)
    starts, first = np.unique(hours, return_index=True)
    usable = np.split(series.usable_values, first[1:]) if len(starts) else []
    kept = [values[~np.isnan(values)] for values in usable]
    return Hourly(
        starts * HOUR_S - utc_offset_s,
        np.array([np.median(values) if len(values) else np.nan for values in kept], np.float64),
        np.array([len(values) for values in kept], np.int32),
    )
