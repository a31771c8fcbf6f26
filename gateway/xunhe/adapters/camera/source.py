"""A camera's frames. One call of `frames` is one connection; the worker reconnects."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from xunhe.adapters.camera import connection
from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.decoding import Counts, Decoding
from xunhe.adapters.camera.picture import Colours, luma
from xunhe.adapters.camera.ring import Encoded, Encoding, Ring
from xunhe.adapters.camera.timeline import LiveTimeline, RecordedTimeline
from xunhe.adapters.camera.trouble import SourceError, Trouble
from xunhe.settings import VisionSettings
from xunhe.vision.view import View

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet

_LATE_S = 30.0
_KEYLESS_S = 60.0
_SET_BACK_S = 1.0
_PERIOD_S = 0.04  # of a recording that tells no rate
_STEP_S = 0.001  # between frames whose times do not rise


@dataclass(frozen=True, slots=True)
class Arrived:
    """A decoded frame. `time_s` is the camera's time, `arrived_s` the gateway's."""

    time_s: float
    arrived_s: float
    view: View
    is_key: bool


class _Timeline(Protocol):
    def at(self, packet: "Packet[VideoStream]", now_s: float, /) -> float: ...


class CameraSource:
    """One camera, recording or folder of recordings.

    `clock_s` gives Unix seconds. Frames later than `late_after_s` by it end the connection, which
    drops the backlog (math.inf: never).
    A blocked call of `frames` returns after `settings.stalled_after_s` at the latest.
    """

    def __init__(
        self,
        address: Address,
        settings: VisionSettings,
        clock_s: Callable[[], float],
        ring: Ring | None = None,
        late_after_s: float = _LATE_S,
    ) -> None:
        self._endpoint = address.decoded
        self._settings = settings
        self._clock_s = clock_s
        self._ring = ring
        self._late_after_s = late_after_s
        self.counts = Counts()

    def frames(self, every_frame: Callable[[], bool]) -> Iterator[Arrived]:
        """The frames of one connection, times rising; only key frames while not `every_frame()`.

        A live stream ends by SourceError, always. A recording ends plainly; SourceError DAMAGED
        comes after its last frame where some were lost, CHANGED where the size changes within it.
        """
        order = _Order()
        if self._endpoint.is_live:
            with closing(self._opened(self._endpoint.url)) as container:
                yield from self._frames(container, LiveTimeline(), order, every_frame)
            raise SourceError(Trouble.ENDED, "the camera closed the stream")
        yield from self._recorded(order, every_frame)

    def _recorded(self, order: "_Order", every_frame: Callable[[], bool]) -> Iterator[Arrived]:
        before = self.counts.damaged
        timeline = RecordedTimeline(_PERIOD_S)
        unreadable: list[str] = []
        for url in connection.recordings(self._endpoint):
            try:
                with closing(self._opened(url)) as container:
                    timeline.next_file(_period_s(container))
                    yield from self._frames(container, timeline, order, every_frame)
            except SourceError as error:
                if error.kind not in {Trouble.DAMAGED, Trouble.UNSUPPORTED}:
                    raise
                unreadable.append(f"{Path(url).name}: {error.detail}")
        lost = self.counts.damaged - before
        if unreadable or lost:
            said = [*unreadable, *([f"{lost} frames lost"] if lost else [])]
            raise SourceError(Trouble.DAMAGED, "; ".join(said))

    def _opened(self, url: str) -> "InputContainer":
        container = connection.opened(self._endpoint, url, self._settings.stalled_after_s)
        self.counts.connections += 1
        return container

    def _frames(
        self,
        container: "InputContainer",
        timeline: _Timeline,
        order: "_Order",
        every_frame: Callable[[], bool],
    ) -> Iterator[Arrived]:
        stream = connection.video(container)
        decoding = Decoding(stream, self.counts)
        watch = _Watch(self._settings.stalled_after_s, self._late_after_s)
        keep = self._keeper(stream)
        timeout_s = self._settings.stalled_after_s
        for packet in connection.packets(container, stream, self._endpoint, timeout_s):
            now_s = self._clock_s()
            time_s = timeline.at(packet, now_s)
            self._count(packet, watch.since_key(packet, time_s))
            keep(packet, time_s)
            packet.opaque = time_s
            pictures = decoding.take(packet, every_frame())
            yield from (self._arrived(picture, order, now_s) for picture in pictures)
            if self._endpoint.is_live:
                watch.check(time_s, now_s, decoding.is_owing)
        yield from (self._arrived(picture, order, self._clock_s()) for picture in decoding.rest())

    def _keeper(self, stream: VideoStream) -> Callable[["Packet[VideoStream]", float], None]:
        """What puts a packet into the ring, where there is one that can hold the stream."""
        ring = self._ring
        if ring is not None:
            ring.begin(Encoding.of(stream))
        if ring is None or ring.encoding is None:
            return lambda _packet, _time_s: None
        return lambda packet, time_s: ring.add(Encoded.of(packet, time_s))

    def _count(self, packet: "Packet[VideoStream]", key_interval_s: float | None) -> None:
        self.counts.packets += 1
        self.counts.bytes += packet.size
        if key_interval_s is not None and key_interval_s > 0:
            self.counts.key_interval_s = key_interval_s

    def _arrived(self, frame: VideoFrame, order: "_Order", now_s: float) -> Arrived:
        time_s = order.place(frame)
        small = luma(frame, self._settings.gate_width_px)
        view = View(time_s, small, Colours(frame), frame.key_frame)
        return Arrived(time_s, now_s, view, frame.key_frame)


def _period_s(container: "InputContainer") -> float:
    rate = container.streams.video[0].average_rate if container.streams.video else None
    return 1 / float(rate) if rate else _PERIOD_S


class _Order:
    """One size and rising times, over all of what is shown."""

    def __init__(self) -> None:
        self._size_px: tuple[int, int] | None = None
        self._last_s: float | None = None

    def place(self, frame: VideoFrame) -> float:
        """The frame's time. SourceError CHANGED where its size is not that of the others."""
        size_px = (frame.width, frame.height)
        if self._size_px is None:
            connection.check_size(*size_px)
            self._size_px = size_px
        if size_px != self._size_px:
            was, now = (f"{width}×{height}" for width, height in (self._size_px, size_px))
            raise SourceError(Trouble.CHANGED, f"{was} → {now}")
        time_s = float(frame.opaque) if isinstance(frame.opaque, float) else -float("inf")
        if self._last_s is not None:
            time_s = max(time_s, self._last_s + _STEP_S)
        self._last_s = time_s
        return time_s


