"""The pictures of a report: of each finding, and the river unrolled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from xunhe.adapters.documents.fonts import FILE
from xunhe.adapters.drone import film as film_pictures
from xunhe.adapters.drone.film import Film
from xunhe.vision.findings.ribbon import CELL_M, Ribbon
from xunhe.vision.findings.told import Shot, Told
from xunhe.vision.geometry import Box, grown, moved, scaled
from xunhe_tools.patrol.report.facts import colour_of

Bgr = NDArray[np.uint8]
Colour = tuple[int, int, int]

_WIDTH, _HEIGHT = 720, 480
_LEAST_PX, _ROOM = (300, 200), 1.9  # of the film round the boxes
_AROUND_PX = 4
_QUALITY = 86
_ROW_M, _ROWS = 400.0, 12  # of the unrolled river: a row's length, and the most rows
_ROW_PX, _TICK_M = 1400, 50.0
_UNSEEN = (232, 228, 222)


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding on the unrolled river: metres along it and to the left."""

    label: str
    along_m: float
    left_m: float
    colour: str


def of_findings(film: Film, told: Sequence[Told]) -> Iterator[tuple[Told, bytes]]:
    """Each finding's best frame, cut out and marked, as JPEG; what has no frame has none."""
    shown = sorted((one for one in told if one.shot), key=_when)
    waiting = list(shown)
    times = sorted({_when(one) for one in shown})
    for time_s, picture in film.pictures(times):
        image = film_pictures.bgr(picture)
        while waiting and _when(waiting[0]) <= time_s + 0.02:
            one = waiting.pop(0)
            if one.shot is not None:
                yield one, _cut_out(image, one.shot, _bgr(colour_of(one.finding)))


def _when(one: Told) -> float:
    return one.shot.time_s if one.shot else 0.0


def _cut_out(bgr: Bgr, shot: Shot, colour: Colour) -> bytes:
    x0, y0, x1, y1 = _frame(shot.boxes, bgr.shape[1], bgr.shape[0])
    part = np.ascontiguousarray(bgr[y0:y1, x0:x1])
    scale = min(_WIDTH / part.shape[1], _HEIGHT / part.shape[0])
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    drawn = cv2.resize(part, size, interpolation=way)
    for box in shot.boxes:
        ends = scaled(moved(box, (-x0, -y0)), scale, scale)
        left, top, right, bottom = (round(side) for side in grown(ends, _AROUND_PX))
        for ink, width in (((255, 255, 255), 4), (colour, 2)):
            cv2.rectangle(drawn, (left, top), (right, bottom), ink, width, cv2.LINE_AA)
    return _jpeg(np.asarray(drawn, np.uint8))


def _frame(boxes: Sequence[Box], width: int, height: int) -> tuple[int, int, int, int]:
    """A rectangle of the report's shape inside the film that holds the boxes and what is round."""
    left, top = (min(box[i] for box in boxes) for i in (0, 1))
    right, bottom = (max(box[i] for box in boxes) for i in (2, 3))
    wide = max((right - left) * _ROOM, (bottom - top) * _ROOM * _WIDTH / _HEIGHT, _LEAST_PX[0])
    wide = min(wide, width, height * _WIDTH / _HEIGHT)
    high = wide * _HEIGHT / _WIDTH
    x = min(max((left + right - wide) / 2, 0), width - wide)
    y = min(max((top + bottom - high) / 2, 0), height - high)
    return int(x), int(y), int(x + wide), int(y + high)


def unrolled(ribbon: Ribbon, length_m: float, marks: Sequence[Mark]) -> list[bytes]:
    """The river in rows from its head down, flow to the right, as JPEG; what was not seen is pale.

    `length_m` is the reach's registered length, by which kilometres count.
    """
    whole_m = ribbon.course.length_m
    count = min(ceil(whole_m / _ROW_M), _ROWS)
    row_m = whole_m / count
    rows = _used_rows(ribbon)
    starts = [i * row_m for i in range(count)]
    return [_row(ribbon, rows, (start, row_m), length_m, marks) for start in starts]


def _used_rows(ribbon: Ribbon) -> slice:
    used = np.flatnonzero(ribbon.seen.any(axis=1))
    return slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, len(ribbon.far))


def _row(
    ribbon: Ribbon,
    rows: slice,
    part: tuple[float, float],
    length_m: float,
    marks: Sequence[Mark],
) -> bytes:
    start_m, row_m = part
    columns = slice(round(start_m / CELL_M), round((start_m + row_m) / CELL_M))
    cells = np.where(ribbon.seen[rows, columns, None], ribbon.bgr[rows, columns], _UNSEEN)
    wide = round(row_m / CELL_M)
    full = np.full((cells.shape[0], wide, 3), 255, np.uint8)
    full[:, : cells.shape[1]] = cells
    scale = _ROW_PX / wide
    size = (_ROW_PX, round(full.shape[0] * scale))
    picture = Image.fromarray(cv2.cvtColor(cv2.resize(full, size), cv2.COLOR_BGR2RGB))
    draw = ImageDraw.Draw(picture)
    per_m = scale / CELL_M
    top_m = ribbon.half_width_m - rows.start * CELL_M
    _tick(draw, picture, part, per_m, length_m / ribbon.course.length_m)
    for mark in marks:
        if start_m <= mark.along_m < start_m + row_m:
            _mark(draw, mark, ((mark.along_m - start_m) * per_m, (top_m - mark.left_m) * per_m))
    return _jpeg(np.asarray(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR), np.uint8))


def _tick(
    draw: ImageDraw.ImageDraw,
    picture: Image.Image,
    part: tuple[float, float],
    per_m: float,
    registered: float,
) -> None:
    start_m, row_m = part
    first = ceil(start_m * registered / _TICK_M)
    for i in range(first, int((start_m + row_m) * registered // _TICK_M) + 1):
        x = (i * _TICK_M / registered - start_m) * per_m
        draw.line((x, picture.height - 10, x, picture.height), fill="white", width=2)
        if i % 2 == 0:
            place = (x + 5, picture.height - 24)
            draw.text(
                place,
                f"{i * _TICK_M / 1000:.1f} km",
                "white",
                _font(17),
                stroke_width=2,
                stroke_fill="#333",
            )


def _mark(draw: ImageDraw.ImageDraw, mark: Mark, at: tuple[float, float]) -> None:
    x, y = at
    draw.ellipse((x - 13, y - 13, x + 13, y + 13), outline="white", width=5)
    draw.ellipse((x - 12, y - 12, x + 12, y + 12), outline=mark.colour, width=3)
    draw.text(
        (x + 16, y - 12), mark.label, "white", _font(19), stroke_width=3, stroke_fill=mark.colour
    )


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FILE), size_px)


def _bgr(colour: str) -> Colour:
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)


def _jpeg(bgr: Bgr) -> bytes:
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(data)
