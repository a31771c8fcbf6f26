"""Bulletins: what the gateway tells the world of an incident, each change once and numbered.

What would accuse somebody waits for a person; what was told and proves false is withdrawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xunhe.domain.incident import Kind, Rule, Severity
from xunhe.domain.position import LonLat
from xunhe.domain.ticket import State

# The water's own incidents; those of devices are the district's own affair.
PUBLIC = frozenset({Kind.DISCHARGE, Kind.FLOATING_LITTER, Kind.VEGETATION_MAT, Kind.DUMPING})
# What a model saw and thereby says that somebody did it.
_ACCUSING = frozenset({Rule.SEEN_DISCHARGE, Rule.SEEN_DUMPING})
_REFUTED = frozenset({State.FALSE_ALARM, State.DECLINED})


class Change(StrEnum):
    """What a bulletin does to those before it."""

    OPENED = "opened"
    UPDATED = "updated"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """One alert of an incident, as far as others may know it."""

    rule: str
    place: str
    prop: str
    value: float | None
    started_at: datetime
    ended_at: datetime | None
    reason_zh: str
    reason_en: str
    lon_lat: LonLat | None = None  # where it moves

    @property
    def accuses(self) -> bool:
        """A model says by it that somebody did something."""
        return self.rule in _ACCUSING


@dataclass(frozen=True, slots=True)
class Facts:
    """An incident as it stands. `verdict` is the newest of a person; None where nobody has said."""

    incident_id: int
    kind: Kind
    severity: Severity
    reach: str
    started_at: datetime
    ended_at: datetime | None
    witnesses: Sequence[Witnessed]
    ticket: str | None = None
    ticket_state: State | None = None
    verdict: bool | None = None

    @property
    def is_confirmed(self) -> bool:
        """A person has looked and agrees: by a verdict, or by taking the ticket."""
        if self.verdict is not None:
            return self.verdict
        return self.ticket_state not in (None, State.UNVERIFIED, State.MERGED, *_REFUTED)

    @property
    def is_refuted(self) -> bool:
        """A person has said that it is none."""
        return self.verdict is False or (self.verdict is None and self.ticket_state in _REFUTED)


def told_of(facts: Facts) -> Sequence[Witnessed]:
    """The witnesses that may leave the desk now."""
    if facts.kind not in PUBLIC or facts.is_refuted:
        return ()
    return tuple(each for each in facts.witnesses if facts.is_confirmed or not each.accuses)


def change_of(facts: Facts, last: Change | None) -> Change | None:
    """What there is to tell, where `last` was told before (None: nothing); None for nothing.

    Whether anything has changed since then is for `signature` to say.
    """
    if not told_of(facts):
        is_standing = last not in (None, Change.WITHDRAWN)
        return Change.WITHDRAWN if is_standing else None
    if last in (None, Change.WITHDRAWN):
        return Change.OPENED
    return Change.ENDED if facts.ended_at is not None else Change.UPDATED


def signature(facts: Facts) -> list[object]:
    """What has to change for another bulletin: measured values alone do not."""
    witnesses = [
        [each.rule, each.place, each.started_at.isoformat(), each.ended_at is None]
        for each in told_of(facts)
    ]
    state = facts.ticket_state and facts.ticket_state.value
    is_over = facts.ended_at is not None
    return [facts.severity.value, is_over, state, facts.is_confirmed, witnesses]
