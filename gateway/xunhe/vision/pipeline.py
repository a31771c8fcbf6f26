"""One camera: views in, sights out. The same views give the same sights.

    view → too soon? → can it see? → outfalls (at their own pace)
                                   → banks
                                   → gate → looks → tracks → belief → zone → incident

Nothing here knows a socket, a file or a clock; `time_s` of the views is all the time there is.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.sight import Sight, SightKind
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings
from xunhe.vision.blind import Blindness, Eyesight, Insight
from xunhe.vision.confirm import limits
from xunhe.vision.counts import Counts
from xunhe.vision.dumping import DumpingChange, DumpingWatch, Thing
from xunhe.vision.eyes import Eyes
from xunhe.vision.floating import FloatingWatch
from xunhe.vision.gate import Gate
from xunhe.vision.glance import Glance
from xunhe.vision.incidents import Evidence, Key, Ledger
from xunhe.vision.light import Light
from xunhe.vision.memory import Memory
from xunhe.vision.outfall import DRY, OutfallChange, OutfallWatch
from xunhe.vision.tracker import Track
from xunhe.vision.view import View
from xunhe.vision.waters import Waters

Image = NDArray[np.uint8]

_EARLY_S = 0.02  # frames of 25 a second do not fall on fifths of one
_GAP_S = 10.0  # without views, after which what comes does not follow on what was
_BACK_S = 1.0  # by which a clock may go back without having jumped
_RESTED_S = 5.0  # of seeing well, after which a camera is not blind
_STEP_MOST_S = 2.5
_BLIND: Key = ("", SightKind.BLIND)


@dataclass(slots=True)
class _Picture:
    """A view's full picture, made at most once."""

    make: Callable[[], Image]
    made: Image | None = field(default=None)

    def __call__(self) -> Image:
        if self.made is None:
            self.made = self.make()
        return self.made


@dataclass(frozen=True, slots=True)
class _Sized:
    """The parts that need to know the luma plane's size."""

    shape: tuple[int, ...]
    eyesight: Eyesight
    floating: FloatingWatch
    waters: Waters
    bank_gate: Gate | None


