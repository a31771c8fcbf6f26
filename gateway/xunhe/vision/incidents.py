"""Incidents, not events: one for each zone and kind, from its first witness to evidence of its end.

* It opens once; what is seen after that belongs to it, however many things come and go.
* It grows by half (count, or covered area), by three things or in severity, told at most once a
  minute.
* It ends after `gone_after_s` of evidence: looks that could have seen it and did not. Time in which
  nobody could see adds nothing.
* What comes back within five minutes after that goes on under the same beginning.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Corners, Phase, Sight, SightKind
from xunhe.vision.light import Light
from xunhe.vision.wording import reason, severity_of

Key = tuple[str, SightKind]  # zone, kind

_GROWN, _MORE = 1.5, 3
_LEAST_SHARE, _LEAST_M2 = 0.01, 1.0  # of covered water, below which more of it is no growth
_TELLS_EVERY_S = 60.0
_RETURNS_S = 300.0
_SMOOTHED = 5
_RANKS = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What belongs to an incident now. `since_s`: when the oldest of it was first seen."""

    since_s: float
    score: float
    count: int = 1
    area_m2: float | None = None
    share: float = 0.0
    state: str = ""
    boxes: tuple[Corners, ...] = ()
    light: Light | None = None


@dataclass(slots=True)
class Open:
    """An incident that goes on; `told` is the evidence of its last sight."""

    started_s: float
    told: Evidence
    told_s: float
    severity: Severity
    now: Evidence
    seen_s: float  # when there was last evidence of it
    absent_s: float = 0.0
    recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_SMOOTHED))

    def area(self) -> tuple[float, float]:
        """Medians of the last covered areas: m² (0 where unknown) and share."""
        return median(m2 for m2, _ in self.recent), median(share for _, share in self.recent)


class Ledger:
    """The incidents of one camera."""

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._open: dict[Key, Open] = {}
        self._ended: dict[Key, tuple[float, float]] = {}  # started_s, ended_s

    def get(self, key: Key) -> Open | None:
        """The incident that goes on, if any."""
        return self._open.get(key)

    def going_on(self) -> tuple[Key, ...]:
        """Those that go on, in the order in which they opened."""
        return tuple(self._open)

    def present(self, key: Key, seen: Evidence, time_s: float) -> list[Sight]:
        """It is there: open it, or let it go on and tell if it grew."""
        now = self._open.get(key)
        if now is None:
            return [self._begin(key, seen, time_s)]
        now.now, now.seen_s, now.absent_s = seen, time_s, 0.0
        now.recent.append((seen.area_m2 or 0.0, seen.share))
        severity = self._severity(key, now)
        if not _has_grown(now, severity) or 0 <= time_s - now.told_s < _TELLS_EVERY_S:
            return []
        area_m2, share = now.area()
        steadied = replace(seen, share=share, area_m2=seen.area_m2 and area_m2)
        now.told, now.told_s, now.severity = steadied, time_s, severity
        return [self._sight(key, Phase.GREW, now, time_s)]

    def still_there(self, key: Key, time_s: float) -> None:
        """Something hints at it: no proof, but the clock of its absence starts anew."""
        if key in self._open:
            self._open[key].seen_s, self._open[key].absent_s = time_s, 0.0

    def absent(self, key: Key, elapsed_s: float, gone_after_s: float, time_s: float) -> list[Sight]:
        """It was looked for in vain for `elapsed_s` more; ends it when that is enough."""
        now = self._open[key]
        since_s = time_s - now.seen_s
        now.absent_s += min(elapsed_s, since_s) if since_s >= 0 else elapsed_s
        return [] if now.absent_s < gone_after_s else [self.end(key, time_s)]

    def end(self, key: Key, time_s: float) -> Sight:
        """It is over."""
        now = self._open.pop(key)
        self._ended[key] = (now.started_s, time_s)
        return self._sight(key, Phase.ENDED, now, time_s)

    def to_json(self) -> dict[str, Any]:
        """Everything, for a memory."""
        return {
            "open": [_row(key, now) for key, now in self._open.items()],
            "ended": [[key[0], key[1].value, *times] for key, times in self._ended.items()],
        }

    def restore(self, value: Any) -> None:
        """From `to_json`; KeyError, TypeError or ValueError where it is none."""
        for row in value["open"]:
            self._open[row["zone"], SightKind(row["kind"])] = _restored(row)
        for zone, kind, started_s, ended_s in value["ended"]:
            self._ended[zone, SightKind(kind)] = (float(started_s), float(ended_s))

    def _begin(self, key: Key, seen: Evidence, time_s: float) -> Sight:
        started_s = seen.since_s
        if key in self._ended:
            before_s, ended_s = self._ended.pop(key)
            if 0 <= time_s - ended_s <= _RETURNS_S:
                started_s = before_s
        now = Open(started_s, seen, time_s, Severity.MINOR, seen, time_s)
        now.recent.append((seen.area_m2 or 0.0, seen.share))
        now.severity = self._severity(key, now)
        self._open[key] = now
        return self._sight(key, Phase.OPENED, now, time_s)

    def _severity(self, key: Key, now: Open) -> Severity:
        """Never less than before: a person who was called is not told that it was nothing."""
        area_m2, share = now.area()
        found = severity_of(key[1], now.now.count, area_m2, share)
        return max(now.severity, found, key=_RANKS.index)

    def _sight(self, key: Key, phase: Phase, now: Open, time_s: float) -> Sight:
        told = now.told if phase is Phase.GREW else now.now
        zh, en = reason(key[1], phase, told.count, told.area_m2, told.share, told.state)
        return Sight(
            camera=self._camera,
            zone=key[0],
            kind=key[1],
            phase=phase,
            at_s=time_s,
            started_s=now.started_s,
            score=told.score,
            count=told.count,
            area_m2=told.area_m2,
            share=told.share,
            state=told.state,
            severity=now.severity,
            boxes=told.boxes,
            reason_zh=zh,
            reason_en=en,
        )


