"""/open311/v2/…: services, requests, tokens, in JSON and XML. There only with `[open311]`."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from xunhe.adapters.store import open_requests
from xunhe.adapters.store.open_requests import Wanted
from xunhe.codecs.georeport import MEDIA_TYPES, Form, written
from xunhe.desk.citizens import MAX_PHOTOS, stage
from xunhe.domain.ticket import State
from xunhe.web.asked_instant import AskedInstant
from xunhe.web.body_limit import MAX_UPLOAD, declared_size
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import CallerError, NotFoundError
from xunhe.web.open311 import answers
from xunhe.web.open311.door import Open311Door
from xunhe.web.open311.sending import admit, let_pass, take_in, text

ROOT = "/open311/v2"
_LONGEST = timedelta(days=90)  # GeoReport v2: a span of requests
_MOST = 1000  # GeoReport v2: requests of one answer
_MAX_FIELDS = 60

Text = Annotated[str, Query(max_length=2000)]


class GeoReportRoute(APIRoute):
    """Failures too are said in GeoReport's words and in the form that was asked for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, guarded."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except CallerError as error:
                said = f"{error.problem.message_zh} / {error.problem.message}"
                return _refusal(request, error.status, said, error.headers)
            except RequestValidationError as error:
                named = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
                return _refusal(request, 400, f"参数有误 / cannot be used: {named}", {})

        return guarded


router = APIRouter(prefix=ROOT, route_class=GeoReportRoute, include_in_schema=False)


@router.get("/discovery.{form}")
def discovery(request: Request, console: ConsoleDep, form: Form) -> Response:
    """Where the service is and what it speaks."""
    door = _door(console, "")
    root = f"{str(request.base_url).rstrip('/')}{ROOT}"
    found = answers.discovery(root, door.settings.jurisdiction)
    return _answer("discovery", found, form)


@router.get("/services.{form}")
def services(console: ConsoleDep, form: Form, jurisdiction_id: Text = "") -> Response:
    """What can be reported."""
    _door(console, jurisdiction_id)
    return _answer("services", answers.services(), form)


@router.get("/services/{code}.{form}")
def service(console: ConsoleDep, code: str, form: Form, jurisdiction_id: Text = "") -> Response:
    """What one service asks for beside place and words."""
    _door(console, jurisdiction_id)
    found = answers.definition(code)
    if found is None:
        raise NotFoundError("service_code", "服务", code)
    return _answer("service_definition", found, form)


@router.post("/requests.{form}")
async def send(request: Request, console: ConsoleDep, form: Form) -> Response:
    """Report a problem; answered with its tracking code as `service_request_id`."""
    _door(console, "")  # nothing is read where nobody may send
    if declared_size(request) > MAX_UPLOAD:
        raise CallerError(413, "too_large", f"at most {MAX_UPLOAD // 2**20} MiB", "内容太大")
    async with request.form(max_files=MAX_PHOTOS, max_fields=_MAX_FIELDS) as sent:
        door = _door(console, text(sent, "jurisdiction_id"))
        admit(console, door, sent)
        files = [part for part in sent.getlist("media") if isinstance(part, UploadFile)]
        photos = [await file.read() for file in files if file.size]
        receipt = await run_in_threadpool(take_in, console, sent, photos)
    rows = answers.accepted(receipt.code, joined=receipt.joined)
    return _answer("service_requests", rows, form, 201)


@router.get("/requests.{form}")
def requests(  # noqa: PLR0913, PLR0917  GeoReport's own parameters
    request: Request,
    console: ConsoleDep,
    form: Form,
    jurisdiction_id: Text = "",
    service_request_id: Text = "",
    service_code: Text = "",
    start_date: AskedInstant | None = None,
    end_date: AskedInstant | None = None,
    status: Text = "",
) -> Response:
    """Requests of at most 90 days, the newest first, or those of some ids."""
    _door(console, jurisdiction_id)
    if service_request_id:
        found = _by_ids(request, console, _listed(service_request_id)[:_MOST])
        return _answer("service_requests", found, form)
    since, until = _span(start_date, end_date, console.clock.now())
    wanted = Wanted(since, until, _listed(service_code), _states(_listed(status)))
    with console.database.read() as connection:
        rows = open_requests.newest(connection, wanted, _MOST)
    found = [answers.of_ticket(row, console.registry) for row in rows]
    return _answer("service_requests", found, form)


@router.get("/requests/{key}.{form}")
def single(
    request: Request, console: ConsoleDep, key: str, form: Form, jurisdiction_id: Text = ""
) -> Response:
    """One request by the number that the list names, or by its sender's tracking code."""
    _door(console, jurisdiction_id)
    found = _by_ids(request, console, [key])
    if not found:
        raise NotFoundError("service_request_id", "受理编号", key)
    return _answer("service_requests", found, form)


@router.get("/tokens/{token}.{form}")
def token(
    request: Request, console: ConsoleDep, token: str, form: Form, jurisdiction_id: Text = ""
) -> Response:
    """The id behind a token: requests have theirs at once, so that each is its own token."""
    _door(console, jurisdiction_id)
    if not _by_ids(request, console, [token]):
        raise NotFoundError("token", "令牌", token)
    return _answer("service_requests", [{"service_request_id": token, "token": token}], form)


def _by_ids(request: Request, console: Console, keys: list[str]) -> list[answers.Row]:
    """Those that are there. What is no number of a ticket counts as a guess at a code."""
    with console.database.read() as connection:
        tickets = {row.number: row for row in open_requests.numbered(connection, keys)}
        found = [answers.of_ticket(row, console.registry) for row in tickets.values()]
        for key in keys:
            if key in tickets:
                continue
            _limit_guesses(request, console)
            tracked = console.citizens.track(connection, key)
            if tracked is not None:
                found.append(answers.of_sender(key, tracked))
    return found


def _limit_guesses(request: Request, console: Console) -> None:
    address = request.client.host if request.client else ""
    let_pass(console.code_limit.take(address, console.wall.now()))


def _span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    until = end or (start + _LONGEST if start else now)
    since = start or until - _LONGEST
    if not timedelta(0) <= until - since <= _LONGEST:
        raise CallerError(
            400, "span", "start_date to end_date: 0 to 90 days", "起止日期须在 90 天以内"
        )
    return since, until


def _states(words: list[str]) -> list[State]:
    """The states of a ticket that `open` and `closed` mean."""
    if unknown := set(words) - {"open", "closed"}:
        named = ", ".join(sorted(unknown))
        raise CallerError(400, "status", f"status is open or closed, not {named}", "status 有误")
    return [state for state in State if answers.status_of(stage(state)) in words]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _door(console: Console, jurisdiction: str) -> Open311Door:
    door = console.open311
    if door is None or jurisdiction not in ("", door.settings.jurisdiction):
        raise CallerError(404, "not_found", "no such jurisdiction_id", "没有此 jurisdiction_id")
    return door


def _answer(name: str, content: Any, form: Form, status: int = 200) -> Response:
    return Response(written(name, content, form), status, media_type=MEDIA_TYPES[form])


def _refusal(request: Request, status: int, said: str, headers: dict[str, str]) -> Response:
    form: Form = "xml" if request.url.path.endswith(".xml") else "json"
    answer = _answer("errors", answers.errors(status, said), form, status)
    answer.headers.update(headers)
    return answer
