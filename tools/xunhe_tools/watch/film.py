"""The annotated video of a run: zones, boxes and the incidents that are open, on every frame."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from xunhe.domain.zones import Polygon, Zones
from xunhe.vision.view import View
from xunhe_models.lettering import chinese_font, font_file
from xunhe_models.marking import LABELS, Mark, colour_of, draw
from xunhe_tools.watch.incidents import Found

Bgr = NDArray[np.uint8]

_CLOCK = Fraction(1, 1000)
_WATER, _OUTFALL, _BANK = (200, 160, 40), (0, 94, 213), (120, 120, 120)  # BGR
_OPTIONS = {"preset": "veryfast", "crf": "23"}


class Film:
    """Writes `path` as MP4 with H.264; its size is that of the first frame. OSError as usual."""

    def __init__(self, path: Path, zones: Zones) -> None:
        self._path, self._zones = path, zones
        self._stream: VideoStream | None = None
        self._size = (0, 0)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._last_ms = -1
        self._banners: dict[str, NDArray[np.uint8]] = {}

    def add(self, view: View, start_s: float, marks: Sequence[Mark], going_on: list[Found]) -> None:
        """Draw one frame and write it."""
        bgr = view.picture().copy()
        self._draw_zones(bgr)
        if marks:
            picture = Image.fromarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
            draw(picture, marks)
            bgr = np.asarray(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR), np.uint8)
        for row, found in enumerate(going_on):
            self._lay_banner(bgr, row, found)
        self._write(bgr, round((view.time_s - start_s) * 1000))

    def close(self) -> None:
        """Finish the file; without a frame there is none."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if self._stream is None:
            self._path.unlink(missing_ok=True)

    def _draw_zones(self, bgr: Bgr) -> None:
        for water in self._zones.water:
            _outline(bgr, water.polygon, _WATER)
        for outfall in self._zones.outfalls:
            _outline(bgr, outfall.polygon, _OUTFALL)
            if outfall.upstream is not None:
                _outline(bgr, outfall.upstream, _BANK)
        for bank in self._zones.banks:
            _outline(bgr, bank.polygon, _BANK)

    def _lay_banner(self, bgr: Bgr, row: int, found: Found) -> None:
        text = _words(found)
        if text not in self._banners:
            self._banners[text] = _banner(text, found.opened.kind.value, bgr.shape[1])
        banner = self._banners[text]
        top = row * banner.shape[0]
        room = bgr[top : top + banner.shape[0], : banner.shape[1]]
        room[:] = banner[: room.shape[0], : room.shape[1]]

    def _write(self, bgr: Bgr, time_ms: int) -> None:
        height, width = bgr.shape[0] // 2 * 2, bgr.shape[1] // 2 * 2  # H.264 halves its colours
        if self._stream is None:
            stream: VideoStream = self._container.add_stream("libx264", rate=25, options=_OPTIONS)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.time_base = _CLOCK
            self._stream, self._size = stream, (width, height)
        even = np.ascontiguousarray(bgr[: self._size[1], : self._size[0]])
        frame = VideoFrame.from_ndarray(even, format="bgr24")
        self._last_ms = max(time_ms, self._last_ms + 1)
        frame.pts, frame.time_base = self._last_ms, _CLOCK
        self._container.mux(self._stream.encode(frame))


def _outline(bgr: Bgr, polygon: Polygon, colour: tuple[int, int, int]) -> None:
    height, width = bgr.shape[:2]
    corners = np.round(np.array(polygon) * (width - 1, height - 1)).astype(np.int32)
    cv2.polylines(bgr, [corners], True, colour, max(1, width // 640), cv2.LINE_AA)


def _words(found: Found) -> str:
    sight = found.last
    zone = f" · {sight.zone}" if sight.zone else ""
    if font_file() is None:
        return f"#{found.number} {sight.kind.value}{zone} · {sight.reason_en}"
    return f"#{found.number} {LABELS.get(sight.kind.value, '')}{zone} · {sight.reason_zh}"


def _banner(text: str, label: str, width: int) -> Bgr:
    """A strip of text on the kind's colour, BGR."""
    size = max(12, width // 56)
    strip = Image.new("RGB", (width, size * 3 // 2), colour_of(label))
    ImageDraw.Draw(strip).text((size // 2, size // 8), text, (0, 0, 0), chinese_font(size))
    return np.asarray(cv2.cvtColor(np.asarray(strip), cv2.COLOR_RGB2BGR), np.uint8)
