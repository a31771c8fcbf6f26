"""The certificate as PDF: one A4 page, Chinese first, the font embedded."""

from io import BytesIO
from typing import Any

from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

from xunhe.adapters.documents.fonts import FONT, drawable, register
from xunhe.domain.clock import SHANGHAI
from xunhe_tools.buoy.calibrate_acceptance import Line
from xunhe_tools.buoy.calibrate_certificate import (
    NO_METROLOGY_EN,
    NO_METROLOGY_ZH,
    Certificate,
    CertifiedPoint,
)

_GREY = Color(0.4, 0.4, 0.4)
_PALE = Color(0.94, 0.96, 0.98)
_MARGIN = 22 * mm
_WIDTH = A4[0] - 2 * _MARGIN - 12  # the frame pads each side by 6 pt
_UNITS = {
    "ph_mv": ("pH", "mV"),
    "ph": ("pH", "pH"),
    "nh4_mv": ("mg/L N", "mV"),
    "nh4_n_mg_l": ("mg/L N", "mg/L N"),
    "do_fraction": ("饱和度 saturation", "饱和度 saturation"),
    "do_mg_l": ("mg/L", "mg/L"),
}


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=FONT, fontSize=size, leading=leading, wordWrap="CJK", **more
    )


_TITLE = _style("title", 20, 26, alignment=TA_CENTER)
_SUBTITLE = _style("subtitle", 10.5, 15, alignment=TA_CENTER, textColor=_GREY)
_HEADING = _style("heading", 12, 18, spaceBefore=5 * mm, spaceAfter=2 * mm)
_CELL = _style("cell", 9.5, 13)
_SMALL = _style("small", 8.5, 12.5, textColor=_GREY)
_NOTE = _style("note", 9, 13, spaceBefore=1.5 * mm)
_GRID: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.4, Color(0.7, 0.7, 0.7)),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]


def pdf(certificate: Certificate) -> bytes:
    """The page; the same certificate gives the same bytes."""
    register()
    out = BytesIO()
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=20 * mm,
        bottomMargin=18 * mm,
        title=certificate.number,
        author=certificate.by,
        invariant=1,
    )
    template.build(_story(certificate))
    return out.getvalue()


def _story(certificate: Certificate) -> list[Flowable]:
    return [
        _text("探头校准证书", _TITLE),
        _text("Certificate of a probe's calibration", _SUBTITLE),
        _text(certificate.number, _SUBTITLE),
        HRFlowable(width="100%", thickness=1, color=black, spaceBefore=3 * mm, spaceAfter=4 * mm),
        _facts(_about(certificate)),
        _text("标准物质与读数 Standards and readings", _HEADING),
        _points(certificate),
        _text("结果 Result", _HEADING),
        _facts(_result(certificate)),
        *(_text(f"注意 note: {warning}", _NOTE) for warning in certificate.warnings),
        *_marks(certificate.points),
        Spacer(1, 10 * mm),
        _facts([("校准人签字 signature", ""), ("复核 checked by", "")], height=12 * mm),
        Spacer(1, 5 * mm),
        _text(NO_METROLOGY_ZH, _SMALL),
        _text(NO_METROLOGY_EN, _SMALL),
    ]


def _about(certificate: Certificate) -> list[tuple[str, str]]:
    return [
        ("站点 station", certificate.station),
        ("设备 device", certificate.device),
        ("探头 probe", f"{certificate.probe} · {certificate.quantity}"),
        ("校准人 calibrated by", certificate.by),
        ("时间 time", f"{certificate.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} (UTC+8)"),
        ("下次校准 next due", f"{certificate.due_at.astimezone(SHANGHAI):%Y-%m-%d}"),
    ]


def _result(certificate: Certificate) -> list[tuple[str, str]]:
    line = certificate.line
    if certificate.quantity == "ph_mv":
        return [
            ("斜率 slope", slope_words(line)),
            ("零点 offset at pH 7", f"{line.offset:.2f} mV"),
        ]
    if certificate.quantity == "nh4_mv":
        return [
            ("斜率 slope", slope_words(line)),
            ("1 mg/L 时电位 potential at 1 mg/L", f"{line.offset:.2f} mV"),
        ]
    return [("斜率 slope", f"{line.slope:.4f}"), ("截距 offset", f"{line.offset:.4f}")]


def slope_words(line: Line) -> str:
    """An electrode's slope in per cent of theory, both sides of pH 7 where they differ."""
    if line.slope == line.slope_base:
        return f"{100 * line.slope:.1f} %（理论 of theory）"
    return f"酸 acid {100 * line.slope:.1f} %，碱 base {100 * line.slope_base:.1f} %"


def _points(certificate: Certificate) -> Table:
    unit, raw_unit = _UNITS.get(certificate.quantity, ("", ""))
    head = (
        "标准 standard",
        "批号 lot",
        f"标准值 value {unit}",
        f"原始值 raw {raw_unit}",
        "水温 °C",
        "校前 found",
        "校后 left",
    )
    rows = [[_text(word, _CELL) for word in head]]
    rows += [[_text(word, _CELL) for word in _row(point)] for point in certificate.points]
    widths = [share * _WIDTH for share in (0.16, 0.15, 0.15, 0.17, 0.11, 0.13, 0.13)]
    return Table(rows, widths, style=[*_GRID, ("BACKGROUND", (0, 0), (-1, 0), _PALE)])


def _row(point: CertifiedPoint) -> tuple[str, ...]:
    return (
        point.standard + ("" if point.is_confirmed else " *"),
        point.lot or "—",
        f"{point.reference:.4g}",
        f"{point.raw:.4g} ±{point.spread / 2:.2g}",
        f"{point.temp_c:.1f}",
        _number(point.found),
        _number(point.left),
    )


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"


def _marks(points: tuple[CertifiedPoint, ...]) -> list[Flowable]:
    sources = "；".join(dict.fromkeys(f"{p.standard}: {p.source}" for p in points))
    found = [Spacer(1, 2 * mm), _text(f"标准值来源 sources of the values: {sources}", _SMALL)]
    if not all(point.is_confirmed for point in points):
        found.append(
            _text("* 该温度下的标准值待确认 value at this temperature to be confirmed", _SMALL)
        )
    return found


def _facts(rows: list[tuple[str, str]], height: float | None = None) -> Table:
    cells = [[_text(name, _CELL), _text(value, _CELL)] for name, value in rows]
    style = [*_GRID, ("BACKGROUND", (0, 0), (0, -1), _PALE)]
    return Table(cells, [0.32 * _WIDTH, 0.68 * _WIDTH], height, style=style)


def _text(words: str, style: ParagraphStyle) -> Paragraph:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Paragraph(drawable(escaped), style)
