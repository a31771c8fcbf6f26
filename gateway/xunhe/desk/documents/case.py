"""What papers say of a ticket: words that are ready to print, instants that are not yet words."""

from dataclasses import dataclass
from datetime import datetime

from xunhe.desk.documents.model import Fact, Facts, Picture, minute_zh


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket as its papers tell it. `evidence` are its witnesses, the oldest first."""

    ticket_id: int
    number: str
    source: str
    category: str
    severity: str
    river: str
    reach: str
    place: str
    owner: str
    handler: str
    state: str
    found_at: datetime
    opened_at: datetime
    due_at: datetime
    is_provisional: bool
    evidence: tuple[Fact, ...]
    pictures: tuple[Picture, ...]

    @property
    def subject(self) -> str:
        """What the log calls it."""
        return f"ticket:{self.ticket_id}"

    @property
    def problem(self) -> str:
        """Such as 云溪（云溪上段）疑似排污问题."""
        return f"{self.river}（{self.reach}）{self.category}问题"

    @property
    def addressee(self) -> str:
        """Whoever handles it, or else its owner."""
        return self.handler or self.owner

    @property
    def deadline(self) -> str:
        """The deadline in words."""
        provisional = "（暂定：节假日安排公布后重新计算）" if self.is_provisional else ""
        return minute_zh(self.due_at) + provisional

    def facts(self) -> Facts:
        """The table at the head of every paper about it."""
        return Facts(
            (
                Fact("工单编号", self.number),
                Fact("问题类别", f"{self.category}（{self.severity}）"),
                Fact("所在河段", f"{self.river} {self.reach}"),
                Fact("具体位置", self.place),
                Fact("问题来源", self.source),
                Fact("责任岗位", self.owner),
                Fact("发现时间", minute_zh(self.found_at), self.found_at),
                Fact("受理时间", minute_zh(self.opened_at), self.opened_at),
                Fact("办理时限", self.deadline),
            )
        )
