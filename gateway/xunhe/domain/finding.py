"""What a flight found on or beside the river.

Words of detection, not of law: that a heap on the bank is an occupation (乱占), a digging (乱采), a
tip (乱堆) or a building (乱建) is a person's decision.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite

from xunhe.domain.ellipse import Covariance, Ellipse
from xunhe.domain.position import LonLat
from xunhe.domain.river_place import RiverPlace


class FindingKind(StrEnum):
    """What was found."""

    LITTER = "litter"  # 漂浮垃圾
    MAT = "vegetation_mat"  # 水草
    PLUME = "plume"  # 异色水流，疑似排污
    BANK_CHANGE = "bank_change"  # 岸线变化，待人认定

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return _LABELS[self][0]

    @property
    def label_en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]

    @property
    def waits_for_a_name(self) -> bool:
        """Nothing follows from it before a person has said what it is."""
        return self is FindingKind.BANK_CHANGE


_LABELS = {
    FindingKind.LITTER: ("漂浮垃圾", "floating litter"),
    FindingKind.MAT: ("水草", "vegetation mat"),
    FindingKind.PLUME: ("异色水流", "discoloured plume"),
    FindingKind.BANK_CHANGE: ("岸线变化", "change on the bank"),
}


class FindingStatus(StrEnum):
    """Beside the last flight over the same water."""

    NEW = "new"  # 新增
    STILL = "still"  # 仍在
    GONE = "gone"  # 已消失：what the last flight found and this one, having looked, did not

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {"new": "新增", "still": "仍在", "gone": "已消失"}[self]

    @property
    def label_en(self) -> str:
        """The same in English."""
        return {"new": "new", "still": "still there", "gone": "gone"}[self]


@dataclass(frozen=True, slots=True)
class FoundAt:
    """Where on the water: WGS-84, how unsure (m², east and north), and where on the river.

    `river` is None where no registered reach is near.
    """

    lon_lat: LonLat
    covariance_m2: Covariance
    river: RiverPlace | None = None

    @property
    def ellipse(self) -> Ellipse:
        """Of one standard deviation."""
        return Ellipse.of(self.covariance_m2)


@dataclass(frozen=True, slots=True)
class FlightFinding:
    """One thing, or a group of pieces of one kind that lie together, over all frames.

    `id` is unique within its flight. `first_s`, `last_s` are seconds of the film; `first_at`,
    `last_at` aware UTC, None where the telemetry has no clock. `at` is None without telemetry.
    `area_m2` is what the pieces cover, None where it is not known; `count` how many pieces there
    are, `frames` in how many pictures they were seen. `confidence` 0 to 1. `picture` is the name of
    the best picture among the report's files; of what is gone, the last flight's.
    """

    id: str
    kind: FindingKind
    first_s: float
    last_s: float
    first_at: datetime | None
    last_at: datetime | None
    at: FoundAt | None
    area_m2: float | None
    count: int
    frames: int
    confidence: float
    reason_zh: str
    reason_en: str
    status: FindingStatus | None = None
    picture: str | None = None

    def __post_init__(self) -> None:
        if self.count < 1 or self.frames < 0 or not 0 <= self.confidence <= 1:
            raise ValueError(
                f"finding {self.id}: count {self.count} at least 1, frames {self.frames} at least"
                f" 0, confidence {self.confidence:g} from 0 to 1"
            )
        if not (isfinite(self.first_s) and isfinite(self.last_s) and self.first_s <= self.last_s):
            raise ValueError(f"finding {self.id}: seen from {self.first_s} s to {self.last_s} s")

    @property
    def reach(self) -> str | None:
        """Code of the reach; None where it is not known."""
        return None if self.at is None or self.at.river is None else self.at.river.reach

    @property
    def kilometre(self) -> float | None:
        """On the reach, from its head."""
        return None if self.at is None or self.at.river is None else self.at.river.kilometre

    @property
    def is_there(self) -> bool:
        """False for what only the last flight saw."""
        return self.status is not FindingStatus.GONE
