"""What a ticket tells: its log entries, the open pages, and the offices that it concerns."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store.events import emit
from xunhe.adapters.store.raised import raise_message
from xunhe.desk.log import JSON, iso
from xunhe.desk.machine import Action, Move
from xunhe.domain.ticket import Ticket


def told(of: Ticket) -> dict[str, JSON]:
    """What every entry of a ticket says."""
    return {
        "number": of.number,
        "state": of.state.value,
        "post": of.post,
        "handler": of.handler,
        "due_at": iso(of.deadline.due_at),
        "is_provisional": of.deadline.is_provisional,
        "round": of.round,
        "revision": of.revision,
        "repeat_reports": of.repeat_reports,
    }


def brought(move: Move) -> dict[str, JSON]:
    """What a step came with, beyond its reason."""
    found: dict[str, JSON] = {
        "until": None if move.until is None else iso(move.until),
        "asked_due_at": None if move.due_at is None else iso(move.due_at),
        "into": move.into,
        "recipient": move.recipient,
        "files": list(move.files),
        "answer": move.answer and move.answer.value,
        "via": move.via.value if move.action is Action.ASSIGN else None,
    }
    return {**{name: value for name, value in found.items() if value}, **move.detail}


def tell(connection: sa.Connection, of: Ticket, at: datetime) -> None:
    """The pages that are open now."""
    data = {
        "ticket_id": of.id,
        "number": of.number,
        "incident_id": of.incident_id,
        "post": of.post,
        "reach": of.reach,
        "state": of.state.value,
    }
    emit(connection, "ticket", data, at)


def send(connection: sa.Connection, of: Ticket, key: str, reason: JSON, at: datetime) -> None:
    """To the owner, and to the handler where it is another office."""
    payload = {
        "ticket_id": of.id,
        **told(of),
        "reach": of.reach,
        "category": of.category,
        "severity": of.severity.value,
        "incident_id": of.incident_id,
        "opened_at": iso(of.opened_at),
        "reason": reason,
    }
    for office in dict.fromkeys(code for code in (of.post, of.handler) if code):
        its_key = key if office == of.post else f"{key}:{office}"
        raise_message(connection, its_key, f"xunhe/v1/desk/{office}/tickets", payload, at)
