"""What a run found: one entry an incident, put together from the pipeline's sights."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase, Sight, SightKind

_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(slots=True)
class Found:
    """One incident. `peak` is the sight at which it was largest; times as the source gives them."""

    number: int
    opened: Sight
    peak: Sight
    last: Sight
    severity: Severity
    score: float
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the names of its files."""
        return f"{self.number:03d}-{self.opened.kind.value}"

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.last.phase is not Phase.ENDED

    def to_json(self, start_s: float) -> dict[str, Any]:
        """Seconds count from `start_s`, the source's first frame."""
        peak, area_m2 = self.peak, self.peak.area_m2
        ended_s = None if self.is_open else round(self.last.at_s - start_s, 3)
        return {
            "id": self.number,
            "kind": self.opened.kind.value,
            "zone": self.opened.zone,
            "start_s": round(self.opened.started_s - start_s, 3),
            "confirmed_s": round(self.opened.at_s - start_s, 3),
            "end_s": ended_s,
            "score": round(self.score, 4),
            "count": peak.count,
            "area_m2": None if area_m2 is None else round(area_m2, 3),
            "share": round(peak.share, 5),
            "state": peak.state,
            "severity": self.severity.value,
            "reason_zh": peak.reason_zh,
            "reason_en": peak.reason_en,
            "peak_s": round(peak.at_s - start_s, 3),
            "boxes_at_peak": [[round(side, 4) for side in box] for box in peak.boxes],
            "evidence": dict(self.evidence),
        }


class Book:
    """All incidents of a run, in the order in which they opened."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, SightKind, float], Found] = {}

    def take(self, sight: Sight) -> tuple[Found, bool]:
        """Enter a sight; the incident, and whether this is its peak so far."""
        key = (sight.zone, sight.kind, sight.started_s)
        found = self._found.get(key)
        if found is None:
            number = len(self._found) + 1
            found = Found(number, sight, sight, sight, sight.severity, sight.score)
            self._found[key] = found
            return found, True
        found.last = sight
        found.score = max(found.score, sight.score)
        found.severity = max(found.severity, sight.severity, key=_RANKS.__getitem__)
        is_peak = sight.phase is not Phase.ENDED and _extent(sight) > _extent(found.peak)
        if is_peak:
            found.peak = sight
        return found, is_peak

    def __iter__(self) -> Iterator[Found]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def going_on(self) -> list[Found]:
        """Those that have not ended."""
        return [found for found in self if found.is_open]


def _extent(sight: Sight) -> tuple[int, float, float]:
    return sight.count, sight.share, sight.score
