"""The pages of each person's day, in the order of his work; the others stand under 更多 More."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Request

from xunhe.desk.roles import Role
from xunhe.web.console import Console
from xunhe.web.permissions import PERMISSIONS
from xunhe.web.route_rules import Rule
from xunhe.web.scope import person_of
from xunhe.web.wording import Words

MOST_AT_HAND = 6

_DUTY = frozenset({Role.OPERATOR, Role.OFFICE, Role.ADMINISTRATOR})
_CHIEF = frozenset({Role.CHIEF})
_OFFICE = frozenset({Role.OFFICE, Role.ADMINISTRATOR})
_TECHNICIAN = frozenset({Role.TECHNICIAN})
_SUPERVISOR = frozenset({Role.OBSERVER, Role.INSPECTOR})
_HANDLER = frozenset({Role.HANDLER, Role.CONTRACTOR})


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the navigation: at hand for some roles, for others under 更多.

    Who may ask `asks` sees it: the page itself, where it says no other route.
    """

    path: str
    words: Words
    at_hand_of: frozenset[Role] = frozenset()
    asks: str = ""

    @property
    def rule(self) -> Rule | None:
        """Who sees it."""
        return PERMISSIONS.get(self.asks or f"GET {self.path}")


@dataclass(frozen=True, slots=True)
class Navigation:
    """What somebody sees of it. `here` is the entry that he is on, `home` where his day begins."""

    at_hand: tuple[Entry, ...]
    more: tuple[Entry, ...]
    here: Entry | None
    home: str


# By rank: what comes first stands first on everybody's bar. Who may not ask a page does not see it.
ENTRIES = (
    Entry("/phone", Words("我的工单", "My tickets"), _CHIEF | _HANDLER),
    Entry(
        "/phone/field",  # opens to everyone: it has to without a network
        Words("现场", "In the field"),
        _CHIEF | {Role.VOLUNTEER},
        asks="POST /api/v1/phone/reports",
    ),
    Entry("/phone/water", Words("河段水质", "My reaches"), _CHIEF),
    Entry("/phone/patrols", Words("巡河", "Patrols"), _CHIEF),
    Entry("/phone/duty", Words("履职", "Duty sheet"), _CHIEF),
    Entry("/stations", Words("测站", "Stations"), _TECHNICIAN),
    Entry("/", Words("一屏总览", "Overview"), _DUTY | _SUPERVISOR | _HANDLER),
    Entry("/incidents", Words("事件", "Incidents"), frozenset({Role.OPERATOR})),
    Entry("/cameras", Words("摄像机", "Cameras"), frozenset({Role.OPERATOR}) | _TECHNICIAN),
    Entry("/flights", Words("空中巡河", "Flights")),
    Entry("/desk/new", Words("上报问题", "Report"), _HANDLER | {Role.VOLUNTEER, Role.INSPECTOR}),
    Entry("/desk/board", Words("亮灯", "Lights"), _OFFICE | _SUPERVISOR),
    Entry("/desk/list", Words("工单", "Tickets"), _OFFICE | _SUPERVISOR),
    Entry("/desk/lists", Words("三张清单", "Lists"), _OFFICE | _SUPERVISOR),
    Entry("/desk/plans", Words("一河一策", "River plans")),
    Entry("/desk/months", Words("通报报告", "Reports"), _OFFICE | _SUPERVISOR),
    Entry("/desk/reports", Words("群众举报", "Citizens"), _OFFICE),
    Entry("/desk/patrols", Words("巡河率", "Patrols")),
    Entry("/desk/inspections", Words("暗访回头看", "Inspections"), frozenset({Role.INSPECTOR})),
    Entry("/desk/returns", Words("台账上报", "Returns")),
    Entry("/desk/meetings", Words("调度会", "Meetings")),
    Entry("/desk/scores", Words("得分", "Scores")),
    Entry("/desk/duties", Words("履职手册", "Duties")),
    Entry("/desk/adoptions/new", Words("认领河段", "Adopt a reach"), frozenset({Role.VOLUNTEER})),
    Entry("/desk/offers", Words("跨界联防", "Neighbours")),
    Entry("/registry", Words("登记册", "Registry")),
    Entry("/documents", Words("文件", "Papers"), _OFFICE | _SUPERVISOR),
    Entry("/silences", Words("静默", "Silences"), frozenset({Role.OPERATOR})),
    Entry("/rules", Words("规则", "Rules"), frozenset({Role.OPERATOR})),
    Entry("/handovers", Words("交接", "Handover")),
    Entry("/desk/log", Words("日志", "Log")),
    Entry("/links", Words("对外链路", "Links")),
    Entry("/gateway", Words("网关状态", "Gateway"), _TECHNICIAN),
    Entry("/rejected", Words("被拒帧", "Rejected"), _TECHNICIAN),
    Entry("/accounts", Words("账号", "Accounts"), frozenset({Role.ADMINISTRATOR})),
    Entry("/accounts/looks", Words("查看记录", "Looks")),
    Entry("/phones", Words("手机接入", "Phones")),
    Entry("/runbook", Words("应急手册", "Runbook")),
)


def navigation(request: Request, console: Console) -> Navigation:
    """The entries of whoever asks: at hand at most `MOST_AT_HAND`, the rest under 更多."""
    person = person_of(request)
    roles = frozenset() if person is None else person.roles
    seen = [entry for entry in ENTRIES if _may(entry, roles, person is not None, console)]
    near = [entry for entry in seen if entry.at_hand_of & roles][:MOST_AT_HAND]
    if not near:
        near = seen[:MOST_AT_HAND]
    far = [entry for entry in seen if entry not in near]
    home = "/" if person is None else home_of(roles)
    return Navigation(tuple(near), tuple(far), here(seen, request.url.path), home)


def here(entries: list[Entry], path: str) -> Entry | None:
    """The entry that a path belongs to: the longest that it begins with."""
    found = [e for e in entries if path == e.path or path.startswith(e.path.rstrip("/") + "/")]
    found = [e for e in found if e.path != "/" or path == "/"]
    return max(found, key=lambda entry: len(entry.path), default=None)


def home_of(roles: frozenset[Role]) -> str:
    """Where somebody's day begins: the first page of his bar."""
    return next(_homes(roles), "/account")


def _homes(roles: frozenset[Role]) -> Iterator[str]:
    for entry in ENTRIES:
        rule = entry.rule
        if rule is not None and entry.at_hand_of & roles and rule.roles & roles:
            yield entry.path


def _may(entry: Entry, roles: frozenset[Role], is_known: bool, console: Console) -> bool:
    rule = entry.rule
    if rule is None:
        return False
    if is_known:
        return bool(rule.roles & roles)
    return rule.in_demo and console.settings.read_without_login
