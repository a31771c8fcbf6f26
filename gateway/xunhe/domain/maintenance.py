"""Maintenance: when somebody worked at a station, and on what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Work(StrEnum):
    """What was done."""

    CLEANING = "cleaning"
    CALIBRATION = "calibration"
    REPAIR = "repair"
    REPLACEMENT = "replacement"

    @property
    def label_zh(self) -> str:
        """For the operator."""
        return {
            Work.CLEANING: "清洗",
            Work.CALIBRATION: "校准",
            Work.REPAIR: "维修",
            Work.REPLACEMENT: "更换",
        }[self]


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Work at a station from `started_at` to `ended_at` (None: still going on).

    `prop` "" concerns the whole station. `found_error` is reading minus standard in the property's
    unit, noted before a calibration. Raises ValueError for naive or reversed instants.
    """

    station: str
    work: Work
    started_at: datetime
    ended_at: datetime | None = None
    prop: str = ""
    found_error: float | None = None
    actor: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for at in (self.started_at, self.ended_at):
            if at is not None and at.tzinfo is None:
                raise ValueError(f"maintenance of {self.station}: {at} is naive")
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise ValueError(f"maintenance of {self.station} ends before it begins")

    def concerns(self, prop: str) -> bool:
        """Does it touch this property?"""
        return self.prop in ("", prop)
