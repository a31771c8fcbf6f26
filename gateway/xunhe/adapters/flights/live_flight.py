"""A flight while it goes on: frames with their poses in, the flight as it stands out.

A thing that was told keeps its id until the landing, however much more is seen of it; coloured
water is looked for once the whole way is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.finding import FindingKind
from xunhe.domain.flight import Flight, PathPoint
from xunhe.domain.registry import Reach
from xunhe.vision.eyes import Eyes
from xunhe.vision.findings import told
from xunhe.vision.findings.joining import METRES, Believed, grouped
from xunhe.vision.findings.looking import look
from xunhe.vision.findings.seen_river import coverage, density
from xunhe.vision.findings.survey import Survey
from xunhe.vision.findings.told import Shot, Told
from xunhe.vision.findings.water import Water
from xunhe.vision.georeference.placing import View

Image = NDArray[np.uint8]

_WATERSIDE_M = 8.0
_HALF_WIDTH_M = 60.0  # of the unrolled river
_PATH_EVERY_S = 1.0
_LEAST_FRAMES = 2  # while it flies; what one frame alone shows is told once it has landed
_MARK: tuple[int, int, int] = (20, 72, 217)  # BGR
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]


@dataclass(slots=True)
class LiveFlight:
    """One flight of a drone over a reach; `began_s` in Unix seconds, times count from there."""

    drone: str
    reach: Reach
    water: Water
    eyes: Eyes
    began_s: float
    survey: Survey = field(init=False)
    _path: list[PathPoint] = field(default_factory=list)
    _frames: dict[float, Image] = field(default_factory=dict)  # those that show something
    _lasts_s: float = 0.0

    def __post_init__(self) -> None:
        self.survey = Survey.of(self.reach, self.water, _HALF_WIDTH_M)

    def fly(self, time_s: float, lon_lat: tuple[float, float], height_m: float | None) -> None:
        """Where it is, for the path."""
        self._lasts_s = max(self._lasts_s, time_s)
        if not self._path or time_s - self._path[-1].time_s >= _PATH_EVERY_S:
            self._path.append(PathPoint(time_s, self._instant(time_s), lon_lat, height_m))

    def see(self, time_s: float, bgr: Image, view: View) -> None:
        """A frame (H, W, 3), in the order of time."""
        seen = look(self.eyes.detector, bgr, self.water.mask(view, _WATERSIDE_M))
        self.survey.ribbon.take(bgr, view)
        self.survey.take(time_s, view, seen)
        if seen:
            self._frames[time_s] = bgr
            shown = {one.shot.time_s for one in self._pieces() if one.shot}
            self._frames = {at: kept for at, kept in self._frames.items() if at in shown}

    def so_far(self) -> tuple[Flight, dict[str, bytes]]:
        """The flight as it stands, with a picture of each finding, JPEG by its id."""
        return self._told([one for one in self._pieces() if one.finding.frames >= _LEAST_FRAMES])

    def landed(self) -> tuple[Flight, dict[str, bytes]]:
        """The whole flight, with coverage, density, and the water's colour."""
        found = self.survey.found(self._instant)
        strange = [one for one in found if one.finding.kind is FindingKind.PLUME]
        named = [
            replace(one, finding=replace(one.finding, id=f"P{number:02d}"))
            for number, one in enumerate(strange, 1)
        ]
        flight, pictures = self._told([*self._pieces(), *named])
        ribbon = self.survey.ribbon
        seen = coverage(self.reach, ribbon, ribbon.under_water(self.water))
        return replace(flight, coverage=seen, density=density(seen, self._litter())), pictures

    def _pieces(self) -> Iterator[Told]:
        """What floats; a group is named by the thing in it that was seen first."""
        numbers = {id(thing): i for i, thing in enumerate(self.survey.joining.things, 1)}
        for group in grouped(self.survey.afloat(), METRES.together):
            first = min(numbers[id(thing)] for thing, _ in group)
            made = told.of_pieces(group, self.survey.placed, self._instant)
            yield replace(made, finding=replace(made.finding, id=f"L{first:03d}"))

    def _litter(self) -> Iterator[tuple[float, float]]:
        for thing, _ in self._afloat(FindingKind.LITTER):
            yield self.survey.position_m(thing.at), thing.area_m2 or 0.0

    def _afloat(self, kind: FindingKind) -> list[Believed]:
        return [one for one in self.survey.afloat() if one[0].kind is kind]

    def _told(self, found: list[Told]) -> tuple[Flight, dict[str, bytes]]:
        pictures = {
            one.finding.id: _marked(self._frames[one.shot.time_s], one.shot)
            for one in found
            if one.shot and one.shot.time_s in self._frames
        }
        findings = tuple(
            replace(one.finding, picture=f"{one.finding.id}.jpg")
            if one.finding.id in pictures
            else one.finding
            for one in found
        )
        began_at = self._instant(0.0)
        flight = Flight(
            id=sha256(f"{self.drone} {began_at.isoformat()}".encode()).hexdigest()[:16],
            film="实时 live",
            drone=self.drone,
            reach=self.reach.code,
            started_at=began_at,
            ended_at=self._instant(self._lasts_s),
            lasts_s=self._lasts_s,
            path=tuple(self._path),
            coverage=None,
            density=(),
            findings=findings,
            frames_looked_at=len(self.survey.views),
            compared_with=None,
            models={"debris": self.eyes.sha256["debris"]},
        )
        return flight, pictures

    def _instant(self, time_s: float) -> datetime:
        return datetime.fromtimestamp(self.began_s + time_s, UTC)


def _marked(bgr: Image, shot: Shot) -> bytes:
    """The frame with its boxes, as JPEG."""
    drawn = bgr.copy()
    for box in shot.boxes:
        left, top, right, bottom = (round(side) for side in box)
        cv2.rectangle(drawn, (left - 4, top - 4), (right + 4, bottom + 4), _MARK, 2, cv2.LINE_AA)
    _, data = cv2.imencode(".jpg", drawn, _QUALITY)
    return bytes(data.tobytes())
