"""Packets into pictures: every one, or the key frames alone where nothing happens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

if TYPE_CHECKING:
    from av.packet import Packet


@dataclass(slots=True)
class Counts:
    """What a source has seen since it was made, over all of its connections."""

    connections: int = 0
    packets: int = 0
    bytes: int = 0
    decoded: int = 0  # pictures
    skipped: int = 0  # packets that were left undecoded on purpose
    damaged: int = 0  # packets and pictures that were lost
    key_interval_s: float | None = None  # between the last two key frames


class Decoding:
    """The decoder of one connection, on one thread.

    A picture that leans on one which was skipped cannot be decoded: every frame begins at a key
    frame. Pictures come in the order of their presentation, each with the `opaque` of its packet.
    """

    def __init__(self, stream: VideoStream, counts: Counts) -> None:
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.copy_opaque = True
        self._counts = counts
        self._is_following = False
        self.is_owing = False  # given something to decode, it gave nothing yet

    def take(self, packet: "Packet[VideoStream]", every_frame: bool) -> list[VideoFrame]:
        """The pictures that `packet` completes."""
        if packet.is_corrupt:
            self._counts.damaged += 1
        if every_frame and (self._is_following or packet.is_keyframe):
            self._is_following = True
            return self._sound(self._decoded(packet))
        if not packet.is_keyframe:
            self._counts.skipped += 1
            return self.rest()
        self._is_following = False
        # A decoder may hold a picture back until the next ones: there are none, so take it out.
        return self._sound([*self._decoded(packet), *self._drained()])

    def rest(self) -> list[VideoFrame]:
        """What the decoder still holds; the next picture must be a key frame."""
        if not self._is_following:
            return []
        self._is_following = False
        return self._sound(self._drained())

    def _decoded(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except FFmpegError:
            self._counts.damaged += 1
            return []

    def _drained(self) -> list[VideoFrame]:
        pictures = self._decoded(None)
        self._context.flush_buffers()
        return pictures

    def _sound(self, pictures: list[VideoFrame]) -> list[VideoFrame]:
        """Without the pictures in which FFmpeg says that it filled holes."""
        sound = [picture for picture in pictures if not picture.is_corrupt]
        self._counts.damaged += len(pictures) - len(sound)
        self._counts.decoded += len(sound)
        self.is_owing = not sound
        return sound
