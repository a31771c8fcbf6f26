"""The newest samples of one station in columns, ready to be judged."""

from collections.abc import Iterable, Mapping

import numpy as np

from xunhe.domain.observation import MISSING
from xunhe.water.series import Series

_LEAST_ROOM = 64


class Buffer:
    """Everything that a station measured from `from_s` to `to_s` (infinite: it grows), by property.

    Holds float64 values and int8 flags, NaN and MISSING where a sample lacks a property.
    """

    def __init__(self, props: Iterable[str], from_s: float, to_s: float) -> None:
        self.props = tuple(props)
        self.from_s, self.to_s = from_s, to_s
        self._n = 0
        self._times_s = np.empty(_LEAST_ROOM)
        self._values = np.empty((len(self.props), _LEAST_ROOM))
        self._flags = np.empty((len(self.props), _LEAST_ROOM), np.int8)

    def covers(self, from_s: float, to_s: float) -> bool:
        """Is everything of that span in here?"""
        return self.from_s <= from_s and to_s <= self.to_s

    def put(self, time_s: float, values: Mapping[str, tuple[float | None, int]]) -> bool:
        """Insert a sample in the order of time; False where it does not fit in.

        It does not with a property that is new here, or at an instant that is taken by others; the
        same sample again changes nothing.
        """
        at = int(np.searchsorted(self._times_s[: self._n], time_s))
        if at < self._n and self._times_s[at] == time_s:
            return self._holds(at, values)
        if not values.keys() <= set(self.props):
            return False
        if self._n == len(self._times_s):
            self._double()
        self._move(at, at + 1)
        self._n += 1
        self._times_s[at] = time_s
        for row, prop in enumerate(self.props):
            value, flag = values.get(prop, (None, MISSING))
            self._values[row, at] = np.nan if value is None else value
            self._flags[row, at] = flag
        return True

    def between(self, from_s: float, to_s: float) -> dict[str, Series]:
        """Copies of the samples with from_s ≤ time ≤ to_s, by property."""
        times_s = self._times_s[: self._n]
        first = int(np.searchsorted(times_s, from_s, "left"))
        last = int(np.searchsorted(times_s, to_s, "right"))
        kept = times_s[first:last].copy()
        return {
            prop: Series(
                kept, self._values[row, first:last].copy(), self._flags[row, first:last].copy()
            )
            for row, prop in enumerate(self.props)
        }

    def drop_before(self, from_s: float) -> None:
        """Forget what is older."""
        first = int(np.searchsorted(self._times_s[: self._n], from_s))
        self.from_s = from_s
        self._move(first, 0)
        self._n -= first

    def _holds(self, at: int, values: Mapping[str, tuple[float | None, int]]) -> bool:
        there = zip(self.props, self._values[:, at].tolist(), self._flags[:, at], strict=True)
        found = {p: (None if np.isnan(v) else v, int(f)) for p, v, f in there if f != MISSING}
        return found == {p: (v, f) for p, (v, f) in values.items() if f != MISSING}

    def _move(self, begin: int, to: int) -> None:
        """Shift everything from a position on to another one."""
        end = to + self._n - begin
        self._times_s[to:end] = self._times_s[begin : self._n]
        self._values[:, to:end] = self._values[:, begin : self._n]
        self._flags[:, to:end] = self._flags[:, begin : self._n]

    def _double(self) -> None:
        self._times_s = np.concatenate((self._times_s, np.empty_like(self._times_s)))
        self._values = np.concatenate((self._values, np.empty_like(self._values)), axis=1)
        self._flags = np.concatenate((self._flags, np.empty_like(self._flags)), axis=1)
