"""What somebody hears whose request does not pass."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from xunhe.web.decision import SAFE_METHODS, Decision
from xunhe.web.failures import CallerError, RefusedError, answer, wants_json
from xunhe.web.permissions import PERMISSIONS


def refusal(request: Request, decision: Decision) -> Response:
    """The answer to a decision that does not pass."""
    if decision is Decision.NOT_LOGGED_IN:
        return _asks_to_log_in(request)
    if decision is Decision.UNKNOWN:
        return answer(request, _unknown(request))
    failure = {
        Decision.FOREIGN_ORIGIN: RefusedError(
            403, "foreign_origin", "a write must come from this site", "只接受本站提交"
        ),
        Decision.NOT_HIS: RefusedError(
            403, "not_yours", "your role may not do this", "您的角色无权进行此操作"
        ),
    }[decision]
    return answer(request, failure)


def _unknown(request: Request) -> CallerError:
    methods = PERMISSIONS.methods(request.scope["path"])
    if not methods:
        return CallerError(404, "not_found", "There is nothing at this address", "此地址没有内容")
    failure = CallerError(
        405, "method_not_allowed", "This address does not take that method", "此地址不接受该方法"
    )
    failure.headers["Allow"] = ", ".join(methods)
    return failure


def _asks_to_log_in(request: Request) -> Response:
    path = request.url.path
    if not wants_json(path) and request.method in SAFE_METHODS:
        return RedirectResponse(f"/login?next={quote(path)}", 303)
    return answer(
        request, RefusedError(401, "not_logged_in", "log in first: /login", "请先登录：/login")
    )
