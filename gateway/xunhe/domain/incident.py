"""Findings of the rules, and the incidents that they open or join."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from xunhe.domain.position import LonLat
from xunhe.domain.registry import Registry


class Kind(StrEnum):
    """What an incident is about."""

    DISCHARGE = "discharge"  # 疑似排污
    SILENT_STATION = "silent_station"  # 站点失联
    FLOATING_LITTER = "floating_litter"  # 漂浮垃圾
    VEGETATION_MAT = "vegetation_mat"  # 水草
    DUMPING = "dumping"  # 疑似倾倒
    BLIND_CAMERA = "blind_camera"  # 摄像机失明
    DEVICE_FAULT = "device_fault"  # 设备故障
    DISTURBED_BUOY = "disturbed_buoy"  # 浮标异动


class Severity(StrEnum):
    """How much it matters."""

    MINOR = "minor"  # 一般
    MAJOR = "major"  # 较重
    SEVERE = "severe"  # 严重


class Rule(StrEnum):
    """Names of rules that code knows. A site's rule file may hold others: a rule's name is open."""

    CLASS = "class_worse_than_target"
    AMMONIA_STEP = "ammonia_step"
    OXYGEN_FALL = "oxygen_fall"
    EARLY_WARNING = "early_warning"
    SILENT = "silent_station"
    SEEN_DISCHARGE = "seen_discharge"
    SEEN_LITTER = "seen_litter"
    SEEN_MAT = "seen_vegetation_mat"
    SEEN_DUMPING = "seen_dumping"
    BLIND = "blind_camera"
    LID_OPEN = "lid_open"
    ADRIFT = "adrift"
    CLONED = "cloned_identity"


# What a rule's finding is evidence of, where that is not a discharge.
_KINDS: dict[str, Kind] = {
    Rule.SILENT: Kind.SILENT_STATION,
    Rule.SEEN_LITTER: Kind.FLOATING_LITTER,
    Rule.SEEN_MAT: Kind.VEGETATION_MAT,
    Rule.SEEN_DUMPING: Kind.DUMPING,
    Rule.BLIND: Kind.BLIND_CAMERA,
    Rule.LID_OPEN: Kind.DISTURBED_BUOY,
    Rule.ADRIFT: Kind.DISTURBED_BUOY,
    Rule.CLONED: Kind.DISTURBED_BUOY,
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where exactly something was seen, such as from a drone: WGS-84, and the reach."""

    lon_lat: LonLat
    reach: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's decision that something is wrong, with its reason in words.

    `rule` is the rule's name and `incident` the kind of incident that a site's own rule declares.
    `station` is the witness: a station or a camera, and of that the `zone` of its picture. What a
    camera sees may lie elsewhere: at the outfall that `place` names. `baseline` is the value that
    it departed from, kept so that the rule can tell when it is over. `state`, `count` and `area_m2`
    are a camera's; `detail` is what a page needs to draw the finding, as JSON takes it. `spot` is
    where a witness that moves saw it; such a one has no registered place.
    """

    rule: str
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
    incident: Kind | None = None
    detail: Mapping[str, Any] | None = None
    spot: Spot | None = None

    @property
    def kind(self) -> Kind:
        """The kind of incident that this is evidence of."""
        return self.incident or _KINDS.get(self.rule, Kind.DISCHARGE)

    @property
    def where(self) -> str:
        """Code of the place: the witness's own unless it says otherwise."""
        return self.place or self.station

    def reach_in(self, registry: Registry) -> str:
        """Code of the reach that it lies in. KeyError where its place is not registered."""
        return self.spot.reach if self.spot else registry.place(self.where).reach


@dataclass(frozen=True, slots=True)
class Cleared:
    """A rule's decision that what it found is over."""

    rule: str
    station: str
    at: datetime
    zone: str = ""
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence of an incident: who saw it where, from when to when (None = still).

    `alert_id` is the key of the alert that holds it; `lon`, `lat` are those of a `Spot`.
    """

    station: str
    place: str
    zone: str
    started_at: datetime
    ended_at: datetime | None
    alert_id: int
    lon: float | None = None
    lat: float | None = None

    @property
    def lon_lat(self) -> LonLat | None:
        """Where exactly it saw it, where it moves."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)
