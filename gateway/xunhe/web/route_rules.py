"""A route's rule, and which one a request falls under. The routes stand in permissions.py."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from xunhe.desk.roles import Role
from xunhe.web.wording import Words

_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")  # of Starlette: a path goes over slashes


class Thing(Enum):
    """What a path may name that lies in a reach; the value is what a person calls it."""

    TICKET = ("ticket", "工单")
    INCIDENT = ("incident", "事件")
    STATION = ("station", "测站")
    CAMERA = ("camera", "摄像机")
    REACH = ("reach", "河段")
    POST = ("post", "岗位")
    BOARD = ("sign board", "公示牌")
    EVIDENCE = ("evidence", "证据")
    DOCUMENT = ("document", "文件")
    HANDOVER = ("handover", "交接")
    UNIT = ("unit", "单位")
    SUBJECT = ("matter", "事项")
    FLIGHT = ("flight", "飞行")


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may ask a route.

    `roles`: one of them suffices; `any_account`: none is needed, as by a chief whose tenure is
    over. `is_open`: no account is needed. `in_demo`: readable without
    log-in where `read_without_login` is on, and by a program with `read_token`. `thing`: what the
    path's parameter `parameter` names must lie in the person's reaches. `personal`: the route shows
    personal data: every answer is noted with who, when and which; never in the demo.
    """

    roles: frozenset[Role] = frozenset()
    any_account: bool = False
    is_open: bool = False
    in_demo: bool = False
    thing: Thing | None = None
    parameter: str | None = None
    personal: Words | None = None

    def of(self, thing: Thing, parameter: str | None = None) -> "Rule":
        """The same for one thing, named by a path parameter (left out: the path's first)."""
        return replace(self, thing=thing, parameter=parameter)

    def showing(self, zh: str, en: str) -> "Rule":
        """The same for a route that shows these personal data."""
        return replace(self, personal=Words(zh, en), in_demo=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The rule that a request falls under, and what its path says."""

    template: str
    rule: Rule
    values: Mapping[str, str]

    @property
    def named(self) -> str | None:
        """The key of the thing that the path names."""
        if self.rule.thing is None or not self.values:
            return None
        return self.values[self.rule.parameter or next(iter(self.values))]


class RouteTable:
    """Rules by `METHOD /path/{parameter}`. What is not here is nobody's.

    Where several templates fit a path, the one with the most literal text counts, as
    `/documents/{id}.{suffix}` before `/documents/{id}`.
    """

    def __init__(self, *blocks: Mapping[str, Rule]) -> None:
        self._rules: dict[str, Rule] = {}
        for block in blocks:
            if twice := self._rules.keys() & block.keys():
                raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
            self._rules |= block
        found = sorted(self._rules, key=lambda route: -len(_PARAMETER.sub("", route)))
        self._patterns = [(route, _pattern(route)) for route in found]

    def __iter__(self) -> Iterator[tuple[str, Rule]]:
        return iter(self._rules.items())

    def get(self, route: str) -> Rule | None:
        """The rule of a route by its template, such as `GET /tickets/{ticket_id}`."""
        return self._rules.get(route)

    def methods(self, path: str) -> list[str]:
        """The methods that some route takes at this path."""
        asked = ((method, f"{method} {path}") for method in ("GET", "POST", "PUT", "DELETE"))
        return [
            method
            for method, line in asked
            if any(pattern.fullmatch(line) for _, pattern in self._patterns)
        ]

    def find(self, method: str, path: str) -> Found | None:
        """The rule of a request; None where no route is declared for it."""
        asked = f"{'GET' if method == 'HEAD' else method} {path}"
        for route, pattern in self._patterns:
            if fits := pattern.fullmatch(asked):
                return Found(route, self._rules[route], fits.groupdict())
        return None


def _pattern(route: str) -> re.Pattern[str]:
    text = re.escape(route).replace(r"\{", "{").replace(r"\}", "}")
    return re.compile(_PARAMETER.sub(_value, text))


def _value(parameter: re.Match[str]) -> str:
    return f"(?P<{parameter[1]}>{'.+' if parameter[2] else '[^/]+'})"