class _Watch:
    """Notices what a live stream hides while its packets flow."""

    def __init__(self, stalled_after_s: float, late_after_s: float) -> None:
        self._stalled_after_s = stalled_after_s
        self._late_after_s = late_after_s
        self._owing_since_s: float | None = None
        self._began_s: float | None = None
        self._key_s: float | None = None
        self._now_s: float | None = None

    def since_key(self, packet: "Packet[VideoStream]", time_s: float) -> float | None:
        """Seconds from the key frame before to this one; None where it is none."""
        if not packet.is_keyframe:
            return None
        before_s, self._key_s = self._key_s, time_s
        return None if before_s is None else time_s - before_s

    def check(self, time_s: float, now_s: float, is_owing: bool) -> None:
        """SourceError where pictures are late, or none decodes, or no key frame ever comes."""
        if now_s - time_s > self._late_after_s:
            raise SourceError(Trouble.STALLED, f"pictures come {now_s - time_s:.0f} s late")
        if self._now_s is not None and now_s < self._now_s - _SET_BACK_S:
            raise SourceError(Trouble.CHANGED, "the gateway's clock was set back")
        self._now_s = now_s
        self._began_s = time_s if self._began_s is None else self._began_s
        if self._key_s is None and time_s - self._began_s > _KEYLESS_S:
            detail = f"no key frame for {_KEYLESS_S:.0f} s; set the I-frame interval to 2 s"
            raise SourceError(Trouble.UNSUPPORTED, detail)
        if not is_owing:
            self._owing_since_s = None
        elif self._owing_since_s is None:
            self._owing_since_s = monotonic()
        elif monotonic() - self._owing_since_s > self._stalled_after_s:
            detail = f"no picture decodes for {self._stalled_after_s:.0f} s"
            raise SourceError(Trouble.DAMAGED, detail)
