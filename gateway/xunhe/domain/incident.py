"""Findings of the rules, and the incidents that they open or join."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an incident is about."""

    DISCHARGE = "discharge"  # 疑似排污
    SILENT_STATION = "silent_station"  # 站点失联
    FLOATING_LITTER = "floating_litter"  # 漂浮垃圾
    VEGETATION_MAT = "vegetation_mat"  # 水草
    DUMPING = "dumping"  # 疑似倾倒
    BLIND_CAMERA = "blind_camera"  # 摄像机失明


class Severity(StrEnum):
    """How much it matters."""

    MINOR = "minor"  # 一般
    MAJOR = "major"  # 较重
    SEVERE = "severe"  # 严重


class Rule(StrEnum):
    """The rule that found it."""

    CLASS = "class_worse_than_target"
    AMMONIA_STEP = "ammonia_step"
    OXYGEN_FALL = "oxygen_fall"
    SILENT = "silent_station"
    SEEN_DISCHARGE = "seen_discharge"
    SEEN_LITTER = "seen_litter"
    SEEN_MAT = "seen_vegetation_mat"
    SEEN_DUMPING = "seen_dumping"
    BLIND = "blind_camera"

    @property
    def kind(self) -> Kind:
        """The kind of incident that a finding of this rule is evidence of."""
        return _KINDS.get(self, Kind.DISCHARGE)


_KINDS = {
    Rule.SILENT: Kind.SILENT_STATION,
    Rule.SEEN_LITTER: Kind.FLOATING_LITTER,
    Rule.SEEN_MAT: Kind.VEGETATION_MAT,
    Rule.SEEN_DUMPING: Kind.DUMPING,
    Rule.BLIND: Kind.BLIND_CAMERA,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's decision that something is wrong, with its reason in words.

    `station` is the witness: a station or a camera, and of that the `zone` of its picture. What a
    camera sees may lie elsewhere: at the outfall that `place` names. `baseline` is the value that
    it departed from, kept so that the rule can tell when it is over. `state`, `count` and `area_m2`
    are a camera's.
    """

    rule: Rule
    station: str
    prop: str
    at: datetime
    severity: Severity
    value: float | None
    baseline: float | None
    reason_zh: str
    reason_en: str
    place: str = ""
    zone: str = ""
    state: str | None = None
    count: int | None = None
    area_m2: float | None = None

    @property
    def where(self) -> str:
        """Code of the place: the witness's own unless it says otherwise."""
        return self.place or self.station


@dataclass(frozen=True, slots=True)
class Cleared:
    """A rule's decision that what it found is over."""

    rule: Rule
    station: str
    at: datetime
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence of an incident: who saw it where, from when to when (None = still)."""

    station: str
    place: str
    zone: str
    started_at: datetime
    ended_at: datetime | None
