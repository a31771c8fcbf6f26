"""What floats on a camera's water: gate, looks, tracks, belief, incidents.

Between forced scans the detector sees only what the gate or a track names, at most `detect_fps`
times a second; a thing that rests is left to the scans.
"""

from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.camera_desk import Labelled
from xunhe.domain.sight import Sight, SightKind
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings
from xunhe.vision.confirm import Doubt, doubt_of
from xunhe.vision.counts import Counts
from xunhe.vision.detection import DebrisDetector, Searcher, Viewing
from xunhe.vision.drift import Current, Motion
from xunhe.vision.gate import Change, Gate, Glimpse
from xunhe.vision.geometry import Box, Vector, covered_share, grown, sides
from xunhe.vision.incidents import Evidence, Key, Ledger
from xunhe.vision.light import Light
from xunhe.vision.stillness import SAME, likeness
from xunhe.vision.things import things_of, tracks_of
from xunhe.vision.tracker import Track, Tracker
from xunhe.vision.waters import Waters

Image = NDArray[np.uint8]

_YOUNG_S = 10.0  # a thing not believed by then no longer asks for the full rate
_OLD_S = 30.0  # nor, by then, for looks between the scans
_SETTLED_EVERY_S, _DOUBTFUL_EVERY_S, _REGIONS_EVERY_S = 0.95, 1.9, 0.95
_STIRRED_EVERY_S = 5.0  # surveys while the gate cannot tell things from waves
_ADAPTS_S = 3.0  # the camera's exposure after a light change
_LARGE = 0.15  # of the width: a change that may be a mat, which only the whole frame shows
_RESTS = 0.3  # of a resting thing's side, round it: its own bobbing
_OVERLOOKED = 10  # scans in a row for which its unchanged looks may speak for a resting thing
_PLAUSIBLE = 0.3  # score of a thing for which the full rate is worth its price


