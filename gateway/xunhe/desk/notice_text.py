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


def digest(texts: Sequence[str], limit_bytes: int) -> str:
    """Several notices as one message of at most so many bytes of UTF-8."""
    if len(texts) == 1:
        return cut(texts[0], limit_bytes)
    heads = [text.replace("\n", " ｜ ") for text in texts]
    return cut("\n".join([f"【汇总】{len(texts)} 件", *heads]), limit_bytes)


def cut(text: str, limit_bytes: int) -> str:
    """The text, shortened at a whole character where it is too long; limit at least 3."""
    raw = text.encode()
    if len(raw) <= limit_bytes:
        return text
    room = limit_bytes - len(_ELLIPSIS.encode())
    return raw[:room].decode("utf-8", "ignore") + _ELLIPSIS
