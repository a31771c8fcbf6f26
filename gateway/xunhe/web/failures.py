"""What can go wrong for a caller, and the one place where it becomes an answer.

CallerError               status, code and a sentence in both languages
├── NotFoundError         404
├── StaleRevisionError    409: somebody else changed it first
└── RefusedError          401, 403 or 429: access.py and sign_in.py
The domain's ForbiddenTransitionError becomes 409, FastAPI's RequestValidationError 422.
"""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from xunhe.domain.ticket import ForbiddenTransitionError
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


class StaleRevisionError(CallerError):
    """The caller looked at an older state of the ticket."""

    def __init__(self, number: str, seen: int, stored: int) -> None:
        super().__init__(
            409,
            "stale_revision",
            f"ticket {number} has revision {stored}, not {seen}: reload it and decide again",
            f"工单 {number} 已更新（版本 {stored}，提交的是 {seen}）：请刷新后再处理",
        )


class RefusedError(CallerError):
    """No access: not logged in, no token, too many attempts."""


ERRORS: dict[int | str, dict[str, Any]] = {
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
}

_WORDING = {
    404: ("not_found", "There is nothing at this address", "此地址没有内容"),
    405: ("method_not_allowed", "This address does not take that method", "此地址不接受该方法"),
}


def wants_json(path: str) -> bool:
    """Programs ask below /api and /fragments, and for /metrics; people read everything else."""
    return path.startswith(("/api/", "/fragments/")) or path == "/metrics"


def answer(request: Request, failure: CallerError) -> Response:
    """The failure as JSON for programs, as a page for people."""
    if wants_json(request.url.path):
        body = failure.problem.model_dump()
        return JSONResponse(body, failure.status, headers=failure.headers)
    page = render(request, "problem.html", status=failure.status, problem=failure.problem)
    page.status_code = failure.status
    page.headers.update(failure.headers)
    return page


def map_failures(app: FastAPI) -> None:
    """Install the one mapping from errors to answers."""

    @app.exception_handler(CallerError)
    async def _failure(request: Request, error: CallerError) -> Response:
        return answer(request, error)

    @app.exception_handler(ForbiddenTransitionError)
    async def _transition(request: Request, error: ForbiddenTransitionError) -> Response:
        return answer(
            request, CallerError(409, "wrong_state", str(error), "工单当前状态不允许此操作")
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        fallback = ("http_error", str(error.detail), str(error.detail))
        failure = CallerError(error.status_code, *_WORDING.get(error.status_code, fallback))
        failure.headers.update(error.headers or {})
        return answer(request, failure)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        failure = CallerError(422, "invalid", "The request is malformed", "请求有误")
        failure.problem.fields = [
            FieldProblem(field=".".join(str(part) for part in e["loc"]), message=e["msg"])
            for e in error.errors()
        ]
        return answer(request, failure)
