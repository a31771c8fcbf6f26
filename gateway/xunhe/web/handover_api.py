"""Handovers for programs."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from xunhe.adapters.store import handovers
from xunhe.desk.handover import Handover
from xunhe.web import handover_steps as steps
from xunhe.web.api import Id
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS
from xunhe.web.models import Instant

router = APIRouter(prefix="/api/v1/handovers", tags=["desk"], responses=ERRORS)


class HandoverView(BaseModel):
    """One handover; persons by their codes in the registry."""

    id: int
    post: str
    leaver: str | None
    successor: str
    drafted_at: Instant
    content: str = Field(description="The list: canonical JSON, as it is hashed and signed")
    sha256: str
    leaver_signed_at: Instant | None
    successor_signed_at: Instant | None
    moved_at: Instant | None = Field(description="From this instant the successor is in charge")
    cancelled_at: Instant | None


@router.get("", operation_id="listHandovers")
def listed(console: ConsoleDep) -> list[HandoverView]:
    """The newest handovers, the newest first."""
    with console.database.read() as connection:
        return [_view(found) for found in handovers.newest(connection)]


@router.get("/{handover_id}", operation_id="getHandover", responses=NOT_FOUND)
def one(console: ConsoleDep, handover_id: Id) -> HandoverView:
    """One handover with its list."""
    return _view(steps.one(console, handover_id))


@router.post("", operation_id="draftHandover", status_code=201, responses=WRITE_ERRORS)
def draft(console: ConsoleDep, request: Request, asked: steps.Draft) -> HandoverView:
    """Draw up the list of a post for its successor. For the office."""
    return _view(steps.draft(console, request, asked))


@router.post("/{handover_id}/signatures", operation_id="signHandover", responses=WRITE_ERRORS)
def sign(
    console: ConsoleDep, request: Request, handover_id: Id, signature: steps.Signature
) -> HandoverView:
    """Sign as whoever leaves or takes the post; with the last signature the duty moves."""
    return _view(steps.sign(console, request, handover_id, signature.sha256))


@router.post("/{handover_id}/cancellation", operation_id="cancelHandover", responses=WRITE_ERRORS)
def cancel(
    console: ConsoleDep, request: Request, handover_id: Id, why: steps.Cancellation
) -> HandoverView:
    """Call a handover off before both have signed. For the office."""
    return _view(steps.cancel(console, request, handover_id, why.reason))


def _view(handover: Handover) -> HandoverView:
    return HandoverView(**asdict(handover))
