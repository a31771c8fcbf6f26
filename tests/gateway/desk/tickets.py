"""A ticket of the demo river and people who act on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from xunhe.desk.calendar import WorkCalendar
from xunhe.desk.machine import Action, Move
from xunhe.desk.roles import SYSTEM, Actor, Role, relations
from xunhe.desk.steps import step
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Answer, Deadline, Source, State, Ticket

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
HOUR = timedelta(hours=1)
CALENDAR = WorkCalendar()
OFFICE = Actor(Role.OFFICE, "office", 1)
VILLAGE = Actor(Role.CHIEF, "VILLAGE-1", 2)
TOWN = Actor(Role.CHIEF, "TOWN-UPPER", 3)
WORKER = Actor(Role.HANDLER, "D-WATER", 4)
INSPECTOR = Actor(Role.INSPECTOR, "inspector", 5)
VOLUNTEER = Actor(Role.VOLUNTEER, "volunteer", 6)
OBSERVER = Actor(Role.OBSERVER, "observer", 7)
EVERYBODY = (SYSTEM, OFFICE, VILLAGE, TOWN, WORKER, INSPECTOR, VOLUNTEER, OBSERVER)
ABOVE = frozenset({"TOWN-UPPER", "DISTRICT", "CITY"})

NEW = Ticket(
    id=1,
    number="XH-2026-0001",
    source=Source.BUOY,
    category="water.quality",
    severity=Severity.MAJOR,
    reach="YX-1",
    post="VILLAGE-1",
    state=State.UNVERIFIED,
    opened_at=AT,
    changed_at=AT,
    deadline=Deadline(AT + 24 * HOUR),
)


def moved(ticket: Ticket, action: Action, actor: Actor, **needs: object) -> Ticket:
    """The ticket after a step, an hour after its last one unless `at` says otherwise."""
    at = needs.pop("at", ticket.changed_at + HOUR)
    move = replace(Move(action, actor, at, "理由"), **needs)  # type: ignore[arg-type]
    return step(ticket, move, relations(actor, ticket, ABOVE), CALENDAR)


def accepted() -> Ticket:
    return moved(NEW, Action.ACCEPT, OFFICE)


def assigned() -> Ticket:
    return moved(accepted(), Action.ASSIGN, VILLAGE, handler="D-WATER")


def started() -> Ticket:
    return moved(assigned(), Action.START, WORKER)


def handled() -> Ticket:
    shown = moved(started(), Action.ATTACH, WORKER, files=("ab" * 32,))
    return moved(shown, Action.DONE, WORKER, until=shown.changed_at + 7 * HOUR)


def answered(answer: Answer = Answer.AGREES) -> Ticket:
    return moved(handled(), Action.ANSWER, SYSTEM, answer=answer)


def closed() -> Ticket:
    approved = moved(answered(), Action.APPROVE, OFFICE)
    return moved(approved, Action.CLOSE, OFFICE)
