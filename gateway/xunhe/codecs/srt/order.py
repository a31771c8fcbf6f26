"""Which of two coordinates without a name is the longitude.

DJI writes the longitude first; some firmware does not. What a file itself shows comes before what
is usual: a coordinate above 90 is a longitude, and the distance from home fits one order better.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from statistics import median

from xunhe.codecs.srt.fields import Entry, Pair
from xunhe.domain.position import LonLat, distance_m

_FAR_M = 20.0  # from home, below which rounding hides which order fits
_FITS_BETTER = 3.0


class Order(Enum):
    """(is the longitude first, why in Chinese, why in English)."""

    NAMED = (False, "坐标有名称", "the coordinates are named")
    FIRST_BY_RANGE = (True, "经度在前：第一个数超过 90", "longitude first: it exceeds 90")
    SECOND_BY_RANGE = (False, "纬度在前：第二个数超过 90", "latitude first: the second exceeds 90")
    FIRST_BY_DISTANCE = (True, "经度在前：与离起飞点距离相符", "longitude first: fits distances")
    SECOND_BY_DISTANCE = (False, "纬度在前：与离起飞点距离相符", "latitude first: fits distances")
    FIRST_AS_USUAL = (True, "经度在前：按惯例", "longitude first: as usual, the file does not tell")

    @property
    def is_longitude_first(self) -> bool:
        """Whether the first number is the longitude."""
        return self.value[0]

    def __str__(self) -> str:
        return f"{self.value[1]} / {self.value[2]}"


def decide(entries: Sequence[Entry]) -> Order:
    """The order in the file that these entries are from."""
    if entries and entries[0].dialect == "bracketed":
        return Order.NAMED
    places = [_floats(entry.place) for entry in entries if entry.place is not None]
    if any(abs(first) > 90 for first, _ in places):
        return Order.FIRST_BY_RANGE
    if any(abs(second) > 90 for _, second in places):
        return Order.SECOND_BY_RANGE
    return _by_distance(entries)


def _by_distance(entries: Iterable[Entry]) -> Order:
    misfits = [
        _misfits(_floats(entry.place), _floats(entry.home), entry.distance_m)
        for entry in entries
        if entry.place and entry.home and entry.distance_m and entry.distance_m > _FAR_M
    ]
    if not misfits:
        return Order.FIRST_AS_USUAL
    first, second = (median(each) for each in zip(*misfits, strict=True))
    if _FITS_BETTER * first < second:
        return Order.FIRST_BY_DISTANCE
    if _FITS_BETTER * second < first:
        return Order.SECOND_BY_DISTANCE
    return Order.FIRST_AS_USUAL


def _misfits(place: LonLat, home: LonLat, told_m: float) -> tuple[float, float]:
    """Metres between the distance told and that in either order, longitude first and second."""
    first = distance_m(place, home)
    second = distance_m((place[1], place[0]), (home[1], home[0]))
    return abs(first - told_m), abs(second - told_m)


def _floats(pair: Pair) -> LonLat:
    return float(pair[0]), float(pair[1])
