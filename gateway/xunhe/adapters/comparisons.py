"""Comparisons with neighbouring stations, made anew only when somebody's hours have changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from xunhe.water.qc import Qualified
from xunhe.water.qc.checks import Flags
from xunhe.water.qc.limits import NeighbourLimits
from xunhe.water.qc.neighbours import compare, of_samples
from xunhe.water.series import Hourly, Series, worst


@dataclass(frozen=True, slots=True)
class _Made:
    own: Hourly
    others: Sequence[Hourly]
    flags: Flags

    def is_of(self, own: Hourly, others: Sequence[Hourly]) -> bool:
        same = len(others) == len(self.others) and own is self.own
        return same and all(a is b for a, b in zip(others, self.others, strict=True))


class Comparisons:
    """The newest comparison of each property of each station."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], _Made] = {}

    def of(
        self,
        key: tuple[str, str],
        own: Hourly,
        others: Sequence[Hourly],
        limits: NeighbourLimits,
    ) -> Flags:
        """Flags of the hours of `own`, shape (len(own),); `key` is the station and property."""
        made = self._made.get(key)
        if made is None or not made.is_of(own, others):
            made = self._made[key] = _Made(own, others, compare(own, others, limits))
        return made.flags


def with_neighbours(checked: Qualified, raw: Series, own: Hourly, hours: Flags) -> Qualified:
    """What was checked, and the comparison with the neighbours."""
    flags = of_samples(raw.times_s, raw.values, own, hours)
    by_check = {**checked.by_check, "neighbours": flags}
    return Qualified(worst(checked.flags, flags), by_check)
