"""The state machine of a ticket, as a table. Everything that decides a step lives here.

    待核实 → 已受理（挂单） → 已交办 → 处理中 → 待验收 → 已销号 → 归档
    aside: 不予受理, 误报, 合并, 挂起, 退回, 移送, 重开

A step has an actor, an instant and a reason. `check` says why one is refused; `desk.steps` makes
the ticket after it. The river's recovery is a step that changes no state: it never closes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum

from xunhe.desk.log import JSON
from xunhe.desk.roles import Actor, Relation
from xunhe.domain.ticket import Answer, Deadline, State, Ticket, Via


class Action(StrEnum):
    """What can be done with a ticket; the value is what the log and the API say."""

    ACCEPT = "accept"  # 受理（挂单）
    DECLINE = "decline"  # 不予受理
    FALSE_ALARM = "false_alarm"  # 误报
    MERGE = "merge"  # 合并
    ASSIGN = "assign"  # 交办
    START = "start"  # 开始处理
    RETURN = "return"  # 退回
    DONE = "done"  # 处理完成
    APPROVE = "approve"  # 验收通过
    REJECT = "reject"  # 验收不通过
    CLOSE = "close"  # 销号
    ARCHIVE = "archive"  # 归档
    REOPEN = "reopen"  # 重开
    SUSPEND = "suspend"  # 挂起
    RESUME = "resume"  # 恢复
    TRANSFER = "transfer"  # 移送
    RECALL = "recall"  # 收回移送
    ASK_EXTENSION = "ask_extension"  # 申请延期
    GRANT_EXTENSION = "grant_extension"  # 同意延期
    REFUSE_EXTENSION = "refuse_extension"  # 不同意延期
    ATTACH = "attach"  # 补充材料
    ANSWER = "answer"  # 河流作答
    OVERRULE = "overrule"  # 不采信监测
    FEEDBACK = "feedback"  # 反馈举报人
    REPORT = "report"  # 又有举报
    RECOUNT = "recount"  # 日历更新，重算时限


class Refusal(Enum):
    """Why a step is not taken."""

    WRONG_STATE = ("工单当前状态不允许此操作", "the ticket's state does not allow it")
    NOT_YOURS = ("您的岗位无权进行此操作", "your office may not do this")
    NO_REASON = ("缺少理由", "a reason is missing")
    NO_HANDLER = ("未指定承办单位或岗位", "no handler is named")
    NO_UNTIL = ("挂起须有晚于现在的期限", "a suspension needs an end that lies ahead")
    NO_TARGET = ("合并须指明另一张未结工单", "name another open ticket to merge into")
    NO_RECIPIENT = ("移送须指明接收单位", "name who receives it")
    NO_EVIDENCE = ("本轮处理尚无材料", "no evidence has been brought in this round")
    NO_FILES = ("没有附上材料", "nothing is attached")
    OWN_WORK = ("处理人不得验收自己的工作", "who handled it cannot accept it")
    RIVER_WATCHED = ("监测期未满", "the river is still being watched")
    RIVER_DISAGREES = ("监测仍异常", "the river disagrees: the sensors still see it")
    NOT_APPROVED = ("尚未验收通过", "the work has not been approved")
    FEEDBACK_OWED = ("尚未反馈举报人", "whoever reported it has had no answer yet")
    NO_LATER_DUE = ("延期须晚于现时限", "the new deadline must be later than the present one")
    NONE_ASKED = ("没有待批的延期申请", "no extension has been asked for")
    OWN_REQUEST = ("申请人不得批准自己的延期", "who asked for it cannot approve it")
    NOT_HANDLED_YET = ("不在监测之中", "the river is not being asked")


class ForbiddenTransitionError(ValueError):
    """A step that the machine refuses; nothing has changed."""

    def __init__(self, refusal: Refusal, action: Action, state: State) -> None:
        self.refusal = refusal
        self.zh, en = refusal.value
        super().__init__(f"{action.value} of a ticket that is {state.value}: {en}")


@dataclass(frozen=True, slots=True)
class Move:
    """A step that somebody wants to take, with what its action needs."""

    action: Action
    actor: Actor
    at: datetime
    reason: str
    handler: str | None = None  # ASSIGN: a post or department
    via: Via = Via.SYSTEM  # ASSIGN
    deadline: Deadline | None = None  # REOPEN, RECOUNT: counted by the caller
    until: datetime | None = None  # SUSPEND; DONE: the end of the watch
    due_at: datetime | None = None  # ASK_EXTENSION
    into: int | None = None  # MERGE
    recipient: str | None = None  # TRANSFER
    files: tuple[str, ...] = ()  # ATTACH: SHA-256 of what is brought
    answer: Answer | None = None  # ANSWER
    detail: Mapping[str, JSON] = field(default_factory=dict)  # what else the log shall say


Need = Callable[[Ticket, Move], Refusal | None]


def _unless(refusal: Refusal, holds: Callable[[Ticket, Move], object]) -> Need:
    return lambda ticket, move: None if holds(ticket, move) else refusal


def _river_lets_pass(ticket: Ticket, _move: Move) -> Refusal | None:
    if ticket.watch is None or ticket.watch.answer.lets_pass:
        return None
    if ticket.watch.answer is Answer.WATCHING:
        return Refusal.RIVER_WATCHED
    return Refusal.RIVER_DISAGREES


def _other_than_handler(ticket: Ticket, move: Move) -> bool:
    """Neither the office nor the person that handled it."""
    by = ticket.handled_by
    if by is None:
        return True
    is_same_person = move.actor.person is not None and move.actor.person == by.person
    return move.actor.code != by.code and not is_same_person


def _other_than_asker(ticket: Ticket, move: Move) -> bool:
    asked = ticket.extension
    if asked is None:
        return True
    is_same_person = move.actor.person is not None and move.actor.person == asked.person
    return move.actor.code != asked.asked_by and not is_same_person


_HANDLER = _unless(Refusal.NO_HANDLER, lambda _, move: move.handler)
_UNTIL = _unless(Refusal.NO_UNTIL, lambda _, move: move.until and move.until > move.at)
_TARGET = _unless(Refusal.NO_TARGET, lambda t, move: move.into and move.into != t.id)
_RECIPIENT = _unless(Refusal.NO_RECIPIENT, lambda _, move: move.recipient)
_EVIDENCE = _unless(Refusal.NO_EVIDENCE, lambda t, _: t.evidence)
_FILES = _unless(Refusal.NO_FILES, lambda _, move: move.files)
_NOT_OWN_WORK = _unless(Refusal.OWN_WORK, _other_than_handler)
_APPROVED = _unless(Refusal.NOT_APPROVED, lambda t, _: t.accepted_by)
_FEEDBACK = _unless(Refusal.FEEDBACK_OWED, lambda t, _: not t.owes_feedback)
_LATER = _unless(
    Refusal.NO_LATER_DUE,
    lambda t, move: move.due_at and move.due_at > max(t.deadline.due_at, move.at),
)
_ASKED = _unless(Refusal.NONE_ASKED, lambda t, _: t.extension)
_NOT_OWN_REQUEST = _unless(Refusal.OWN_REQUEST, _other_than_asker)
_WATCHED = _unless(Refusal.NOT_HANDLED_YET, lambda t, _: t.watch)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: in which states, by whom, to which state (None: it stays or goes back)."""

    before: frozenset[State]
    after: State | None
    who: frozenset[Relation]
    needs: tuple[Need, ...] = ()


