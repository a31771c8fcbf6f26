"""A drone of the virtual river in the air: MAVLink by UDP, its pictures by a real media server."""

import math
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from tests.fakes.rtmp_server import rtmp_server
from tests.gateway.camera.test_rtsp import need_gstreamer, rtsp
from xunhe_tools.flight_renderer import telemetry
from xunhe_tools.flight_renderer.flight import Flight

_POSE_S = 0.1


class Sky:
    """One flight, again and again: it begins whenever its film does, and hovers until then."""

    def __init__(self, flight: Flight) -> None:
        self.flight = flight
        self._began_s = math.inf
        self._ends = threading.Event()

    def begin(self) -> None:
        """The film begins now."""
        self._began_s = time.time()

    @contextmanager
    def heard_on(self, port: int) -> Iterator[None]:
        """Tell its poses to a UDP port of this machine."""
        thread = threading.Thread(target=self._speak, args=(port,))
        thread.start()
        try:
            yield
        finally:
            self._ends.set()
            thread.join()

    def _speak(self, port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while not self._ends.wait(_POSE_S):
                now_s = time.time()
                flown_s = max(now_s - self._began_s, 0.0)
                said = telemetry.messages(self.flight, flown_s, round(now_s * 1e6))
                out.sendto(b"".join(said), ("127.0.0.1", port))


def filmed(flight: Flight, path: Path, frames_per_s: int) -> Path:
    """All of a flight, each picture a key frame; the suffix chooses the container."""
    times_s = [number / frames_per_s for number in range(int(flight.path.lasts_s * frames_per_s))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(frames_per_s))
        stream.width, stream.height = flight.camera.width_px, flight.camera.height_px
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "20", "g": "1"}
        for _, picture in flight.frames(times_s):
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


@contextmanager
def by_rtmp(sky: Sky, folder: Path, frames_per_s: int) -> Iterator[str]:
    """The address of its pictures."""
    film = filmed(sky.flight, folder / "h264.flv", frames_per_s)
    with rtmp_server(film.read_bytes(), sky.begin) as url:
        yield url


@contextmanager
def by_rtsp(sky: Sky, folder: Path, frames_per_s: int) -> Iterator[str]:
    """The same from GStreamer's server."""
    need_gstreamer()
    film = filmed(sky.flight, folder / "h264.mp4", frames_per_s)
    with rtsp(film) as (process, place):
        listening = threading.Thread(target=_hear, args=(process, sky))
        listening.start()
        try:
            yield f"rtsp://{place}"
        finally:
            process.kill()
            listening.join()


def _hear(process: subprocess.Popen[str], sky: Sky) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "playing":
            sky.begin()
