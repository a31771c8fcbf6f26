"""One outfall of one camera: frames in, changes of its discharge out. No clock, no I/O.

One discharge is one incident: it opens when a state has held `outfall_hold_s`, grows when it gets
worse (flowing → foaming → coloured → sheen, or a permitted hour ends while it flows), and ends when
nothing has been seen of it for `outfall_clear_s`. Time in which nobody can see (night, a light
change, a blind camera) counts neither for nor against it. It never gets less severe: a person who
was called for colour is not told later that it was only water.

The mouth's past is learnt only while it is dry and quiet. What was learnt wrongly, or what a camera
that was turned has made void, goes with `relearn`.
"""

from dataclasses import dataclass, replace
from typing import Any

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase
from xunhe.domain.zones import OutfallZone, Polygon
from xunhe.settings import VisionSettings
from xunhe.vision.attention import Attention
from xunhe.vision.baseline import Baseline
from xunhe.vision.hold import Held, is_gone, worst
from xunhe.vision.look import LIMIT, STATES, Look, Veto, look
from xunhe.vision.mouth import Image, Mouth, extent
from xunhe.vision.schedule import Ruling, ruling
from xunhe_models.discharge.finder import Finder

DRY = "dry"
_SEVERITIES = tuple(Severity)  # the later, the worse
_STEP_MOST_S = 10.0  # of absence that one look proves
_STIRRED_SHARE, _STIRRED_FACTOR = 0.06, 3.0  # of the zone; of what is usual there
_USUAL_SHARE = 0.05  # of a new frame in what is usual
_BURST_HOLDS = 2.0
_TAUGHT_S = 90.0  # after a false alarm, what is seen is usual
_NAMES_ZH = {"flowing": "出水", "foaming": "泡沫", "coloured": "水色异常", "sheen": "油膜"}
_NAMES_EN = {
    "flowing": "water flows out",
    "foaming": "foam",
    "coloured": "coloured water",
    "sheen": "a sheen of oil",
}


@dataclass(frozen=True, slots=True)
class OutfallChange:
    """A change of an outfall's discharge; `started_s` is its identity. Instants as the frames'.

    `state` is the worst so far; `score` 0..1 its median over the hold, its limit being 0.5; `box`
    the zone's rectangle x0, y0, x1, y1 in fractions of the picture.
    """

    phase: Phase
    state: str
    score: float
    at_s: float
    started_s: float
    severity: Severity
    reason_zh: str
    reason_en: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Discharge:
    """What is going on."""

    started_s: float
    state: str
    severity: Severity
    absent_s: float = 0.0


