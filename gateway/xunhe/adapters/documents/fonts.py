"""The Chinese font that PDFs embed: WenQuanYi Micro Hei 0.2.0-beta, Apache-2.0, unmodified.

It draws all of GB 2312 and GBK, and Latin, but for a few signs whose outline is empty in it, among
them the Ⅴ of the water classes and ℃: `drawable` writes those in their plain form, and with Ⅴ the
other Roman numerals, so that Ⅲ and Ⅴ look alike.
"""

import unicodedata
from functools import cache
from pathlib import Path

from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import paragraph

FONT = "WenQuanYiMicroHei"

FILE = Path(__file__).parent / "font/wqy-microhei.ttc"
_ROMAN = range(0x2160, 0x216C)  # Ⅰ to Ⅻ
_EMPTY = (0x2103, 0x2109, 0x212B)  # ℃ ℉ Å
_NOT_FIRST = "，；：！？"  # reportlab knows 。 and 、 as signs that begin no line, but not these
_PLAIN = {sign: unicodedata.normalize("NFKC", chr(sign)) for sign in (*_ROMAN, *_EMPTY)}


@cache
def register() -> None:
    """Make the font and how Chinese lines break known to reportlab.

    A PDF embeds only the signs that it uses.
    """
    not_first = textsplit.ALL_CANNOT_START + _NOT_FIRST
    for module in (textsplit, paragraph):  # reportlab has no setting for it, and two copies
        vars(module).update(ALL_CANNOT_START=not_first)
    pdfmetrics.registerFont(TTFont(FONT, str(FILE), subfontIndex=0))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=FONT, italic=FONT, boldItalic=FONT)


def drawable(text: str) -> str:
    """The text in signs that the font draws: 劣Ⅴ类 as 劣V类."""
    return text.translate(_PLAIN)
