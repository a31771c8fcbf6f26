"""The same thing on many frames, joined by its place on the ground.

A thing that floats moves on between two looks, by about the current; the poses of neighbouring
frames err mostly alike. So what was seen next belongs to the nearest thing within a few metres.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import hypot

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.ellipse import Covariance
from xunhe.domain.finding import FindingKind
from xunhe.vision.findings.sighting import Chart, Point, Sighting

Array = NDArray[np.float64]

BELIEVED = 0.35  # of a thing's confidence: what stays in its place is no glint
_LOOKS, _LEAST_LOOKS = 3, 2  # that decide; a place is seen about three times


@dataclass(frozen=True, slots=True)
class Nearness:
    """How far apart, in the ground's unit, sightings of one thing may lie.

    `at_once` between two looks, more by `per_s` for the time between them, never above `most`.
    Things of one kind within `together` of each other are told as one finding.
    """

    at_once: float
    per_s: float
    most: float
    together: float

    def gate(self, gap_s: float) -> float:
        """The distance allowed after so many seconds."""
        return min(self.at_once + self.per_s * gap_s, self.most)


METRES = Nearness(1.5, 0.8, 8.0, 12.0)  # a river's current is seldom faster


@dataclass(slots=True)
class Thing:
    """One thing and its sightings, at least one, in the order of time."""

    kind: FindingKind
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def last(self) -> Sighting:
        """The newest."""
        return self.sightings[-1]

    @property
    def best(self) -> Sighting:
        """The surest."""
        return max(self.sightings, key=lambda one: one.score)

    @property
    def at(self) -> Point:
        """Its place: the mean, weighed by how sure each sighting's place is."""
        weights = [
            1 / (1e-6 + one.covariance[0][0] + one.covariance[1][1]) for one in self.sightings
        ]
        east, north = np.average(
            [one.at for one in self.sightings], axis=0, weights=weights
        ).tolist()
        return east, north

    @property
    def covariance(self) -> Covariance:
        """Of the surest place: a drone's errors are mostly the same from frame to frame."""
        return min((one.covariance for one in self.sightings), key=_variance)

    @property
    def area_m2(self) -> float | None:
        """The median."""
        known = [one.area_m2 for one in self.sightings if one.area_m2 is not None]
        return float(np.median(known)) if known else None

    def confidence(self, chances: int) -> float:
        """The mean of its three best scores; a look that showed its place but not it scores 0.

        What only one look could show is believed half as much.
        """
        scores = sorted((one.score for one in self.sightings), reverse=True)[:_LOOKS]
        return sum(scores) / min(_LOOKS, max(_LEAST_LOOKS, chances, len(scores)))


Believed = tuple[Thing, float]  # with its confidence


class Joining:
    """Takes frames in the order of time."""

    def __init__(self, nearness: Nearness = METRES) -> None:
        self._nearness = nearness
        self.things: list[Thing] = []
        self._charts: list[Chart] = []

    def take(self, chart: Chart, sightings: Sequence[Sighting]) -> None:
        """One frame and what was seen on it."""
        self._charts.append(chart)
        pairs = sorted(self._pairs(sightings), key=lambda pair: pair[0])
        taken: set[int] = set()
        grown: set[int] = set()
        for _, i, j in pairs:
            if i not in taken and j not in grown:
                taken.add(i)
                grown.add(j)
                self.things[j].sightings.append(sightings[i])
        for i, one in enumerate(sightings):
            if i not in taken:
                self.things.append(Thing(one.kind, [one]))

    def believed(self) -> list[Believed]:
        """Things that enough of the frames agree on, each with its confidence."""
        if not self.things:
            return []
        places = np.array([thing.at for thing in self.things])
        chances = np.sum([chart.shows(places) for chart in self._charts], axis=0).tolist()
        told = [
            (thing, thing.confidence(count))
            for thing, count in zip(self.things, chances, strict=True)
        ]
        return [(thing, confidence) for thing, confidence in told if confidence >= BELIEVED]

    def _pairs(self, sightings: Sequence[Sighting]) -> Iterator[tuple[float, int, int]]:
        """(distance, sighting, thing) of those that may be the same."""
        if not self.things:
            return
        lasts = [thing.last for thing in self.things]
        places = np.array([last.at for last in lasts])
        for i, one in enumerate(sightings):
            apart = np.hypot(*(places - one.at).T)
            for j in np.flatnonzero(apart <= self._nearness.most + _reach(one)).tolist():
                gap_s = one.time_s - lasts[j].time_s
                gate = self._nearness.gate(gap_s) + _reach(one)
                if lasts[j].kind is one.kind and gap_s > 0 and apart[j] <= gate:
                    yield float(apart[j]), i, j


def _reach(one: Sighting) -> float:
    """Half the side of a large thing, whose middle is anybody's guess."""
    return 0.0 if one.area_m2 is None else 0.5 * one.area_m2**0.5


def _variance(covariance: Covariance) -> float:
    return covariance[0][0] + covariance[1][1]


def grouped(things: Sequence[Believed], together: float) -> list[list[Believed]]:
    """Things of one kind that lie near each other, from one to the next, as groups."""
    groups: list[list[Believed]] = []
    for one in things:
        near = [group for group in groups if any(_is_near(one, each, together) for each in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(member for group in near for member in group), one])
    return groups


def _is_near(one: Believed, other: Believed, together: float) -> bool:
    (a, _), (b, _) = one, other
    return a.kind is b.kind and hypot(a.at[0] - b.at[0], a.at[1] - b.at[1]) <= together
