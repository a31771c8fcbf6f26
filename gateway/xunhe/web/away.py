"""What came while an operator was away: since the last event that his account has seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from xunhe.adapters.store import away, queries, stream
from xunhe.adapters.store.away import Look
from xunhe.adapters.store.stream import Narrowed, Told
from xunhe.web.access import session_of
from xunhe.web.api import actor
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import ERRORS, WRITE_ERRORS
from xunhe.web.models import Instant
from xunhe.web.scope import reaches_of

_AWAY = timedelta(minutes=5)  # the machine's: a shorter absence is a look out of the window
_SHOWN = 8

router = APIRouter(prefix="/api/v1", responses=ERRORS)


class LookSaid(BaseModel):
    """The newest event that was on somebody's screen."""

    event_id: Annotated[int, Field(ge=0, le=2**53)]


class LookView(BaseModel):
    """Up to where an account has looked."""

    event_id: int
    at: Instant


@dataclass(frozen=True, slots=True)
class Missed:
    """What somebody is told on coming back; `since` is the machine's time, not the river's."""

    since: datetime
    incidents: list[Told]
    incidents_count: int
    severe_count: int
    tickets_count: int
    cameras: tuple[str, ...]
    is_cut: bool


@router.post("/away", tags=["overview"], operation_id="keepLook", responses=WRITE_ERRORS)
def keep_look(console: ConsoleDep, request: Request, said: LookSaid) -> LookView:
    """Keep up to which event the caller's own account has looked; it never goes back."""
    now = console.wall.now()
    with console.database.write() as connection:
        newest = queries.last_event_id(connection)
        away.keep(connection, actor(request), Look(min(said.event_id, newest), now))
        kept = away.of(connection, actor(request)) or Look(0, now)
    return LookView(event_id=kept.event_id, at=kept.at)


def missed(request: Request, console: Console, connection: sa.Connection) -> Missed | None:
    """What the caller missed; None for a stranger, a first visit, and where nothing came."""
    session = session_of(request)
    look = None if session is None else away.of(connection, session.user)
    if look is None or console.wall.now() - look.at < _AWAY:
        return None
    found = away.missed(connection, look.event_id)
    reaches = reaches_of(request)
    came = stream.of_ids(connection, found.incidents, Narrowed(reaches=reaches))
    if not came and not found.tickets and not found.cameras:
        return None
    severe = [one for one in came if one.incident.severity == "severe"]
    rest = [one for one in came if one.incident.severity != "severe"]
    return Missed(
        since=look.at,
        incidents=[*severe, *rest][:_SHOWN],
        incidents_count=len(came),
        severe_count=len(severe),
        tickets_count=len(found.tickets),
        cameras=found.cameras,
        is_cut=found.is_cut,
    )