class CameraPipeline:
    """The pipeline of one camera; `memory` is what `memory()` gave before a restart."""

    def __init__(
        self,
        camera: str,
        zones: Zones,
        eyes: Eyes,
        settings: VisionSettings,
        memory: Memory | None = None,
    ) -> None:
        self._camera, self._zones, self._eyes, self._settings = camera, zones, eyes, settings
        self._digest = hashlib.sha256(json.dumps(zones.to_json()).encode()).hexdigest()[:16]
        self._remembered = memory or Memory(zones=self._digest)
        self._ledger = Ledger(camera)
        self._ledger.restore(self._remembered.incidents)
        self._outfalls = {
            each.code: OutfallWatch(
                each,
                eyes.finder,
                settings,
                self._remembered.outfalls.get(each.code),
                zones.ignore,
            )
            for each in zones.outfalls
        }
        self._dumping = DumpingWatch(zones.banks, settings, self._remembered.dumping)
        self._sized: _Sized | None = None
        self._time_s: float | None = None
        self._could_see = True
        self.rain_mm_h: float | None = None  # where somebody measures it
        self.counts = Counts()

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What is followed now, boxes in pixels of the luma plane: for evidence and pages."""
        return self._sized.floating.tracks if self._sized else ()

    @property
    def wants_every_frame(self) -> bool:
        """Whether the full rate is worth its price now; else key frames do."""
        if self._time_s is None or self._sized is None or not self._could_see:
            return False
        if self._sized.floating.wants_every_frame(self._time_s):
            return True
        if self._dumping.wants_every_frame(self._time_s):
            return True
        return any(each.wants_every_frame(self._time_s) for each in self._outfalls.values())

    @property
    def blindness(self) -> str:
        """Why it sees nothing, as its incident says; empty where it sees."""
        now = self._ledger.get(_BLIND)
        return now.now.state if now else ""

    @property
    def open_incidents(self) -> int:
        """How many go on."""
        flowing = sum(watch.state != DRY for watch in self._outfalls.values())
        return len(self._ledger.going_on()) + flowing

    def glance(self) -> Glance:
        """What it makes of the newest view, for pages."""
        outfalls = {
            code: (watch.veto.value if watch.veto else watch.state, watch.strength)
            for code, watch in self._outfalls.items()
        }
        floating = self._sized and self._sized.floating
        if not floating or self._time_s is None:
            return Glance(outfalls=outfalls, limits=limits())
        return Glance(floating.regions, floating.followed(self._time_s), outfalls, limits())

    def see(self, view: View) -> list[Sight]:
        """Take a view in; returns what has changed."""
        self.counts.received += 1
        if self._is_too_soon(view.time_s):
            self.counts.skipped += 1
            return []
        elapsed_s = self._follow_time(view.time_s)
        sized, sights = self._parts_for(view)
        picture = _Picture(view.picture)
        insight = sized.eyesight.see(view.luma, view.time_s, lambda: Light.of(picture()).is_grey)
        sights += self._judge_sight(insight, elapsed_s, view.time_s)
        if not insight.clear:
            self.counts.blind += 1
            self._close_eyes(sized)
            return sights
        self._could_see = True
        sights += self._see_outfalls(picture, view.time_s)
        sights += sized.floating.see(view.luma, picture, view.time_s)
        return sights + self._see_banks(sized, view, picture)

    def blind(self, state: str, time_s: float) -> list[Sight]:
        """The source says that no picture comes: frozen or lost. It ends when views come again."""
        if self._sized is not None:
            self._close_eyes(self._sized)
        return self._ledger.present(_BLIND, Evidence(time_s, 1.0, state=state), time_s)

    def dismiss(self, zone: str) -> list[Sight]:
        """A person said that what flows at this outfall is a false alarm."""
        watch = self._outfalls.get(zone)
        return [] if watch is None else [self._discharge(zone, one) for one in watch.dismiss()]

    def memory(self) -> Memory:
        """What goes on after a restart."""
        sized = self._sized
        return Memory(
            time_s=self._remembered.time_s if self._time_s is None else self._time_s,
            zones=self._digest,
            incidents=self._ledger.to_json(),
            things=sized.floating.things() if sized else self._remembered.things,
            outlook=sized.eyesight.memory() if sized else self._outlook(),
            outfalls={code: watch.memory() for code, watch in self._outfalls.items()},
            dumping=self._dumping.memory(),
        )

    def _is_too_soon(self, time_s: float) -> bool:
        if self._time_s is None:
            return False
        apart_s = time_s - self._time_s
        return -_BACK_S <= apart_s < 1 / self._settings.detect_fps - _EARLY_S

    def _follow_time(self, time_s: float) -> float:
        """Seconds since the last view, 0 where none counts; a gap or a jump starts all anew."""
        before_s, self._time_s = self._time_s, time_s
        if before_s is None:
            return 0.0
        elapsed_s = time_s - before_s
        if 0 <= elapsed_s <= _GAP_S:
            return elapsed_s
        for watch in self._outfalls.values():
            watch.interrupt()
        if self._sized is not None:
            self._sized.floating.interrupt(jumped=True)
            self._interrupt_banks(self._sized)
        return 0.0

    def _parts_for(self, view: View) -> tuple[_Sized, list[Sight]]:
        """The parts, built anew where the stream has another size; and what that ends."""
        if self._sized is not None and self._sized.shape == view.luma.shape:
            return self._sized, []
        memory = self._remembered if self._sized is None else self.memory()
        waters = Waters(self._zones, *view.luma.shape)
        outlook = memory.outlook if memory.zones == self._digest else {}
        self._sized = _Sized(
            view.luma.shape,
            Eyesight(waters.fixed, waters.mask, self._settings, outlook),
            FloatingWatch(
                self._zones,
                waters,
                self._eyes.detector,
                self._settings,
                self._ledger,
                self.counts,
                memory.things,
            ),
            waters,
            Gate(waters.banks) if self._zones.banks else None,
        )
        floating = (SightKind.LITTER, SightKind.MAT)
        nowhere = [key for key in self._ledger.going_on() if key[1] in floating]
        nowhere = [key for key in nowhere if key[0] not in waters.names]
        return self._sized, [self._ledger.end(key, view.time_s) for key in nowhere]

    def _judge_sight(self, insight: Insight, elapsed_s: float, time_s: float) -> list[Sight]:
        """The incident of a blind camera."""
        if insight.blindness is not None:
            since_s = time_s - self._settings.blind_after_s
            state = insight.blindness.value
            if insight.blindness is Blindness.MOVED and self.blindness != state:
                for watch in self._outfalls.values():
                    watch.relearn()
            return self._ledger.present(_BLIND, Evidence(since_s, 1.0, state=state), time_s)
        if self._ledger.get(_BLIND) is None or not (insight.clear or insight.night):
            return []
        return self._ledger.absent(_BLIND, min(elapsed_s, _STEP_MOST_S), _RESTED_S, time_s)

    def _close_eyes(self, sized: _Sized) -> None:
        if not self._could_see:
            return
        self._could_see = False
        sized.floating.interrupt()
        self._interrupt_banks(sized)
        for watch in self._outfalls.values():
            watch.interrupt()

    def _see_outfalls(self, picture: _Picture, time_s: float) -> list[Sight]:
        return [
            self._discharge(code, change)
            for code, watch in self._outfalls.items()
            if watch.wants(time_s)
            for change in watch.see(picture(), time_s, self.rain_mm_h)
        ]

    def _see_banks(self, sized: _Sized, view: View, picture: _Picture) -> list[Sight]:
        """Someone at a bank, and what they leave there or on the water beside it."""
        if sized.bank_gate is None:
            return []
        waters = sized.waters
        moving = sized.bank_gate.see(view.luma, view.time_s).regions
        things = [
            Thing(track.number, waters.fraction(track.box))
            for track in sized.floating.tracks
            if track.zone and track.kind is SightKind.LITTER
        ]
        once = replace(view, picture=picture)
        boxes = [waters.fraction(box) for box in moving]
        return [self._dumped(change) for change in self._dumping.see(once, boxes, things)]

    def _interrupt_banks(self, sized: _Sized) -> None:
        self._dumping.interrupt()
        if sized.bank_gate is not None:
            sized.bank_gate.forget()

    def _dumped(self, change: DumpingChange) -> Sight:
        return self._told(SightKind.DUMPING, change.bank, "", change)

    def _discharge(self, code: str, change: OutfallChange) -> Sight:
        return self._told(SightKind.DISCHARGE, code, change.state, change)

    def _told(
        self, kind: SightKind, zone: str, state: str, change: DumpingChange | OutfallChange
    ) -> Sight:
        """What a watch of one place says, as a sight of this camera."""
        return Sight(
            camera=self._camera,
            zone=zone,
            kind=kind,
            phase=change.phase,
            at_s=change.at_s,
            started_s=change.started_s,
            score=change.score,
            count=1,
            area_m2=None,
            share=0.0,
            state=state,
            severity=change.severity,
            boxes=((*change.box, change.score),),
            reason_zh=change.reason_zh,
            reason_en=change.reason_en,
        )

    def _outlook(self) -> dict[str, object]:
        return self._remembered.outlook
