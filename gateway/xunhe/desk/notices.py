"""Who is told of a ticket, when, again, and who next: decided here, without input or output.

Times are the machine's: people sleep by that clock, also beside a virtual river.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import State, Ticket
from xunhe.outward_settings.notify import NotifySettings, RecipientSettings, RotaSettings

# Somebody has to do something now; every other state is told once.
_OWNERS_TURN = frozenset({State.UNVERIFIED, State.REOPENED, State.HANDLED})
_HANDLERS_TURN = frozenset({State.ASSIGNED, State.RETURNED})
_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_DAY = timedelta(days=1)


class Act(StrEnum):
    """Why a message goes out."""

    TELL = "tell"
    REMIND = "remind"  # the same office again
    ESCALATE = "escalate"  # nobody has answered: the office above


@dataclass(frozen=True, slots=True)
class Notice:
    """An office was told that a ticket waits for it. `state` is what the ticket was in then."""

    ticket_id: int
    office: str
    state: State
    severity: Severity
    told_at: datetime
    reminded: int = 0
    told: tuple[str, ...] = ()  # offices that were told because it did not answer
    next_at: datetime | None = None


def turn_of(ticket: Ticket) -> str | None:
    """The office that has to act now; None where nobody has to answer at once."""
    if ticket.state in _HANDLERS_TURN:
        return ticket.handler or ticket.post
    return ticket.post if ticket.state in _OWNERS_TURN else None


def is_answered(notice: Notice, ticket: Ticket) -> bool:
    """The ticket has moved on, or is in other hands: who reminds then annoys."""
    return ticket.state is not notice.state or turn_of(ticket) != notice.office


def told(ticket: Ticket, office: str, at: datetime, rules: NotifySettings) -> Notice:
    """The notice of an office that hears of a ticket at an instant, which quiet hours may put off;
    it is looked at again where it is the office's turn."""
    is_its_turn = turn_of(ticket) == office
    next_at = at + timedelta(minutes=rules.remind_minutes) if is_its_turn else None
    return Notice(ticket.id, office, ticket.state, ticket.severity, at, next_at=next_at)


def next_act(notice: Notice, above: Sequence[str], rules: NotifySettings) -> tuple[Act, str] | None:
    """What is due at `notice.next_at`, and which office is told; None once all have been.

    `above` are the offices to escalate to, the nearest first.
    """
    if notice.reminded < rules.reminders:
        return Act.REMIND, notice.office
    left = [office for office in above if office not in (*notice.told, notice.office)]
    return (Act.ESCALATE, left[0]) if left else None


def after(
    notice: Notice, act: tuple[Act, str] | None, at: datetime, rules: NotifySettings
) -> Notice:
    """The notice after what was due, of which an office hears `at`; without an act it rests."""
    match act:
        case None:
            return replace(notice, next_at=None)
        case (Act.ESCALATE, office):
            next_at = at + timedelta(minutes=rules.escalate_minutes)
            return replace(notice, told=(*notice.told, office), next_at=next_at)
        case _:
            reminded = notice.reminded + 1
            pause = rules.remind_minutes if reminded < rules.reminders else rules.escalate_minutes
            return replace(notice, reminded=reminded, next_at=at + timedelta(minutes=pause))


@dataclass(frozen=True, slots=True)
class Book:
    """Recipients and rotas."""

    recipients: Sequence[RecipientSettings]
    rotas: Sequence[RotaSettings] = ()

    def told(self, office: str, severity: Severity, at: datetime) -> list[RecipientSettings]:
        """Who is told for an office, each once: those who always are, and who is on call."""
        on_call = {on_call_at(rota, at) for rota in self.rotas if office in rota.offices}
        return [
            recipient
            for recipient in self.recipients
            if (office in recipient.offices or recipient.name in on_call)
            and _RANK[severity] >= _RANK[Severity(recipient.least)]
        ]


def on_call_at(rota: RotaSettings, at: datetime) -> str:
    """Whose turn it is; before the first turn, the first's."""
    turns = max((at - rota.since) // timedelta(days=rota.days), 0)
    return rota.turns[turns % len(rota.turns)]


def goes_at(recipient: RecipientSettings, severity: Severity, at: datetime) -> datetime:
    """When a message may reach this recipient: at once, after the quiet hours, with the digest."""
    if severity is Severity.SEVERE:
        return at
    if severity is Severity.MINOR and recipient.digest is not None:
        return _next(recipient.digest, at)
    if recipient.quiet is not None and _is_quiet(recipient.quiet, at):
        return _next(recipient.quiet[1], at)
    return at


def _is_quiet(quiet: tuple[time, time], at: datetime) -> bool:
    """From the first time to the second, the second not included; it may go over midnight."""
    start, end = quiet
    now = at.astimezone(SHANGHAI).time()
    return start <= now < end if start <= end else now >= start or now < end


def _next(clock: time, at: datetime) -> datetime:
    """The next instant at which the clock in Shanghai shows this; now counts."""
    local = at.astimezone(SHANGHAI)
    day = datetime.combine(local.date(), clock, SHANGHAI)
    return (day if day >= local else day + _DAY).astimezone(at.tzinfo)
