"""The list of a handover as tables for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from xunhe.desk.categories import CATEGORIES
from xunhe.desk.handover import Checklist
from xunhe.domain.ticket import State
from xunhe.web.templates import shanghai
from xunhe.web.wording import Words

_NONE = "—"
_DUE = Words("时限", "Due")
_TARGET = Words("目标", "Target")
_MEASURED = Words("监测时间", "Measured")


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One table of the page."""

    title: Words
    heads: tuple[Words, ...]
    rows: tuple[tuple[str, ...], ...]


def shown(checklist: Checklist) -> list[ShownTable]:
    """All of them, in the order of the paper."""
    return [
        ShownTable(
            Words("管护范围", "Waters"),
            (
                Words("水域", "Water"),
                Words("河流", "River"),
                Words("长度", "Length"),
                _TARGET,
                Words("支流", "Tributaries"),
            ),
            tuple(_waters(checklist)),
        ),
        ShownTable(
            Words("未办结工单", "Open tickets"),
            (Words("编号", "No."), Words("类别", "Category"), Words("状态", "State"), _DUE),
            tuple(_tickets(checklist)),
        ),
        ShownTable(
            Words("一河一策任务", "Tasks"),
            (Words("任务", "Task"), Words("已完成", "Done"), _TARGET, _DUE),
            tuple(_tasks(checklist)),
        ),
        ShownTable(
            Words("断面水质", "Sections"),
            (Words("断面", "Section"), _TARGET, Words("最近类别", "Last class"), _MEASURED),
            tuple(_sections(checklist)),
        ),
        ShownTable(
            Words("设备", "Devices"),
            (Words("设备", "Device"), Words("类型", "Kind"), Words("最近在线", "Last seen")),
            tuple(_devices(checklist)),
        ),
    ]


def _waters(checklist: Checklist) -> Iterable[tuple[str, ...]]:
    for water in checklist.waters:
        length = _NONE if water.length_m is None else f"{water.length_m:g} m"
        tributaries = "、".join(water.tributaries) or _NONE
        yield f"{water.name}（{water.code}）", water.river, length, water.target, tributaries


def _tickets(checklist: Checklist) -> Iterable[tuple[str, ...]]:
    for ticket in checklist.tickets:
        category = CATEGORIES.get(ticket.category)
        name = ticket.category if category is None else category.zh
        yield ticket.number, name, State(ticket.state).label_zh, shanghai(ticket.due_at)


def _tasks(checklist: Checklist) -> Iterable[tuple[str, ...]]:
    for task in checklist.tasks:
        done, target = (f"{amount:g} {task.measure}" for amount in (task.done, task.target))
        yield task.title, done, target, shanghai(task.due_at)


def _sections(checklist: Checklist) -> Iterable[tuple[str, ...]]:
    for section in checklist.sections:
        yield section.name, section.target, section.last_class or _NONE, _when(section.measured_at)


def _devices(checklist: Checklist) -> Iterable[tuple[str, ...]]:
    for device in checklist.devices:
        yield f"{device.name}（{device.code}）", device.kind, _when(device.last_seen_at)


def _when(at: datetime | None) -> str:
    return _NONE if at is None else shanghai(at)
