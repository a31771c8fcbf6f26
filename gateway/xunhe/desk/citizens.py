"""Reports of citizens (群众举报): what one must hold, which problem it is, what its sender sees.

    report → ticket 待核实 → verified by a person → dispatched → answered → closed

A report opens a ticket, or joins an open one of the same group of problems within 250 m. Its sender
stays unknown: a tracking code, of which the store keeps the hash alone, shows how things stand.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from random import Random

from xunhe.desk.categories import category
from xunhe.domain.position import LonLat, distance_m, distance_to_line_m
from xunhe.domain.registry import Reach
from xunhe.domain.ticket import State

MAX_TEXT = 1000  # characters
MAX_PHONE = 40
MAX_PHOTOS = 3

# Without 0 O 1 I L: a code is read aloud and copied by hand. 31^12 is 59 bits.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 12


class UnfitReportError(ValueError):
    """A report that cannot be taken; what to do stands in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Report:
    """What a citizen sends. `phone` and `account` (of points) may be empty."""

    category: str
    lon_lat: LonLat
    text: str
    phone: str = ""
    account: str = ""

    def __post_init__(self) -> None:
        category(self.category)
        if not 1 <= len(self.text.strip()) <= MAX_TEXT:
            raise UnfitReportError(
                f"请用 1 至 {MAX_TEXT} 字说明情况。", f"Describe it in 1 to {MAX_TEXT} characters."
            )
        if len(self.phone) > MAX_PHONE or not self.phone.isprintable():
            raise UnfitReportError("电话号码有误。", "The telephone number is malformed.")
        lon, lat = self.lon_lat
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise UnfitReportError("位置有误。", "The position is malformed.")


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """An open ticket that a report may be about."""

    ticket_id: int
    category: str
    lon_lat: LonLat


def same_problem(
    report: Report, problems: Iterable[OpenProblem], join_m: float
) -> OpenProblem | None:
    """The nearest open problem of the same group within `join_m`, inclusive; the older of equals.

    People name the leaf differently (偷排, 直排), the group alike.
    """
    group = category(report.category).group
    near = [
        (distance_m(report.lon_lat, problem.lon_lat), problem.ticket_id, problem)
        for problem in problems
        if category(problem.category).group == group
    ]
    distance, _, problem = min(near, default=(float("inf"), 0, None))
    return problem if distance <= join_m else None


def reaches_near(lon_lat: LonLat, reaches: Mapping[str, Reach], within_m: float) -> list[str]:
    """Codes of the reaches within `within_m` of a position, the nearest first.

    UnfitReportError where there is none.
    """
    distances = {code: distance_to_line_m(lon_lat, reach.line) for code, reach in reaches.items()}
    near = sorted((d, code) for code, d in distances.items() if d <= within_m)
    if not near:
        raise UnfitReportError(
            f"该位置 {within_m:g} 米内没有本平台管护的河段，请核对位置。",
            f"No reach in our care lies within {within_m:g} m of this position: check it.",
        )
    return [code for _, code in near]


def tracking_code(random: Random) -> str:
    """A new code, such as 7KQM-3XPA-9RTZ. `random` must be the system's for real ones."""
    signs = "".join(random.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(signs[i : i + 4] for i in range(0, _LENGTH, 4))


def code_hash(code: str) -> str:
    """SHA-256 (hex) of a code as typed: case, spaces and dashes do not matter."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def verify_by(received_at: datetime, hours: float) -> datetime:
    """Until when a person has to verify a report (限时办理)."""
    return received_at + timedelta(hours=hours)


class Stage(Enum):
    """How things stand, as its sender sees it: words in both languages."""

    TO_VERIFY = ("待核实", "to be verified")
    ACCEPTED = ("已受理", "accepted")
    IN_HAND = ("处理中", "being dealt with")
    REFERRED = ("已移送有关部门", "handed over to the authorities")
    DONE = ("已办结", "done")
    DECLINED = ("不予受理", "declined")


_STAGES = {
    State.UNVERIFIED: Stage.TO_VERIFY,
    State.ACCEPTED: Stage.ACCEPTED,
    State.TRANSFERRED: Stage.REFERRED,
    State.CLOSED: Stage.DONE,
    State.ARCHIVED: Stage.DONE,
    State.DECLINED: Stage.DECLINED,
    State.FALSE_ALARM: Stage.DECLINED,
}


def stage(state: State) -> Stage:
    """The stage of a ticket's state."""
    return _STAGES.get(state, Stage.IN_HAND)


def is_verified(state: State) -> bool:
    """Has a person found that the report is true? What may then be rewarded."""
    return stage(state) not in (Stage.TO_VERIFY, Stage.DECLINED)
