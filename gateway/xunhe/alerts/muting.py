"""Why a finding raises no alarm: inhibited by what explains it, or silenced by a person.

Neither loses anything: the decision is kept with its reason, and the finding is raised as soon as
the cause is gone and the water is still bad.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from xunhe.alerts.rulebook import Inhibit
from xunhe.alerts.words import Words
from xunhe.domain.incident import Finding


class Cause(StrEnum):
    """What muted a finding."""

    INHIBITED = "inhibited"  # 被抑制
    SILENCED = "silenced"  # 已静默


@dataclass(frozen=True, slots=True)
class Muted:
    """A finding that is kept from raising an alarm. `by` names the inhibition or the silence."""

    finding: Finding
    cause: Cause
    by: str
    reason: Words


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule sees at this sample, raised or not yet."""

    rule: str
    prop: str
    reason: Words


@dataclass(frozen=True, slots=True)
class Labels:
    """What a silence goes by. A label that is None fits everything."""

    station: str | None = None
    reach: str | None = None
    rule: str | None = None
    kind: str | None = None
    zone: str | None = None

    @property
    def shown(self) -> str:
        """Such as `station=YX-S1 rule=ammonia_step`."""
        labels = asdict(self).items()
        return " ".join(f"{name}={value}" for name, value in labels if value is not None)

    def fit(self, finding: Finding, reach: str) -> bool:
        """Does the finding, in that reach, bear all of them?"""
        return (
            self.station in (None, finding.station)
            and self.reach in (None, reach)
            and self.rule in (None, finding.rule)
            and self.kind in (None, finding.kind.value)
            and self.zone in (None, finding.zone)
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """Alarms that a person does not want for a while: who, why, from when to when (exclusive)."""

    silence_id: int
    labels: Labels
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str

    def holds_at(self, at: datetime) -> bool:
        """Is it in force at this instant?"""
        return self.starts_at <= at < self.ends_at


def inhibited(
    finding: Finding, seen: Iterable[Seen], inhibits: Mapping[str, Inhibit]
) -> Muted | None:
    """The finding as muted by something else that is seen at its own station, or None."""
    for condition in seen:
        for name, inhibit in inhibits.items():
            if _explains(condition, finding, inhibit):
                reason = Words(
                    f"由本站“{condition.reason.zh}”解释", f"explained by: {condition.reason.en}"
                )
                return Muted(finding, Cause.INHIBITED, name, reason)
    return None


def silenced(
    finding: Finding, reach: str, at: datetime, silences: Iterable[Silence]
) -> Muted | None:
    """The finding as muted by the first silence that it fits at that instant, or None."""
    for silence in silences:
        if silence.holds_at(at) and silence.labels.fit(finding, reach):
            reason = Words(
                f"{silence.author}静默：{silence.reason}",
                f"silenced by {silence.author}: {silence.reason}",
            )
            return Muted(finding, Cause.SILENCED, str(silence.silence_id), reason)
    return None


def _explains(condition: Seen, finding: Finding, inhibit: Inhibit) -> bool:
    return (
        inhibit.where == "same_station"
        and inhibit.by == condition.rule != finding.rule
        and finding.kind in inhibit.mutes
        and (not inhibit.same_indicator or condition.prop == finding.prop)
    )
