"""Papers as PDF and .docx, read back by pypdf and python-docx."""

import re
from io import BytesIO

import cv2
import docx as python_docx
import numpy as np
import pytest
from pypdf import PdfReader

from tests.gateway.documents.conftest import NOW, issued
from xunhe.adapters.documents.docx import docx
from xunhe.adapters.documents.fonts import drawable
from xunhe.adapters.documents.pdf import pdf
from xunhe.desk.documents import ticket_papers
from xunhe.desk.documents.case import Case
from xunhe.desk.documents.model import Issued, Kind, Paper, Signatures, Table, Text


def jpeg() -> bytes:
    return cv2.imencode(".jpg", np.full((90, 160, 3), 128, np.uint8))[1].tobytes()


def nothing(_sha256: str) -> None:
    return None


def text_of(file: bytes) -> str:
    """The text without line ends: a PDF breaks lines between any two signs."""
    return re.sub(r"\s", "", "".join(p.extract_text() for p in PdfReader(BytesIO(file)).pages))


@pytest.fixture
def assignment(case: Case) -> Issued:
    return issued(ticket_papers.assignment(case, "立即封堵排口"), 3)


SAID = (
    "演示区河长制办公室",
    "河长办交〔2026〕3号",
    "关于云溪（云溪上段）水质异常问题的交办单",
    "村级河长（云溪上段）：",
    "氨氮由0.31升至1.62mg/L",
    "立即封堵排口",
    "2026年7月3日00:20",
    "2026年7月2日",
    "交办单回执",
    "承办人（签字）",
)


def test_the_pdf_says_everything(assignment: Issued) -> None:
    text = text_of(pdf(assignment, nothing))
    for said in SAID:
        assert said in text
    assert "—1—" in text


