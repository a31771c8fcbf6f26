"""A clip out of encoded packets, without encoding anew: MP4 that a browser plays.

The MP4 muxer turns start codes (RTSP, transport streams) into lengths and makes the header from
the parameter sets; the pictures themselves stay as the camera sent them.
"""

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from xunhe.adapters.camera.ring import Encoded, Encoding, Ring

_TICKS_HZ = 90_000
_TICK = Fraction(1, _TICKS_HZ)


class ClipError(Exception):
    """No clip can be made of these packets; the message says why."""


def cut_ring(ring: Ring, from_s: float, to_s: float) -> bytes:
    """As `cut`, of what `ring` holds."""
    if ring.encoding is None:
        raise ClipError("the ring holds no stream that MP4 can hold")
    return cut(ring.packets(), ring.encoding, from_s, to_s)


def cut(packets: Iterable[Encoded], encoding: Encoding, from_s: float, to_s: float) -> bytes:
    """MP4 of the pictures from the last key frame at or before `from_s`, up to `to_s`.

    ClipError where no key frame lies before `to_s` or the muxer refuses.
    """
    chosen = covering(packets, from_s, to_s)
    if not chosen:
        raise ClipError(f"no key frame before {to_s:.3f}")
    mp4 = io.BytesIO()
    try:
        with av.open(mp4, "w", format="mp4") as container:
            stream = container.add_stream_from_template(encoding.template, opaque=True)
            stream.time_base = _TICK  # FLV counts milliseconds: too coarse to repair times in
            for packet in _restamped(chosen, stream):
                container.mux_one(packet)
    except (FFmpegError, ValueError) as error:  # ValueError: no parameter sets, so no header
        raise ClipError(f"{encoding.codec} into MP4: {error}") from error
    return mp4.getvalue()


def covering(packets: Iterable[Encoded], from_s: float, to_s: float) -> list[Encoded]:
    """The packets of such a clip; the first one's `time_s` is when the clip begins."""
    chosen: list[Encoded] = []
    for packet in packets:
        if packet.is_key and packet.time_s <= from_s:
            chosen = []
        if packet.time_s - packet.ahead_s > to_s:
            break
        if chosen or packet.is_key:
            chosen.append(packet)
    return chosen


def _restamped(packets: list[Encoded], stream: VideoStream) -> Iterator["Packet[Stream]"]:
    """Packets with times from 0 that rise, however odd the camera's were."""
    start_s = packets[0].time_s
    last: int | None = None
    for encoded in packets:
        shown = round((encoded.time_s - start_s) * _TICKS_HZ)
        decoded = shown - round(encoded.ahead_s * _TICKS_HZ)
        if last is not None:
            decoded = max(decoded, last + 1)
        last = decoded
        packet = Packet(encoded.data)
        packet.stream = stream
        packet.time_base = _TICK
        packet.dts, packet.pts = decoded, max(shown, decoded)
        packet.is_keyframe = encoded.is_key
        yield packet
