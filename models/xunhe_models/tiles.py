"""Looking at a large picture in overlapping squares, so that small objects are seen.

The whole frame is always looked at too. Boxes of all looks are merged by NMS; a box that a tile's
border cut in half is dropped where a bigger one of its class, from another look, has the object.
"""

from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from xunhe_models.boxes import Detections, areas, intersections, nms

Tiling = Literal["auto", "off"] | int

OVERLAP = 0.2  # of a tile's side
MAX_TILES = 40  # at 20 ms a tile, under a second a frame
AUTO_FROM = 1.5  # longer side over tile side; below it the whole frame shows enough
_MAX_BOXES = 300
_MAX_MERGED = 2000  # bounds the matrix of pairs to 16 MB
_BORDER = 0.01  # of a look's longer side: nearer than this to an inner border, a box is cut there
_COVERED = 0.7  # of the smaller area
_SURE = 0.5  # a faint box does not remove one of more than twice its score


class Tile(NamedTuple):
    """Pixels x0 ≤ x < x1, y0 ≤ y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int


class Looker(Protocol):
    """Looks at one picture, BGR uint8 (H, W, 3)."""

    tile: int  # the side that suits the model, in pixels
    nms_iou: float

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        """Boxes in pixels of the picture."""


def plan_tiles(
    width: int, height: int, side: int, overlap: float = OVERLAP, limit: int = MAX_TILES
) -> list[Tile]:
    """Squares of `side` that cover a picture, each overlapping the next by at least `overlap`.

    The last of a row or column lies flush with the border. Where the picture is smaller than a
    tile, the tile is cut to it. Where more than `limit` would be needed, the side grows.
    ValueError for sizes below 1 and overlaps outside 0 ≤ overlap < 1.
    """
    if min(width, height, side, limit) < 1 or not 0 <= overlap < 1:
        raise ValueError(
            f"tiles need sizes of at least 1 and an overlap in [0, 1), not width {width},"
            f" height {height}, side {side}, limit {limit}, overlap {overlap}"
        )
    while True:
        columns, rows = _starts(width, side, overlap), _starts(height, side, overlap)
        if len(columns) * len(rows) <= limit:
            break
        side += max(1, side // 20)
    return [Tile(x, y, min(x + side, width), min(y + side, height)) for y in rows for x in columns]


def detect_tiled(detector: Looker, bgr: NDArray[np.uint8], tile: Tiling = "auto") -> Detections:
    """Boxes of the whole frame and of its tiles, merged; at most 300, best first.

    `tile` is a side in pixels of `bgr`; "auto" takes the model's own and leaves pictures up to 1.5
    times as long untiled.
    """
    height, width = bgr.shape[:2]
    whole = Tile(0, 0, width, height)
    looks = [whole]
    if (side := side_for(width, height, tile, detector.tile)) is not None:
        looks += [planned for planned in plan_tiles(width, height, side) if planned != whole]
    seen = [_look(detector, bgr, look) for look in looks]
    if len(looks) == 1:
        return seen[0]
    return merge(seen, looks, detector.nms_iou)


def side_for(width: int, height: int, tile: Tiling, model_side: int) -> int | None:
    """Side of the tiles in pixels, or None for the whole frame alone."""
    if tile == "off":
        return None
    if tile == "auto":
        return model_side if max(width, height) > AUTO_FROM * model_side else None
    return tile


def merge(seen: list[Detections], looks: list[Tile], iou_limit: float) -> Detections:
    """One set of boxes from those of every look (all in pixels of the picture).

    `looks[0]` is the whole frame.
    """
    whole = looks[0]
    cut = np.concatenate([_cut(d, look, whole) for d, look in zip(seen, looks, strict=True)])
    source = np.repeat(np.arange(len(seen)), [len(d) for d in seen])
    every = Detections.joined(seen)
    best = np.argsort(-every.score, kind="stable")[:_MAX_MERGED]
    every, cut, source = every.take(best), cut[best], source[best]
    return nms(every.take(~_halves(every, cut, source)), iou_limit, _MAX_BOXES)


def _starts(length: int, side: int, overlap: float) -> list[int]:
    """First pixels of the tiles along one axis."""
    if side >= length:
        return [0]
    step = max(1, int(side * (1 - overlap)))
    return [*range(0, length - side, step), length - side]


def _look(detector: Looker, bgr: NDArray[np.uint8], look: Tile) -> Detections:
    found = detector.detect(bgr[look.y0 : look.y1, look.x0 : look.x1])
    return found.mapped((1, 1), (look.x0, look.y0))


def _cut(found: Detections, look: Tile, whole: Tile) -> NDArray[np.bool_]:
    """Which boxes (N,) touch a border of the look that is none of the picture."""
    near = _BORDER * max(look.x1 - look.x0, look.y1 - look.y0)
    inner = np.array([a != b for a, b in zip(look, whole, strict=True)])
    distance = np.abs(found.xyxy - np.array(look, np.float32))
    return np.asarray((inner & (distance <= near)).any(axis=1))


def _halves(
    every: Detections, cut: NDArray[np.bool_], source: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which boxes (N,) are cut and covered by a bigger one of the same class from another look."""
    halves = np.zeros(len(every), dtype=np.bool_)
    if not cut.any():
        return halves
    size = areas(every.xyxy)
    mine = np.flatnonzero(cut)
    covered = intersections(every.xyxy[mine], every.xyxy) > _COVERED * size[mine, None]
    covered &= size[None, :] > size[mine, None]
    covered &= every.class_id[mine, None] == every.class_id[None, :]
    covered &= source[mine, None] != source[None, :]
    covered &= every.score[None, :] >= _SURE * every.score[mine, None]
    halves[mine] = covered.any(axis=1)
    return halves
