"""Reading videos into frames, by PyAV on one thread.

What decodes is given; what is missing or damaged is told at the end, by `UnreadableError`. FFmpeg
fills the holes of a damaged picture with grey or with the one before it: where it says that it
did, the picture is not given. A small hole in H.264 it does not tell.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from xunhe_models.images import MAX_PIXELS, Frame, Reason, UnreadableError, due

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet

_PHONES_AND_WEB = (".mp4", ".m4v", ".mov", ".3gp", ".webm", ".mkv", ".flv")
_RECORDERS = (".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".asf")
SUFFIXES = frozenset((*_PHONES_AND_WEB, *_RECORDERS))
EVERY_S = 0.5
# A file must not make FFmpeg open others (play lists, concatenations) or an address.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,h264,hevc"
_SAFELY = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
_MISSING_S = 0.5  # what a sound file may end earlier than its header says
_TS_PACKET_BYTES = (188, 192, 204)  # ISO 13818-1; with a time stamp (Blu-ray); with parity (DVB)
_RATE_HZ = 25.0  # where neither the pictures nor the stream have times


@dataclass(slots=True)
class _Damage:
    """What went wrong while a stream was read."""

    packets: int = 0
    pictures: int = 0
    refused: int = 0
    first: str = ""
    end_s: float = 0.0  # of the last sound picture

    def add(self, detail: str) -> None:
        self.refused += 1
        self.first = self.first or detail


def read_video(path: Path, every_s: float = EVERY_S) -> Iterator[Frame]:
    """The frames at least `every_s` seconds apart; every frame where it is 0.

    Times count from the first frame that is shown. UnreadableError comes after the last frame
    where the file is damaged or ends early, and at once where there is no video in it.
    """
    with closing(opened(path)) as container:
        stream = video_of(container)
        damage = _Damage()
        yield from _wanted(_decoded(container, stream, damage), stream, damage, every_s)
        _complain(container, stream, damage)


def duration_s(path: Path) -> float | None:
    """How long the header says that the video lasts; None where it does not say."""
    try:
        with closing(opened(path)) as container:
            return container.duration / av.time_base if container.duration else None
    except UnreadableError:
        return None


def opened(path: Path) -> "InputContainer":
    """A file of video, opened so that it makes FFmpeg open nothing else. UnreadableError."""
    try:
        if path.stat().st_size == 0:
            raise UnreadableError(Reason.EMPTY, "the file has no bytes")
        # Metadata may be in any encoding: Chinese cameras write GBK.
        return av.open(str(path), options=_SAFELY, metadata_errors="replace")
    except FFmpegError as error:  # first: some of them are OSErrors or ValueErrors too
        raise _damaged(error) from error
    except OSError as error:
        raise UnreadableError(Reason.NO_ACCESS, error.strerror or str(error)) from error


def _damaged(error: FFmpegError) -> UnreadableError:
    text = error.strerror or str(error)
    return UnreadableError(Reason.DAMAGED, f"no video can be opened ({text}); cut off or no video?")


def video_of(container: "InputContainer") -> VideoStream:
    """Its first video, decoded on one thread. UnreadableError where there is none."""
    if not container.streams.video:
        raise UnreadableError(Reason.NO_PICTURES, "the file has no video stream")
    stream = container.streams.video[0]
    # PyAV's types do not know it: a stream whose codec FFmpeg lacks has no context.
    if getattr(stream, "codec_context", None) is None:
        raise UnreadableError(Reason.UNSUPPORTED, "FFmpeg has no decoder for its codec")
    stream.codec_context.thread_count = 1
    return stream


def _decoded(
    container: "InputContainer", stream: VideoStream, damage: _Damage
) -> Iterator[tuple[int, VideoFrame]]:
    """Sound pictures with their numbers, in the order of their presentation."""
    number = 0
    for packet in _packets(container, stream, damage):
        try:
            pictures = packet.decode()
        except FFmpegError as error:
            damage.add(error.strerror or str(error))
            continue
        for picture in pictures:
            if not isinstance(picture, VideoFrame) or picture.is_corrupt:
                damage.add("a picture is damaged")
            else:
                damage.pictures += 1
                yield number, picture
            number += 1


def _packets(
    container: "InputContainer", stream: VideoStream, damage: _Damage
) -> Iterator["Packet[VideoStream]"]:
    """Packets up to the end of the file, or to where it cannot be read; the last one flushes."""
    try:
        for packet in container.demux(stream):
            damage.packets += packet.size > 0
            if packet.is_corrupt:
                damage.add("a packet is cut off")
            yield packet
    except FFmpegError as error:
        damage.add(error.strerror or str(error))


def _wanted(
    pictures: Iterator[tuple[int, VideoFrame]], stream: VideoStream, damage: _Damage, every_s: float
) -> Iterator[Frame]:
    start_s, wanted_s = None, 0.0
    period_s = 1 / float(stream.average_rate or _RATE_HZ)
    for number, picture in pictures:
        shown_s = number * period_s if picture.time is None else picture.time
        start_s = shown_s if start_s is None else start_s
        time_s = max(0.0, shown_s - start_s)
        damage.end_s = max(damage.end_s, time_s + _duration_s(picture, period_s))
        if time_s >= wanted_s - 1e-6:
            yield _frame(picture, number, time_s)
            wanted_s = due(time_s, every_s)


def _duration_s(picture: VideoFrame, period_s: float) -> float:
    """How long a picture is shown; a still scene may have few of them."""
    if picture.duration and picture.time_base is not None:
        return max(period_s, float(picture.duration * picture.time_base))
    return period_s


def _frame(picture: VideoFrame, number: int, time_s: float) -> Frame:
    width, height = picture.width, picture.height
    factor = 1
    while width * height > MAX_PIXELS * factor * factor:
        factor += 1
    bgr = picture.to_ndarray(
        format="bgr24", width=max(1, width // factor), height=max(1, height // factor)
    )
    quarters = round(picture.rotation / 90) % 4
    if quarters % 2:
        width, height = height, width
    return Frame(_turned(np.asarray(bgr, np.uint8), quarters), width, height, number, time_s)


def _turned(bgr: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    """Turned anticlockwise, as the sign of FFmpeg's display matrix asks."""
    return np.ascontiguousarray(np.rot90(bgr, quarters)) if quarters else bgr


def _complain(container: "InputContainer", stream: VideoStream, damage: _Damage) -> None:
    """Raise UnreadableError where the stream was damaged or shorter than its header says."""
    if damage.refused:
        raise UnreadableError(
            Reason.DAMAGED,
            f"{damage.pictures} frames decode, {damage.refused} places do not ({damage.first})",
        )
    if stream.frames > damage.packets:
        raise UnreadableError(
            Reason.TRUNCATED, f"{damage.packets} of {stream.frames} frames are in the file"
        )
    if not damage.pictures:
        raise UnreadableError(Reason.NO_PICTURES, "no frame decodes")
    if container.format.name == "mpegts" and all(container.size % n for n in _TS_PACKET_BYTES):
        raise UnreadableError(
            Reason.TRUNCATED, "the last packet of the transport stream is cut off"
        )
    promised_s = _promised_s(container, stream)
    if promised_s is not None and damage.end_s < promised_s - _MISSING_S:
        raise UnreadableError(
            Reason.TRUNCATED, f"it ends at {damage.end_s:.1f} s, the header says {promised_s:.1f} s"
        )


def _promised_s(container: "InputContainer", stream: VideoStream) -> float | None:
    """Length by the header of the video alone: its sound may go on for longer."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if len(container.streams) == 1 and container.duration:
        return container.duration / av.time_base
    return None
