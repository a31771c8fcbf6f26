"""The report on paper: A4 as PDF, with the project's font."""

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from xunhe.adapters.documents.fonts import FONT, drawable, register
from xunhe.domain.flight import Flight
from xunhe.domain.registry import Reach
from xunhe_tools.hardware.drawing import Drawing, paint
from xunhe_tools.patrol.report import facts
from xunhe_tools.patrol.report.figures import Figures

_WIDTH, _MARGIN, _FOOT = 174 * mm, 18 * mm, 18 * mm
_ACCENT, _LINE, _MUTED = HexColor("#0b665d"), HexColor("#d5dedb"), HexColor("#51605c")
_GROUND = HexColor("#f5f8f7")
_PICTURE_MM = (80, 53.3)
_COLUMNS = (0.09, 0.12, 0.31, 0.14, 0.22, 0.12)
_HEADER = ("编号", "类别", "位置（公里、岸侧、误差）", "数量、面积", "时间（录像）", "对比上次")


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    settings: dict[str, Any] = {"leading": size * 1.5, "wordWrap": "CJK", **more}
    return ParagraphStyle(name, fontName=FONT, fontSize=size, **settings)


_TITLE = _style("title", 21, textColor=white, leading=28)
_LEAD = _style("lead", 12, textColor=white)
_LEAD_EN = _style("lead-en", 9, textColor=white)
_HEADING = _style("heading", 14, spaceBefore=10, spaceAfter=5, textColor=_ACCENT)
_BODY = _style("body", 10)
_SMALL = _style("small", 8, textColor=_MUTED)
_CELL = _style("cell", 8.5, leading=12)
_NUMBER = _style("number", 17, alignment=TA_CENTER, leading=21)
_LABEL = _style("label", 8.5, alignment=TA_CENTER, leading=12)
_LABEL_EN = _style("label-en", 6.5, alignment=TA_CENTER, leading=9, textColor=_MUTED)


def document(flight: Flight, reach: Reach, figures: Figures) -> bytes:
    """The bytes of the file; the same flight gives the same ones."""
    register()
    title = facts.headline(reach)
    out = BytesIO()
    area = Frame(
        _MARGIN, _FOOT, _WIDTH, A4[1] - _FOOT - 14 * mm, leftPadding=0, rightPadding=0, topPadding=0
    )
    page = PageTemplate(frames=[area], onPage=lambda canvas, _: _foot(canvas, title, flight))
    template = BaseDocTemplate(
        out, pagesize=A4, pageTemplates=[page], title=title, author="xunhe 巡河", invariant=1
    )
    template.build(_story(flight, reach, figures))
    return out.getvalue()


def _story(flight: Flight, reach: Reach, figures: Figures) -> list[Flowable]:
    coverage_zh, coverage_en = facts.coverage_words(flight)
    story: list[Flowable] = [_head(flight, reach), Spacer(1, 4 * mm), _numbers(flight)]
    story.append(_words("地图 Map" if figures.map else "时间轴 Time axis", _HEADING))
    story += [_Drawn(one) for one in (figures.map, figures.axis) if one is not None]
    story += [Spacer(1, 2 * mm), _words(coverage_zh, _BODY), _words(coverage_en, _SMALL)]
    if figures.density is not None:
        story += [CondPageBreak(48 * mm), _words("漂浮垃圾密度 Density of litter", _HEADING)]
        story.append(_Drawn(figures.density))
    if flight.findings:
        story += [CondPageBreak(40 * mm), _words("发现 Findings", _HEADING), _table(flight)]
        story += [CondPageBreak(80 * mm), _words("图片 Pictures", _HEADING)]
        story += _cards(flight, figures)
    if figures.strips:
        title = "河道展开图 The river unrolled（水流向右，左岸在上 / flow to the right）"
        story += [CondPageBreak(60 * mm), _words(title, _HEADING)]
        story += [_picture(strip, _WIDTH, 60 * mm) for strip in figures.strips]
    return [*story, *_end(flight, reach)]


def _head(flight: Flight, reach: Reach) -> Flowable:
    zh, en = facts.sentence(flight)
    title = f"{facts.headline(reach)}　{facts.headline_en(reach)}"
    cells = [[_words(title, _TITLE)], [_words(zh, _LEAD)], [_words(en, _LEAD_EN)]]
    style: list[Any] = [
        ("BACKGROUND", (0, 0), (-1, -1), _ACCENT),
        ("LEFTPADDING", (0, 0), (-1, -1), 14),
        ("TOPPADDING", (0, 0), (-1, 0), 12),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 12),
        ("BOTTOMPADDING", (0, 0), (-1, -2), 2),
        ("TOPPADDING", (0, 1), (-1, -1), 1),
    ]
    return Table(cells, [_WIDTH], style=TableStyle(style))


