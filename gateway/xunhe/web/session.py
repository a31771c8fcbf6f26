"""A program's view of its own session: what it needs to write over the API."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from xunhe.web.access import session_of
from xunhe.web.failures import ERRORS, RefusedError
from xunhe.web.models import Instant

router = APIRouter(prefix="/api/v1/session", tags=["overview"], responses=ERRORS)


class SessionView(BaseModel):
    """`csrf` goes into the header X-CSRF-Token of every write."""

    user: str
    csrf: str
    expires_at: Instant


@router.get("", operation_id="getSession")
def get_session(request: Request) -> SessionView:
    """The session of the cookie that POST /login gave."""
    session = session_of(request)
    if session is None:
        raise RefusedError(401, "not_logged_in", "log in first: /login", "请先登录：/login")
    return SessionView(user=session.user, csrf=session.csrf, expires_at=session.expires_at)
