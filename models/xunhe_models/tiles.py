"""Looking at a large picture in overlapping squares, so that small objects are seen.

The whole frame is always looked at too, and by default squares of two sizes. Boxes of all looks are
merged by NMS; a box that a tile's border cut in half is dropped where a bigger one of its class,
from another look, has the object. What only one size of looks sees, though the others should, loses
score: half of it is the mean over the sizes at which the object is neither tiny nor huge. That rule
was chosen on every fourth picture of location 3, the eye-height set and the negative stills, where
it raised AP50 by 0.01 to 0.02 and took two thirds of the false boxes from a score of 0.5 on.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from xunhe_models.boxes import Detections, areas, intersections, iou, nms

Tiling = Literal["auto", "off"] | int

OVERLAP = 0.2  # of a tile's side
MAX_TILES = 40  # at 20 ms a tile, under a second a frame
_SECOND = (1.54, 16)  # side of the larger tiles over that of the smaller ones, and their limit
_WORTH = 1.2  # longer side over tile side, from which larger tiles show more than the whole frame
_SEEN_PX = (12.0, 400.0)  # longer side of an object on the model's input, for a look to count
_AGREE_IOU = 0.45
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
    size: int  # side of its input, in pixels
    nms_iou: float
    whole_only: frozenset[int]  # classes of large things, which tiles would cut to pieces

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


def detect_tiled(
    detector: Looker,
    bgr: NDArray[np.uint8],
    tile: Tiling = "auto",
    wanted: Callable[[Tile], bool] | None = None,
) -> Detections:
    """Boxes of the whole frame and of its tiles, merged; at most 300, best first.

    `tile` is a side in pixels of `bgr`; "auto" takes the model's own and leaves pictures up to 1.5
    times as long untiled. Only tiles that are `wanted` are looked at, by default all.
    """
    height, width = bgr.shape[:2]
    whole = Tile(0, 0, width, height)
    looks, sides = [whole], [max(width, height)]
    for side, limit in _sides(width, height, tile, detector.tile):
        planned = [each for each in plan_tiles(width, height, side, limit=limit) if each != whole]
        planned = [each for each in planned if wanted is None or wanted(each)]
        looks += planned
        sides += [max(each.x1 - each.x0, each.y1 - each.y0) for each in planned]
    seen = [_look(detector, bgr, look) for look in looks]
    if len(looks) == 1:
        return seen[0]
    large = np.isin(seen[0].class_id, list(detector.whole_only))
    zooms = detector.size / np.array(sides) if tile == "auto" else None
    small = [_without(found, detector.whole_only) for found in seen]
    merged = merge(small, looks, detector.nms_iou, zooms)
    return Detections.joined([merged, seen[0].take(large)]).best_first(_MAX_BOXES)


def _sides(width: int, height: int, tile: Tiling, model_side: int) -> Iterator[tuple[int, int]]:
    """Tile sides with the most tiles allowed of each."""
    side = side_for(width, height, tile, model_side)
    if side is None:
        return
    yield side, MAX_TILES
    larger = round(side * _SECOND[0])
    if tile == "auto" and max(width, height) > _WORTH * larger:
        yield larger, _SECOND[1]


def _without(found: Detections, classes: frozenset[int]) -> Detections:
    return found.take(~np.isin(found.class_id, list(classes)))


def side_for(width: int, height: int, tile: Tiling, model_side: int) -> int | None:
    """Side of the tiles in pixels, or None for the whole frame alone."""
    if tile == "off":
        return None
    if tile == "auto":
        return model_side if max(width, height) > AUTO_FROM * model_side else None
    return tile


def merge(
    seen: list[Detections],
    looks: list[Tile],
    iou_limit: float,
    zooms: NDArray[np.float64] | None = None,
) -> Detections:
    """One set of boxes from those of every look (all in pixels of the picture).

    `looks[0]` is the whole frame. With `zooms` (L,), input pixels per pixel of the picture of each
    look, scores are weighed by how far the sizes of looks agree.
    """
    whole = looks[0]
    cut = np.concatenate([_cut(d, look, whole) for d, look in zip(seen, looks, strict=True)])
    source = np.repeat(np.arange(len(seen)), [len(d) for d in seen])
    every = Detections.joined(seen)
    best = np.argsort(-every.score, kind="stable")[:_MAX_MERGED]
    every, cut, source = every.take(best), cut[best], source[best]
    kept = ~_halves(every, cut, source)
    every, source = every.take(kept), source[kept]
    joined = nms(every, iou_limit, _MAX_BOXES)
    return joined if zooms is None else _agreed(joined, every, zooms[source], zooms)


def _agreed(
    joined: Detections, every: Detections, zoom: NDArray[np.float64], zooms: NDArray[np.float64]
) -> Detections:
    """The joined boxes, half of each score the mean over the zooms that should have seen it.

    `zoom` (N,) is that of every box. Zooms within a tenth of another are one.
    """
    same = iou(joined.xyxy, every.xyxy) > _AGREE_IOU
    same &= joined.class_id[:, None] == every.class_id[None, :]
    longer = (joined.xyxy[:, 2:] - joined.xyxy[:, :2]).max(axis=1, initial=0)
    total, count = np.zeros(len(joined)), np.zeros(len(joined))
    for level in _levels(zooms):
        at_level = same & (np.abs(zoom / level - 1) < 0.1)[None, :]
        best = np.where(at_level, every.score[None, :], 0).max(axis=1, initial=0)
        shown = (longer * level >= _SEEN_PX[0]) & (longer * level <= _SEEN_PX[1])
        total += np.where(shown, best, 0)
        count += shown
    mean = np.divide(total, count, out=joined.score.astype(np.float64), where=count > 0)
    score = ((joined.score + mean) / 2).astype(np.float32)
    return Detections(joined.xyxy, score, joined.class_id).best_first(_MAX_BOXES)


def _levels(zooms: NDArray[np.float64]) -> list[float]:
    """The different zooms, those within a tenth of an earlier one left out."""
    levels: list[float] = []
    for zoom in zooms.tolist():
        if all(abs(zoom / level - 1) >= 0.1 for level in levels):
            levels.append(zoom)
    return levels


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