def _numbers(flight: Flight) -> Flowable:
    told = facts.facts(flight)
    cells = [
        [_words(fact.value, _NUMBER), _words(fact.zh, _LABEL), _words(fact.en, _LABEL_EN)]
        for fact in told
    ]
    style: list[Any] = [
        ("BOX", (0, 0), (-1, -1), 0.6, _LINE),
        ("INNERGRID", (0, 0), (-1, -1), 0.6, _LINE),
        ("BACKGROUND", (0, 0), (-1, -1), _GROUND),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table([cells], [_WIDTH / len(told)] * len(told), style=TableStyle(style))


def _table(flight: Flight) -> Flowable:
    rows = [
        (row.id, row.kind_zh, f"{row.where}\n{row.position}", row.size, row.seen, row.status_zh)
        for row in facts.rows(flight)
    ]
    cells = [[_words(text, _CELL) for text in row] for row in (_HEADER, *rows)]
    style: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LINEBELOW", (0, 0), (-1, 0), 1, _ACCENT),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        *(
            ("LINEBEFORE", (0, i), (0, i), 3, HexColor(row.colour))
            for i, row in enumerate(facts.rows(flight), start=1)
        ),
    ]
    widths = [share * _WIDTH for share in _COLUMNS]
    return Table(cells, widths, style=TableStyle(style), repeatRows=1)


def _cards(flight: Flight, figures: Figures) -> list[Flowable]:
    """Two beside each other; a row stays on one page."""
    cards: list[list[Flowable] | str] = [_card(row, figures) for row in facts.rows(flight)]
    if len(cards) % 2:
        cards.append("")
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return [
        Table([cards[i : i + 2]], [_WIDTH / 2] * 2, style=style) for i in range(0, len(cards), 2)
    ]


def _card(row: facts.Row, figures: Figures) -> list[Flowable]:
    jpeg = figures.pictures.get(row.picture or "")
    wide, high = (side * mm for side in _PICTURE_MM)
    shown: list[Flowable] = [] if jpeg is None else [_picture(jpeg, wide, high)]
    status = f"（{row.status_zh}）" if row.status_zh else ""
    return [
        *shown,
        _words(f"{row.id} {row.kind_zh}{status}　{row.where}", _BODY),
        _words(row.reason_zh, _CELL),
        _words(row.reason_en, _SMALL),
    ]


def _end(flight: Flight, reach: Reach) -> list[Flowable]:
    told = [(f"{fact.zh} {fact.en}", fact.value) for fact in facts.about(flight, reach)]
    told += [(f"模型 model {name}", sha256) for name, sha256 in flight.models.items()]
    cells = [[_words(label, _SMALL), _words(value, _CELL)] for label, value in told]
    end: list[Flowable] = [
        CondPageBreak(50 * mm),
        _words("飞行 The flight", _HEADING),
        Table(cells, [0.24 * _WIDTH, 0.76 * _WIDTH], style=[("VALIGN", (0, 0), (-1, -1), "TOP")]),
    ]
    if flight.notes:
        end += [CondPageBreak(30 * mm), _words("说明 Notes", _HEADING)]
        for zh, en in flight.notes:
            end += [_words(f"· {zh}", _BODY), _words(en, _SMALL)]
    return end


class _Drawn(Flowable):
    """A drawing as wide as the text."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self._drawing, self._scale = drawing, _WIDTH / drawing.width
        self.width, self.height = _WIDTH, drawing.height * self._scale

    def draw(self) -> None:
        self.canv.scale(self._scale, self._scale)
        paint(self.canv, self._drawing)


def _picture(jpeg: bytes, most_width: float, most_height: float) -> Flowable:
    width, height = ImageReader(BytesIO(jpeg)).getSize()
    scale = min(most_width / width, most_height / height)
    return Image(BytesIO(jpeg), width * scale, height * scale, hAlign="LEFT")


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(drawable(text)).replace("\n", "<br/>"), style)


def _foot(canvas: Canvas, title: str, flight: Flight) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 8)
    canvas.setFillColor(_MUTED)
    canvas.drawString(_MARGIN, 10 * mm, f"{title}　{flight.id}")
    canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, f"{canvas.getPageNumber()}")
    canvas.restoreState()
