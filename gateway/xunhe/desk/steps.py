"""The ticket after a step: what each action of `desk.machine` changes, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from xunhe.desk.calendar import WorkCalendar
from xunhe.desk.deadline import resumed
from xunhe.desk.machine import RULES, Action, ForbiddenTransitionError, Move, check
from xunhe.desk.roles import Relation
from xunhe.domain.ticket import Answer, Deadline, Doer, Extension, Pause, Ticket, Watch

Effect = Callable[[Ticket, Move, WorkCalendar], Ticket]


def step(ticket: Ticket, move: Move, stands: frozenset[Relation], calendar: WorkCalendar) -> Ticket:
    """The ticket at its next revision. Raises ForbiddenTransitionError where `check` refuses.

    A clock that was set back does not run backwards here: the step then takes the instant of the
    ticket's last one.
    """
    move = replace(move, at=max(move.at, ticket.changed_at))
    refusal = check(ticket, move, stands)
    if refusal is not None:
        raise ForbiddenTransitionError(refusal, move.action, ticket.state)
    after = RULES[move.action].after or ticket.state
    effect = _EFFECTS.get(move.action)
    changed = ticket if effect is None else effect(ticket, move, calendar)
    if changed.state is ticket.state:
        changed = replace(changed, state=after)
    return replace(changed, revision=ticket.revision + 1, changed_at=move.at)


def _doer(move: Move) -> Doer:
    return Doer(move.actor.code, move.actor.person)


def _assign(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, handler=move.handler, assigned_via=move.via)


def _return(ticket: Ticket, _move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, handler=None)


def _done(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    watch = None if move.until is None else Watch(move.at, move.until)
    return replace(
        ticket,
        handled_at=move.at,
        handled_by=_doer(move),
        watch=watch,
        extension=None,
    )


def _approve(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, accepted_by=_doer(move))


def _reject(ticket: Ticket, _move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, handled_at=None, handled_by=None, accepted_by=None, watch=None)


def _end(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, closed_at=move.at, extension=None)


def _merge(ticket: Ticket, move: Move, calendar: WorkCalendar) -> Ticket:
    """Who reported it is answered from the ticket that it went into."""
    ended = _end(ticket, move, calendar)
    return replace(ended, merged_into=move.into, owes_feedback=False)


def _reopen(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(
        ticket,
        round=ticket.round + 1,
        is_chronic=True,
        deadline=move.deadline or ticket.deadline,
        handler=None,
        assigned_via=None,
        handled_at=None,
        handled_by=None,
        accepted_by=None,
        watch=None,
        closed_at=None,
        evidence=0,
    )


def _suspend(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, pause=Pause(ticket.state, move.at, move.until))


def _transfer(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    """Nobody here knows how long the others will take."""
    return replace(ticket, pause=Pause(ticket.state, move.at), recipient=move.recipient)


def _start_clock(ticket: Ticket, move: Move, calendar: WorkCalendar) -> Ticket:
    """The pause ends where it was to end at the latest, however late the desk looks."""
    pause = ticket.pause
    if pause is None:
        raise ValueError(f"ticket {ticket.number} is {ticket.state.value} without a pause")
    ended_at = move.at if pause.until is None else min(move.at, pause.until)
    return replace(
        ticket,
        state=pause.state,
        deadline=resumed(ticket.deadline, pause, ended_at, calendar),
        pause=None,
        paused_s=ticket.paused_s + (ended_at - pause.since).total_seconds(),
        recipient=None,
    )


def _ask(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    by = _doer(move)
    due_at = _named(move.due_at)
    return replace(ticket, extension=Extension(due_at, by.code, by.person, move.reason))


def _grant(ticket: Ticket, _move: Move, _calendar: WorkCalendar) -> Ticket:
    asked = ticket.extension
    due_at = max(_named(None if asked is None else asked.due_at), ticket.deadline.due_at)
    return replace(ticket, deadline=Deadline(due_at), extension=None)


def _refuse(ticket: Ticket, _move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, extension=None)


def _attach(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, evidence=ticket.evidence + len(move.files))


def _answer(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    """A river that disagrees takes an approval back."""
    if ticket.watch is None or move.answer is None:
        raise ValueError(f"ticket {ticket.number}: an answer without a watch")
    watch = replace(ticket.watch, answer=move.answer)
    accepted_by = ticket.accepted_by if move.answer.lets_pass else None
    return replace(ticket, watch=watch, accepted_by=accepted_by)


def _overrule(ticket: Ticket, move: Move, calendar: WorkCalendar) -> Ticket:
    return _answer(ticket, replace(move, answer=Answer.OVERRULED), calendar)


def _feedback(ticket: Ticket, _move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, owes_feedback=False)


def _report(ticket: Ticket, _move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, repeat_reports=ticket.repeat_reports + 1, owes_feedback=True)


def _recount(ticket: Ticket, move: Move, _calendar: WorkCalendar) -> Ticket:
    return replace(ticket, deadline=move.deadline or ticket.deadline)


def _named(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("an extension without its new deadline")
    return at


_EFFECTS: dict[Action, Effect] = {
    Action.DECLINE: _end,
    Action.FALSE_ALARM: _end,
    Action.MERGE: _merge,
    Action.ASSIGN: _assign,
    Action.RETURN: _return,
    Action.DONE: _done,
    Action.APPROVE: _approve,
    Action.REJECT: _reject,
    Action.CLOSE: _end,
    Action.REOPEN: _reopen,
    Action.SUSPEND: _suspend,
    Action.RESUME: _start_clock,
    Action.TRANSFER: _transfer,
    Action.RECALL: _start_clock,
    Action.ASK_EXTENSION: _ask,
    Action.GRANT_EXTENSION: _grant,
    Action.REFUSE_EXTENSION: _refuse,
    Action.ATTACH: _attach,
    Action.ANSWER: _answer,
    Action.OVERRULE: _overrule,
    Action.FEEDBACK: _feedback,
    Action.REPORT: _report,
    Action.RECOUNT: _recount,
}
