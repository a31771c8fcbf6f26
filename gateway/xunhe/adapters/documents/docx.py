"""A paper as .docx: the same parts as the PDF, in the fonts that offices have, still to be edited.

The fonts of GB/T 9704-2012 (小标宋, 仿宋, 黑体) are named, not embedded: a word processor without
them takes its own.
"""

from io import BytesIO

import docx as python_docx
from docx.document import Document
from docx.enum.table import (
    WD_CELL_VERTICAL_ALIGNMENT,
    WD_ROW_HEIGHT_RULE,
    WD_TABLE_ALIGNMENT,
)
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

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

_TITLE, _BODY, _HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
_RED = RGBColor(0xCC, 0x00, 0x00)
_WIDTH = Mm(156)
_ROW, _WRITTEN_BY_HAND = Mm(8), Mm(13)  # heights of rows, at least
_ABOVE_A_GRID, _IN_A_CELL = Pt(6), Pt(2)
_CENTRE, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def docx(issued: Issued, pictures: Pictures) -> bytes:
    """The paper as a .docx file."""
    document = python_docx.Document()
    _set_page(document)
    _set_properties(document, issued)
    _head(document, issued)
    body, by_hand = issued.paper.halves()
    for block in body:
        _write(document, block, pictures)
    if issued.number:
        document.paragraphs[-1].paragraph_format.keep_with_next = True  # no seal alone on a page
        _seal(document, issued)
    if issued.paper.copies_to:
        _line(document, f"抄送：{'，'.join(issued.paper.copies_to)}", _BODY, 12)
    document.paragraphs[-1].paragraph_format.keep_with_next = bool(by_hand)
    for block in by_hand:
        _write(document, block, pictures)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    footer = section.footer.paragraphs[0]
    footer.alignment = _CENTRE
    _run(footer, "— ", _BODY, 14)
    _field(_run(footer, "", _BODY, 14), "PAGE")
    _run(footer, " —", _BODY, 14)


def _set_properties(document: Document, issued: Issued) -> None:
    properties = document.core_properties
    properties.title = f"{issued.paper.title} {issued.number}"
    properties.author = issued.office
    properties.comments = ""
    properties.created = properties.modified = issued.issued_at


def _head(document: Document, issued: Issued) -> None:
    office = _line(document, issued.office, _TITLE, 30, _CENTRE)
    office.runs[0].font.color.rgb = _RED
    _red_line_below(_line(document, issued.number, _BODY, 16, _CENTRE) if issued.number else office)
    _line(document, issued.paper.title, _TITLE, 22, _CENTRE).paragraph_format.space_before = Pt(16)
    if issued.paper.addressee:
        _line(document, f"{issued.paper.addressee}：", _BODY, 16)


def _seal(document: Document, issued: Issued) -> None:
    for i, text in enumerate((issued.office, day_zh(issued.issued_at))):
        line = _line(document, text, _BODY, 16, _RIGHT)
        line.paragraph_format.right_indent = Pt(32)
        line.paragraph_format.space_before = Pt(0 if i else 28)
        line.paragraph_format.keep_with_next = not i


def _write(document: Document, block: Block, pictures: Pictures) -> None:
    match block:
        case Heading():
            _line(document, block.text, _HEADING, 16).paragraph_format.keep_with_next = True
        case Text():
            _line(document, block.text, _BODY, 16).paragraph_format.first_line_indent = Pt(32)
        case Facts():
            _grid(document, [(row.label, row.text) for row in block.rows], (0.24, 0.76))
        case Table():
            _table(document, block)
        case Picture():
            _picture(document, block, pictures)
        case Slip():
            _slip(document, block)
        case Code():
            _code(document, block)
        case Signatures():
            _signatures(document, block)


def _table(document: Document, block: Table) -> None:
    if block.title:
        _line(document, block.title, _HEADING, 16).paragraph_format.keep_with_next = True
    shares = block.widths or (1.0,) * len(block.header)
    _grid(document, [block.header, *block.rows], shares, has_header=True)


