"""What a page offers whoever reads it: links that open and forms that he may send, no others."""

from collections.abc import Callable

from fastapi import Request

from xunhe.web.console import Console
from xunhe.web.decision import Caller, decide
from xunhe.web.permissions import PERMISSIONS
from xunhe.web.scope import person_of


def may_ask(request: Request, console: Console) -> Callable[[str], bool]:
    """Whether who asks may ask a route too, by its template: `may("POST /silences")`.

    KeyError where no route has that template: a slip of the pen hides no form from everybody.
    """
    person = person_of(request)
    caller = Caller(None if person is None else person.roles)
    in_demo = console.settings.read_without_login

    def may(route: str) -> bool:
        rule = PERMISSIONS.get(route)
        if rule is None:
            raise KeyError(route)
        method = route.partition(" ")[0]
        return decide(rule, method, caller, read_without_login=in_demo).passes

    return may
