"""The writes of the pages about tickets: a person takes a step, or reports a problem."""

from fastapi import Request

from xunhe.adapters.store.tickets import Opening
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.machine import Action, Move
from xunhe.desk.routing import owner
from xunhe.domain.ticket import Source, Ticket
from xunhe.web.console import Console
from xunhe.web.desk_access import offices_write
from xunhe.web.desk_models import ProblemFound, StepAsked
from xunhe.web.failures import NotFoundError
from xunhe.web.models import Decision


def decide(
    console: Console, request: Request, ticket_id: int, action: Action, decision: Decision
) -> None:
    """A step that needs a reason only."""
    asked = StepAsked(action=action, reason=decision.reason, revision=decision.revision)
    take(console, request, ticket_id, asked)


def take(console: Console, request: Request, ticket_id: int, asked: StepAsked) -> Ticket:
    """Take a step and wake the streams. The desk's errors become answers in failures.py."""
    with console.database.write() as connection:
        offices = offices_write(request, console, connection)
        move = Move(
            asked.action,
            offices[0],
            console.clock.now(),
            asked.reason,
            handler=asked.handler,
            via=asked.via,
            until=asked.until,
            due_at=asked.due_at,
            into=asked.into,
            recipient=asked.recipient,
        )
        after = console.desk.act(
            connection, ticket_id, move, revision=asked.revision, offices=offices
        )
    console.live.notify()
    return after


def found_by_person(console: Console, request: Request, found: ProblemFound) -> Ticket:
    """Open the ticket of a problem that a person found; once a key.

    CallerError for a reach, category or place that cannot be.
    """
    if found.reach not in console.registry.reaches:
        raise NotFoundError("reach", "河段", found.reach)
    if found.category not in CATEGORIES:
        raise NotFoundError("category", "问题类别", found.category)
    now = console.clock.now()
    with console.database.write() as connection:
        finder = offices_write(request, console, connection)[0]
        opening = Opening(
            key=f"{finder.code}:{found.key}",
            source=Source(found.source),
            category=found.category,
            severity=found.severity,
            reach=found.reach,
            post=owner(console.registry, found.reach),
            at=now,
            deadline=console.desk.deadline(found.category, now),
            reason=found.reason,
            actor=finder,
            lon_lat=found.lon_lat,
            campaign=found.campaign,
            is_difficult=found.is_difficult,
        )
        opened = console.desk.open_on_site(connection, opening, found.handler)
    console.live.notify()
    return opened
