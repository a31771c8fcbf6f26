"""The frames of a run: a recording from its start to its end, or a stream as it comes."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.ring import Ring
from xunhe.adapters.camera.source import CameraSource
from xunhe.adapters.camera.trouble import SourceError, Trouble
from xunhe.settings import VisionSettings
from xunhe.vision.view import View
from xunhe_models.images import read_images

_MISSING_S = 0.5  # what a sound recording may end earlier than its header says


@dataclass(frozen=True, slots=True)
class Header:
    """What a recording says of itself; 0 frames and None seconds where it does not say."""

    seconds: float | None
    frames: int


@dataclass(slots=True)
class Footage:
    """Where the frames come from; `every_frame` asks the pipeline whether it wants them all."""

    address: Address
    settings: VisionSettings
    realtime: bool
    ring: Ring | None = None
    _source: CameraSource | None = field(default=None, init=False)

    @property
    def is_live(self) -> bool:
        """A stream has no end of its own."""
        return self.address.decoded.is_live

    @property
    def path(self) -> Path | None:
        """The recording's file; None for streams and folders."""
        path = Path(self.address.decoded.url)
        return None if self.is_live or path.is_dir() else path

    def header(self) -> Header:
        """Of a file that can be opened; else it says nothing."""
        nothing = Header(None, 0)
        if self.path is None or self.path.suffix.lower() == ".gif":
            return nothing
        endpoint = self.address.decoded
        try:
            container = av.open(endpoint.url, options=endpoint.options(1, 1))
        except (FFmpegError, OSError):
            return nothing  # why it cannot be opened is told by reading it
        with closing(container):
            seconds = container.duration / av.time_base if container.duration else None
            return Header(seconds, sum(stream.frames for stream in container.streams.video[:1]))

    def views(self, every_frame: Callable[[], bool]) -> Iterator[View]:
        """SourceError or UnreadableError where it ends otherwise than it should."""
        views = self._views(every_frame if self.realtime or self.is_live else lambda: True)
        return self._paced(views) if self.realtime and not self.is_live else views

    def missing(self, seen_s: float) -> str | None:
        """What the header promised and the file does not hold; `seen_s` is the last frame's time.

        FFmpeg does not tell where a file has been cut off between two frames.
        """
        header = self.header()
        packets = 0 if self._source is None else self._source.counts.packets
        said = None
        if header.frames > packets > 0:
            said = f"{packets} of {header.frames} frames are in the file"
        elif header.seconds is not None and seen_s < header.seconds - _MISSING_S:
            said = f"it ends at {seen_s:.1f} s, its header says {header.seconds:.1f} s"
        return said and f"录像不完整 / the recording is cut off: {said}"

    def _views(self, every_frame: Callable[[], bool]) -> Iterator[View]:
        if self.path is not None and self.path.suffix.lower() == ".gif":
            yield from self._animation(self.path)
            return
        if self.path is not None and self.path.stat().st_size == 0:
            raise SourceError(Trouble.DAMAGED, "空文件 the file has no bytes")
        self._source = CameraSource(self.address, self.settings, time.time, self.ring)
        for arrived in self._source.frames(every_frame):
            yield arrived.view

    def _animation(self, path: Path) -> Iterator[View]:
        """An animation has no stream: its pictures are key frames all."""
        for frame in read_images(path, 0):
            grey = cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2GRAY)
            luma = _narrowed(np.asarray(grey, np.uint8), self.settings.gate_width_px)
            yield View(frame.time_s or 0.0, luma, _Held(frame.bgr), is_key=True)

    def _paced(self, views: Iterator[View]) -> Iterator[View]:
        begun_s = time.monotonic()
        for view in views:
            time.sleep(max(0.0, begun_s + view.time_s - time.monotonic()))
            yield view


@dataclass(frozen=True, slots=True)
class _Held:
    """A picture that is there already."""

    bgr: NDArray[np.uint8]

    def __call__(self) -> NDArray[np.uint8]:
        return self.bgr


def _narrowed(luma: NDArray[np.uint8], width_px: int) -> NDArray[np.uint8]:
    factor = width_px / luma.shape[1]
    if factor >= 1:
        return luma
    size = (width_px, max(1, round(luma.shape[0] * factor)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
