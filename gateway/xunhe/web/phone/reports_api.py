"""Problems that a telephone brings (一键上报): with photographs, once each, however late."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from xunhe.adapters.phone_desk import open_problem, problem_key
from xunhe.adapters.photo_shelf import Bringing
from xunhe.adapters.store import tickets
from xunhe.adapters.store.evidence import Role as PhotoRole
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.categories import CATEGORIES
from xunhe.desk.citizens import UnfitReportError, reaches_near
from xunhe.desk.log import iso
from xunhe.desk.roles import Actor, Role
from xunhe.desk.routing import owner
from xunhe.domain.ticket import Source, Ticket
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError, NotFoundError
from xunhe.web.phone.models import ProblemBrought, Taken
from xunhe.web.phone.moments import ago
from xunhe.web.phone.uploads import keep_photos, read_form

router = APIRouter(prefix="/api/v1/phone", tags=["phone"], responses=ERRORS)

_FORM = {
    "type": "object",
    "required": ["key", "category", "reason"],
    "properties": {
        "key": {"type": "string", "pattern": "^[0-9a-f-]{32,36}$"},
        "category": {"type": "string"},
        "reason": {"type": "string", "minLength": 1, "maxLength": 500},
        "severity": {"enum": ["minor", "major", "severe"]},
        "reach": {"type": "string"},
        "lon": {"type": "number", "minimum": -180, "maximum": 180},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "age_s": {"type": "number"},
        "handler": {"type": "string"},
        "photo": {"type": "string", "format": "binary"},
    },
}


@router.post(
    "/reports",
    operation_id="bringProblem",
    responses=WRITE_ERRORS,
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
    },
)
async def report(console: ConsoleDep, request: Request) -> Taken:
    """A problem with its photographs; however often it is sent, one ticket."""
    texts, photos = await read_form(request)
    brought = ProblemBrought.model_validate(texts)
    opened, is_new = await run_in_threadpool(_take_in, console, request, brought, photos)
    return Taken(id=opened.id, number=opened.number, is_new=is_new)


def _take_in(
    console: Console, request: Request, brought: ProblemBrought, photos: Sequence[bytes]
) -> tuple[Ticket, bool]:
    with console.database.read() as connection:
        known = tickets.of_key(connection, problem_key(brought.key))
    if known is not None:  # its photographs need not be cleaned and kept once more
        return known, False
    if brought.category not in CATEGORIES:
        raise NotFoundError("category", "问题类别", brought.category)
    reach, now = _reach(console, brought), console.clock.now()
    found_at = ago(console, brought.age_s) or now
    kept = keep_photos(console, photos, PhotoRole.FOUND)
    with console.database.write() as connection:
        finder = offices_write(request, console, connection)[0]
        opening = _opening(console, brought, reach, finder, found_at)
        bringing = Bringing(kept, PhotoRole.FOUND, found_at, now)
        taken = open_problem(connection, console.desk, opening, bringing, brought.handler)
    console.live.notify()
    return taken


def _opening(
    console: Console, brought: ProblemBrought, reach: str, finder: Actor, found_at: datetime
) -> Opening:
    """The clock of the ticket runs from now on: nobody could act on it before."""
    now = console.clock.now()
    return Opening(
        key=problem_key(brought.key),
        source=Source.CHIEF if finder.role is Role.CHIEF else Source.INSPECTION,
        category=brought.category,
        severity=brought.severity,
        reach=reach,
        post=owner(console.registry, reach),
        at=now,
        deadline=console.desk.deadline(brought.category, now),
        reason=brought.reason,
        actor=finder,
        lon_lat=brought.lon_lat,
        told={"found_at": iso(found_at)},
    )


def _reach(console: Console, brought: ProblemBrought) -> str:
    """The reach that was named, or the nearest to the position."""
    if brought.reach is not None:
        if brought.reach not in console.registry.reaches:
            raise NotFoundError("reach", "河段", brought.reach)
        return brought.reach
    if brought.lon_lat is None:
        raise CallerError(
            422, "no_place", "say which reach, or give a position", "没有位置，请选择河段"
        )
    within_m = console.citizens.settings.reach_m
    try:
        return reaches_near(brought.lon_lat, console.registry.reaches, within_m)[0]
    except UnfitReportError as error:
        raise CallerError(422, "no_reach_near", str(error), error.zh) from error
