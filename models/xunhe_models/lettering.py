"""Fonts with Chinese characters, where a machine has one: OpenCV cannot draw them."""

from pathlib import Path

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_BOLD = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",)
_PLAIN = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)


def font_file(*, bold: bool = False) -> str | None:
    """The best installed font with Chinese characters; bold where wanted and there."""
    places = (*_BOLD, *_PLAIN) if bold else _PLAIN
    return next((name for name in places if Path(name).is_file()), None)


def chinese_font(size_px: int, *, bold: bool = False) -> Font:
    """A font of that size; one with Latin letters only where `font_file` finds none."""
    name = font_file(bold=bold)
    return ImageFont.load_default(size_px) if name is None else ImageFont.truetype(name, size_px)
