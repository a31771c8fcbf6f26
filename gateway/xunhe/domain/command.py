"""Commands to buoys: queued here, signed and sent when the buoy is heard, answered by the buoy."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class CommandState(StrEnum):
    """How far a command has come."""

    QUEUED = "queued"
    SENT = "sent"  # at least once; sent again until the buoy answers
    CONFIRMED = "confirmed"
    REFUSED = "refused"

    @property
    def label_zh(self) -> str:
        """For the operator."""
        return _LABELS_ZH[self]


_LABELS_ZH = {
    CommandState.QUEUED: "等待发送",
    CommandState.SENT: "已发送",
    CommandState.CONFIRMED: "已确认",
    CommandState.REFUSED: "被拒绝",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command to one buoy; `content` as the firmware's orders.py takes it."""

    id: int
    device: str
    station: str
    content: dict[str, Any]
    state: CommandState
    created_at: datetime
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    reason: str | None = None  # the buoy's, where it refused
