"""The last seconds of a stream as it was encoded, for the clip before an incident."""

import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

if TYPE_CHECKING:
    from av.packet import Packet

_IN_MP4 = frozenset(("h264", "hevc", "mjpeg", "mpeg4", "av1", "vp9"))


class Encoding:
    """What a muxer must know of a stream; outlives the connection that the stream came by."""

    def __init__(self, stream: VideoStream) -> None:
        self.codec = stream.codec_context.name
        # A stream of PyAV dies with its container: this one never writes, it only holds.
        self._holder: OutputContainer = av.open(io.BytesIO(), "w", format="mp4")
        self.template = self._holder.add_stream_from_template(stream, opaque=True)

    @classmethod
    def of(cls, stream: VideoStream) -> Self | None:
        """None where MP4 cannot hold it, as the raw pictures of many USB cameras."""
        return cls(stream) if stream.codec_context.name in _IN_MP4 else None


@dataclass(frozen=True, slots=True)
class Encoded:
    """A packet. `time_s` is when its picture was taken; it is decoded `ahead_s` before that."""

    time_s: float
    ahead_s: float
    data: bytes = field(repr=False)
    is_key: bool

    @classmethod
    def of(cls, packet: "Packet[VideoStream]", time_s: float) -> Self:
        ahead_s = 0.0
        if packet.pts is not None and packet.dts is not None:
            ahead_s = max(0.0, float((packet.pts - packet.dts) * packet.time_base))
        return cls(time_s, ahead_s, bytes(packet), packet.is_keyframe)


@dataclass(slots=True)
class _Group:
    """A key frame and the packets that need it."""

    packets: list[Encoded] = field(default_factory=list)
    size: int = 0

    def add(self, packet: Encoded) -> None:
        self.packets.append(packet)
        self.size += len(packet.data)


class Ring:
    """Keeps at least the last `seconds`, in at most `max_bytes`; begins at a key frame always.

    Whole groups go, oldest first. A single group beyond `max_bytes` goes too, and the ring stays
    empty up to the next key frame. Not thread-safe: source and clip share a thread.
    """

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._groups: deque[_Group] = deque()
        self._size = 0
        self.encoding: Encoding | None = None

    def begin(self, encoding: Encoding | None) -> None:
        """A new connection: what it brings cannot be joined to what was before."""
        self._clear()
        self.encoding = encoding

    def add(self, packet: Encoded) -> None:
        """Take a packet in the order of decoding; those before the first key frame are left out."""
        if packet.is_key:
            self._groups.append(_Group())
        if not self._groups:
            return
        self._groups[-1].add(packet)
        self._size += len(packet.data)
        self._forget(packet.time_s)

    def packets(self) -> Iterator[Encoded]:
        """All of them, in the order of decoding."""
        return (packet for group in self._groups for packet in group.packets)

    @property
    def size_bytes(self) -> int:
        return self._size

    @property
    def span_s(self) -> float:
        """From the first picture to the last."""
        if not self._groups:
            return 0.0
        return self._groups[-1].packets[-1].time_s - self._groups[0].packets[0].time_s

    def _forget(self, now_s: float) -> None:
        while len(self._groups) > 1 and (
            self._size > self._max_bytes
            or self._groups[1].packets[0].time_s <= now_s - self._seconds
        ):
            self._size -= self._groups.popleft().size
        if self._size > self._max_bytes:
            self._clear()

    def _clear(self) -> None:
        self._groups.clear()
        self._size = 0
