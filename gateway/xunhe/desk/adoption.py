"""认领河段: somebody adopts a reach for a time and signs what he promises (责任书).

An adoption lives in the log; the adopter's name and telephone are personal data and stand apart.
Kinds, each with subject `adoption:ID`, where ID is that of the personal data:

    adoption.signed  reach, since, until, pledge: the text that was signed; personal, hash; by: the
                     id of the account's person where he signed for himself
    adoption.ended   {reason}: it ends before its time
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from xunhe.desk import fields
from xunhe.desk.log import JSON, Entry, iso
from xunhe.desk.refused import RefusedError

SIGNED, ENDED = "adoption.signed", "adoption.ended"
KINDS = (SIGNED, ENDED)

PLEDGE = (
    "本人自愿认领上述河段，承诺：一、认领期内每月至少巡护一次；二、发现问题及时上报，不自行处置危险情况；"
    "三、不进入水中，未成年人由监护人陪同；四、不以认领名义从事经营活动。"
    " / I adopt this reach of my own will and promise: to walk it at least once a month; to report"
    " what is wrong at once and to leave what is dangerous alone; to stay out of the water, and to"
    " take minors along only with their guardians; to do no business in its name."
)


class AdoptionError(RefusedError):
    """An adoption that cannot be."""


class Standing(Enum):
    """How an adoption stands at an instant: Chinese, English."""

    AHEAD = ("未开始", "ahead")
    RUNNING = ("认领中", "running")
    OVER = ("已期满", "over")
    ENDED = ("已终止", "ended")


@dataclass(frozen=True, slots=True)
class Adoption:
    """One adoption, from `since` until just before `until`. `id`: of the adopter's data."""

    id: int
    reach: str
    since: datetime
    until: datetime
    pledge: str
    signed_at: datetime
    by: int | None = None
    ended_at: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise AdoptionError("认领期止须不早于期起 / an adoption ends no earlier than it begins")

    def standing(self, at: datetime) -> Standing:
        """How it stands at an instant."""
        if self.ended_at is not None and self.ended_at <= at:
            return Standing.ENDED
        if at < self.since:
            return Standing.AHEAD
        return Standing.RUNNING if at < self.until else Standing.OVER

    def check_ending(self, at: datetime) -> None:
        """AdoptionError where there is nothing left to end."""
        if self.standing(at) in (Standing.OVER, Standing.ENDED):
            raise AdoptionError("认领已期满或终止 / the adoption is over already")

    def overlaps(self, other: "Adoption") -> bool:
        """Do both hold the same reach at some instant?"""
        end, others_end = self.ended_at or self.until, other.ended_at or other.until
        return self.reach == other.reach and self.since < others_end and other.since < end

    def data(self) -> dict[str, JSON]:
        """The data of its entry in the log, less the hash of the adopter's data."""
        return {
            "reach": self.reach,
            "since": iso(self.since),
            "until": iso(self.until),
            "pledge": self.pledge,
            "by": self.by,
        }


def folded(entries: Iterable[Entry]) -> dict[int, Adoption]:
    """The adoptions by id after these entries."""
    found: dict[int, Adoption] = {}
    for entry in entries:
        key = int(entry.subject.removeprefix("adoption:"))
        if entry.kind == SIGNED:
            found[key] = _signed(key, entry)
        else:
            reason = fields.text(entry, "reason")
            found[key] = replace(found[key], ended_at=entry.at, reason=reason)
    return found


def _signed(key: int, entry: Entry) -> Adoption:
    by = fields.number_if_any(entry, "by")
    return Adoption(
        id=key,
        reach=fields.text(entry, "reach"),
        since=fields.instant(entry, "since"),
        until=fields.instant(entry, "until"),
        pledge=fields.text(entry, "pledge"),
        signed_at=entry.at,
        by=None if by is None else int(by),
    )
