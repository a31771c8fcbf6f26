"""Why readings judge nothing: bad input that was found and named."""

from dataclasses import dataclass

from xunhe.alerts.words import Words
from xunhe.water.suspects import Suspect


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why readings of a property (or of the whole station: prop "") judge nothing, from when on."""

    name: str
    prop: str
    from_s: float
    reason: Words


def doubt_of(suspect: Suspect) -> Doubt:
    """A suspicion as the reason not to judge."""
    reason = Words(suspect.detail_zh, suspect.detail_en)
    return Doubt(suspect.kind.value, suspect.prop, suspect.from_s, reason)
