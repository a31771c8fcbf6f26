"""Numbers of papers: 〔YYYY〕N号, for each kind and year from 1 on, without a gap.

The year is that of the day of issue in Asia/Shanghai. Whoever writes a paper takes the number in
the transaction that writes it, so that no number is ever taken for nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from xunhe.desk.documents.model import Kind, day_zh
from xunhe.domain.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Serial:
    """The number of one paper among those of its kind."""

    kind: Kind
    year: int
    serial: int

    def text(self, office_short: str) -> str:
        """Such as 河长办交〔2026〕1号."""
        return f"{office_short}{self.kind.sign}〔{self.year}〕{self.serial}号"


class IssuedBackwardsError(ValueError):
    """A paper would be dated before one of its kind that has an earlier number."""

    def __init__(self, last: Serial, last_at: datetime, issued_at: datetime) -> None:
        super().__init__(
            f"{last.kind.label_zh}〔{last.year}〕{last.serial}号 is dated {day_zh(last_at)}; the"
            f" next one would be dated {day_zh(issued_at)}. Check the gateway's clock."
        )


def following(kind: Kind, issued_at: datetime, last: tuple[Serial, datetime] | None) -> Serial:
    """The number after `last`, the newest of its kind with its instant (None: there is none).

    Raises IssuedBackwardsError where the clock went back by a day or more.
    """
    issued_on = issued_at.astimezone(SHANGHAI).date()
    if last is None:
        return Serial(kind, issued_on.year, 1)
    serial, last_at = last
    if issued_on < last_at.astimezone(SHANGHAI).date():
        raise IssuedBackwardsError(serial, last_at, issued_at)
    same_year = serial.year == issued_on.year
    return Serial(kind, issued_on.year, serial.serial + 1 if same_year else 1)
