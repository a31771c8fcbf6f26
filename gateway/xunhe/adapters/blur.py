"""Makes faces and number plates unreadable in whatever leaves the gateway.

Generously: the whole head around a face, a quarter more of a plate. How well it works, by size, is
in docs/evidence.md; a person looks before anything is published.
"""

import threading
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.adapters.annotate import decoded, encoded
from xunhe.adapters.evidence import EvidenceStore
from xunhe_models.privacy.faces import FaceFinder
from xunhe_models.privacy.plates import find_plates

Picture = NDArray[np.uint8]
Corners = NDArray[np.float32]

_HEAD = (0.4, 0.5, 0.4, 0.35)  # of a face's sides: more to the left, above, right, below
_PLATE = (0.15, 0.3, 0.15, 0.3)
_QUALITY = 85
_CELLS = 5  # a hidden part has so many grey cells across: nothing to read, nobody to know
_THUMBNAIL_PX = 240
_KEPT = 16  # blurred pictures kept in memory, of some 200 KiB each


class Blur:
    """Hides what identifies people. Safe to use from several threads; one looks at a time."""

    def __init__(self) -> None:
        self._finder: FaceFinder | None = None  # 30 MiB of memory, only where it is needed
        self._one_at_a_time = threading.Lock()

    def regions(self, bgr: Picture) -> Corners:
        """What has to be hidden: (N, 4) whole pixels x0, y0, x1, y1 within `bgr` (H, W, 3)."""
        with self._one_at_a_time:
            if self._finder is None:
                self._finder = FaceFinder()
            faces = self._finder.find(bgr)[:, :4]
        height, width = bgr.shape[:2]
        found = np.concatenate((_grown(faces, _HEAD), _grown(find_plates(bgr), _PLATE)))
        found[:, ::2] = found[:, ::2].clip(0, width)
        found[:, 1::2] = found[:, 1::2].clip(0, height)
        return found

    def picture(self, bgr: Picture) -> Picture:
        """A copy with everything hidden that was found."""
        return hidden(bgr, self.regions(bgr))

    def jpeg(self, jpeg: bytes) -> bytes:
        """The same of a JPEG. ValueError for bytes that are no picture: nothing passes unseen."""
        bgr = decoded(jpeg)
        if bgr is None:
            raise ValueError("不是图片，无法遮挡 / no picture, so nothing in it can be blurred")
        return encoded(self.picture(bgr), _QUALITY)


def hidden(bgr: Picture, regions: Corners) -> Picture:
    """A copy whose `regions` (N, 4) are coarse cells, softened."""
    copy = bgr.copy()
    for x0, y0, x1, y1 in np.rint(regions).astype(int).tolist():
        part = copy[y0:y1, x0:x1]
        if part.size == 0:
            continue
        height, width = part.shape[:2]
        cells = (min(_CELLS, width), max(1, min(_CELLS * height // width, _CELLS * 2)))
        small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
        part[:] = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return copy


def thumbnail_of(jpeg: bytes) -> bytes:
    """A JPEG of at most `_THUMBNAIL_PX` across. ValueError for bytes that are no picture."""
    bgr = decoded(jpeg)
    if bgr is None:
        raise ValueError("不是图片 / no picture")
    height, width = bgr.shape[:2]
    scale = min(1.0, _THUMBNAIL_PX / width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small: Picture = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return encoded(small, _QUALITY)


class BlurredPictures:
    """Pictures of the store, blurred, by their SHA-256; the last few stay in memory."""

    def __init__(self, store: EvidenceStore, blur: Blur) -> None:
        self._store, self._blur = store, blur
        self.get = lru_cache(_KEPT)(self._blurred)

    def _blurred(self, sha256: str) -> bytes:
        """JPEG. EvidenceError where the file is gone or damaged, ValueError for no picture."""
        return self._blur.jpeg(self._store.read(sha256))


def _grown(boxes: Corners, by: tuple[float, float, float, float]) -> Corners:
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    left, up, right, down = by
    edges = (
        boxes[:, 0] - left * width,
        boxes[:, 1] - up * height,
        boxes[:, 2] + right * width,
        boxes[:, 3] + down * height,
    )
    return np.stack(edges, axis=1).astype(np.float32).reshape(-1, 4)
