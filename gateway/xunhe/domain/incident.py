"""Findings of the rules, and the incidents that they open or join."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an incident is about."""

    DISCHARGE = "discharge"  # 疑似排污
    SILENT_STATION = "silent_station"  # 站点失联


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

    @property
    def kind(self) -> Kind:
        """The kind of incident that a finding of this rule is evidence of."""
        return Kind.SILENT_STATION if self is Rule.SILENT else Kind.DISCHARGE


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's decision that something is wrong at a station, with its reason in words.

    `baseline` is the value that it departed from, kept so that the rule can tell when it is over.
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


@dataclass(frozen=True, slots=True)
class Cleared:
    """A rule's decision that what it found is over."""

    rule: Rule
    station: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence of an incident: a station, from when to when (None = still)."""

    station: str
    started_at: datetime
    ended_at: datetime | None
