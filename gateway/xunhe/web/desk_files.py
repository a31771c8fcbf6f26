"""Photographs that people bring to a ticket: kept under their SHA-256, told in the log."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from xunhe.adapters.desk_photo import PhotoError, clean_jpeg
from xunhe.adapters.evidence import JPEG, NoRoomError
from xunhe.adapters.store import evidence
from xunhe.adapters.store.evidence import EvidenceRow, Role
from xunhe.desk.machine import Action, Move
from xunhe.web import models
from xunhe.web.api import Id, ticket_detail
from xunhe.web.body_limit import MAX_UPLOAD, too_large
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError

router = APIRouter(responses=ERRORS)


def brought(connection: sa.Connection, ticket_id: int) -> list[EvidenceRow]:
    """What people brought to a ticket, the oldest first."""
    return evidence.of_ticket(connection, ticket_id, ())


@router.post(
    "/api/v1/tickets/{ticket_id}/files",
    tags=["tickets"],
    operation_id="attachPicture",
    responses=WRITE_ERRORS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def attach(
    console: ConsoleDep, request: Request, ticket_id: Id, note: models.Reason = "现场照片 / photo"
) -> models.TicketDetail:
    """Bring a photograph (the request's body). Its EXIF data, places included, are dropped."""
    data = await _body(request)
    await run_in_threadpool(_bring, console, request, ticket_id, data, note)
    return await run_in_threadpool(ticket_detail, console, request, ticket_id)


@router.post("/tickets/{ticket_id}/files", include_in_schema=False)
def attach_on_page(
    console: ConsoleDep,
    request: Request,
    ticket_id: Id,
    photo: Annotated[UploadFile, File()],
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The page's form."""
    text = note.strip() or "现场照片 / photo"
    _bring(console, request, ticket_id, photo.file.read(), text)
    return RedirectResponse(f"/tickets/{ticket_id}#brought", 303)


async def _body(request: Request) -> bytes:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_UPLOAD:
            raise too_large()
    return data


def _bring(console: Console, request: Request, ticket_id: int, data: bytes, note: str) -> None:
    """The file first, then row, step and log in one transaction."""
    if console.evidence is None:
        raise CallerError(503, "no_store", "this console keeps no files", "本控制台不保存文件")
    try:
        picture = clean_jpeg(data)
        sha256 = console.evidence.put(picture, JPEG)
    except PhotoError as error:
        raise CallerError(422, "no_picture", str(error), str(error)) from error
    except NoRoomError as error:
        raise CallerError(507, "disk_full", str(error), str(error)) from error
    now = console.clock.now()
    row = {
        "sha256": sha256,
        "role": Role.HANDLING.value,
        "media_type": JPEG,
        "size": len(picture),
        "camera": "",
        "camera_at": now,
        "gateway_at": now,
        "detail": {"note": note},
        "ticket_id": ticket_id,
    }
    with console.database.write() as connection:
        offices = offices_write(request, console, connection)
        move = Move(Action.ATTACH, offices[0], now, note, files=(sha256,))
        console.desk.act(connection, ticket_id, move, offices=offices)
        known = evidence.of_ticket(connection, ticket_id, ())
        if sha256 not in {brought.sha256 for brought in known}:
            evidence.add(connection, [row])
    console.live.notify()
