"""Things, plumes and changes as findings, each with the picture that shows it best."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from xunhe.domain.ellipse import Covariance
from xunhe.domain.finding import FindingKind, FlightFinding, FoundAt
from xunhe.vision.findings import telling
from xunhe.vision.findings.bank_change import BankChange
from xunhe.vision.findings.joining import Believed
from xunhe.vision.findings.plume import Plume
from xunhe.vision.findings.sighting import Point, Sighting
from xunhe.vision.geometry import Box

_CHANGE_CONFIDENCE = 0.5  # something is new; whether it matters nobody has said

Clock = Callable[[float], datetime | None]
Placed = Callable[[Point, Covariance], FoundAt | None]


def clock_from(begun_at: datetime | None) -> Clock:
    """Instants of the film's seconds; None where nobody knows when it began."""
    return lambda time_s: None if begun_at is None else begun_at + timedelta(seconds=time_s)


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame of the film, and the boxes to draw on it, in its pixels."""

    time_s: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, and the frame that shows it best."""

    finding: FlightFinding
    shot: Shot | None


@dataclass(frozen=True, slots=True)
class Seeing:
    """When a place was in the picture; the frame that shows it best, and how unsure that is."""

    first_s: float
    last_s: float
    frames: int
    shot: Shot
    covariance: Covariance


def of_pieces(group: Sequence[Believed], placed: Placed, clock: Clock) -> Told:
    """Litter or mats that lie together."""
    things = [thing for thing, _ in group]
    sightings = [one for thing in things for one in thing.sightings]
    areas = [thing.area_m2 for thing in things if thing.area_m2 is not None]
    times = {one.time_s for one in sightings}
    area_m2 = sum(areas) if areas else None
    middle = np.mean([thing.at for thing in things], axis=0).tolist()
    surest = max(things, key=lambda thing: thing.best.score)
    zh, en = telling.of_pieces(surest.kind, len(things), area_m2, len(times))
    finding = FlightFinding(
        id="",
        kind=surest.kind,
        first_s=min(times),
        last_s=max(times),
        first_at=clock(min(times)),
        last_at=clock(max(times)),
        at=placed((middle[0], middle[1]), surest.covariance),
        area_m2=area_m2,
        count=len(things),
        frames=len(times),
        confidence=max(confidence for _, confidence in group),
        reason_zh=zh,
        reason_en=en,
    )
    return Told(finding, _best_shot(sightings))


def of_plume(plume: Plume, at: FoundAt, seeing: Seeing, clock: Clock) -> Told:
    """Coloured water."""
    words = telling.of_plume(plume)
    made = _of_place(FindingKind.PLUME, at, seeing, clock, words)
    finding = replace(made, area_m2=plume.area_m2, confidence=plume.confidence)
    return Told(finding, seeing.shot)


def of_change(change: BankChange, at: FoundAt, seeing: Seeing, clock: Clock) -> Told:
    """Something new on a bank."""
    words = telling.of_change(change)
    made = _of_place(FindingKind.BANK_CHANGE, at, seeing, clock, words)
    finding = replace(made, area_m2=change.area_m2, confidence=_CHANGE_CONFIDENCE)
    return Told(finding, seeing.shot)


def numbered(told: Iterable[Told]) -> list[Told]:
    """In the order of the river, or of the film where nobody knows the place: F01, F02, …"""
    ordered = sorted(told, key=_order)
    return [
        replace(one, finding=replace(one.finding, id=f"F{number:02d}"))
        for number, one in enumerate(ordered, start=1)
    ]


def _order(one: Told) -> tuple[float, float]:
    kilometre = one.finding.kilometre
    return float("inf") if kilometre is None else kilometre, one.finding.first_s


def _of_place(
    kind: FindingKind, at: FoundAt, seeing: Seeing, clock: Clock, words: telling.Words
) -> FlightFinding:
    return FlightFinding(
        id="",
        kind=kind,
        first_s=seeing.first_s,
        last_s=seeing.last_s,
        first_at=clock(seeing.first_s),
        last_at=clock(seeing.last_s),
        at=at,
        area_m2=None,
        count=1,
        frames=seeing.frames,
        confidence=0.0,
        reason_zh=words[0],
        reason_en=words[1],
    )


def _best_shot(sightings: Sequence[Sighting]) -> Shot:
    """The frame on which most is seen, and most surely."""
    by_time: dict[float, list[Sighting]] = defaultdict(list)
    for one in sightings:
        by_time[one.time_s].append(one)
    best = max(by_time, key=lambda time_s: sum(one.score for one in by_time[time_s]))
    return Shot(best, tuple(one.box for one in by_time[best]))
