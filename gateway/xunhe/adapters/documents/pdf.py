"""A paper as PDF: A4 after GB/T 9704-2012, the red head of the office, the font embedded.

GB/T 9704-2012: margins 37 mm above and 28 mm left, a text area of 156 × 225 mm (5.2.1), 16 pt body
(小标宋 and 仿宋 there; here one sans font, since the free ones of those shapes are incomplete), red
head and line (7.2.4, 7.2.7), page numbers in 14 pt between dashes (7.5).
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
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
    HRFlowable,
    Image,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from xunhe.adapters.documents.fonts import FONT, drawable, register
from xunhe.adapters.documents.pictures import Pictures
from xunhe.adapters.documents.qr import CODE_MM, png
from xunhe.desk.documents.model import (
    Block,
    Code,
    Facts,
    Heading,
    Issued,
    Picture,
    Signatures,
    Slip,
    Table,
    Text,
    day_zh,
    minute_zh,
)

_RED = Color(0.8, 0.0, 0.0)
_GREY = Color(0.45, 0.45, 0.45)
_WIDTH = 156 * mm
_LEFT, _TOP, _BOTTOM = 28 * mm, 37 * mm, 35 * mm
_LABEL = 0.24  # of the line: the left column of facts
_SIGN_HERE = "日期：　　　　年　　月　　日".replace("　", "\N{NO-BREAK SPACE}" * 3)


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    settings: dict[str, Any] = {"leading": size * 1.75, "wordWrap": "CJK", **more}
    return ParagraphStyle(name, fontName=FONT, fontSize=size, **settings)


_HEAD = _style("head", 26, alignment=TA_CENTER, textColor=_RED, leading=36)
_NUMBER = _style("number", 14, alignment=TA_CENTER)
_TITLE = _style("title", 20, alignment=TA_CENTER, leading=30, spaceBefore=8, spaceAfter=12)
_BODY = _style("body", 14, firstLineIndent=28)
_ADDRESSEE = _style("addressee", 14)
_HEADING = _style("heading", 14, spaceBefore=6)
_BELOW_A_HEADING = 40 * mm  # as much of what follows stays with it; a long table still begins here
_CELL = _style("cell", 11, leading=16)
_CAPTION = _style("caption", 10, alignment=TA_CENTER, textColor=_GREY, leading=14)
_SIGNED = _style("signed", 14, alignment=TA_RIGHT, rightIndent=28)
_COPIES = _style("copies", 11, leading=18)

_HANGING = 11.0  # a sign of a cell that may not begin a line hangs over its end
_WRITTEN_BY_HAND = 13 * mm

_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, black),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("RIGHTPADDING", (0, 0), (-1, -1), _HANGING),
    ]
)


def pdf(issued: Issued, pictures: Pictures) -> bytes:
    """The paper as a PDF; the same paper gives the same bytes."""
    register()
    story = _story(issued, pictures)
    return print_pages(story, f"{issued.paper.title} {issued.number}", issued.office)


def print_pages(story: list[Flowable], title: str, author: str) -> bytes:
    """Flowables on numbered A4 pages; the font is registered before they are made."""
    out = BytesIO()
    height = A4[1] - _TOP - _BOTTOM
    area = Frame(_LEFT, _BOTTOM, _WIDTH, height, leftPadding=0, rightPadding=0)
    page = PageTemplate(frames=[area], onPage=_page_number)
    template = BaseDocTemplate(
        out, pagesize=A4, pageTemplates=[page], title=title, author=author, invariant=1
    )
    template.build(story)
    return out.getvalue()


def _story(issued: Issued, pictures: Pictures) -> list[Flowable]:
    paper = issued.paper
    story: list[Flowable] = [
        _paragraph(issued.office, _HEAD),
        Spacer(1, 4 * mm),
        *([_paragraph(issued.number, _NUMBER)] if issued.number else []),
        HRFlowable(width="100%", thickness=1.5, color=_RED, spaceBefore=4 * mm, spaceAfter=6 * mm),
        _paragraph(paper.title, _TITLE),
    ]
    if paper.addressee:
        story.append(_paragraph(f"{paper.addressee}：", _ADDRESSEE))
    body, by_hand = paper.halves()
    story += [part for block in body for part in _drawn(block, pictures)]
    last = [story.pop()] if issued.number and isinstance(story[-1], Paragraph) else []
    closing = [*last, *_closing(issued)]
    filled = [part for block in by_hand for part in _drawn(block, pictures)]
    if any(isinstance(block, Slip) for block in by_hand):  # a page to send back
        return [*story, KeepTogether(closing), PageBreak(), *filled]
    return [*story, KeepTogether([*closing, *filled])]  # no seal, no signature alone on a page


def _closing(issued: Issued) -> list[Flowable]:
    """The office's name and the date, and who gets a copy."""
    drawn: list[Flowable] = []
    if issued.number:
        drawn += [
            Spacer(1, 12 * mm),
            _paragraph(issued.office, _SIGNED),
            _paragraph(day_zh(issued.issued_at), _SIGNED),
        ]
    if copies := issued.paper.copies_to:
        drawn += [Spacer(1, 6 * mm), _paragraph(f"抄送：{'，'.join(copies)}", _COPIES)]
    return drawn


