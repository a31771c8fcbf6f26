"""离任交接清单: what is handed over with a post; both sign."""

from datetime import datetime

from xunhe.desk.categories import CATEGORIES
from xunhe.desk.documents.model import (
    Block,
    Fact,
    Facts,
    Kind,
    Paper,
    Signatures,
    Table,
    Text,
    day_zh,
    minute_zh,
)
from xunhe.desk.handover import Checklist, Handover
from xunhe.domain.ticket import State


def handover_paper(handover: Handover, checklist: Checklist, post_title: str) -> Paper:
    """The list of a handover as a paper; who leaves and who comes write their names by hand."""
    blocks: list[Block] = [
        Text(
            f"{post_title}因岗位变动办理工作交接。经清点，移交下列事项，自双方签字时起由接收人负责。"
        ),
        Facts(
            (
                Fact("交接岗位", f"{post_title}（{handover.post}）"),
                Fact("清单生成时间", minute_zh(handover.drafted_at), handover.drafted_at),
                Fact("最近一次巡河", _last_patrol(checklist), checklist.last_patrol_at),
                Fact("清单 SHA-256", handover.sha256),
            )
        ),
        _waters(checklist),
        _tickets(checklist),
        _tasks(checklist),
        _sections(checklist),
        _devices(checklist),
        Text(f"六、入河排污口：{'、'.join(checklist.outfalls) or '无'}。"),
        Signatures(("移交人（签字）", "接收人（签字）", "监交人（签字）")),
    ]
    title = f"{post_title}离任交接清单"
    return Paper(Kind.HANDOVER, title, "", f"post:{handover.post}", tuple(blocks))


def _last_patrol(checklist: Checklist) -> str:
    return "无记录" if checklist.last_patrol_at is None else minute_zh(checklist.last_patrol_at)


def _waters(checklist: Checklist) -> Table:
    rows = tuple(
        (
            f"{water.name}（{water.code}）",
            water.river,
            "—" if water.length_m is None else f"{water.length_m / 1000:.1f}",
            water.target,
            "、".join(water.tributaries) or "—",
        )
        for water in checklist.waters
    )
    header = ("河段（湖泊）", "河流", "长度（km）", "水质目标", "支流")
    return Table("一、管护范围", header, rows, (0.32, 0.14, 0.18, 0.16, 0.2))


def _tickets(checklist: Checklist) -> Table:
    rows = tuple(
        (
            ticket.number,
            CATEGORIES[ticket.category].zh if ticket.category in CATEGORIES else ticket.category,
            State(ticket.state).label_zh if ticket.state in set(State) else ticket.state,
            ticket.reach,
            minute_zh(ticket.due_at),
        )
        for ticket in checklist.tickets
    )
    header = ("编号", "类别", "状态", "河段", "时限")
    return Table("二、未办结工单", header, rows or _none(5), (0.24, 0.18, 0.14, 0.12, 0.32))


def _tasks(checklist: Checklist) -> Table:
    rows = tuple(
        (
            task.title,
            f"{task.done:g} {task.measure}",
            f"{task.target:g} {task.measure}",
            day_zh(task.due_at),
        )
        for task in checklist.tasks
    )
    title = "三、“一河一策”任务与在建项目"
    return Table(title, ("任务", "已完成", "目标", "时限"), rows or _none(4), (0.4, 0.2, 0.2, 0.2))


def _sections(checklist: Checklist) -> Table:
    rows = tuple(
        (section.name, section.target, section.last_class or "未测", _when(section.measured_at))
        for section in checklist.sections
    )
    header = ("断面", "目标", "最近类别", "监测时间")
    return Table("四、断面水质", header, rows or _none(4), (0.34, 0.12, 0.2, 0.34))


def _devices(checklist: Checklist) -> Table:
    rows = tuple(
        (f"{device.name}（{device.code}）", device.kind, _when(device.last_seen_at))
        for device in checklist.devices
    )
    return Table("五、设备", ("设备", "类型", "最近在线"), rows or _none(3), (0.46, 0.2, 0.34))


def _when(at: datetime | None) -> str:
    return "—" if at is None else minute_zh(at)


def _none(columns: int) -> tuple[tuple[str, ...], ...]:
    return (("无", *("—",) * (columns - 1)),)
