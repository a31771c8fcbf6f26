"""The ticket (工单): one problem with one owner, one clock and one history.

A ticket is a value: `desk.machine` says which steps are allowed, `desk.steps` makes the ticket
after a step. The owner is a post (`post`), whoever handles it a post or a department (`handler`);
persons stand here only as ids of the erasable table `personal`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xunhe.domain.incident import Severity


class State(StrEnum):
    """States of a ticket; the value is what is stored."""

    UNVERIFIED = "unverified"  # 待核实
    ACCEPTED = "accepted"  # 已受理（挂单）
    ASSIGNED = "assigned"  # 已交办
    IN_PROGRESS = "in_progress"  # 处理中
    HANDLED = "handled"  # 待验收
    CLOSED = "closed"  # 已销号
    ARCHIVED = "archived"  # 归档
    RETURNED = "returned"  # 退回
    SUSPENDED = "suspended"  # 挂起
    REOPENED = "reopened"  # 重开
    TRANSFERRED = "transferred"  # 移送
    DECLINED = "declined"  # 不予受理
    FALSE_ALARM = "false_alarm"  # 误报
    MERGED = "merged"  # 合并

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return _LABELS_ZH[self]

    @property
    def is_open(self) -> bool:
        """Somebody still owes work on it."""
        return self not in _DONE

    @property
    def is_ticking(self) -> bool:
        """Its clock runs: it is open, and neither 挂起 nor 移送."""
        return self.is_open and self not in (State.SUSPENDED, State.TRANSFERRED)


_LABELS_ZH = {
    State.UNVERIFIED: "待核实",
    State.ACCEPTED: "已受理（挂单）",
    State.ASSIGNED: "已交办",
    State.IN_PROGRESS: "处理中",
    State.HANDLED: "待验收",
    State.CLOSED: "已销号",
    State.ARCHIVED: "归档",
    State.RETURNED: "退回",
    State.SUSPENDED: "挂起",
    State.REOPENED: "重开",
    State.TRANSFERRED: "移送",
    State.DECLINED: "不予受理",
    State.FALSE_ALARM: "误报",
    State.MERGED: "合并",
}
_DONE = frozenset({State.CLOSED, State.ARCHIVED, State.DECLINED, State.FALSE_ALARM, State.MERGED})


class Source(StrEnum):
    """Who found the problem."""

    BUOY = "buoy"  # 浮标
    CAMERA = "camera"  # 摄像机
    DRONE = "drone"  # 无人机
    CHIEF = "chief"  # 河长巡河
    CITIZEN = "citizen"  # 群众举报
    INSPECTION = "inspection"  # 暗访
    HOTLINE = "12345"  # 12345 热线
    NEIGHBOUR = "neighbour"  # 邻区移交


class Via(StrEnum):
    """How it was assigned (交办方式)."""

    SYSTEM = "system"  # 平台交办
    VIDEO = "video"  # 暗访视频问题交办
    ON_SITE = "on_site"  # 现场巡河交办
    MEETING = "meeting"  # 会议交办
    CIRCULAR = "circular"  # 通报交办


class Answer(StrEnum):
    """What the river says of a ticket that is said to be done."""

    WATCHING = "watching"  # 监测中
    AGREES = "agrees"  # 监测正常
    DISAGREES = "disagrees"  # 监测仍异常
    CANNOT_TELL = "cannot_tell"  # 无监测可证
    OVERRULED = "overruled"  # 上级决定不采信监测

    @property
    def lets_pass(self) -> bool:
        """A person may accept the work."""
        return self not in (Answer.WATCHING, Answer.DISAGREES)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When it is due.

    `working_days` after the day of `since`, or, where that is None, an instant that was set or
    counted in plain hours. Provisional while the calendar lacks a year that it was counted over.
    """

    due_at: datetime
    working_days: int | None = None
    since: datetime | None = None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands: since when, until when at most, and the state to go back to."""

    state: State
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A 延期 that was asked for and waits for an approver."""

    due_at: datetime
    asked_by: str
    person: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Watch:
    """The river is asked from `since` to `until` whether the work has helped."""

    since: datetime
    until: datetime
    answer: Answer = Answer.WATCHING


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did a thing: a post, department or role, and the id of the person at that instant."""

    code: str
    person: int | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket at one revision."""

    id: int
    number: str  # XH-2026-0001
    source: Source
    category: str
    severity: Severity
    reach: str
    post: str  # the owner
    state: State
    opened_at: datetime
    changed_at: datetime
    deadline: Deadline
    incident_id: int | None = None  # its first
    lon_lat: tuple[float, float] | None = None  # WGS-84
    campaign: str = ""
    is_difficult: bool = False
    revision: int = 1
    round: int = 1  # 2 after the first 重开, …
    is_chronic: bool = False  # 顽疾
    handler: str | None = None
    assigned_via: Via | None = None
    handled_at: datetime | None = None
    handled_by: Doer | None = None
    accepted_by: Doer | None = None  # 验收通过
    closed_at: datetime | None = None
    pause: Pause | None = None
    paused_s: float = 0.0
    extension: Extension | None = None
    watch: Watch | None = None
    evidence: int = 0  # pieces brought in this round
    repeat_reports: int = 0  # public reports beyond the first
    owes_feedback: bool = False  # somebody who reported it waits for an answer
    merged_into: int | None = None
    recipient: str | None = None  # of a 移送

    def __post_init__(self) -> None:
        if self.deadline.due_at <= self.opened_at:
            raise ValueError(
                f"ticket {self.number}: due {self.deadline.due_at} is not after its opening"
                f" at {self.opened_at}"
            )
