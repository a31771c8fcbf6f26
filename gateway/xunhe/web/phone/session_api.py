"""Who is logged in on a telephone, and what it needs to work without a network."""

from fastapi import APIRouter, Request

from xunhe.desk.patrols import rule_of
from xunhe.domain.registry import Reach
from xunhe.web.access import session_of
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import ERRORS, RefusedError
from xunhe.web.offering import may_ask
from xunhe.web.phone.models import HandlerName, PhoneSession, PostSeat, ReachLine
from xunhe.web.scope import person_of, reaches_of

# Beside the field page, which opens to everyone.
_PAGES = ("/phone", "/phone/water", "/phone/patrols", "/phone/duty")

router = APIRouter(prefix="/api/v1/phone", tags=["phone"], responses=ERRORS)


@router.get("/session", operation_id="getPhoneSession")
def session(console: ConsoleDep, request: Request) -> PhoneSession:
    """Who is logged in on this telephone, with posts, reaches and a fresh CSRF token."""
    found, person = session_of(request), person_of(request)
    if found is None or person is None:
        raise RefusedError(401, "not_logged_in", "log in first: /login", "请先登录：/login")
    within = reaches_of(request)
    reaches = console.registry.reaches
    may = may_ask(request, console)
    return PhoneSession(
        user=found.user,
        csrf=found.csrf,
        now=console.wall.now(),
        posts=[_seat(console, code) for code in person.posts],
        reaches=[
            _line(reach) for reach in reaches.values() if within is None or reach.code in within
        ],
        handlers=[
            HandlerName(code=one.code, name=one.name, name_en=one.name_en)
            for one in console.registry.departments.values()
        ],
        pages=[path for path in _PAGES if may(f"GET {path}")],
    )


def _seat(console: Console, code: str) -> PostSeat:
    post = console.registry.posts[code]
    rule = rule_of(post.level, console.supervision.patrols)
    return PostSeat(
        code=code,
        title=post.title,
        title_en=post.title_en,
        least_minutes=rule.least_minutes,
        least_m=rule.least_m,
    )


def _line(reach: Reach) -> ReachLine:
    return ReachLine(code=reach.code, name=reach.name, name_en=reach.name_en, line=list(reach.line))
