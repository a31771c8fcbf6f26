"""The words of a notice: short, Chinese first, without anybody's name or number.

What a citizen or an official wrote may hold personal data: only what sensors found is quoted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from xunhe.desk.categories import category
from xunhe.desk.notices import Act
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, Ticket

_SEVERITIES = {Severity.MINOR: "一般", Severity.MAJOR: "较重", Severity.SEVERE: "严重"}
_ACTS = {Act.TELL: "", Act.REMIND: "【催办】", Act.ESCALATE: "【无人响应，逐级上报】"}
_SENSORS = frozenset({Source.BUOY, Source.CAMERA, Source.DRONE})
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Room:
    """How long a text may be: so many bytes, at least 3, in the encoding that the limit counts."""

    most_bytes: int
    encoding: str = "utf-8"

    def holds(self, text: str) -> bool:
        """Does it fit?"""
        return len(text.encode(self.encoding)) <= self.most_bytes

    def cut(self, text: str) -> str:
        """The text, shortened at a whole character where it does not fit."""
        if self.holds(text):
            return text
        left = self.most_bytes - len(_ELLIPSIS.encode(self.encoding))
        return text.encode(self.encoding)[:left].decode(self.encoding, "ignore") + _ELLIPSIS


@dataclass(frozen=True, slots=True)
class About:
    """What a notice says of a ticket, beside the ticket itself."""

    reach: str  # its name in Chinese
    reason: str
    url: str  # of the ticket's page


def text_of(ticket: Ticket, act: Act, about: About) -> str:
    """Four lines at most: what, where and why, until when, where to look."""
    head = f"{_ACTS[act]}{ticket.number} {ticket.state.label_zh} · {_SEVERITIES[ticket.severity]}"
    reason = f"：{about.reason}" if ticket.source in _SENSORS and about.reason else ""
    due = ticket.deadline.due_at.astimezone(SHANGHAI)
    what = f"{about.reach} {category(ticket.category).zh}{reason}"
    return "\n".join([head, what, f"时限 {due:%Y-%m-%d %H:%M}", about.url])


def digest(texts: Sequence[str]) -> str:
    """Several notices as one message, a line each; one alone as it is."""
    if len(texts) == 1:
        return texts[0]
    heads = [text.replace("\n", " ｜ ") for text in texts]
    return "\n".join([f"【汇总】{len(texts)} 件", *heads])
