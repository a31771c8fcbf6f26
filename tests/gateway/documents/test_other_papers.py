"""通报, 月报, 离任交接清单, 公示牌: what they say, and that each can be drawn."""

from datetime import timedelta
from io import BytesIO

import cv2
import numpy as np
import pytest
from pypdf import PdfReader

from tests.gateway.documents.conftest import NOW, issued
from tests.gateway.documents.test_drawing import docx_text, nothing, text_of
from tests.gateway.web.river_rows import REGISTRY
from xunhe.adapters.documents.docx import docx
from xunhe.adapters.documents.pdf import pdf
from xunhe.adapters.documents.qr import png
from xunhe.desk.circular import Circular, Row
from xunhe.desk.documents.circular import circular_paper
from xunhe.desk.documents.handover import handover_paper
from xunhe.desk.documents.model import ISSUED_JSON, Issued, Paper
from xunhe.desk.documents.periodical import report_paper
from xunhe.desk.documents.sign_board import Chief, report_link, sign_board_paper
from xunhe.desk.handover import Checklist, Handover, OpenTicket, Water
from xunhe.desk.indicators import Indicators, Rate
from xunhe.desk.lights import Light, Why
from xunhe.desk.lists import Exposure, Progress
from xunhe.desk.lookback import LookBack
from xunhe.desk.periods import parse
from xunhe.desk.reports import Handling, NotSeen, OfLevel, Report
from xunhe.domain.offices import Level
from xunhe.domain.ticket import Source

MONTH = parse("2026-06")
NAMES = {"U-1": "上镇", "TOWN-UPPER": "镇级河长（上镇）", "ticket:7": "工单 XH-2026-0007"}


def named(code: str) -> str:
    return NAMES.get(code, code)


def drawn(paper: Paper) -> tuple[str, str]:
    """Its words in the PDF and in the .docx."""
    made = issued(paper)
    return text_of(pdf(made, nothing)), docx_text(docx(made, nothing))


def circular(rows: tuple[Row, ...]) -> Circular:
    counts = {"U-1": {Light.GREEN: 5, Light.YELLOW: 1, Light.RED: 2}}
    return Circular(MONTH, counts, counts, rows)


def test_a_circular_counts_the_lights_and_names_what_is_not_green() -> None:
    red = Row("ticket:7", "U-1", "TOWN-UPPER", Light.RED, Why.PAST_DUE, False)
    paper = circular_paper(circular((red,)), named)
    assert paper.title == "2026年6月河湖长制亮灯情况通报"
    for text in drawn(paper):
        for said in ("红灯2项，黄灯1项，绿灯5项", "工单XH-2026-0007", "逾期未完成", "三、黄灯事项"):
            assert said in text


def report() -> Report:
    return Report(
        period=MONTH,
        as_of=MONTH.end,
        found=12,
        closed=9,
        still_open=4,
        dismissed=1,
        by_source={Source.BUOY: 7, Source.CITIZEN: 5},
        indicators=Indicators(Rate(3, 4), Rate(1, 12), Rate(9, 12), Rate(0, 0), Rate(8, 8)),
        handling=(Handling("discharge.secret", 9, 20.25, 18.0, 41.5),),
        levels=(OfLevel(Level.VILLAGE, 4, 16, Rate(16, 16), 3, 0, 2, 1),),
        not_seen=(NotSeen("floating.litter", 2, 1, 0, 1),),
        lights={"2026-06": {Light.GREEN: 5, Light.YELLOW: 1, Light.RED: 2}},
        steps={"提醒": 8, "约谈": 6},
        exposure=Exposure(2026, 10, 7),
        major=Progress(0, 0, None),
        measures=Progress(437, 173, 0.8287),
        lookbacks=(LookBack(parse("2026Q2"), tuple(range(32)), 90, tuple(range(30)), (30, 31)),),
        late_returns=("U-1",),
        missing_returns=(),
    )


def test_a_monthly_report_says_its_figures_in_words() -> None:
    paper = report_paper(report(), named)
    assert paper.title == "2026年6月河湖长制工作月报"
    for text in drawn(paper):
        for said in (
            "发现河湖问题12个，销号9个，目前未办结4个",
            "75.0%（3/4）",
            "不适用（本期无应计项）",
            "曝光突出问题10个，已销号7个，正在整改3个",
            "共437项，完成173项；平均推进进度82.87%",
            "对32个问题“回头看”",
            "2个重开",
            "提醒8次，约谈6次",
            "上镇",
        ):
            assert said in text


def test_a_handover_names_the_post_and_leaves_room_for_three_signatures() -> None:
    checklist = Checklist(
        waters=(Water("YX-1", "云溪上段", "云溪", 4200.0, "Ⅲ", ("北涧",)),),
        tickets=(
            OpenTicket(
                "XH-2026-0007", "discharge.secret", "in_progress", "YX-1", NOW, NOW + timedelta(1)
            ),
        ),
        tasks=(),
        sections=(),
        devices=(),
        outfalls=("上段一号排污口",),
        last_patrol_at=None,
    )
    handover = Handover(1, "VILLAGE-1", "P5", "P9", NOW, checklist.to_text(), "ab" * 32)
    paper = handover_paper(handover, checklist, "村级河长（云溪上段）")
    for text in drawn(paper):
        for said in ("XH-2026-0007", "偷排", "处理中", "ab" * 32, "接收人（签字）", "4.2"):
            assert said in text
    assert "P5" not in ISSUED_JSON.dump_json(issued(paper)).decode()


@pytest.fixture
def board() -> Paper:
    board = REGISTRY.boards["YX-B1"]
    chiefs = (Chief("村级", "村级河长（云溪上段）", "演示人员五"), Chief("镇级", "镇级河长", ""))
    reach = REGISTRY.reaches[board.reach]
    return sign_board_paper(board, reach, chiefs, "12345", "https://river.example/", NOW)


def test_a_board_names_chiefs_duties_stretch_and_telephone(board: Paper) -> None:
    made = Issued("", "演示区河长制办公室", NOW, board)
    for text in (text_of(pdf(made, nothing)), docx_text(docx(made, nothing))):
        for said in ("演示人员五", "（空缺）", "河长职责", "管护范围", "12345", "起点"):
            assert said in text
        assert "〔" not in text
    assert len(PdfReader(BytesIO(pdf(made, nothing))).pages) == 1


def decoded(picture: bytes) -> str:
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    return cv2.QRCodeDetector().detectAndDecode(image)[0]


def test_the_code_of_a_board_leads_to_the_page_to_report_on(board: Paper) -> None:
    link = report_link("YX-B1", "https://river.example/")
    assert link == "https://river.example/report?board=YX-B1"
    assert decoded(png(link)) == link
    made = Issued("", "演示区河长制办公室", NOW, board)
    images = [i.data for p in PdfReader(BytesIO(pdf(made, nothing))).pages for i in p.images]
    assert link in [decoded(image) for image in images]


def test_a_code_with_a_hole_in_it_is_still_read() -> None:
    link = report_link("YX-B1", "https://river.example")
    image = cv2.imdecode(np.frombuffer(png(link), np.uint8), cv2.IMREAD_GRAYSCALE)
    side = image.shape[0]
    image[side // 2 : side // 2 + side // 8, side // 2 : side // 2 + side // 8] = 255
    assert decoded(cv2.imencode(".png", image)[1].tobytes()) == link