_S, _R = State, Relation
_ALL = frozenset(State)
_OPEN = frozenset(state for state in State if state.is_open)
_WAITING = frozenset({_S.ACCEPTED, _S.RETURNED, _S.REOPENED})  # to be assigned
_WITH_HANDLER = frozenset({_S.ASSIGNED, _S.IN_PROGRESS})
_RUNNING = _WAITING | _WITH_HANDLER
_UNVERIFIED = frozenset({_S.UNVERIFIED})
_HANDLED = frozenset({_S.HANDLED})
_MANAGERS = frozenset({_R.OFFICE, _R.OWNER, _R.SUPERIOR})
_ON_DUTY = _MANAGERS | {_R.OPERATOR}
_ABOVE = frozenset({_R.OFFICE, _R.SUPERIOR})
_HANDLERS = frozenset({_R.HANDLER})
_ANYBODY = frozenset({_R.MEMBER})
_ITSELF = frozenset({_R.SYSTEM})

RULES: dict[Action, Rule] = {
    Action.ACCEPT: Rule(_UNVERIFIED, _S.ACCEPTED, _ON_DUTY),
    Action.DECLINE: Rule(_UNVERIFIED, _S.DECLINED, _MANAGERS, (_FEEDBACK,)),
    Action.FALSE_ALARM: Rule(_UNVERIFIED | _RUNNING, _S.FALSE_ALARM, _ON_DUTY, (_FEEDBACK,)),
    Action.MERGE: Rule(_UNVERIFIED | _RUNNING, _S.MERGED, _ON_DUTY, (_TARGET,)),
    Action.ASSIGN: Rule(_WAITING | {_S.ASSIGNED}, _S.ASSIGNED, _ON_DUTY, (_HANDLER,)),
    Action.START: Rule(frozenset({_S.ASSIGNED}), _S.IN_PROGRESS, _HANDLERS),
    Action.RETURN: Rule(_WITH_HANDLER, _S.RETURNED, _HANDLERS),
    Action.DONE: Rule(frozenset({_S.IN_PROGRESS}), _S.HANDLED, _HANDLERS, (_EVIDENCE,)),
    Action.APPROVE: Rule(_HANDLED, None, _MANAGERS, (_NOT_OWN_WORK, _river_lets_pass)),
    Action.REJECT: Rule(_HANDLED, _S.IN_PROGRESS, _MANAGERS, (_NOT_OWN_WORK,)),
    Action.CLOSE: Rule(
        _HANDLED, _S.CLOSED, _MANAGERS, (_NOT_OWN_WORK, _APPROVED, _river_lets_pass, _FEEDBACK)
    ),
    Action.ARCHIVE: Rule(frozenset({_S.CLOSED}), _S.ARCHIVED, frozenset({_R.OFFICE, _R.SYSTEM})),
    Action.REOPEN: Rule(
        frozenset({_S.CLOSED, _S.ARCHIVED}),
        _S.REOPENED,
        frozenset({_R.OFFICE, _R.SUPERIOR, _R.INSPECTOR, _R.SYSTEM}),
    ),
    Action.SUSPEND: Rule(_RUNNING, _S.SUSPENDED, _MANAGERS, (_UNTIL,)),
    Action.RESUME: Rule(frozenset({_S.SUSPENDED}), None, _MANAGERS | _ITSELF),
    Action.TRANSFER: Rule(_RUNNING, _S.TRANSFERRED, _ABOVE, (_RECIPIENT,)),
    Action.RECALL: Rule(frozenset({_S.TRANSFERRED}), None, _ABOVE),
    Action.ASK_EXTENSION: Rule(_RUNNING, None, _HANDLERS | {_R.OWNER}, (_LATER,)),
    Action.GRANT_EXTENSION: Rule(_RUNNING, None, _ABOVE, (_ASKED, _NOT_OWN_REQUEST)),
    Action.REFUSE_EXTENSION: Rule(_RUNNING, None, _ABOVE, (_ASKED, _NOT_OWN_REQUEST)),
    Action.ATTACH: Rule(_OPEN, None, _ANYBODY, (_FILES,)),
    Action.ANSWER: Rule(_HANDLED, None, _ITSELF, (_WATCHED,)),
    Action.OVERRULE: Rule(_HANDLED, None, _ABOVE, (_WATCHED, _NOT_OWN_WORK)),
    Action.FEEDBACK: Rule(_ALL, None, _MANAGERS),
    Action.REPORT: Rule(_OPEN, None, _ITSELF | {_R.OFFICE}),
    Action.RECOUNT: Rule(_OPEN, None, _ITSELF),
}