def test_the_pdf_embeds_its_font(assignment: Issued) -> None:
    page = PdfReader(BytesIO(pdf(assignment, nothing))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    embedded = [f for f in fonts if "WenQuanYi" in f["/BaseFont"]]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_water_classes_are_written_in_signs_that_the_font_draws(assignment: Issued) -> None:
    assert drawable("劣Ⅴ类、Ⅲ类，26 ℃") == "劣V类、III类，26 °C"
    assert "连续3次劣V类·单因子" in text_of(pdf(assignment, nothing))


def test_the_same_paper_gives_the_same_pdf(assignment: Issued) -> None:
    assert pdf(assignment, nothing) == pdf(assignment, nothing)


def test_a_picture_is_in_the_pdf_and_a_lost_one_says_so(assignment: Issued) -> None:
    with_picture = PdfReader(BytesIO(pdf(assignment, lambda _: jpeg())))
    assert sum(len(page.images) for page in with_picture.pages) == 1
    assert "图片已不在：abababababab" in text_of(pdf(assignment, nothing))


def test_a_long_table_goes_over_pages_with_its_header_on_each() -> None:
    rows = tuple((f"XH-2026-{n:04d}", "云溪 <上段> & 下段", "红灯") for n in range(90))
    table = Table("一、亮灯情况", ("工单", "河段", "亮灯"), rows, (0.3, 0.5, 0.2))
    paper = Paper(Kind.CIRCULAR, "六月亮灯通报", "各镇街", "month:2026-06", (table,))
    reader = PdfReader(BytesIO(pdf(issued(paper), nothing)))
    assert len(reader.pages) >= 3
    assert all("亮灯" in page.extract_text() for page in reader.pages[:3])
    assert any("XH-2026-0089" in page.extract_text() for page in reader.pages[-2:])


@pytest.mark.parametrize("rows", range(10, 26))
def test_a_seal_never_stands_alone_on_a_page(rows: int) -> None:
    lights = Table("", ("工单",), tuple((f"XH-2026-{n:04d}",) for n in range(rows)))
    paper = Paper(Kind.CIRCULAR, "通报", "", "month:2026-06", (lights, Text("请限期整改。")))
    last = PdfReader(BytesIO(pdf(issued(paper), nothing))).pages[-1].extract_text()
    assert "请限期整改" in last


def signed(rows: int) -> Paper:
    """A paper like a handover: a table, a last sentence, two signatures."""
    waters = Table("", ("河段",), tuple((f"YX-{n}",) for n in range(rows)))
    by_hand = Signatures(("移交人（签字）", "接收人（签字）"))
    return Paper(Kind.HANDOVER, "清单", "", "post:V-1", (waters, Text("六、排污口：无。"), by_hand))


@pytest.mark.parametrize("rows", range(4, 26, 2))
def test_signatures_never_stand_alone_on_a_page(rows: int) -> None:
    last = PdfReader(BytesIO(pdf(issued(signed(rows)), nothing))).pages[-1].extract_text()
    assert "六、排污口" in last
    assert "接收人（签字）" in last


def test_in_a_docx_the_signatures_stay_with_the_seal() -> None:
    document = python_docx.Document(BytesIO(docx(issued(signed(4)), nothing)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    first, last = texts.index("六、排污口：无。"), len(texts) - 1
    kept = [p.paragraph_format.keep_with_next for p in document.paragraphs[first:last]]
    assert kept == [True] * (last - first)


def test_a_slip_is_a_page_of_its_own_with_its_signatures(case: Case) -> None:
    paper = ticket_papers.urging(case, NOW, "逾期未反馈", "", ("区级河长",))
    *_, body, slip = [
        p.extract_text() for p in PdfReader(BytesIO(pdf(issued(paper), nothing))).pages
    ]
    assert "抄送：区级河长" in body
    assert "责任人（签字）" in slip
    assert "督办函回执" not in body


@pytest.mark.parametrize("sign", "，；：！？。、）")
def test_no_line_of_a_pdf_begins_with_a_sign_that_may_not(sign: str) -> None:
    texts = tuple(Text(f"{'字' * n}{sign}后文") for n in range(26, 34))
    paper = Paper(Kind.CIRCULAR, "通报", "", "month:2026-06", texts)
    pages = PdfReader(BytesIO(pdf(issued(paper), nothing))).pages
    lines = [line.strip() for page in pages for line in page.extract_text().splitlines()]
    assert sum(sign in line for line in lines) == len(texts)
    assert not [line for line in lines if line.startswith(sign)]


def test_the_columns_of_a_docx_are_as_wide_as_its_cells() -> None:
    table = Table("", ("工单", "亮灯"), (("XH-2026-0001", "红灯"),), (0.8, 0.2))
    paper = Paper(Kind.CIRCULAR, "通报", "", "month:2026-06", (table,))
    drawn = python_docx.Document(BytesIO(docx(issued(paper), nothing))).tables[0]
    wide, narrow = (column.width for column in drawn.columns)
    assert wide is not None
    assert narrow is not None
    assert wide == pytest.approx(4 * narrow, rel=0.01)
    assert [cell.width for cell in drawn.rows[0].cells] == [wide, narrow]


def docx_text(file: bytes) -> str:
    document = python_docx.Document(BytesIO(file))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "".join([*(p.text for p in document.paragraphs), *cells]).replace(" ", "")


def test_the_docx_says_everything(assignment: Issued) -> None:
    text = docx_text(docx(assignment, nothing))
    for said in SAID:
        assert said in text
    assert "劣Ⅴ类" in text


def test_the_docx_names_chinese_fonts_and_numbers_its_pages(assignment: Issued) -> None:
    document = python_docx.Document(BytesIO(docx(assignment, lambda _: jpeg())))
    assert 'w:eastAsia="仿宋_GB2312"' in document.element.xml
    assert "PAGE" in document.sections[0].footer._element.xml
    assert len(document.inline_shapes) == 1
    assert document.core_properties.created == NOW


def test_names_that_look_like_markup_are_only_text(case: Case) -> None:
    paper = Paper(Kind.CIRCULAR, "<b>通报</b> & <br/>", "", "month:2026-06", ())
    assert "<b>通报</b>&<br/>" in text_of(pdf(issued(paper), nothing))
    assert "<b>通报</b>&<br/>" in docx_text(docx(issued(paper), nothing))
