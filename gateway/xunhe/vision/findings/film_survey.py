"""A film without poses: what floats in it, on its own time axis, without places or sizes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.ellipse import Covariance
from xunhe.domain.finding import FlightFinding
from xunhe.vision.findings import telling, told
from xunhe.vision.findings.film_chart import STEP_S, FilmChart, chart_of, nearness
from xunhe.vision.findings.joining import Believed, Joining, grouped
from xunhe.vision.findings.looking import Seen
from xunhe.vision.findings.sighting import Point, sighted
from xunhe.vision.findings.told import Clock, Told

_GAP_S = 3 * STEP_S


@dataclass(slots=True)
class FilmSurvey:
    """Takes frames in the order of time, all of one size."""

    width_px: int
    chart: FilmChart = field(default_factory=FilmChart)
    joining: Joining = field(init=False)

    def __post_init__(self) -> None:
        self.joining = Joining(nearness(self.width_px))

    def take(self, time_s: float, bgr: NDArray[np.uint8], seen: Sequence[Seen]) -> None:
        """A frame (H, W, 3) and what the detector saw on it."""
        onto = self.chart.take(time_s, bgr)
        self.joining.take(onto, list(sighted(onto, seen, time_s)))

    def found(self, clock: Clock) -> Iterator[Told]:
        """Everything that floats; whether in the river, nobody knows."""
        groups = grouped(self.joining.believed(), nearness(self.width_px).together)
        for group in _bridged(groups):
            told_of = told.of_pieces(group, _nowhere, clock)
            yield replace(told_of, finding=_counted(told_of.finding, group))


def _bridged(groups: Iterable[list[Believed]]) -> list[list[Believed]]:
    """Groups of different charts that follow each other at once as one.

    Where the chart breaks, nobody can say whether it is the same thing: told as one time of litter.
    """
    bridged: list[list[Believed]] = []
    for group in sorted(groups, key=lambda one: _span(one)[0]):
        before = next((one for one in bridged if _follows(one, group)), None)
        if before is None:
            bridged.append(list(group))
        else:
            before += group
    return bridged


def _follows(before: list[Believed], group: list[Believed]) -> bool:
    (one, _), (other, _) = before[-1], group[0]
    gap_s = _span(group)[0] - _span(before)[1]
    is_elsewhere = chart_of(one.at) != chart_of(other.at)
    return one.kind is other.kind and is_elsewhere and 0 < gap_s <= _GAP_S


def _span(group: list[Believed]) -> tuple[float, float]:
    times = [one.time_s for thing, _ in group for one in thing.sightings]
    return min(times), max(times)


def _counted(finding: FlightFinding, group: list[Believed]) -> FlightFinding:
    """At least so many pieces: the most of one chart."""
    charts = {chart_of(thing.at) for thing, _ in group}
    most = max(sum(chart_of(thing.at) == chart for thing, _ in group) for chart in charts)
    zh, en = telling.of_pieces(finding.kind, most, None, finding.frames)
    return replace(finding, count=most, reason_zh=zh, reason_en=en)


def _nowhere(_at: Point, _covariance: Covariance) -> None:
    return None
