"""Frames into H.264, once, and the same packets into FLV and MPEG-TS for whoever listens."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from xunhe_tools.virtual_river.scene_noise import Bgr

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet

FORMATS = {"flv": "video/x-flv", "ts": "video/mp2t"}
KEY_EVERY_S = 2.0
_CLOCK = Fraction(1, 1000)
_OPTIONS = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    # A client may come at any key frame, and MPEG-TS has nowhere else to put the headers.
    "x264-params": "repeat-headers=1:scenecut=0",
}
_MUXERS = {
    "flv": ("flv", {"flvflags": "no_duration_filesize"}),
    "ts": ("mpegts", {"mpegts_flags": "pat_pmt_at_frames"}),
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """The bytes of one packet in a container; `is_key`: a client may begin here."""

    data: bytes
    is_key: bool


class _Muxer:
    """One container into memory; what it wrote is taken away after every packet."""

    def __init__(self, kind: str) -> None:
        name, options = _MUXERS[kind]
        self._memory = _Sink()
        self.container: OutputContainer = av.open(
            self._memory,
            "w",
            format=name,
            options=options,
            container_options={"flush_packets": "1"},
        )

    def taken(self) -> bytes:
        return self._memory.taken()


class _Sink(io.RawIOBase):
    """A file that is only written, and cannot be rewound."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class Encoder:
    """One camera's stream. `preludes` is what a client gets before its first key frame."""

    def __init__(self, width: int, height: int, fps: float, bit_rate: int) -> None:
        self._muxers = {kind: _Muxer(kind) for kind in _MUXERS}
        first = self._muxers["flv"].container
        rate = Fraction(fps).limit_denominator(1000)
        self._stream: VideoStream = first.add_stream("libx264", rate=rate, options=_OPTIONS)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt, self._stream.bit_rate = "yuv420p", bit_rate
        context = self._stream.codec_context
        context.time_base, context.thread_count = _CLOCK, 1
        context.gop_size = round(KEY_EVERY_S * fps)
        context.options = {**context.options, "maxrate": str(bit_rate), "bufsize": str(bit_rate)}
        first.start_encoding()
        other = self._muxers["ts"].container
        self._copy = other.add_stream_from_template(self._stream)
        other.start_encoding()
        self.preludes = {kind: muxer.taken() for kind, muxer in self._muxers.items()}

    def encode(self, bgr: Bgr, time_s: float, as_key: bool = False) -> list[dict[str, Chunk]]:
        """The packets that a frame gives, each in every container.

        `time_s` counts from the stream's beginning and must grow.
        """
        frame = VideoFrame.from_ndarray(bgr, format="bgr24").reformat(format="yuv420p")
        frame.pts, frame.time_base = round(time_s * 1000), _CLOCK
        frame.pict_type = PictureType.I if as_key else PictureType.NONE
        return [self._muxed(packet) for packet in self._stream.encode(frame)]

    def _muxed(self, packet: Packet[VideoStream]) -> dict[str, Chunk]:
        is_key = packet.is_keyframe
        twin = av.Packet(bytes(packet))
        twin.pts, twin.dts, twin.time_base = packet.pts, packet.dts, packet.time_base
        twin.is_keyframe, twin.stream = is_key, self._copy
        self._muxers["flv"].container.mux(packet)
        self._muxers["ts"].container.mux(twin)
        return {kind: Chunk(muxer.taken(), is_key) for kind, muxer in self._muxers.items()}