def _drawn(block: Block, pictures: Pictures) -> list[Flowable]:
    drawn: list[Flowable]
    match block:
        case Heading():
            drawn = _heading(block.text)
        case Text():
            drawn = [_paragraph(block.text, _BODY)]
        case Facts():
            rows = [(row.label, row.text) for row in block.rows]
            drawn = [_grid(rows, (_LABEL, 1 - _LABEL)), Spacer(1, 3 * mm)]
        case Table():
            drawn = _table(block)
        case Picture():
            drawn = [KeepTogether(_picture(block, pictures))]
        case Slip():
            drawn = _slip(block)
        case Signatures():
            drawn = [Spacer(1, 4 * mm), _lines(block.roles)]
        case Code():
            code = Image(BytesIO(png(block.link)), CODE_MM * mm, CODE_MM * mm)
            drawn = [KeepTogether([Spacer(1, 4 * mm), code, _paragraph(block.caption, _CAPTION)])]
    return drawn


def _heading(text: str) -> list[Flowable]:
    return [CondPageBreak(_BELOW_A_HEADING), _paragraph(text, _HEADING)]


def _table(block: Table) -> list[Flowable]:
    shares = block.widths or (1.0,) * len(block.header)
    title = _heading(block.title) if block.title else []
    grid = _grid([block.header, *block.rows], shares, header_rows=1)
    return [*title, grid, Spacer(1, 3 * mm)]


def _slip(block: Slip) -> list[Flowable]:
    rows = [(field, "") for field in block.fields]
    return [_paragraph(block.title, _TITLE), _grid(rows, (0.32, 0.68), _WRITTEN_BY_HAND)]


def _grid(
    rows: Sequence[tuple[str, ...]],
    shares: tuple[float, ...],
    height: float | None = None,
    header_rows: int = 0,
) -> Flowable:
    cells = [[_paragraph(text, _CELL) for text in row] for row in rows]
    widths = [share / sum(shares) * _WIDTH for share in shares]
    return Grid(cells, widths, height, style=_GRID, repeatRows=header_rows)


def _lines(roles: tuple[str, ...]) -> Flowable:
    cells = [[_paragraph(f"{role}：", _CELL), _paragraph(_SIGN_HERE, _CELL)] for role in roles]
    return Grid(cells, [0.5 * _WIDTH] * 2, rowHeights=[12 * mm] * len(roles))


def _picture(block: Picture, pictures: Pictures) -> list[Flowable]:
    caption = _paragraph(f"{block.caption}（{minute_zh(block.at)}）", _CAPTION)
    jpeg = pictures(block.sha256)
    if jpeg is None:
        return [_paragraph(f"［图片已不在：{block.sha256[:12]}］", _CAPTION), caption]
    width, height = ImageReader(BytesIO(jpeg)).getSize()
    scale = min(0.8 * _WIDTH / width, 65 * mm / height)
    return [Spacer(1, 3 * mm), Image(BytesIO(jpeg), width * scale, height * scale), caption]


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(drawable(text)).replace("\n", "<br/>"), style)


def _page_number(canvas: Canvas, _template: object) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 12)
    canvas.drawCentredString(A4[0] / 2, 20 * mm, f"— {canvas.getPageNumber()} —")
    canvas.restoreState()
