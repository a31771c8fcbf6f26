"""The label of a buoy: station, device and a QR code; as SVG and PDF, 90 × 50 mm. No secret on it.

The QR code leads to the station's page where the gateway's address is known; else it says whose
buoy this is.
"""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from urllib.parse import quote
from xml.sax.saxutils import escape

import segno
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from xunhe.adapters.documents.fonts import FONT, drawable, register

WIDTH_MM, HEIGHT_MM = 90.0, 50.0
_QR_MM, _MARGIN_MM = 34.0, 5.0
_QUIET = 2  # modules around the code; the label's own margin adds more
_SANS = "'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on it; `gateway` is an address such as http://gw:8080, or empty."""

    station: str
    name: str
    device: str
    fingerprint: str  # of the key, 8 hex digits: to compare by eye
    firmware: str
    made_on: date
    gateway: str = ""

    @property
    def code(self) -> str:
        """What the QR code says."""
        if self.gateway:
            return f"{self.gateway.rstrip('/')}/stations/{quote(self.station, safe='')}"
        return f"XUNHE {self.station} {self.device}"

    @property
    def spaced_device(self) -> str:
        """As it is read aloud: 02A1 B2C3 D4E5."""
        text = self.device.upper()
        return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text: baseline below the top edge and size, mm."""

    text: str
    y_mm: float
    size_mm: float


def _lines(label: Label) -> list[_Line]:
    return [
        _Line("巡河 xunhe · 浮标 buoy", 10.5, 3.2),
        _Line(label.station, 19.5, 6.6),
        _Line(label.name, 26.0, 3.6),
        _Line(label.spaced_device, 32.5, 3.6),
        _Line(f"密钥指纹 key {label.fingerprint}", 37.8, 2.6),
        _Line(f"固件 firmware {label.firmware}", 41.4, 2.6),
        _Line(f"配置 made {label.made_on.isoformat()}", 45.0, 2.6),
    ]


def svg(label: Label) -> str:
    """The label as one SVG file; the QR code is drawn as squares, for any printer."""
    x_mm, y_mm, module_mm, matrix = _code_place(label)
    squares = "".join(
        f"M{x_mm + col * module_mm:.3f} {y_mm + row * module_mm:.3f}"
        f"h{module_mm:.3f}v{module_mm:.3f}h-{module_mm:.3f}z"
        for row, line in enumerate(matrix)
        for col, dark in enumerate(line)
        if dark
    )
    texts = "".join(
        f'<text x="{_MARGIN_MM}" y="{line.y_mm}" font-size="{line.size_mm}">'
        f"{escape(line.text)}</text>"
        for line in _lines(label)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm"'
        f' viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="{_SANS}">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<rect x="1" y="1" width="{WIDTH_MM - 2}" height="{HEIGHT_MM - 2}" rx="2"'
        f' fill="none" stroke="#000" stroke-width="0.3"/>'
        f'{texts}<path d="{squares}" fill="#000"/></svg>\n'
    )


def pdf(label: Label) -> bytes:
    """The label as a page of its own size; the same label gives the same bytes."""
    register()
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH_MM * mm, HEIGHT_MM * mm), invariant=1)
    canvas.setTitle(f"{label.station} {label.device}")
    canvas.setLineWidth(0.3 * mm)
    canvas.roundRect(1 * mm, 1 * mm, (WIDTH_MM - 2) * mm, (HEIGHT_MM - 2) * mm, 2 * mm)
    for line in _lines(label):
        canvas.setFont(FONT, line.size_mm * mm)
        canvas.drawString(_MARGIN_MM * mm, (HEIGHT_MM - line.y_mm) * mm, drawable(line.text))
    x_mm, y_mm, module_mm, matrix = _code_place(label)
    for row, columns in enumerate(matrix):
        for col, dark in enumerate(columns):
            if dark:
                left_mm = x_mm + col * module_mm
                below_mm = HEIGHT_MM - y_mm - (row + 1) * module_mm
                side = module_mm * mm
                canvas.rect(left_mm * mm, below_mm * mm, side, side, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _code_place(label: Label) -> tuple[float, float, float, tuple[bytearray, ...]]:
    """(left, top, side of a module, all mm; modules without the quiet zone)."""
    code = segno.make(label.code, error="q", micro=False)
    matrix = tuple(code.matrix)
    module_mm = _QR_MM / (len(matrix) + 2 * _QUIET)
    x_mm = WIDTH_MM - _MARGIN_MM - _QR_MM + _QUIET * module_mm
    y_mm = (HEIGHT_MM - _QR_MM) / 2 + _QUIET * module_mm
    return x_mm, y_mm, module_mm, matrix
