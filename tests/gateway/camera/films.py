"""Tiny real videos: a bright patch on water-grey, encoded by libx264 or libx265."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE_HZ = 25
GROUP = 25  # frames from key frame to key frame

_OPTIONS = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency"},
    "libx265": {  # with B-frames: their pictures leave the decoder in another order
        "preset": "ultrafast",
        "x265-params": "log-level=none:scenecut=0:open-gop=0:pools=1:frame-threads=1",
    },
}


def film(
    path: Path,
    codec: str = "libx264",
    frames: int = 75,
    size_px: tuple[int, int] = (320, 180),
    pixels: str = "yuv420p",
    group: int = GROUP,
) -> Path:
    """Write a video; the suffix of `path` chooses the container."""
    width, height = size_px
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE_HZ, width=width, height=height)
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = group
        stream.codec_context.thread_count = 1
        stream.options = _OPTIONS[codec]
        for number in range(frames):
            picture = av.VideoFrame.from_ndarray(drawn(number, size_px), format="bgr24")
            picture.pts, picture.time_base = number, Fraction(1, RATE_HZ)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def drawn(number: int, size_px: tuple[int, int]) -> np.ndarray:
    """The picture of that number, BGR."""
    width, height = size_px
    picture = np.full((height, width, 3), (96, 80, 72), np.uint8)
    left = 3 * number % (width - 40)
    picture[height // 4 : height // 2, left : left + 40] = (230, 220, 40)
    return picture


def packets(path: Path) -> list[bytes]:
    """The encoded packets of a file, as they are in it."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def units(packet: bytes) -> list[bytes]:
    """The NAL units of a packet, whether it has start codes or lengths before them."""
    if packet[:3] == b"\0\0\1" or packet[:4] == b"\0\0\0\1":
        return [unit.rstrip(b"\0") for unit in packet.split(b"\0\0\1")[1:]]
    found = []
    while packet:
        size = int.from_bytes(packet[:4])
        found.append(packet[4 : 4 + size].rstrip(b"\0"))
        packet = packet[4 + size :]
    return found
