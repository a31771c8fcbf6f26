"""河长公示牌: who answers for a stretch of water, what for, and where to report; for print.

It says the four things that a board must: names, duties, the stretch, the telephone. Its code leads
to the page where anybody can report.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from xunhe.desk.documents.model import (
    Code,
    Fact,
    Facts,
    Kind,
    Paper,
    Table,
    Text,
    day_zh,
)
from xunhe.domain.registry import Reach
from xunhe.domain.sign_board import SignBoard

_DUTIES = (
    "一、组织开展责任河段的巡查，及时发现、处理或者上报问题；"
    "二、督促落实水资源保护、水域岸线管护、水污染防治、水环境治理、水生态修复和执法监管；"
    "三、受理群众监督举报，并反馈处理结果。"
)


@dataclass(frozen=True, slots=True)
class Chief:
    """A line of the board: level, title of the post, and its holder (empty while vacant)."""

    level: str
    title: str
    name: str


def sign_board_paper(
    board: SignBoard,
    reach: Reach,
    chiefs: tuple[Chief, ...],
    hotline: str,
    public_url: str,
    at: datetime,
) -> Paper:
    """The board of a reach as of `at`. `public_url` is where citizens reach this gateway."""
    rows = tuple((chief.level, chief.title, chief.name or "（空缺）") for chief in chiefs)
    (lon, lat), (end_lon, end_lat) = reach.line[0], reach.line[-1]
    blocks = (
        Table("", ("级别", "岗位", "河长姓名"), rows, (0.2, 0.5, 0.3)),
        Facts(
            (
                Fact("管护范围", f"{reach.river} {reach.name}，长 {reach.length_m / 1000:.1f} km"),
                Fact("起点", f"东经 {lon:.5f}°，北纬 {lat:.5f}°"),
                Fact("终点", f"东经 {end_lon:.5f}°，北纬 {end_lat:.5f}°"),
                Fact("水质目标", f"{reach.target.label}类"),
                Fact("监督举报电话", hotline),
                Fact("内容更新", day_zh(at), at),
            )
        ),
        Text(f"河长职责：{_DUTIES}"),
        Code(report_link(board.code, public_url), f"扫码举报 · 公示牌 {board.code}"),
    )
    title = f"{reach.river}（{reach.name}）河长公示牌"
    return Paper(Kind.SIGN_BOARD, title, "", f"board:{board.code}", blocks)


def report_link(board: str, public_url: str) -> str:
    """Where a board's code leads: the page to report on, with the board's own place."""
    return f"{public_url.rstrip('/')}/report?board={quote(board)}"