def _slip(document: Document, block: Slip) -> None:
    title = _line(document, block.title, _TITLE, 20, _CENTRE)
    title.paragraph_format.page_break_before = True
    rows: list[tuple[str, ...]] = [(field, "") for field in block.fields]
    _grid(document, rows, (0.32, 0.68), least_height=_WRITTEN_BY_HAND)


def _signatures(document: Document, block: Signatures) -> None:
    for role in block.roles:
        signed = _line(document, f"{role}：", _BODY, 14)
        signed.paragraph_format.space_before = Pt(14)
        signed.paragraph_format.keep_with_next = role != block.roles[-1]
        _run(signed, "　" * 8 + "日期：　　　年　　月　　日", _BODY, 14)


def _code(document: Document, block: Code) -> None:
    shown = document.add_paragraph()
    shown.alignment = _CENTRE
    shown.add_run().add_picture(BytesIO(png(block.link)), width=Mm(CODE_MM))
    shown.paragraph_format.keep_with_next = True
    _line(document, block.caption, _BODY, 12, _CENTRE)


def _picture(document: Document, block: Picture, pictures: Pictures) -> None:
    jpeg = pictures(block.sha256)
    if jpeg is None:
        _line(document, f"［图片已不在：{block.sha256[:12]}］", _BODY, 11, _CENTRE)
    else:
        shown = document.add_paragraph()
        shown.alignment = _CENTRE
        shown.paragraph_format.keep_with_next = True
        shape = shown.add_run().add_picture(BytesIO(jpeg))
        scale = min(0.8 * _WIDTH / shape.width, Mm(65) / shape.height)
        shape.width = Length(round(shape.width * scale))
        shape.height = Length(round(shape.height * scale))
    _line(document, f"{block.caption}（{minute_zh(block.at)}）", _BODY, 11, _CENTRE)


def _grid(
    document: Document,
    rows: list[tuple[str, ...]],
    shares: tuple[float, ...],
    has_header: bool = False,
    least_height: Length = _ROW,
) -> None:
    document.paragraphs[-1].paragraph_format.space_after = _ABOVE_A_GRID
    table = document.add_table(rows=len(rows), cols=len(shares), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    # Word goes by the widths of cells, LibreOffice by those of columns.
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Length(round(_WIDTH * share / sum(shares)))
    # A row's cells are looked up anew at every access: hundreds of rows are read once.
    for cells, texts in zip((row.cells for row in table.rows), rows, strict=True):
        for cell, text, share in zip(cells, texts, shares, strict=True):
            cell.width = Length(round(_WIDTH * share / sum(shares)))
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            spacing = cell.paragraphs[0].paragraph_format
            spacing.space_before = spacing.space_after = _IN_A_CELL
            _run(cell.paragraphs[0], text, _BODY, 12)
    for row in table.rows:
        row.height = least_height
        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if has_header:
        mark = OxmlElement("w:tblHeader")  # repeated on every page
        table.rows[0]._tr.get_or_add_trPr().append(mark)
    below = document.add_paragraph().paragraph_format
    below.space_after, below.line_spacing = Pt(0), Pt(10)


def _line(
    document: Document,
    text: str,
    font: str,
    size_pt: float,
    alignment: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(1.75 * size_pt)
    _run(paragraph, text, font, size_pt)
    return paragraph


def _run(paragraph: Paragraph, text: str, font: str, size_pt: float) -> Run:
    run = paragraph.add_run(text)
    run.font.size = Pt(size_pt)
    run.font.name = font
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _field(run: Run, instruction: str) -> None:
    """A field that the word processor fills in, such as PAGE (ECMA-376 17.16.5.44)."""
    for kind in ("begin", None, "end"):
        if kind is None:
            part = OxmlElement("w:instrText")
            part.text = instruction
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _red_line_below(paragraph: Paragraph) -> None:
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in {"val": "single", "sz": "12", "space": "4", "color": "CC0000"}.items():
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)
