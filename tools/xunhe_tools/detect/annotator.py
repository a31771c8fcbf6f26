"""Copies of the frames with boxes drawn on them, for people to look at."""

from pathlib import Path, PurePosixPath

import cv2
from PIL import Image, ImageDraw, ImageFont

from xunhe_models.images import Frame
from xunhe_tools.detect.line import Found, Line, alarms
from xunhe_tools.detect.sources import Source

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

LABELS = {
    "litter": "漂浮垃圾",
    "vegetation_mat": "漂浮植物",
    "flowing": "排水",
    "foaming": "泡沫",
    "coloured": "着色",
    "sheen": "油膜",
}
# Okabe and Ito's colours: told apart by colour-blind eyes, and from water and leaves.
_COLOURS = {
    "litter": (230, 159, 0),
    "vegetation_mat": (204, 121, 167),
    "flowing": (86, 180, 233),
    "foaming": (240, 228, 66),
}
_OTHER_COLOURS = ((86, 180, 233), (240, 228, 66), (213, 94, 0))
_FAINT = 0.1  # fainter boxes are in the JSON file; drawn, they would hide the picture
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)


class Annotator:
    """Writes into `folder`: a copy of each picture, and of a video's frames those with alarms.

    Labels are Chinese where a font for them is installed, English otherwise. OSError where the
    folder cannot be written. Safe to use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._font_file = next((name for name in _FONTS if Path(name).is_file()), None)

    def draw(self, source: Source, frame: Frame, line: Line) -> None:
        """Write the copy of one frame, unless it is one of a video without alarms."""
        if frame.time_s is not None and not alarms(line):
            return
        target = self.target(source, frame.time_s)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._drawn(frame, line).save(target, quality=90)

    def target(self, source: Source, time_s: float | None = None) -> Path:
        """Where the copy goes: PNG for PNG, JPEG for all others."""
        parts = [part for part in PurePosixPath(source.name).parts if part not in ("/", "..")]
        copy = self._folder.joinpath(*parts)
        if time_s is not None:
            return copy.with_name(f"{copy.name}-{time_s:010.3f}s.jpg")
        kept = copy.suffix.lower() in (".jpg", ".jpeg", ".png")
        return copy if kept else copy.with_name(f"{copy.name}.jpg")

    def _drawn(self, frame: Frame, line: Line) -> Image.Image:
        """Faint boxes lowest, then labels, and the boxes of alarms over all."""
        picture = Image.fromarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2RGB))
        pen = ImageDraw.Draw(picture)
        longer = max(picture.size)
        unit, font = max(1, round(longer / 1200)), self._font(max(12, round(longer / 70)))
        boxes = [(found, _on_frame(found, frame)) for found in line.get("detections", [])]
        for found, box in boxes:
            if not found["alarm"] and found["score"] >= _FAINT:
                pen.rectangle(box, outline=_colour(found["label"]), width=unit)
        raised = [(found, box) for found, box in reversed(boxes) if found["alarm"]]
        for found, box in raised:  # the best last
            text = f"{self._label(found['label'])} {found['score']:.2f}"
            _write(pen, text, _beside(pen, text, font, box), font, _colour(found["label"]))
        for found, box in raised:
            _frame_alarm(pen, box, unit, _colour(found["label"]))
        return picture

    def _label(self, label: str) -> str:
        return label if self._font_file is None else LABELS.get(label, label)

    def _font(self, size: int) -> Font:
        if self._font_file is None:
            return ImageFont.load_default(size)
        return ImageFont.truetype(self._font_file, size)


def _on_frame(found: Found, frame: Frame) -> Box:
    """First and last pixels of a box, on the frame in memory."""
    (scale_x, scale_y), (x0, y0, x1, y1) = frame.scale_xy, found["xyxy"]
    left, top = x0 / scale_x, y0 / scale_y
    return left, top, max(left, x1 / scale_x - 1), max(top, y1 / scale_y - 1)


def _frame_alarm(pen: ImageDraw.ImageDraw, box: Box, unit: int, colour: Colour) -> None:
    """Thick, with a black edge, and outside of the object, which may be small."""
    x0, y0, x1, y1 = box
    for grow, width, ink in ((4 * unit, unit, (0, 0, 0)), (3 * unit, 3 * unit, colour)):
        pen.rectangle((x0 - grow, y0 - grow, x1 + grow, y1 + grow), outline=ink, width=width)


def _beside(pen: ImageDraw.ImageDraw, text: str, font: Font, box: Box) -> Box:
    """Where a label stands: over its box, under it at the top, never out of the picture."""
    _, _, right, bottom = pen.textbbox((0, 0), text, font=font)
    x0, y0, _, y1 = box
    gap = bottom / 3
    x = max(0, min(x0, pen.im.size[0] - right - gap))
    y = y0 - bottom - 2 * gap if y0 >= bottom + 2 * gap else y1 + gap
    return x, y, x + right + gap, y + bottom + gap / 2


def _write(pen: ImageDraw.ImageDraw, text: str, place: Box, font: Font, colour: Colour) -> None:
    x0, y0, x1, _ = place
    pen.rectangle(place, fill=colour)
    _, _, right, _ = pen.textbbox((0, 0), text, font=font)
    pen.text((x0 + (x1 - x0 - right) / 2, y0), text, fill=(0, 0, 0), font=font)


def _colour(label: str) -> Colour:
    if label in _COLOURS:
        return _COLOURS[label]
    return _OTHER_COLOURS[sum(label.encode()) % len(_OTHER_COLOURS)]