class FloatingWatch:
    """Litter and mats of one camera. `things` are rows of a memory."""

    def __init__(
        self,
        zones: Zones,
        waters: Waters,
        detector: DebrisDetector,
        settings: VisionSettings,
        ledger: Ledger,
        counts: Counts,
        things: Iterable[dict[str, Any]] = (),
    ) -> None:
        self._waters, self._settings, self._ledger = waters, settings, ledger
        self._counts = counts
        self._gate = Gate(waters.mask)
        self._searcher = Searcher(detector, waters.box, waters.width, waters.height)
        self._tracker = Tracker(
            waters.width, settings.lost_after_s, settings.gone_after_s, 2 * settings.scan_every_s
        )
        self._current = Current(
            zones.flow and (zones.flow[0] * waters.width, zones.flow[1] * waters.height)
        )
        for track in tracks_of(things, waters):
            self._tracker.restore(track)
        self._scanned_s: float | None = None
        self._surveyed_s = float("-inf")
        self._is_stirred = False
        self._evidence_s: float | None = None  # when absence was last counted
        self._unsure_until_s = float("-inf")
        self._looked_s: dict[str, float] = {}
        self._regions: tuple[Box, ...] = ()

    @property
    def regions(self) -> tuple[Box, ...]:
        """Where the newest frame has changed, fractions of the picture."""
        return tuple(self._waters.fraction(box) for box in self._regions)

    def followed(self, time_s: float) -> tuple[Labelled, ...]:
        """What is followed, where it should be by now: fractions, score and label.

        Between looks a thing drifts on; a box that stays behind would look like an error.
        """
        return tuple(
            (*self._waters.fraction(track.at(time_s)), track.score, track.kind.value)
            for track in self._tracker.tracks
        )

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All that is followed, for pages and evidence."""
        return tuple(self._tracker.tracks)

    def things(self) -> tuple[dict[str, Any], ...]:
        """What rests, for a memory."""
        return things_of(self._tracker.tracks, self._waters)

    def wants_every_frame(self, time_s: float) -> bool:
        """Something new is there that is not decided yet."""
        return any(
            not track.settled
            and track.zone != ""
            and time_s - track.first_s <= _YOUNG_S
            and track.score >= _PLAUSIBLE
            for track in self._tracker.tracks
        )

    def interrupt(self, *, jumped: bool = False) -> None:
        """Nobody could see for a while, or (`jumped`) the clock jumped: what follows starts anew.

        Things that rest and incidents stay.
        """
        self._gate.forget()
        self._evidence_s = None
        self._scanned_s = None
        self._looked_s.clear()
        self._unsure_until_s = float("-inf")
        if jumped:
            self._tracker.forget_moving()

    def see(self, luma: Image, picture: Callable[[], Image], time_s: float) -> list[Sight]:
        """A frame's luma plane (h, w) and, made when asked for, its picture (H, W, 3)."""
        glimpse = self._gate.see(luma, time_s)
        self._regions = glimpse.regions
        self._counts.gated += 1
        self._counts.changed += bool(glimpse.regions)
        if glimpse.change is Change.LIGHT:
            self._counts.light += 1
            self._unsure_until_s = time_s + _ADAPTS_S
        self._is_stirred |= glimpse.change in (Change.LIGHT, Change.MANY)
        viewing = self._viewing(glimpse, picture, time_s)
        if viewing is None:
            self._tracker.drop(time_s)
            return []
        self._counts.runs += viewing.runs
        light = Light.of(picture())
        elapsed_s = self._elapsed(viewing, light, time_s)
        missed = self._tracker.take(self._in_water(viewing), time_s, glimpse.regions, self._flow())
        self._check_missed(missed, picture(), time_s)
        if viewing.is_scan:
            self._check_resting(missed, picture(), light, elapsed_s, time_s)
        self._judge(light, time_s)
        self._tracker.drop(time_s)
        return self._told(light, elapsed_s, time_s)

    def _viewing(
        self, glimpse: Glimpse, picture: Callable[[], Image], time_s: float
    ) -> Viewing | None:
        if self._is_scan_due(time_s):
            self._scanned_s = self._surveyed_s = time_s
            self._is_stirred = False
            self._counts.scanned += 1
            return self._searcher.scan(picture())
        if self._is_stirred and time_s - self._surveyed_s >= _STIRRED_EVERY_S:
            self._surveyed_s, self._is_stirred = time_s, False
            self._counts.inferred += 1
            return self._searcher.survey(picture())
        places = [track.at(time_s) for track in self._tracks_due(time_s)]
        wants_mats = any(track.kind is SightKind.MAT for track in self._tracks_due(time_s))
        regions = list(self._regions_due(glimpse, time_s))
        if regions:
            self._looked_s["regions"] = time_s
            wants_mats |= any(max(sides(box)) >= _LARGE * self._waters.width for box in regions)
        if not places and not regions:
            return None
        for track in self._tracks_due(time_s):
            self._looked_s[str(track.number)] = time_s
        self._counts.inferred += 1
        return self._searcher.look(picture(), [*places, *regions], wants_mats)

    def _is_scan_due(self, time_s: float) -> bool:
        """At once, and every `scan_every_s`. A light change puts it off, but not for ever."""
        if self._scanned_s is None:
            return True
        pause_s = self._settings.scan_every_s * (2 if time_s < self._unsure_until_s else 1)
        return time_s - self._scanned_s >= pause_s

    def _tracks_due(self, time_s: float) -> list[Track]:
        """Those to look at again between scans."""
        return [track for track in self._tracker.tracks if self._is_due(track, time_s)]

    def _is_due(self, track: Track, time_s: float) -> bool:
        age_s = time_s - track.first_s
        if track.is_resting or (not track.settled and age_s > _OLD_S):
            return False
        pause_s = 0.0
        if track.settled:
            pause_s = _SETTLED_EVERY_S
        elif age_s > _YOUNG_S:
            pause_s = _DOUBTFUL_EVERY_S
        looked_s = self._looked_s.get(str(track.number), track.first_s - pause_s)
        return time_s - looked_s >= pause_s

    def _regions_due(self, glimpse: Glimpse, time_s: float) -> Iterator[Box]:
        """Changed places that nothing known explains, once a second."""
        if glimpse.change is not Change.REGIONS:
            return
        if time_s - self._looked_s.get("regions", float("-inf")) < _REGIONS_EVERY_S:
            return
        resting = [
            grown(track.box, _RESTS * max(sides(track.box)) + 3)
            for track in self._tracker.tracks
            if track.is_resting
        ]
        yield from (box for box in glimpse.regions if covered_share(box, resting) < 0.8)

    def _elapsed(self, viewing: Viewing, light: Light, time_s: float) -> float:
        """Seconds of absence that this look would prove: 0 but for scans that could see well."""
        is_dim = light.luma < 2 * self._settings.night_luma
        if not viewing.is_scan or is_dim or time_s < self._unsure_until_s:
            return 0.0
        before_s, self._evidence_s = self._evidence_s, time_s
        if before_s is None:
            return 0.0
        return min(max(time_s - before_s, 0.0), 2 * self._settings.scan_every_s)

    def _in_water(self, viewing: Viewing) -> Viewing:
        seen = tuple(each for each in viewing.seen if self._waters.touches(each.box))
        return Viewing(seen, viewing.covered, viewing.is_whole, viewing.is_scan, viewing.runs)

    def _flow(self) -> Vector | None:
        """How fast confirmed things drift now, pixels a second."""
        drifting = [t.way.velocity for t in self._tracker.tracks if t.settled and not t.is_resting]
        if not drifting:
            return None
        return median(v[0] for v in drifting), median(v[1] for v in drifting)

    def _check_missed(self, missed: list[Track], bgr: Image, time_s: float) -> None:
        """What the detector overlooked looks as it did; what vanished does not."""
        for track in missed:
            look = self._searcher.appearance(bgr, track.at(time_s))
            if not track.settled and likeness(track.look, look) < SAME:
                track.vanish(time_s)

    def _check_resting(
        self, missed: list[Track], bgr: Image, light: Light, elapsed_s: float, time_s: float
    ) -> None:
        """A resting thing that the detector overlooked is there while its place looks the same."""
        for track in missed:
            if not track.is_resting:
                continue
            look = self._searcher.appearance(bgr, track.box)
            is_same = likeness(track.look, look) >= SAME
            can_tell = track.light is None or light.shows_as_well_as(track.light)
            track.overlooked += can_tell
            if is_same and track.overlooked <= _OVERLOOKED:
                track.last_s, track.absent_s = time_s, 0.0
            elif can_tell:
                track.absent_s += elapsed_s

    def _judge(self, light: Light, time_s: float) -> None:
        """Zone, motion and belief of what was just seen."""
        for track in self._tracker.tracks:
            if track.last_s != time_s:
                continue
            if track.hits[-1]:  # not only by its looks
                track.light = light
            track.zone = self._waters.zone_of(track.box, track.zone)
            track.motion = self._current.judge(track.way, track.size)
            if not track.settled and doubt_of(track, self._settings) is Doubt.NONE:
                track.settled = True
                if track.motion is Motion.WITH:
                    self._current.learn(track.way, time_s)

    def _told(self, light: Light, elapsed_s: float, time_s: float) -> list[Sight]:
        present = self._present(time_s)
        sights = []
        for key, tracks in present.items():
            sights += self._ledger.present(key, self._evidence(key, tracks), time_s)
        for key in self._ledger.going_on():
            if key not in present and key[1] in (SightKind.LITTER, SightKind.MAT):
                sights += self._missing(key, light, elapsed_s, time_s)
        return sights

    def _present(self, time_s: float) -> dict[Key, list[Track]]:
        found: dict[Key, list[Track]] = {}
        for track in self._tracker.tracks:
            is_fresh = time_s - track.last_s <= self._settings.lost_after_s
            is_here = track.absent_s == 0 if track.is_resting else is_fresh
            if track.settled and track.zone and is_here:
                found.setdefault((track.zone, track.kind), []).append(track)
        return found

    def _missing(self, key: Key, light: Light, elapsed_s: float, time_s: float) -> list[Sight]:
        now = self._ledger.get(key)
        if now is None or elapsed_s == 0:
            return []
        if now.now.light is not None and not light.shows_as_well_as(now.now.light):
            return []
        if any(self._hints_at(track, key, time_s) for track in self._tracker.tracks):
            self._ledger.still_there(key, time_s)
            return []
        return self._ledger.absent(key, elapsed_s, self._settings.gone_after_s, time_s)

    def _hints_at(self, track: Track, key: Key, time_s: float) -> bool:
        """Something of the kind is there, though not believed yet."""
        is_new = track.last_s == time_s and len(track.times_s) > 1 and not track.settled
        return is_new and (track.zone, track.kind) == key

    def _evidence(self, key: Key, tracks: list[Track]) -> Evidence:
        boxes = [track.box for track in tracks]
        return Evidence(
            since_s=min(track.first_s for track in tracks),
            score=median(track.score for track in tracks),
            count=len(tracks),
            area_m2=self._waters.area_m2(boxes),
            share=self._waters.share(boxes, key[0]),
            boxes=tuple((*self._waters.fraction(t.box), round(t.score, 4)) for t in tracks),
            light=tracks[-1].light,
        )
