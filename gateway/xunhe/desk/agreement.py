"""The river agrees, or does not: what the witnesses of a problem say after it is said to be done.

The desk asks the very sensors and cameras that saw the problem, for a set time. Their answer is
evidence: it lets a person accept the work, or not; it never closes a ticket by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk.log import JSON
from xunhe.domain.ticket import Answer, Watch


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one witness says of the time of a watch.

    `began` counts its alerts of the same kind that began during it; `is_alarmed`: one goes on.
    `heard` counts what it measured or whether it was watching: 0 says that it is silent. `values`
    are the newest, by property.
    """

    witness: str
    zone: str
    began: int
    is_alarmed: bool
    heard: int
    values: tuple[tuple[str, float], ...] = ()

    def told(self) -> JSON:
        """As it stands in the log."""
        return {
            "witness": self.witness,
            "zone": self.zone,
            "began": self.began,
            "is_alarmed": self.is_alarmed,
            "heard": self.heard,
            "values": dict(self.values),
        }


def answer(watch: Watch, testimonies: Sequence[Testimony], now: datetime) -> Answer:
    """What the river says at an instant.

    A new alert speaks against the work at once; one that goes on, when the time is over. A witness
    that is silent says nothing; where all are, nobody can tell.
    """
    if any(one.began for one in testimonies):
        return Answer.DISAGREES
    if now < watch.until:
        return Answer.WATCHING
    if any(one.is_alarmed for one in testimonies):
        return Answer.DISAGREES
    return Answer.AGREES if any(one.heard for one in testimonies) else Answer.CANNOT_TELL


_WORDS = {
    Answer.AGREES: "原测站与摄像机在监测期内未再报警 / its witnesses raised no alarm while watched",
    Answer.DISAGREES: "监测仍异常 / its witnesses still see it",
    Answer.CANNOT_TELL: "没有可用的监测，须现场核验 / no witness could be heard: check on site",
}


def in_words(found: Answer) -> str:
    """The reason that stands beside an answer in the log."""
    return _WORDS[found]
