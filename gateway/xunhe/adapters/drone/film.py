"""A film out of a drone: its key frames, and pictures at times that somebody has chosen.

Only what must be decoded is: a key frame by itself, what lies between from the key frame before it.
Seconds count from the first picture.
"""

import hashlib
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from xunhe.adapters.camera.decoding import Counts, Decoding
from xunhe_models.images import Reason, UnreadableError
from xunhe_models.videos import opened, video_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet

Image = NDArray[np.uint8]

_ID_PARTS, _ID_PART_BYTES = 64, 65_536  # read of a film to tell it from others
_FIRST_DRONES = 2005
_SOON_S = 0.02  # a picture so little before the time asked for will do


@dataclass(frozen=True, slots=True)
class Film:
    """What a film's file says. `keys_s` ascend; `begun_at` is aware UTC, None where it is not said.

    `id` is made from samples of its bytes; `starts_s` is the file's own time of its first picture.
    """

    path: Path
    id: str
    width_px: int
    height_px: int
    keys_s: tuple[float, ...]
    starts_s: float
    lasts_s: float
    begun_at: datetime | None

    @classmethod
    def read(cls, path: Path) -> "Film":
        """Without decoding anything but its head. UnreadableError where it is no film."""
        with closing(opened(path)) as container:
            stream = video_of(container)
            times, keys = [], []
            for packet in _packets(container, stream):
                if packet.pts is not None:
                    times.append(_seconds(packet.pts, stream))
                    if packet.is_keyframe:
                        keys.append(times[-1])
            if not keys:
                raise UnreadableError(Reason.NO_PICTURES, "no key frame is in its video")
            context = stream.codec_context
            first = min(times)
            return cls(
                path,
                _identity(path),
                context.width,
                context.height,
                tuple(sorted(key - first for key in keys)),
                first,
                max(times) - first,
                _begun_at(container.metadata.get("creation_time", "")),
            )

    def pictures(
        self, times_s: Sequence[float], counts: Counts | None = None
    ) -> Iterator[tuple[float, VideoFrame]]:
        """The picture at or just after each of the times, which ascend, with its own time.

        Where a film is damaged the next sound picture stands for what is lost; none comes twice.
        """
        wanted = deque(times_s)
        with closing(opened(self.path)) as container:
            stream = video_of(container)
            decoding = Decoding(stream, counts or Counts())
            for packet in _packets(container, stream):
                if not wanted:
                    return
                if packet.pts is not None:
                    time_s = _seconds(packet.pts, stream) - self.starts_s
                    for picture in self._decoded(decoding, packet, time_s, wanted):
                        yield from self._due(picture, stream, wanted)
            for picture in decoding.rest():
                yield from self._due(picture, stream, wanted)

    def _decoded(
        self,
        decoding: Decoding,
        packet: "Packet[VideoStream]",
        time_s: float,
        wanted: Sequence[float],
    ) -> list[VideoFrame]:
        """Of a packet that the next wanted picture needs, else nothing."""
        after = bisect_right(self.keys_s, wanted[0] + _SOON_S)
        if time_s < self.keys_s[max(after - 1, 0)] - _SOON_S:
            return decoding.rest()
        next_key_s = self.keys_s[after] if after < len(self.keys_s) else self.lasts_s
        is_asked_for = packet.is_keyframe and abs(wanted[0] - time_s) <= _SOON_S
        is_alone = len(wanted) < 2 or wanted[1] > next_key_s - _SOON_S
        return decoding.take(packet, every_frame=not (is_asked_for and is_alone))

    def _due(
        self, picture: VideoFrame, stream: VideoStream, wanted: deque[float]
    ) -> Iterator[tuple[float, VideoFrame]]:
        """The picture, where it is one that somebody waits for."""
        if picture.pts is None:
            return
        time_s = _seconds(picture.pts, stream) - self.starts_s
        is_due = False
        while wanted and wanted[0] <= time_s + _SOON_S:
            wanted.popleft()
            is_due = True
        if is_due:
            yield time_s, picture


def bgr(picture: VideoFrame) -> Image:
    """(H, W, 3)."""
    return np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)


def luma(picture: VideoFrame) -> Image:
    """(H, W)."""
    return np.asarray(picture.to_ndarray(format="gray"), np.uint8)


def _packets(container: "InputContainer", stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
    """Up to where the file can be read."""
    try:
        yield from container.demux(stream)
    except FFmpegError:
        return


def _seconds(pts: int, stream: VideoStream) -> float:
    return float(pts * (stream.time_base or 1))


def _begun_at(text: str) -> datetime | None:
    """The instant in a file's head; cameras without a clock write a time before there were drones.

    DJI writes it as UTC; some makers write local time without saying so.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC) if at.year >= _FIRST_DRONES else None


def _identity(path: Path) -> str:
    """16 hex digits of the size and of samples all over the file."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    step = max(_ID_PART_BYTES, size // _ID_PARTS)
    with path.open("rb") as file:
        for start in range(0, size, step):
            file.seek(start)
            digest.update(file.read(_ID_PART_BYTES))
    return digest.hexdigest()[:16]
