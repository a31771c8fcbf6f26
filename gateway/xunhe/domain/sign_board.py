"""Sign boards (河长公示牌): where they stand, and whether they still say who is in charge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SignBoard:
    """A board by the water; `hotline` is the telephone of the supervising office.

    `renewed_at` is when it was last put up or renewed; None where nobody knows.
    """

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    hotline: str = ""
    renewed_at: datetime | None = None


def outdated_since(board: SignBoard, changes: Iterable[datetime], now: datetime) -> datetime | None:
    """Since when a board has named somebody who has left; None while it is right.

    `changes` are the instants at which a post of its reach changed hands.
    """
    if board.renewed_at is None:
        return None
    later = [at for at in changes if board.renewed_at < at <= now]
    return min(later, default=None)
