"""A step of a ticket from a telephone, with photographs: all of it, or nothing."""

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from xunhe.adapters.photo_shelf import Bringing, name_photos
from xunhe.adapters.store.evidence import Role as PhotoRole
from xunhe.desk.machine import Action, Move
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write
from xunhe.web.desk_models import StepAsked
from xunhe.web.desk_pages import StepForm
from xunhe.web.phone.uploads import keep_photos, read_form

router = APIRouter(prefix="/phone", include_in_schema=False)


@router.post("/tickets/{ticket_id}/steps")
async def step(request: Request, console: ConsoleDep, ticket_id: Id) -> Response:
    """Take a step; photographs come in the same transaction, before it."""
    texts, photos = await read_form(request)
    form = StepForm.model_validate(texts)
    asked = StepAsked(**form.model_dump())
    await run_in_threadpool(_take, console, request, ticket_id, asked, photos)
    return RedirectResponse(f"/phone/tickets/{ticket_id}", 303)


def _take(
    console: Console, request: Request, ticket_id: int, asked: StepAsked, photos: Sequence[bytes]
) -> None:
    kept, now = keep_photos(console, photos, PhotoRole.HANDLING), console.clock.now()
    with console.database.write() as connection:
        offices = offices_write(request, console, connection)
        move = Move(
            asked.action,
            offices[0],
            now,
            asked.reason,
            handler=asked.handler,
            via=asked.via,
            until=asked.until,
            due_at=asked.due_at,
        )
        revision = asked.revision
        if kept:
            files = tuple(photo.sha256 for photo in kept)
            attach = replace(move, action=Action.ATTACH, files=files)
            after = console.desk.act(
                connection, ticket_id, attach, revision=revision, offices=offices
            )
            revision = after.revision
            bringing = Bringing(kept, PhotoRole.HANDLING, now, now, asked.reason)
            name_photos(connection, bringing, ticket_id)
        console.desk.act(connection, ticket_id, move, revision=revision, offices=offices)
    console.live.notify()
