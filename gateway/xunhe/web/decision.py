"""The decision on a request, from its rule and what it says of its sender. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from xunhe.desk.roles import Role
from xunhe.web.route_rules import Rule

SAFE_METHODS = frozenset({"GET", "HEAD"})


class Decision(Enum):
    """Why a request passes or not."""

    OPEN = "open to everyone"
    ROLE = "one of his roles may"
    PROGRAM = "a program that may read"
    PUBLIC_READING = "reading without log-in is on"
    NOT_LOGGED_IN = "not logged in"
    NOT_HIS = "none of his roles may"
    UNKNOWN = "no such route"
    FOREIGN_ORIGIN = "a write from another origin"

    @property
    def passes(self) -> bool:
        """True where the request goes on to its handler."""
        return self in _PASSING


_PASSING = {Decision.OPEN, Decision.ROLE, Decision.PROGRAM, Decision.PUBLIC_READING}


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request says of who sends it. `roles` None: without a session."""

    roles: frozenset[Role] | None = None
    own_origin: bool = True
    has_token: bool = False


def decide(rule: Rule | None, method: str, caller: Caller, *, read_without_login: bool) -> Decision:
    """The decision on a request to a route with this rule; None: there is no such route."""
    reading = method in SAFE_METHODS
    if not reading and not caller.own_origin:
        return Decision.FOREIGN_ORIGIN
    if rule is not None and rule.is_open:
        return Decision.OPEN
    if caller.roles is not None:
        if rule is None:
            return Decision.UNKNOWN
        may = rule.any_account or caller.roles & rule.roles
        return Decision.ROLE if may else Decision.NOT_HIS
    return _of_a_stranger(rule, reading, caller.has_token, read_without_login)


def _of_a_stranger(rule: Rule | None, reading: bool, has_token: bool, is_demo: bool) -> Decision:
    if not reading or not (has_token or is_demo):
        return Decision.NOT_LOGGED_IN
    if rule is None:
        return Decision.UNKNOWN
    if not rule.in_demo:
        return Decision.NOT_LOGGED_IN
    return Decision.PROGRAM if has_token else Decision.PUBLIC_READING


def is_own_origin(headers: Mapping[str, str]) -> bool:
    """False where the browser says that another site sent this. Programs send neither header."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