def _has_grown(now: Open, severity: Severity) -> bool:
    if _RANKS.index(severity) > _RANKS.index(now.severity):
        return True
    before = now.told
    if now.now.count >= min(_GROWN * before.count, before.count + _MORE):
        return True
    area_m2, share = now.area()
    if before.area_m2 is not None:
        return area_m2 >= max(_GROWN * before.area_m2, before.area_m2 + _LEAST_M2)
    return share >= max(_GROWN * before.share, before.share + _LEAST_SHARE)


def _row(key: Key, now: Open) -> dict[str, Any]:
    return {
        "zone": key[0],
        "kind": key[1].value,
        "started_s": now.started_s,
        "told_s": now.told_s,
        "severity": now.severity.value,
        "seen_s": now.seen_s,
        "absent_s": now.absent_s,
        "told": _evidence_row(now.told),
        "now": _evidence_row(now.now),
    }


def _restored(row: Any) -> Open:
    told, now = _evidence(row["told"]), _evidence(row["now"])
    severity = Severity(row["severity"])
    started_s, told_s, seen_s = (float(row[key]) for key in ("started_s", "told_s", "seen_s"))
    found = Open(started_s, told, told_s, severity, now, seen_s)
    found.absent_s = float(row["absent_s"])
    found.recent.append((now.area_m2 or 0.0, now.share))
    return found


def _evidence_row(seen: Evidence) -> dict[str, Any]:
    return {
        "since_s": seen.since_s,
        "score": seen.score,
        "count": seen.count,
        "area_m2": seen.area_m2,
        "share": seen.share,
        "state": seen.state,
        "boxes": [list(box) for box in seen.boxes],
        "light": seen.light and seen.light.to_json(),
    }


def _evidence(row: Any) -> Evidence:
    return Evidence(
        since_s=float(row["since_s"]),
        score=float(row["score"]),
        count=int(row["count"]),
        area_m2=None if row["area_m2"] is None else float(row["area_m2"]),
        share=float(row["share"]),
        state=str(row["state"]),
        boxes=_corners(row["boxes"]),
        light=None if row["light"] is None else Light.from_json(row["light"]),
    )


def _corners(rows: Iterable[Any]) -> tuple[Corners, ...]:
    return tuple((float(a), float(b), float(c), float(d), float(e)) for a, b, c, d, e in rows)