class OutfallWatch:
    """Watches one outfall. `memory` is what `memory()` gave before a restart.

    `ignore` are polygons (fractions) of captions and frames that someone burnt into the picture:
    they are painted over, without which a mouth beside one may go unseen.
    """

    def __init__(
        self,
        outfall: OutfallZone,
        finder: Finder,
        settings: VisionSettings,
        memory: dict[str, Any] | None = None,
        ignore: tuple[Polygon, ...] = (),
    ) -> None:
        self._outfall, self._finder, self._settings = outfall, finder, settings
        self._mouth = Mouth(outfall, ignore, finder.card.size)
        self._held = Held(settings.outfall_hold_s)
        self._attention = Attention(_BURST_HOLDS * settings.outfall_hold_s)
        self._baseline = Baseline()
        self._open: _Discharge | None = None
        self._judged_s: float | None = None
        self._seen_s: float | None = None
        self._usual_share = 0.0
        self._taught_until_s = float("-inf")
        self.veto: Veto | None = None
        if memory is not None:
            self._remember(memory)

    @property
    def state(self) -> str:
        """The worst state of the discharge that is on, or dry."""
        return self._open.state if self._open else DRY

    @property
    def strength(self) -> float:
        """The strongest signal that has held, 0..1, its limit being 0.5; 0 until enough is seen."""
        return max(self._held.strengths().values(), default=0.0)

    def wants(self, time_s: float) -> bool:
        """Does it need the full picture of this frame?"""
        return self._mouth.wants(time_s)

    def wants_every_frame(self, time_s: float) -> bool:
        """Would the full rate help it to decide sooner?"""
        return self._attention.is_on(time_s)

    def see(self, bgr: Image, time_s: float, rain_mm_h: float | None = None) -> list[OutfallChange]:
        """A picture uint8 (H, W, 3); `rain_mm_h` where someone measures rain."""
        if not self._mouth.wants(time_s):
            return []
        self._mouth.keep(bgr, time_s)
        self._heed_stirring(time_s)
        if self._judged_s is not None and 0 <= time_s - self._judged_s < self._pause_s:
            return []
        stack = self._mouth.stack()
        if stack is None:
            return []
        self._judged_s = time_s
        seen = look(stack, self._finder, self._baseline, self._settings.night_luma)
        elapsed_s = 0.0 if self._seen_s is None else max(time_s - self._seen_s, 0.0)
        self._seen_s, self.veto = time_s, seen.veto
        return [] if seen.veto else self._weigh(seen, min(elapsed_s, _STEP_MOST_S), rain_mm_h)

    @property
    def _pause_s(self) -> float:
        # Frames of 25 a second do not fall on whole seconds.
        return self._settings.outfall_every_s - 0.05

    def _heed_stirring(self, time_s: float) -> None:
        """A zone that suddenly looks unlike its last frames deserves the full rate."""
        share = self._mouth.stirred_share()
        if self._open is None and share > max(_STIRRED_SHARE, _STIRRED_FACTOR * self._usual_share):
            self._attention.notice(time_s)
        self._usual_share += _USUAL_SHARE * (share - self._usual_share)

    def _weigh(self, seen: Look, elapsed_s: float, rain_mm_h: float | None) -> list[OutfallChange]:
        self._held.add(seen)
        strengths = self._held.strengths()
        if self._open is not None:
            return self._go_on(self._open, strengths, elapsed_s, rain_mm_h)
        if seen.time_s < self._taught_until_s and seen.colours is not None:
            self._baseline.learn(seen.colours, seen.values, seen.time_s)
            return []
        state = worst(strengths)
        if state is not None:
            return [self._begin(state, strengths[state], rain_mm_h)]
        if seen.strongest >= LIMIT:
            self._attention.notice(seen.time_s)
        elif self._held.is_quiet() and seen.colours is not None:
            self._baseline.learn(seen.colours, seen.values, seen.time_s)
        return []

    def _begin(self, state: str, score: float, rain_mm_h: float | None) -> OutfallChange:
        ruled = self._ruling(state, rain_mm_h)
        self._open = _Discharge(self._held.since_s(state), state, ruled.severity)
        self._attention.settle()
        return self._change(Phase.OPENED, self._open, score, ruled)

    def _go_on(
        self,
        now: _Discharge,
        strengths: dict[str, float],
        elapsed_s: float,
        rain_mm_h: float | None,
    ) -> list[OutfallChange]:
        if is_gone(strengths):
            return self._fade(now, strengths, elapsed_s)
        state = worst(strengths)
        if strengths:
            now = replace(now, absent_s=0.0)
        self._open = now
        if state is None:
            return []
        worse = max(now.state, state, key=STATES.index)
        ruled = self._ruling(worse, rain_mm_h)
        severity = max(now.severity, ruled.severity, key=_SEVERITIES.index)
        if worse == now.state and severity == now.severity:
            return []
        self._open = replace(now, state=worse, severity=severity)
        return [self._change(Phase.GREW, self._open, strengths[state], ruled)]

    def _fade(
        self, now: _Discharge, strengths: dict[str, float], elapsed_s: float
    ) -> list[OutfallChange]:
        now = replace(now, absent_s=now.absent_s + elapsed_s)
        if now.absent_s < self._settings.outfall_clear_s:
            self._open = now
            return []
        self._open = None
        self._attention.settle()
        over = Ruling(now.severity, "已停止", "it has stopped")
        return [self._change(Phase.ENDED, now, strengths[now.state], over)]

    def _ruling(self, state: str, rain_mm_h: float | None) -> Ruling:
        return ruling(self._outfall, state, self._seen_s or 0.0, rain_mm_h)

    def _change(self, phase: Phase, now: _Discharge, score: float, ruled: Ruling) -> OutfallChange:
        return OutfallChange(
            phase,
            now.state,
            score,
            self._seen_s or 0.0,
            now.started_s,
            now.severity,
            f"{self._outfall.name}疑似排污：{_NAMES_ZH[now.state]}，{ruled.reason_zh}",
            f"outfall {self._outfall.code}: {_NAMES_EN[now.state]}, {ruled.reason_en}",
            extent(self._outfall.polygon),
        )

    def relearn(self) -> None:
        """Forget the mouth's past and its last seconds: the camera was moved."""
        self._baseline = Baseline()
        self.interrupt()

    def dismiss(self) -> list[OutfallChange]:
        """A person said that this is no discharge: it ends, and is learnt as usual for a while."""
        now, self._open = self._open, None
        said = Ruling(Severity.MINOR, "人工判为误报", "judged a false alarm by a person")
        changes = [] if now is None else [self._change(Phase.ENDED, now, 0.0, said)]
        self._taught_until_s = (self._seen_s or 0.0) + _TAUGHT_S
        self.relearn()
        return changes

    def interrupt(self) -> None:
        """Forget the last seconds: what comes next does not follow on them."""
        self._mouth.forget()
        self._held.forget()
        self._seen_s, self._judged_s = None, None

    def memory(self) -> dict[str, Any]:
        """All that a restart must not lose, JSON-able."""
        now = self._open
        return {
            "polygon": [list(point) for point in self._outfall.polygon],
            "baseline": self._baseline.to_json(),
            "open": now
            and {
                "started_s": now.started_s,
                "state": now.state,
                "severity": now.severity.value,
                "absent_s": now.absent_s,
            },
        }

    def _remember(self, memory: dict[str, Any]) -> None:
        """A discharge goes on; a past is kept only where the zone is still the same."""
        if now := memory["open"]:
            self._open = _Discharge(
                float(now["started_s"]),
                str(now["state"]),
                Severity(now["severity"]),
                float(now["absent_s"]),
            )
        if memory["polygon"] == [list(point) for point in self._outfall.polygon]:
            self._baseline = Baseline.from_json(memory["baseline"])
