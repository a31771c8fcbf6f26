"""The handing over of a post (离任交接): the list that both sign, and when the duty moves.

The list is drawn up once and does not change after; both sign its SHA-256. The duty moves at the
instant of the second signature. Where a post is vacant, its successor signs alone. Kinds in the
log, with subject `post:CODE`:

    handover.drafted    {handover, sha256, leaver, successor}
    handover.signed     {handover, sha256, side}
    handover.cancelled  {handover, reason}
    duty.moved          {handover, sha256, leaver, successor}: codes of persons, never names
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from xunhe.desk.log import JSON, canonical, iso

KINDS = ("handover.drafted", "handover.signed", "handover.cancelled", "duty.moved")


class Side(StrEnum):
    """Who signs."""

    LEAVER = "leaver"  # 移交人
    SUCCESSOR = "successor"  # 接收人

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {"leaver": "移交人", "successor": "接收人"}[self]


class HandoverError(ValueError):
    """A step of a handover that cannot be; Chinese and English, with what to do."""


@dataclass(frozen=True, slots=True)
class Water:
    """A reach or lake of the post; `length_m` None for a lake."""

    code: str
    name: str
    river: str
    length_m: float | None
    target: str
    tributaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket that is not done."""

    number: str
    category: str
    state: str
    reach: str
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A measure of 一河一策 or a project under way; `done` and `target` in `measure`."""

    code: str
    title: str
    done: float
    target: float
    measure: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SectionState:
    """A section and the class that it was last in; empty where nothing was measured."""

    code: str
    name: str
    target: str
    last_class: str
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A buoy or camera and when it was last heard of."""

    code: str
    name: str
    kind: str
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is handed over (离任交接清单)."""

    waters: tuple[Water, ...]
    tickets: tuple[OpenTicket, ...]
    tasks: tuple[OpenTask, ...]
    sections: tuple[SectionState, ...]
    devices: tuple[DeviceState, ...]
    outfalls: tuple[str, ...]
    last_patrol_at: datetime | None

    def to_text(self) -> str:
        """Canonical JSON: what is stored, hashed and signed."""
        return canonical(_plain(asdict(self)))


_CHECKLIST = TypeAdapter(Checklist)


def _plain(value: object) -> JSON:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{value!r} has no place in a checklist")


def digest(content: str) -> str:
    """SHA-256 of a list's text, in hex."""
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Handover:
    """One handover; `leaver` and `successor` are codes of persons."""

    id: int
    post: str
    leaver: str | None
    successor: str
    drafted_at: datetime
    content: str
    sha256: str
    leaver_signed_at: datetime | None = None
    successor_signed_at: datetime | None = None
    moved_at: datetime | None = None
    cancelled_at: datetime | None = None

    def checklist(self) -> Checklist:
        """The list as it was drawn up."""
        return _CHECKLIST.validate_json(self.content)

    @property
    def is_open(self) -> bool:
        """Somebody has still to sign."""
        return self.moved_at is None and self.cancelled_at is None

    def side_of(self, person: str) -> Side | None:
        """As what a person may sign."""
        if person == self.successor:
            return Side.SUCCESSOR
        return Side.LEAVER if person == self.leaver else None

    def signed_by(self, side: Side) -> datetime | None:
        """When a side signed."""
        return self.leaver_signed_at if side is Side.LEAVER else self.successor_signed_at


def check_draft(post: str, leaver: str | None, successor: str) -> None:
    """Raise HandoverError where a post would go to whoever holds it."""
    if leaver == successor:
        raise HandoverError(
            f"{successor} 已担任 {post}，无需交接 / {successor} holds {post} already"
        )


def sign(handover: Handover, person: str, sha256: str, at: datetime) -> Handover:
    """The handover after a person's signature under the list of this hash.

    It moves the duty at `at` where nobody else has to sign. A clock that was set back does not
    date a signature before the draft or the other signature. Raises HandoverError.
    """
    side = handover.side_of(person)
    if not handover.is_open:
        raise HandoverError("交接已结束 / this handover is over: draw up a new one")
    if side is None:
        raise HandoverError(
            f"{person} 不是本次交接的移交人或接收人"
            f" / {person} neither leaves nor takes {handover.post}"
        )
    if sha256 != handover.sha256:
        raise HandoverError(
            "清单与所签不符，请刷新后再签 / this is not the list: reload, then sign"
        )
    if handover.signed_by(side) is not None:
        raise HandoverError(f"{side.label_zh}已签 / the {side} has signed already")
    before = (handover.drafted_at, handover.leaver_signed_at, handover.successor_signed_at)
    at = max(at, *(instant for instant in before if instant is not None))
    if side is Side.LEAVER:
        signed = replace(handover, leaver_signed_at=at)
    else:
        signed = replace(handover, successor_signed_at=at)
    return replace(signed, moved_at=at) if _is_complete(signed) else signed


def _is_complete(handover: Handover) -> bool:
    """The successor has signed, and the leaver, if there is one."""
    is_left = handover.leaver is None or handover.leaver_signed_at is not None
    return is_left and handover.successor_signed_at is not None


def cancel(handover: Handover, at: datetime) -> Handover:
    """The handover called off; the duty stays. HandoverError where it is over."""
    if not handover.is_open:
        raise HandoverError("交接已结束，不能撤销 / this handover is over and stays")
    return replace(handover, cancelled_at=max(at, handover.drafted_at))