def check(ticket: Ticket, move: Move, stands: frozenset[Relation]) -> Refusal | None:
    """Why a step is refused to somebody who stands so to the ticket; None where it may be taken."""
    rule = RULES[move.action]
    if ticket.state not in rule.before:
        return Refusal.WRONG_STATE
    if not stands & rule.who:
        return Refusal.NOT_YOURS
    if not move.reason.strip():
        return Refusal.NO_REASON
    refusals = (need(ticket, move) for need in rule.needs)
    return next((refusal for refusal in refusals if refusal is not None), None)


# What a form offers only where there is something to decide.
_POINTLESS_WITHOUT: dict[Action, Callable[[Ticket], object]] = {
    Action.GRANT_EXTENSION: lambda ticket: ticket.extension,
    Action.REFUSE_EXTENSION: lambda ticket: ticket.extension,
    Action.OVERRULE: lambda ticket: ticket.watch,
    Action.FEEDBACK: lambda ticket: ticket.owes_feedback,
}


def offered(ticket: Ticket, stands: frozenset[Relation]) -> list[Action]:
    """The actions that a form may offer: right state, right office; their needs come with them."""
    return [
        action
        for action, rule in RULES.items()
        if ticket.state in rule.before
        and stands & rule.who
        and _POINTLESS_WITHOUT.get(action, bool)(ticket)
    ]
