"""When a packet's picture was taken.

Live: the stream's own times, laid on the clock at the first packet. They stay smooth where the
network is not. A jump of the stream's times lays them on the clock anew, and so does a picture from
the future: servers begin with a burst of the last seconds, and some cameras' clocks run fast.
Recorded: seconds from the first picture that is shown, no clock at all.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

_AHEAD_S = 10.0  # a shorter hole is one in the network
_BACK_S = 1.0  # decoding times never run back; where only the pictures' own are known, a little


class LiveTimeline:
    """The times of one connection, Unix seconds. Packets come in the order of their decoding."""

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._last_mark_s = 0.0

    def at(self, packet: "Packet[VideoStream]", now_s: float) -> float:
        """When the picture in `packet` was taken; `now_s` is when the packet came."""
        mark_s = _seconds(packet, packet.dts if packet.dts is not None else packet.pts)
        if mark_s is None:  # GStreamer's RTSP server sends the first packet so
            return now_s
        step_s = mark_s - self._last_mark_s
        if self._offset_s is None or not -_BACK_S <= step_s <= _AHEAD_S:
            self._offset_s = now_s - mark_s
        self._offset_s = min(self._offset_s, now_s - mark_s)
        self._last_mark_s = mark_s
        shown_s = _seconds(packet, packet.pts)
        return self._offset_s + (mark_s if shown_s is None else shown_s)


class RecordedTimeline:
    """The times of one recording, or of several one after another: 0 at the first picture.

    A pause in a recording is believed; times that run back go on where they were.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._start_s = 0.0
        self._offset_s: float | None = None
        self._last_mark_s = 0.0
        self._end_s = 0.0

    def next_file(self, period_s: float) -> None:
        """What follows is another recording."""
        self._period_s, self._offset_s = period_s, None

    def at(self, packet: "Packet[VideoStream]", _now_s: float) -> float:
        """Seconds from the start to the picture in `packet`."""
        shown_s = _seconds(packet, packet.pts)
        mark_s = _seconds(packet, packet.dts if packet.dts is not None else packet.pts)
        if mark_s is None:
            return self._passed(self._end_s)
        shown_s = mark_s if shown_s is None else shown_s
        if self._offset_s is None:
            # An edited file decodes pictures before its cut and shows those from 0 on.
            self._offset_s = self._end_s - (0.0 if packet.is_discard else shown_s)
        elif mark_s < self._last_mark_s - _BACK_S:
            self._offset_s = self._end_s - shown_s
        self._last_mark_s = mark_s
        return self._passed(self._offset_s + shown_s)

    def _passed(self, time_s: float) -> float:
        self._end_s = max(self._end_s, time_s + self._period_s)
        return time_s


def _seconds(packet: "Packet[VideoStream]", stamp: int | None) -> float | None:
    base = packet.time_base  # a Fraction, whose own product takes ten times as long
    return None if stamp is None else stamp * base.numerator / base.denominator
