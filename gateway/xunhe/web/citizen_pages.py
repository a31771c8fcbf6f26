"""What anybody may do without an account: report a problem, and look how his report stands.

A code on a sign board leads to the form with that board's place. The answer to a report is a
tracking code; whoever has the code sees stage and answers, and nothing else of the ticket.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from xunhe.adapters.citizen_desk import Receipt, Tracking
from xunhe.adapters.desk_photo import PhotoError, taken
from xunhe.desk.categories import CATEGORIES, TREE, UnknownCategoryError
from xunhe.desk.citizens import MAX_PHOTOS, Report, Stage, UnfitReportError, tracking_code
from xunhe.domain.position import LonLat
from xunhe.web.body_limit import MAX_UPLOAD, declared_size
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import NOT_FOUND, CallerError, NotFoundError, Problem, RefusedError
from xunhe.web.forms import EMPTY, Filled
from xunhe.web.models import Instant
from xunhe.web.report_form import filled
from xunhe.web.templates import render
from xunhe.web.work import Proof

router = APIRouter()

_STAGES = (Stage.TO_VERIFY, Stage.ACCEPTED, Stage.IN_HAND, Stage.DONE)  # of a usual report

_REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"model": Problem, "description": "The form is too large, or of unsaid size"},
    422: {"model": Problem, "description": "The report cannot be taken: what to change"},
    429: {"model": Problem, "description": "Too often from this address: `Retry-After`"},
}


class ReceiptView(BaseModel):
    """What the sender keeps."""

    code: str
    joined: bool
    url: str


class WorkView(BaseModel):
    """What a report has to prove; without it one passes an hour."""

    challenge: str
    bits: int


class AnswerView(BaseModel):
    """What the desk answered."""

    at: Instant
    text: str


class TrackingView(BaseModel):
    """How a report stands."""

    received_at: Instant
    verify_by: Instant
    category: str
    stage_zh: str
    stage_en: str
    joined: bool
    answers: list[AnswerView]
    points: int | None


@router.get("/report", include_in_schema=False)
def form(
    request: Request, console: ConsoleDep, board: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """The form. `board`: the sign board whose code led here."""
    return _form(request, console, board, EMPTY, None)


@router.post("/report", include_in_schema=False)
async def send_form(request: Request, console: ConsoleDep) -> Response:
    """The form's sending: shows the tracking code, once. What cannot be taken comes back filled."""
    try:
        receipt = await _receive(request, console)
    except CallerError as error:
        if error.status != 422:
            raise
        sent = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
        page = _form(request, console, sent.get("board", ""), filled(sent), error.problem)
        page.status_code = 422
        return page
    return render(request, "citizen/sent.html", receipt=receipt)


def _form(
    request: Request,
    console: Console,
    board: str,
    form: Filled,
    problem: Problem | None,
) -> Response:
    return render(
        request,
        "citizen/report.html",
        board=console.registry.boards.get(board),
        tree=TREE,
        max_photos=MAX_PHOTOS,
        form=form,
        sent=form.values,
        problem=problem,
    )


