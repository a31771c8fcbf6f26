"""The steps of a handover (离任交接), for the API and the pages alike.

The office draws up the list, whoever leaves and whoever takes the post sign it, the duty moves. The
list that is signed is the one that was shown: its SHA-256 comes with the signature.
"""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from xunhe.adapters.desk_handover import draw_up
from xunhe.adapters.store import documents, handovers, members
from xunhe.desk.documents.handover import handover_paper
from xunhe.desk.documents.model import Kind
from xunhe.desk.handover import Handover, HandoverError, Side
from xunhe.desk.roles import Role
from xunhe.web.access import session_of
from xunhe.web.console import Console
from xunhe.web.desk_access import offices_write, require
from xunhe.web.desk_models import Code
from xunhe.web.failures import CallerError, NotFoundError
from xunhe.web.models import Reason

_PAPERS = 100  # of a post, the newest, among which that of a handover is looked for


class Draft(BaseModel):
    """What is to be handed over to whom."""

    post: Code
    successor: Code


class Signature(BaseModel):
    """A signature under the list of this hash."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Cancellation(BaseModel):
    """Why a handover is called off."""

    reason: Reason


def draft(console: Console, request: Request, asked: Draft) -> Handover:
    """Draw up list and paper, in one transaction."""
    now, registry = console.clock.now(), console.registry
    with console.database.write() as connection:
        office = require(offices_write(request, console, connection), Role.OFFICE)
        try:
            handovers.check_registered(registry, asked.post, asked.successor)
            checklist = draw_up(connection, registry, asked.post, now)
            made = handovers.draft(
                connection,
                registry,
                asked.post,
                asked.successor,
                checklist.to_text(),
                office.code,
                now,
            )
        except HandoverError as error:
            raise _refused(error) from error
        paper = handover_paper(made, checklist, registry.posts[asked.post].title)
        console.papers.issue(connection, paper, office.code, made.drafted_at)
        return made


def sign(console: Console, request: Request, handover_id: int, sha256: str) -> Handover:
    """Sign as the person that the account is."""
    session = session_of(request)
    with console.database.write() as connection:
        found = _existing(handovers.find(connection, handover_id), handover_id)
        member = members.find(connection, session.user) if session else None
        if member is None or member.person is None:
            raise CallerError(
                403, "no_person", "this account is no person of the registry", "此账号不是登记人员"
            )
        try:
            return handovers.put_signature(
                connection, console.registry, found, member.person, sha256, console.clock.now()
            )
        except HandoverError as error:
            raise _refused(error) from error


def cancel(console: Console, request: Request, handover_id: int, reason: str) -> Handover:
    """Call off."""
    with console.database.write() as connection:
        office = require(offices_write(request, console, connection), Role.OFFICE)
        found = _existing(handovers.find(connection, handover_id), handover_id)
        try:
            return handovers.call_off(connection, found, reason, office.code, console.clock.now())
        except HandoverError as error:
            raise _refused(error) from error


def one(console: Console, handover_id: int) -> Handover:
    """The handover of this id, or NotFoundError."""
    with console.database.read() as connection:
        return _existing(handovers.find(connection, handover_id), handover_id)


def side_to_sign(console: Console, request: Request, handover: Handover) -> Side | None:
    """As what the reader may still sign."""
    session = session_of(request)
    if session is None or not handover.is_open:
        return None
    with console.database.read() as connection:
        member = members.find(connection, session.user)
    side = handover.side_of(member.person) if member and member.person else None
    return side if side is not None and handover.signed_by(side) is None else None


def paper_of(console: Console, handover: Handover) -> int | None:
    """Id of the paper that was issued with the list."""
    subject = f"post:{handover.post}"
    with console.database.read() as connection:
        for kept in documents.newest(connection, Kind.HANDOVER, subject, limit=_PAPERS):
            if kept.issued.issued_at == handover.drafted_at:
                return kept.id
    return None


def _existing(found: Handover | None, handover_id: int) -> Handover:
    if found is None:
        raise NotFoundError("handover", "交接", handover_id)
    return found


def _refused(error: HandoverError) -> CallerError:
    zh, _, en = str(error).partition(" / ")
    return CallerError(409, "handover_refused", en, zh)
