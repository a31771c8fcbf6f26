"""QR codes (ISO/IEC 18004) of links, for boards in the weather: a quarter of one may be lost."""

from io import BytesIO

import segno

_ERROR_LEVEL = "q"  # restores 25 %

CODE_MM = 32  # its side on paper: a board stays one page


def png(link: str) -> bytes:
    """The code as PNG, its quiet zone of four modules included."""
    out = BytesIO()
    segno.make(link, error=_ERROR_LEVEL, micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def data_uri(link: str) -> str:
    """The code as an SVG that stands in a page."""
    code = segno.make(link, error=_ERROR_LEVEL, micro=False)
    return code.svg_data_uri(scale=4, border=4)
