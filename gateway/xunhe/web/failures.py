"""What can go wrong for a caller, and the one place where it becomes an answer.

CallerError               status, code and a sentence in both languages
├── NotFoundError         404
└── RefusedError          401, 403 or 429: access.py and sign_in.py
The desk's own errors are mapped below: a step that the machine refuses is 409, or 403 where it is
the office that may not; somebody else was faster, 409; no such ticket, 404; no such handler, 422.
FastAPI's RequestValidationError is 422 (corrections.py), and a stale revision 409 (conflicts.py).
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from xunhe.adapters.desk_tickets import UnknownHandlerError, UnknownTicketError
from xunhe.adapters.documents.cases import NoTicketError
from xunhe.adapters.documents.office import NoEvidenceError, NoRecipientError
from xunhe.desk import refused as supervision
from xunhe.desk.documents.model import DatedBeforeFactsError
from xunhe.desk.documents.numbering import IssuedBackwardsError
from xunhe.desk.machine import ForbiddenTransitionError, Refusal
from xunhe.web.templates import render


class FieldProblem(BaseModel):
    """One field of a request that cannot be used."""

    field: str
    message: str
    message_zh: str = ""


class Problem(BaseModel):
    """Every error of the API has this form."""

    code: str = Field(description="Stable word for programs, such as `wrong_state`")
    message: str = Field(description="Sentence for people, English")
    message_zh: str = Field(description="Sentence for people, Chinese")
    fields: list[FieldProblem] = []


class CallerError(Exception):
    """An answer other than the one that was asked for."""

    def __init__(self, status: int, code: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}
        self.problem = Problem(code=code, message=message, message_zh=message_zh)


class NotFoundError(CallerError):
    """No such thing."""

    def __init__(self, what: str, what_zh: str, key: object) -> None:
        super().__init__(404, "not_found", f"no {what} {key}", f"没有{what_zh} {key}")


class RefusedError(CallerError):
    """No access: not logged in, no token, too many attempts."""


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body cannot be read, such as text in no UTF-8"},
    401: {"model": Problem, "description": "Not logged in"},
    422: {"model": Problem, "description": "The request is malformed"},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "No such thing"}
}
WRITE_ERRORS: dict[int | str, dict[str, Any]] = {
    **NOT_FOUND,
    403: {"model": Problem, "description": "CSRF token or origin is missing or wrong"},
    409: {"model": Problem, "description": "Wrong state, or somebody else changed it first"},
    413: {"model": Problem, "description": "Too much at once"},
}

_WORDING = {
    400: ("malformed", "The request is malformed", "请求有误"),
    404: ("not_found", "There is nothing at this address", "此地址没有内容"),
    413: (
        "too_large",
        "Too much at once: send fewer or smaller photographs",
        "太大：请减少或压缩照片",
    ),
    405: ("method_not_allowed", "This address does not take that method", "此地址不接受该方法"),
}

_FOR_PROGRAMS = ("/api/", "/fragments/", "/sta/", "/cap/", "/open311/", "/health/")


def wants_json(path: str) -> bool:
    """Programs ask below these, and for /metrics; people read everything else."""
    return path.startswith(_FOR_PROGRAMS) or path == "/metrics"


def answer(request: Request, failure: CallerError) -> Response:
    """The failure as JSON for programs, as a page for people."""
    if wants_json(request.url.path):
        body = failure.problem.model_dump()
        return JSONResponse(body, failure.status, headers=failure.headers)
    page = render(request, "problem.html", status=failure.status, problem=failure.problem)
    page.status_code = failure.status
    page.headers.update(failure.headers)
    return page


def _map_papers(app: FastAPI) -> None:
    """What keeps a paper or a package from being made."""

    @app.exception_handler(NoTicketError)
    async def _no_ticket(request: Request, error: NoTicketError) -> Response:
        return answer(request, CallerError(404, "not_found", str(error), "没有这张工单"))

    @app.exception_handler(DatedBeforeFactsError)
    @app.exception_handler(IssuedBackwardsError)
    async def _date(request: Request, error: ValueError) -> Response:
        zh = "文件日期早于其内容或上一份文件：请核对网关时钟"
        return answer(request, CallerError(409, "wrong_date", str(error), zh))

    @app.exception_handler(NoRecipientError)
    @app.exception_handler(NoEvidenceError)
    async def _no_package(request: Request, error: ValueError) -> Response:
        zh, _, en = str(error).partition(" / ")
        return answer(request, CallerError(409, "no_package", en, zh))


def map_failures(app: FastAPI) -> None:
    """Install the one mapping from errors to answers."""
    _map_papers(app)

    @app.exception_handler(CallerError)
    async def _failure(request: Request, error: CallerError) -> Response:
        return answer(request, error)

    @app.exception_handler(ForbiddenTransitionError)
    async def _transition(request: Request, error: ForbiddenTransitionError) -> Response:
        status = 403 if error.refusal is Refusal.NOT_YOURS else 409
        code = error.refusal.name.lower()
        return answer(request, CallerError(status, code, str(error), error.zh))

    @app.exception_handler(UnknownTicketError)
    async def _unknown(request: Request, error: UnknownTicketError) -> Response:
        return answer(request, NotFoundError("ticket", "工单", error.args[0]))

    @app.exception_handler(UnknownHandlerError)
    async def _handler(request: Request, error: UnknownHandlerError) -> Response:
        zh = "承办单位或岗位不在登记册中"
        return answer(request, CallerError(422, "unknown_handler", str(error), zh))

    @app.exception_handler(supervision.RefusedError)
    async def _refused(request: Request, error: supervision.RefusedError) -> Response:
        return answer(request, CallerError(409, "refused", error.en, error.zh))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        fallback = ("http_error", str(error.detail), str(error.detail))
        failure = CallerError(error.status_code, *_WORDING.get(error.status_code, fallback))
        failure.headers.update(error.headers or {})
        return answer(request, failure)


def malformed(errors: Sequence[Any]) -> CallerError:
    """What pydantic found, field by field."""
    failure = CallerError(422, "invalid", "The request is malformed", "请求有误")
    failure.problem.fields = [
        FieldProblem(field=".".join(str(part) for part in e["loc"]), message=e["msg"])
        for e in errors
    ]
    return failure
