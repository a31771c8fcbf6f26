"""A case, as a story of one night at an outfall, and the papers about it."""

from datetime import UTC, datetime, timedelta

import pytest

from xunhe.desk.documents.case import Case
from xunhe.desk.documents.model import Fact, Issued, Paper, Picture

NOW = datetime(2026, 7, 1, 19, 20, tzinfo=UTC)  # 2 July, 03:20 in Shanghai


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def issued(paper: Paper, serial: int = 1, at: datetime = NOW) -> Issued:
    return Issued(f"河长办{paper.kind.sign}〔2026〕{serial}号", "演示区河长制办公室", at, paper)


@pytest.fixture
def case() -> Case:
    return Case(
        ticket_id=12,
        number="XH-2026-0012",
        source="浮标",
        category="水质异常",
        severity="严重",
        river="云溪",
        reach="云溪上段",
        place="上段一号浮标（YX-S1）",
        owner="村级河长（云溪上段）",
        handler="",
        state="处理中",
        found_at=NOW - hours(3),
        opened_at=NOW - hours(2.9),
        due_at=NOW + hours(21),
        is_provisional=False,
        evidence=(
            Fact("7月2日 00:20", "氨氮由 0.31 升至 1.62 mg/L", NOW - hours(3)),
            Fact("7月2日 00:26", "连续3次劣Ⅴ类 · 单因子（3项）", NOW - hours(2.9)),
        ),
        pictures=(Picture("ab" * 32, "上段一号排污口摄像机 YX-C1", NOW - hours(3)),),
    )
