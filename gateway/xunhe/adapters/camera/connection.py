"""One connection: opened, read packet by packet, every failure named.

Waiting for the other end is real time, whatever the clock of the pictures.
"""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from xunhe.adapters.camera import trouble
from xunhe.adapters.camera.address import Endpoint, Way
from xunhe.adapters.camera.trouble import SourceError, Trouble
from xunhe_models.videos import SUFFIXES

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet

_GLANCE_S = 0.1
_PATIENCE_S = 10.0  # the first key frame of a stream that was met in its middle comes within that
_MAX_PIXELS = 40_000_000  # an 8K camera has 33 million


def recordings(endpoint: Endpoint) -> list[str]:
    """The file itself, or a folder's recordings by name; a live stream is one of its own."""
    path = Path(endpoint.url)
    if endpoint.is_live or not path.is_dir():
        return [endpoint.url]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not found:
        raise SourceError(Trouble.NOT_FOUND, f"no recording in the folder {path.name}")
    return [str(file) for file in found]


def opened(endpoint: Endpoint, url: str, timeout_s: float) -> "InputContainer":
    """The stream or file at `url`, reached in the way of `endpoint`. Raises SourceError."""
    container = _opened(endpoint, url, timeout_s, _GLANCE_S)
    if endpoint.is_live and _is_unknown(container):
        container.close()  # no parameter sets seen: without them no clip can be made
        return _opened(endpoint, url, timeout_s, _PATIENCE_S)
    return container


def _is_unknown(container: "InputContainer") -> bool:
    contexts = (getattr(stream, "codec_context", None) for stream in container.streams.video)
    return any(context is not None and context.width == 0 for context in contexts)


def _opened(endpoint: Endpoint, url: str, timeout_s: float, analysed_s: float) -> "InputContainer":
    try:
        return av.open(
            url,
            format=endpoint.format,
            options=endpoint.options(timeout_s, analysed_s),
            timeout=None if endpoint.way is Way.FILE else (2 * timeout_s, timeout_s),
            metadata_errors="replace",  # Chinese cameras write GBK
        )
    except FFmpegError as error:
        raise trouble.of_opening(error, endpoint) from None


def video(container: "InputContainer") -> VideoStream:
    """The first video stream. SourceError where there is none that can be decoded."""
    if not container.streams.video:
        raise SourceError(Trouble.UNSUPPORTED, "no video in it")
    stream = container.streams.video[0]
    # PyAV's types do not know it: a stream whose codec FFmpeg lacks has no context.
    if getattr(stream, "codec_context", None) is None:
        raise SourceError(Trouble.UNSUPPORTED, "FFmpeg has no decoder for its codec")
    check_size(stream.codec_context.width, stream.codec_context.height)
    return stream


def check_size(width_px: int, height_px: int) -> None:
    """SourceError where pictures are so large that they would fill the memory."""
    if width_px * height_px > _MAX_PIXELS:
        raise SourceError(Trouble.UNSUPPORTED, f"{width_px}×{height_px} pixels are too many")


def packets(
    container: "InputContainer", stream: VideoStream, endpoint: Endpoint, timeout_s: float
) -> Iterator["Packet[VideoStream]"]:
    """The video's packets to the end; SourceError where it breaks or stalls.

    Sound that goes on does not hide that the picture has stopped.
    """
    came_s = monotonic()
    try:
        for packet in container.demux():
            if packet.stream_index == stream.index:
                if packet.size:
                    yield packet  # type: ignore[misc]  # of the video stream, by its index
                came_s = monotonic()
            elif endpoint.is_live and monotonic() - came_s > timeout_s:
                raise SourceError(Trouble.STALLED, "sound goes on, the picture does not")
    except FFmpegError as error:
        raise trouble.of_reading(error, endpoint) from None
