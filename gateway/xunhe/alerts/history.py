"""The recent samples of one station, in the order of their own time."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from xunhe.domain.observation import Sample

_time = attrgetter("time")


class History:
    """Samples of the last `keep`; late ones find their place, still older ones are passed by."""

    def __init__(self, keep: timedelta) -> None:
        self._keep = keep
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Put a sample in its place and forget what is too old."""
        insort(self._samples, sample, key=_time)
        horizon = self._samples[-1].time - self._keep
        del self._samples[: bisect_left(self._samples, horizon, key=_time)]

    def until(self, at: datetime) -> Sequence[Sample]:
        """The samples up to and including an instant."""
        end = bisect_left(self._samples, at + timedelta(microseconds=1), key=_time)
        return self._samples[:end]