@router.post(
    "/api/v1/public/reports",
    tags=["citizens"],
    operation_id="sendReport",
    status_code=201,
    response_model=ReceiptView,
    responses=_REFUSALS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["category", "text"],
                        "properties": {
                            "category": {"type": "string"},
                            "text": {"type": "string", "maxLength": 1000},
                            "lon": {"type": "number"},
                            "lat": {"type": "number"},
                            "board": {"type": "string"},
                            "phone": {"type": "string"},
                            "account": {"type": "string"},
                            "photo": {"type": "string", "format": "binary"},
                            "work": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
)
async def send(request: Request, console: ConsoleDep) -> Response:
    """Report a problem. Needs no account; WGS-84, or the code of a sign board."""
    receipt = await _receive(request, console)
    url = f"/report/track?code={receipt.code}"
    view = ReceiptView(code=receipt.code, joined=receipt.joined, url=url)
    return JSONResponse(view.model_dump(), 201)


@router.get("/api/v1/public/work", tags=["citizens"], operation_id="getWork")
def work(console: ConsoleDep) -> WorkView:
    """A challenge for `sendReport`: find a number so that the SHA-256 of `challenge:number` begins
    with `bits` zero bits, and send `challenge:number` as the field `work`.
    """
    challenge = console.work.challenge(console.wall.now())
    return WorkView(challenge=challenge, bits=console.work.bits)


@router.get(
    "/api/v1/public/reports/{code}",
    tags=["citizens"],
    operation_id="trackReport",
    responses={**NOT_FOUND, 429: _REFUSALS[429]},
)
def track(request: Request, console: ConsoleDep, code: str) -> TrackingView:
    """How a report stands, by its tracking code alone."""
    found = _tracked(request, console, code)
    return TrackingView(
        received_at=found.received_at,
        verify_by=found.verify_by,
        category=found.category,
        stage_zh=found.stage.value[0],
        stage_en=found.stage.value[1],
        joined=found.joined,
        answers=[AnswerView(at=answer.at, text=answer.text) for answer in found.answers],
        points=found.points,
    )


@router.get("/report/track", include_in_schema=False)
def track_page(
    request: Request, console: ConsoleDep, code: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """The page of a tracking code, or the field to type one."""
    found = _tracked(request, console, code) if code else None
    names = {leaf.code: leaf for leaf in CATEGORIES.values()}
    return render(
        request, "citizen/track.html", code=code, found=found, names=names, stages=_STAGES
    )


@router.post("/report/account", include_in_schema=False)
def name_account(
    request: Request,
    console: ConsoleDep,
    code: Annotated[str, Form(max_length=64)],
    account: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Say whose points a report earns; an empty account is a new one, shown once."""
    _limit_codes(request, console)
    is_new = not account.strip()
    chosen = tracking_code(console.citizens.random) if is_new else account.strip()
    with console.database.write() as connection:
        known = console.citizens.name_account(connection, code, chosen, console.clock.now())
    if not known:
        raise NotFoundError("report", "举报", code)
    if is_new:
        return render(request, "citizen/account.html", account=chosen, code=code)
    return RedirectResponse(f"/report/track?code={code}", 303)


@router.post("/report/rating", include_in_schema=False)
def rate(
    request: Request,
    console: ConsoleDep,
    code: Annotated[str, Form(max_length=64)],
    rating: Annotated[int, Form(ge=1, le=5)],
) -> Response:
    """How content a sender is with the answer, 1 to 5; once, and after there is one."""
    _limit_codes(request, console)
    with console.database.write() as connection:
        known = console.citizens.rate(connection, code, rating, console.clock.now())
    if not known:
        raise NotFoundError("report that waits for a rating", "可评价的举报", code)
    return RedirectResponse(f"/report/track?code={code}", 303)


async def _receive(request: Request, console: Console) -> Receipt:
    """Take in a form of a stranger: its size first, then how often he comes, then its content."""
    if declared_size(request) > MAX_UPLOAD:
        raise CallerError(
            413, "too_large", f"at most {MAX_UPLOAD // 2**20} MiB", "照片太大，请压缩后再传"
        )
    _pass(console.report_limit.take(_address(request), console.wall.now()))
    async with request.form(max_files=MAX_PHOTOS, max_fields=14) as sent:
        _check_work(request, console, _text(sent, "work"))
        files = [part for part in sent.getlist("photo") if isinstance(part, UploadFile)]
        photos = [await file.read() for file in files if file.size]
        return await run_in_threadpool(_take_in, console, sent, photos)


def _check_work(request: Request, console: Console, solution: str) -> None:
    """A report without proof of work passes once an hour from one address: not all have scripts."""
    now = console.wall.now()
    proof = console.work.check(solution, now)
    if proof is Proof.MISSING:
        _pass(console.unproved_limit.take(_address(request), now))
    elif proof is Proof.BAD:
        raise CallerError(
            422,
            "work",
            "this form is too old or was sent before: send it again",
            "表单已过期或已提交过：请再提交一次",
        )


def _take_in(console: Console, sent: FormData, photos: Sequence[bytes]) -> Receipt:
    try:
        report = Report(
            category=_text(sent, "category"),
            lon_lat=_position(console, sent, photos),
            text=_text(sent, "text"),
            phone=_text(sent, "phone"),
            account=_text(sent, "account"),
        )
        receipt = console.citizens.receive(console.database, report, photos, console.clock.now())
    except UnfitReportError as error:
        raise CallerError(422, "unfit", str(error), error.zh) from error
    except (UnknownCategoryError, PhotoError) as error:
        raise CallerError(422, "unfit", str(error), str(error)) from error
    console.live.notify()
    return receipt


def _text(sent: FormData, name: str) -> str:
    value = sent.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _position(console: Console, sent: FormData, photos: Sequence[bytes]) -> LonLat:
    """Where he says it is; or where the sign board stands, or where a photograph was taken."""
    lon, lat = _text(sent, "lon"), _text(sent, "lat")
    board = console.registry.boards.get(_text(sent, "board"))
    if not lon and not lat and board is not None:
        return board.lon_lat
    written = [found for photo in photos if (found := taken(photo).lon_lat) is not None]
    if not lon and not lat and written:
        return written[0]
    try:
        return float(lon), float(lat)
    except ValueError:
        raise UnfitReportError("请填写位置。", "Say where it is.") from None


def _tracked(request: Request, console: Console, code: str) -> Tracking:
    _limit_codes(request, console)
    with console.database.read() as connection:
        found = console.citizens.track(connection, code)
    if found is None:
        raise NotFoundError("report", "举报", code)
    return found


def _limit_codes(request: Request, console: Console) -> None:
    _pass(console.code_limit.take(_address(request), console.wall.now()))


def _pass(wait: timedelta) -> None:
    if not wait:
        return
    seconds = int(wait.total_seconds()) + 1
    failure = RefusedError(
        429, "too_often", f"too often: wait {seconds} s", f"操作过于频繁：请等待 {seconds} 秒"
    )
    failure.headers["Retry-After"] = str(seconds)
    raise failure


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
